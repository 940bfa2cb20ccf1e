// Reports of many runs: quantiles over seeds, phase by phase; two sides beside each other, with the distribution of
// their failovers drawn in characters. Every number says how many samples it stands on.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "core/base/check.hpp"
#include "core/base/digest.hpp"
#include "sim/report/layout.hpp"
#include "sim/report/text.hpp"

namespace kraftsim::report {
namespace {

using measure::Metric;
using measure::Sorted;
using measure::Unit;
using scenario::RunResult;
using scenario::Verdict;
using enum Table::Align;

constexpr std::size_t kMostFailuresShown = 10;
constexpr std::uint32_t kMedian = 500'000;

std::string value_text(const std::optional<std::int64_t>& value, Unit unit) {
  if (!value) return "-";
  switch (unit) {
    case Unit::kNanoseconds:
    case Unit::kPartitionNanoseconds: return duration_text(*value);
    case Unit::kCount: return fmt::format("{}", *value);
  }
  return {};
}

std::string title_of(const Side& side) {
  switch (side.coordination) {
    case cluster::Coordination::kKraft: return side.label == "kraft" ? "KRaft" : side.label;
    case cluster::Coordination::kZookeeper: return side.label == "zookeeper" ? "ZooKeeper" : side.label;
  }
  return {};
}

/// What columns are headed by: the titles, or letters where these are too long for that.
std::array<std::string, 2> column_names(const Summary& a, const Summary& b) {
  constexpr std::size_t kLongest = 12;
  std::array<std::string, 2> names{title_of(*a.side), title_of(*b.side)};
  if (std::max(names[0].size(), names[1].size()) > kLongest) names = {"A", "B"};
  return names;
}

// ---- head and foot ----

std::string faults_text(const scenario::Scenario& scenario) {
  std::string text;
  for (const cluster::Fault& fault : scenario.faults) {
    text += fmt::format("{}{} at {}", text.empty() ? "Faults: " : "; ", line(fault.action), line(fault.at));
  }
  return text.empty() ? text : paragraph(text + ".");
}

std::string head_text(const SweepFacts& facts, const std::vector<Summary>& sides, const Paint& paint) {
  const scenario::Scenario& scenario = *sides.front().side->scenario;
  std::string text = fmt::format("seeds {} to {}\n\n", facts.seeds.first, facts.seeds.last);
  text += heading(scenario.name, paint) + paragraph(scenario.description) + faults_text(scenario);
  for (std::size_t i = 1; i < sides.size(); ++i) {
    const scenario::Scenario& other = *sides[i].side->scenario;
    if (&other != &scenario) text += paragraph("Beside it: " + other.name + ". " + other.description);
  }
  return text;
}

std::string verdicts_text(const SweepFacts& facts, const std::vector<Summary>& sides, const Paint& paint) {
  std::uint64_t runs = 0;
  std::uint64_t events = 0;
  Verdicts all;
  std::string breakdown;
  for (const Summary& summary : sides) {
    runs += summary.side->runs.size();
    events += summary.events;
    all.held += summary.verdicts.held;
    all.violated += summary.verdicts.violated;
    all.inconclusive += summary.verdicts.inconclusive;
    breakdown += fmt::format("{}{} of {}", breakdown.empty() ? "" : ", ", count_text(summary.side->runs.size()),
                             title_of(*summary.side));
  }
  std::string text = fmt::format("{} ({}), {} simulated.", count_text(runs, "run", "runs"), breakdown,
                                 count_text(events, "event", "events"));
  if (facts.interrupted) text += " Interrupted: these are the runs that had ended.";
  text += '\n';
  if (all.held == runs) {
    text += paint.good("All invariants and expectations held in every run.") + '\n';
  } else {
    text += fmt::format("{} held, {} violated, {} inconclusive.\n", count_text(all.held), count_text(all.violated),
                        count_text(all.inconclusive));
  }
  return text;
}

std::string met_text(const std::vector<Summary>& sides, const Paint& paint) {
  std::string text;
  for (const Summary& summary : sides) {
    text += markers_text(summary.markers, 0);
    std::string unmet;
    for (const check::Marker marker : summary.unmet) unmet += (unmet.empty() ? "" : ", ") + line(marker);
    if (!unmet.empty()) text += paint.doubtful("never met, though the scenario is about it: " + unmet) + '\n';
  }
  return text;
}

std::string failures_text(const Build& build, const std::vector<Summary>& sides, const TextOptions& options) {
  std::string text;
  std::size_t shown = 0;
  std::size_t more = 0;
  for (const Verdict verdict : {Verdict::kViolated, Verdict::kInconclusive}) {
    for (const Summary& summary : sides) {
      for (const RunResult* run : summary.side->runs) {
        if (run->verdict != verdict) continue;
        if (shown++ < kMostFailuresShown) {
          text += '\n' + failure_text(build, *summary.side->scenario, *run, options);
        } else {
          ++more;
        }
      }
    }
  }
  if (more > 0) text += fmt::format("\nand {} more; --format json lists them all\n", count_text(more));
  return text;
}

std::string digest_text(const std::vector<Summary>& sides) {
  kraft::Digest digest;
  for (const Summary& summary : sides) digest.add(summary.digest);
  return fmt::format("digest {}: the same seeds give the same on every machine\n", kraft::hex(digest.value()));
}

// ---- tables ----

void quantile_row(Table& table, std::string name, const Sorted& samples, Unit unit, std::string note) {
  table.row({std::move(name), value_text(samples.quantile(kMedian), unit), value_text(samples.quantile(900'000), unit),
             value_text(samples.quantile(990'000), unit), value_text(samples.max(), unit), std::move(note)});
}

/// The failovers of a side that one fault of the scenario began, over all runs.
struct Group {
  std::string fault;
  std::vector<const measure::Failover*> failovers;
};

/// By fault, in the scenario's order; last, those that began otherwise. Groups without a failover are left out.
std::vector<Group> groups_of(const Side& side) {
  const auto& faults = side.scenario->faults;
  std::vector<Group> groups(faults.size() + 1);
  for (std::size_t i = 0; i < faults.size(); ++i) {
    groups[i].fault = fmt::format("{} at {}", line(faults[i].action), line(faults[i].at));
  }
  groups.back().fault = "begun otherwise";
  for (const RunResult* run : side.runs) {
    for (const measure::Failover& failover : run->measures.failovers) {
      // A failover knows its fault with roles resolved; the moment is the same in every run.
      const auto fault = std::ranges::find(faults, failover.fault_at, &cluster::Fault::at);
      groups[static_cast<std::size_t>(fault - faults.begin())].failovers.push_back(&failover);
    }
  }
  std::erase_if(groups, [](const Group& group) { return group.failovers.empty(); });
  return groups;
}

template <class Wanted>
Sorted phase_samples(const Group& group, cluster::Phase phase, Wanted wanted) {
  std::vector<std::int64_t> samples;
  for (const measure::Failover* failover : group.failovers) {
    const auto& reached = failover->phases[static_cast<std::size_t>(phase)];
    if (reached && wanted(*failover)) samples.push_back(reached->count());
  }
  return Sorted(std::move(samples));
}

std::string split_votes_text(const Group& group) {
  const auto split = [](const measure::Failover& failover) { return failover.epochs > 1; };
  const auto whole = [](const measure::Failover& failover) { return failover.epochs <= 1; };
  const auto count = static_cast<std::uint64_t>(
      std::ranges::count_if(group.failovers, [&](const measure::Failover* failover) { return split(*failover); }));
  std::string text = fmt::format("Votes were split in {} of {} elections ({}).", count_text(count),
                                 count_text(group.failovers.size()), share_text(count, group.failovers.size()));
  const auto with = phase_samples(group, cluster::Phase::kElected, split).quantile(kMedian);
  const auto without = phase_samples(group, cluster::Phase::kElected, whole).quantile(kMedian);
  if (with && without) {
    text += fmt::format(" Elected, median: {} unsplit, {} split.", duration_text(*without), duration_text(*with));
  }
  return paragraph(text);
}

std::string group_text(const Group& group, cluster::Coordination coordination) {
  const auto all = [](const measure::Failover&) { return true; };
  Table table({kLeft, kRight, kRight, kRight, kRight, kLeft});
  table.row({"", "p50", "p90", "p99", "max", "until"});
  for (const cluster::Phase phase : phases_of(coordination)) {
    const Metric& metric = measure::phase_metric(phase);
    const Sorted samples = phase_samples(group, phase, all);
    std::string note(metric.what);
    if (samples.count() < group.failovers.size()) {
      note += fmt::format(" ({} of {})", count_text(samples.count()), count_text(group.failovers.size()));
    }
    quantile_row(table, line(phase), samples, metric.unit, std::move(note));
  }
  return table.text() + (coordination == cluster::Coordination::kKraft ? split_votes_text(group) : "");
}

std::string phases_text(const Summary& summary, const Paint& paint) {
  const std::uint64_t failovers = summary["epochs"].count();  // one sample each
  std::string text = heading(fmt::format("{}: time after the fault, over {}", title_of(*summary.side),
                                         count_text(failovers, "failover", "failovers")),
                             paint);
  const std::vector<Group> groups = groups_of(*summary.side);
  if (groups.empty()) text += "No failover in any run.\n";
  for (const Group& group : groups) {
    if (groups.size() > 1) {
      text += fmt::format("{}{} ({})\n", &group == &groups.front() ? "" : "\n", group.fault,
                          count_text(group.failovers.size(), "failover", "failovers"));
    }
    text += group_text(group, summary.side->coordination);
  }
  return text;
}

/// The metrics that are not phases, those that have samples.
std::string other_metrics_text(const Summary& summary) {
  Table table({kLeft, kRight, kRight, kRight, kRight, kLeft});
  table.row({"", "p50", "p90", "p99", "max", ""});
  for (const Samples& samples : summary.metrics) {
    if (samples.metric->per == "failover" || samples.all.count() == 0) continue;
    quantile_row(table, std::string(samples.metric->name), samples.all, samples.metric->unit,
                 count_text(samples.all.count()) + (samples.metric->per == "batch"       ? " batches"
                                                    : samples.metric->per == "operation" ? " operations"
                                                                                         : " runs"));
  }
  return table.text();
}

// ---- side by side ----

struct Comparison {
  std::string_view metric;
  std::string_view words;
};
constexpr std::array kComparisons{
    Comparison{"controller_failover", "controller back after"},
    Comparison{"brokers_served", "last broker served after"},
    Comparison{"unavailable_controller", "time without a controller"},
    Comparison{"unavailable_commits", "time without commits"},
    Comparison{"commit_lingered", "commit: lingering"},
    Comparison{"commit_leader_durable", "commit: leader's disk"},
    Comparison{"commit_replicated", "commit: replication"},
    Comparison{"commit_latency", "commit: in all"},
    Comparison{"operation_latency", "client operation"},
};

/// "+4.700 s [4.650 s, 4.750 s]".
std::string difference_text(const Difference& difference) {
  if (!difference.mean) return "-";
  const auto rounded = [](double ns) { return duration_text(std::llround(ns)); };
  return fmt::format("{}{} [{}, {}]", difference.mean->mean < 0 ? "" : "+", rounded(difference.mean->mean),
                     rounded(difference.mean->low), rounded(difference.mean->high));
}

std::string side_by_side_text(const Summary& a, const Summary& b, const Paint& paint) {
  const auto [left, right] = column_names(a, b);
  std::string text = heading("Side by side", paint);
  if (left != title_of(*a.side)) {
    text += paragraph("A: " + title_of(*a.side)) + paragraph("B: " + title_of(*b.side));
  }
  Table table({kLeft, kRight, kRight, kLeft, kRight, kRight, kLeft});
  table.row({"", left, "", "|", right, "", ""});
  table.row({"", "p50", "p99", "|", "p50", "p99", "mean difference"});
  for (const Comparison& comparison : kComparisons) {
    const Metric& metric = *measure::find_metric(comparison.metric);
    const Sorted& of_a = a[metric.name];
    const Sorted& of_b = b[metric.name];
    if (of_a.count() + of_b.count() == 0) continue;
    table.row({std::string(comparison.words), value_text(of_a.quantile(kMedian), metric.unit),
               value_text(of_a.quantile(990'000), metric.unit), "|", value_text(of_b.quantile(kMedian), metric.unit),
               value_text(of_b.quantile(990'000), metric.unit), difference_text(difference(a, b, metric))});
  }
  text += table.text();
  text += paragraph(fmt::format("The difference is {} less {}, seed by seed, each run with its own mean; in "
                                "brackets, its bootstrapped 95 % confidence interval.", right, left));
  return text;
}

// ---- the chart ----

/// The least of 1, 2 and 5 times a power of ten that makes at most `most` bins of the span.
std::int64_t bin_width(std::int64_t span, std::int64_t most) {
  for (std::int64_t power = 1'000;; power *= 10) {
    for (const std::int64_t factor : {1, 2, 5}) {
      if (span / (power * factor) < most) return power * factor;
    }
  }
}

std::string bar(std::uint64_t count, std::uint64_t greatest, std::size_t width) {
  const std::uint64_t length = (count * width + greatest - 1) / greatest;  // whatever is there is seen
  return fmt::format("{:<{}}", std::string(static_cast<std::size_t>(length), '#'), width);
}

std::string chart_text(const Summary& a, const Summary& b, const Paint& paint) {
  constexpr std::size_t kBar = 30;
  constexpr std::int64_t kBins = 16;
  const Sorted& left = a["controller_failover"];
  const Sorted& right = b["controller_failover"];
  if (left.count() == 0 || right.count() == 0) return {};
  const std::int64_t low = std::min(*left.min(), *right.min());
  const std::int64_t high = std::max(*left.max(), *right.max());
  const std::int64_t width = bin_width(high - low, kBins - 1);
  const std::int64_t first = low / width;
  std::vector<std::array<std::uint64_t, 2>> bins(static_cast<std::size_t>(high / width - first + 1));
  for (const std::int64_t sample : left.samples()) ++bins[static_cast<std::size_t>(sample / width - first)][0];
  for (const std::int64_t sample : right.samples()) ++bins[static_cast<std::size_t>(sample / width - first)][1];
  std::uint64_t greatest = 1;
  for (const auto& [of_a, of_b] : bins) greatest = std::max({greatest, of_a, of_b});

  std::string text = heading("When a controller was active again: failovers per time after the fault", paint);
  Table table({kRight, kLeft, kRight, kLeft, kRight});
  const auto [left_name, right_name] = column_names(a, b);
  table.row({"from", "| " + left_name, "", "| " + right_name, ""});
  for (std::size_t i = 0; i < bins.size(); ++i) {
    const auto cell = [&](std::uint64_t count) { return count == 0 ? std::string() : count_text(count); };
    table.row({duration_text((first + static_cast<std::int64_t>(i)) * width), "| " + bar(bins[i][0], greatest, kBar),
               cell(bins[i][0]), "| " + bar(bins[i][1], greatest, kBar), cell(bins[i][1])});
  }
  return text + table.text();
}

}  // namespace

std::string sweep_text(const Build& build, const SweepFacts& facts, const std::vector<Summary>& sides,
                       const TextOptions& options) {
  ENSURE(!sides.empty());
  const Paint paint(options.colour);
  std::string text = head_text(facts, sides, paint) + '\n';
  for (const Summary& summary : sides) {
    text += phases_text(summary, paint) + '\n' + other_metrics_text(summary) + '\n';
  }
  text += verdicts_text(facts, sides, paint) + met_text(sides, paint) + digest_text(sides);
  return text + failures_text(build, sides, options);
}

std::string compare_text(const Build& build, const SweepFacts& facts, const std::vector<Summary>& sides,
                         const TextOptions& options) {
  ENSURE_EQ(sides.size(), 2U);
  const Paint paint(options.colour);
  std::string text = head_text(facts, sides, paint) + '\n';
  for (const Summary& summary : sides) text += phases_text(summary, paint) + '\n';
  text += side_by_side_text(sides[0], sides[1], paint) + '\n';
  if (const std::string chart = chart_text(sides[0], sides[1], paint); !chart.empty()) text += chart + '\n';
  return text + verdicts_text(facts, sides, paint) + digest_text(sides) + failures_text(build, sides, options);
}

}  // namespace kraftsim::report
