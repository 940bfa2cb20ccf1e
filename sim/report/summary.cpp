// Pooling and pairing. Everything stays an exact integer up to the means that a confidence interval is made of; the
// order of runs is the order of seeds, so that nothing here depends on which thread was first.
#include "sim/report/summary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/base/check.hpp"
#include "core/base/digest.hpp"
#include "sim/report/layout.hpp"
#include "sim/scenario/shell_word.hpp"

namespace kraftsim::report {
namespace {

using cluster::Coordination;
using cluster::Phase;

constexpr std::array kKraftPhases{Phase::kDetected,    Phase::kPreVote,  Phase::kCandidate, Phase::kElected,
                                  Phase::kEstablished, Phase::kWritable, Phase::kActive,    Phase::kBrokersServed};
constexpr std::array kZookeeperPhases{Phase::kSessionExpired, Phase::kEphemeralDeleted, Phase::kElected,
                                      Phase::kStateLoaded,    Phase::kActive,           Phase::kLastBrokerTold,
                                      Phase::kBrokersServed};

std::optional<double> mean_of(std::span<const std::int64_t> samples) {
  if (samples.empty()) return std::nullopt;
  double sum = 0;
  for (const std::int64_t sample : samples) sum += static_cast<double>(sample);
  return sum / static_cast<double>(samples.size());
}

const Samples& find(const Summary& summary, std::string_view metric) {
  const auto found = std::ranges::find_if(summary.metrics, [&](const Samples& s) { return s.metric->name == metric; });
  ENSURE(found != summary.metrics.end(), "every metric is summarised");
  return *found;
}

}  // namespace

std::vector<Side> sides_of(const scenario::Scenario& scenario, const scenario::SweepResult& result) {
  std::vector<Side> sides;
  for (const Coordination coordination : scenario.coordination) {
    Side side{.label = line(coordination), .scenario = &scenario, .coordination = coordination, .runs = {}};
    for (const scenario::RunResult& run : result.runs) {
      if (run.coordination == coordination) side.runs.push_back(&run);
    }
    sides.push_back(std::move(side));
  }
  return sides;
}

std::string markers_text(const check::MarkerCounts& counts, std::size_t indent) {
  std::string text;
  for (std::size_t i = 0; i < check::kMarkers; ++i) {
    if (counts[i] == 0) continue;
    text += fmt::format("{}{} {}", text.empty() ? "markers met: " : ", ", check::marker_names()[i].name,
                        count_text(counts[i]));
  }
  return text.empty() ? text : paragraph(text, indent);
}

std::string reproduce_line(const scenario::Scenario& scenario, const scenario::RunResult& run) {
  return fmt::format("kraftsim run {} --coordination {} --seed {}{}", scenario::shell_word(scenario.path),
                     line(run.coordination), run.seed, scenario.arguments);
}

const measure::Sorted& Summary::operator[](std::string_view metric) const { return find(*this, metric).all; }

Summary summarise(const Side& side) {
  Summary summary;
  summary.side = &side;
  kraft::Digest digest;
  for (const scenario::RunResult* run : side.runs) {
    digest.add(run->digest);
    summary.events += run->events;
    for (std::size_t i = 0; i < check::kMarkers; ++i) summary.markers[i] += run->markers[i];
    switch (run->verdict) {
      case scenario::Verdict::kHeld: ++summary.verdicts.held; break;
      case scenario::Verdict::kViolated: ++summary.verdicts.violated; break;
      case scenario::Verdict::kInconclusive: ++summary.verdicts.inconclusive; break;
    }
  }
  summary.digest = digest.value();
  if (side.coordination == cluster::Coordination::kKraft) {
    for (const check::Marker marker : side.scenario->sometimes) {
      if (summary.markers[static_cast<std::size_t>(marker)] == 0) summary.unmet.push_back(marker);
    }
  }
  for (const measure::Metric& metric : measure::metrics()) {
    Samples samples{.metric = &metric, .means = {}, .all = {}};
    std::vector<std::int64_t> all;
    for (const scenario::RunResult* run : side.runs) {
      const std::vector<std::int64_t> of_run = metric.samples(run->measures);
      samples.means.push_back(mean_of(of_run));
      all.insert(all.end(), of_run.begin(), of_run.end());
    }
    samples.all = measure::Sorted(std::move(all));
    summary.metrics.push_back(std::move(samples));
  }
  return summary;
}

Difference difference(const Summary& a, const Summary& b, const measure::Metric& metric) {
  const Samples& of_a = find(a, metric.name);
  const Samples& of_b = find(b, metric.name);
  std::vector<double> differences;
  std::size_t j = 0;
  for (std::size_t i = 0; i < a.side->runs.size(); ++i) {
    const std::uint64_t seed = a.side->runs[i]->seed;
    while (j < b.side->runs.size() && b.side->runs[j]->seed < seed) ++j;
    if (j == b.side->runs.size() || b.side->runs[j]->seed != seed) continue;
    const auto& from = of_a.means[i];
    const auto& to = of_b.means[j];
    if (from && to) differences.push_back(*to - *from);
  }
  // Any seed does: the interval must only be the same whenever the same runs are compared.
  return {.pairs = differences.size(),
          .mean = measure::bootstrap_mean(differences, differences.size()),
          .ks = measure::ks_distance(of_a.all, of_b.all)};
}

std::span<const Phase> phases_of(Coordination coordination) {
  switch (coordination) {
    case Coordination::kKraft: return kKraftPhases;
    case Coordination::kZookeeper: return kZookeeperPhases;
  }
  ENSURE(false, "a coordination without phases");
  return {};
}

}  // namespace kraftsim::report
