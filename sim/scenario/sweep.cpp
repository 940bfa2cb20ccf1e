// Results are kept under the number of their run; which thread makes which run is workers.hpp's.
#include "sim/scenario/sweep.hpp"

#include <map>
#include <mutex>

#include "core/base/check.hpp"
#include "sim/scenario/workers.hpp"

namespace kraftsim::scenario {
namespace {

constexpr std::uint64_t kMostSeeds = 100'000'000;

}  // namespace

SweepResult sweep(const Scenario& scenario, SeedRange seeds, int jobs, const SweepOptions& options,
                  const std::function<void(const RunResult&)>& on_result) {
  ENSURE_LE(seeds.first, seeds.last);
  ENSURE_LT(seeds.last - seeds.first, kMostSeeds);
  const std::size_t coordinations = scenario.coordination.size();
  SweepResult result;
  result.planned = seeds.count() * coordinations;
  std::map<std::uint64_t, RunResult> results;
  std::mutex mutex;  // of results and of the caller's callback
  Workers workers(result.planned, options.keep_going);
  workers.work(jobs, [&](std::uint64_t number) {
    bool stopped = false;
    RunOptions run_options;
    run_options.shuffle_ties = options.shuffle_ties;
    run_options.keep_going = [&](std::uint64_t, Time) {
      stopped = stopped || !workers.keep_going();
      return !stopped;
    };
    RunResult ended = run(scenario, scenario.coordination[number % coordinations],
                          seeds.first + number / coordinations, run_options);
    if (stopped) return;
    const std::lock_guard lock(mutex);
    if (options.fail_fast && ended.verdict == Verdict::kViolated) {
      workers.end_after((number / coordinations + 1) * coordinations - 1);
    }
    const RunResult& kept = results.emplace(number, std::move(ended)).first->second;
    if (on_result) on_result(kept);
  });
  result.interrupted = workers.interrupted();
  for (auto& [number, ended] : results) {
    if (workers.wanted(number)) result.runs.push_back(std::move(ended));
  }
  return result;
}

}  // namespace kraftsim::scenario
