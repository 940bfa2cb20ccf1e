// A sweep: one scenario over many seeds, on several threads, one run per thread at a time.
//
// Runs share nothing but the scenario, which nobody writes; results stand in the order of (seed, coordination) and are
// the same for any number of jobs. A sweep that is stopped keeps the runs that had ended.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "sim/scenario/run.hpp"
#include "sim/scenario/scenario.hpp"

namespace kraftsim::scenario {

/// Both ends included.
struct SeedRange {
  std::uint64_t first = 1;
  std::uint64_t last = 1;
  [[nodiscard]] std::uint64_t count() const { return last - first + 1; }
};

struct SweepOptions {
  bool shuffle_ties = false;
  /// Ends with the first violated seed: it and all before it are in the result, nothing after it.
  bool fail_fast = false;
  /// Asked now and then from every thread; false ends the sweep.
  std::function<bool()> keep_going;
};

struct SweepResult {
  std::vector<RunResult> runs;  // by seed, then in the scenario's order of coordinations
  std::uint64_t planned = 0;    // runs, had nothing stopped it
  bool interrupted = false;     // by keep_going
};

/// `on_result` is called once per ended run, in the order of their ends, by one thread at a time.
[[nodiscard]] SweepResult sweep(const Scenario& scenario, SeedRange seeds, int jobs, const SweepOptions& options = {},
                                const std::function<void(const RunResult&)>& on_result = {});

}  // namespace kraftsim::scenario
