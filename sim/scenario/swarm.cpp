// What each run adds is kept by number until the end, a few words for each: with "stop at the first" only then is it
// known which of them count.
#include "sim/scenario/swarm.hpp"

#include <fmt/format.h>

#include <mutex>
#include <set>

#include "core/base/check.hpp"
#include "core/base/digest.hpp"
#include "sim/scenario/draw.hpp"
#include "sim/scenario/reader.hpp"
#include "sim/scenario/workers.hpp"

namespace kraftsim::scenario {
namespace {

std::set<std::string> kinds_of(const Document& document) {
  std::set<std::string> kinds;
  for (const Document& fault : document["faults"]) {
    for (const auto& member : fault.items()) {
      if (member.value().is_object()) kinds.insert(member.key());
    }
  }
  return kinds;
}

/// Without what differs from run to run: nodes, values, what was broken after the excuse for it.
std::string reason_of(const std::string& detail) {
  std::string reason;
  for (const char c : detail.substr(0, detail.find(';'))) {
    const bool digit = c >= '0' && c <= '9';
    if (!digit) reason += c;
    else if (!reason.ends_with('N')) reason += 'N';
  }
  return reason;
}

void add(std::uint64_t seed, const std::set<std::string>& kinds, const RunResult& run, SwarmResult& total) {
  switch (run.verdict) {
    case Verdict::kHeld: ++total.held; break;
    case Verdict::kInconclusive: ++total.inconclusive[reason_of(run.detail)]; break;
    case Verdict::kViolated:
      ++total.violated;
      total.failures.push_back({seed, run.invariant.value_or(""), run.detail, run.violated_at, run.digest});
      break;
  }
  total.last = std::max(total.last, seed);
  total.events += run.events;
  total.simulated += run.simulated;
  kraft::Digest digest;
  digest.add(seed);
  digest.add(run.digest);
  total.digest ^= digest.value();
  for (const std::string& kind : kinds) ++total.faults[kind];
  for (std::size_t i = 0; i < check::kMarkers; ++i) {
    if (run.markers[i] > 0) ++total.markers[i];
  }
}

}  // namespace

std::uint64_t SwarmResult::runs() const {
  std::uint64_t count = held + violated;
  for (const auto& [reason, runs] : inconclusive) count += runs;
  return count;
}

std::vector<check::Marker> SwarmResult::unmet() const {
  std::vector<check::Marker> never;
  for (std::size_t i = 0; i < check::kMarkers && runs() >= kRunsThatMeetAll; ++i) {
    if (markers[i] == 0) never.push_back(static_cast<check::Marker>(i));
  }
  return never;
}

RunResult run_document(const Document& document, const std::string& path, const RunOptions& options) {
  const Scenario scenario = read_text(text_of(document), path);
  RunOptions its_own = options;
  its_own.shuffle_ties = scenario.replay.shuffle_ties;
  return run(scenario, scenario.coordination.front(), scenario.replay.seed, its_own);
}

SwarmResult swarm(SeedRange seeds, int jobs, const SwarmOptions& options,
                  const std::function<void(std::uint64_t, std::uint64_t)>& on_run) {
  struct Ended {
    std::set<std::string> kinds;
    RunResult run;
  };
  SwarmResult total;
  total.planned = seeds.count();
  std::map<std::uint64_t, Ended> waiting;  // ended, while an earlier one has not
  std::uint64_t next = 0;                  // all before it are in `total`
  std::uint64_t ended = 0;
  std::uint64_t violated = 0;
  std::mutex mutex;
  Workers workers(total.planned, options.keep_going);
  workers.work(jobs, [&](std::uint64_t number) {
    const std::uint64_t seed = seeds.first + number;
    const Document document = draw_scenario(seed);
    bool stopped = false;
    RunOptions run_options;
    run_options.keep_going = [&](std::uint64_t, Time) {
      stopped = stopped || !workers.keep_going();
      return !stopped;
    };
    RunResult run = run_document(document, fmt::format("swarm seed {}", seed), run_options);
    if (stopped) return;
    run.measures = {};
    run.faults = {};
    const std::lock_guard lock(mutex);
    ++ended;
    if (run.verdict == Verdict::kViolated) {
      ++violated;
      if (options.stop_at_first) workers.end_after(number);
    }
    waiting.emplace(number, Ended{kinds_of(document), std::move(run)});
    for (auto first = waiting.begin(); first != waiting.end() && first->first == next; first = waiting.begin()) {
      if (workers.wanted(next)) add(seeds.first + next, first->second.kinds, first->second.run, total);
      waiting.erase(first);
      ++next;
    }
    if (on_run) on_run(ended, violated);
  });
  // Of an interrupted swarm, what ended after a run that was cut off counts too.
  for (const auto& [number, one] : waiting) {
    if (workers.wanted(number)) add(seeds.first + number, one.kinds, one.run, total);
  }
  total.interrupted = workers.interrupted();
  return total;
}

}  // namespace kraftsim::scenario
