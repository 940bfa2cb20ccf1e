// One run: a scenario, a coordination, a seed; and what came of it. `run` is all of it at once; runner.hpp has the
// run in progress, which can be stepped, stopped, copied and taken up again.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/check/markers.hpp"
#include "sim/engine/trace.hpp"
#include "sim/measure/measures.hpp"
#include "sim/scenario/scenario.hpp"

namespace kraftsim::scenario {

enum class Verdict : std::uint8_t { kHeld, kViolated, kInconclusive };
[[nodiscard]] std::string line(Verdict verdict);  // "held"

struct RunOptions {
  bool shuffle_ties = false;
  bool trace = false;
  /// Asked every 65,536 events with the simulated time; false ends the run (Ctrl-C), which is then inconclusive.
  std::function<bool(std::uint64_t events, Time now)> keep_going;
};

struct ExpectationResult {
  std::string text;
  std::optional<std::int64_t> observed_ns;
  std::optional<bool> held;  // none: there was no sample
};

/// How the liveness phase went, if the scenario asks for one and the run got that far.
struct LivenessResult {
  Time began{};
  Duration bound{};
  std::vector<cluster::NodeId> core;  // empty: the oracle found none
  std::optional<Duration> took;       // until everything demanded held
};

struct RunResult {
  Coordination coordination{};
  std::uint64_t seed = 0;
  Verdict verdict = Verdict::kHeld;
  std::optional<std::string> invariant;  // the one that broke, by name
  std::string detail;                    // its message, or why the run is inconclusive
  Time violated_at{};
  std::optional<Time> began;             // the scenario's time 0; none: the cluster never got ready
  std::vector<cluster::Fault> faults;    // as they were carried out: nothing about them is left to chance
  std::uint64_t digest = 0;
  std::uint64_t events = 0;
  Duration simulated{};
  Duration wall{};
  measure::Measures measures;
  std::vector<ExpectationResult> expect;
  std::optional<LivenessResult> liveness;
  check::MarkerCounts markers{};
  engine::Trace trace;
};

/// Throws nothing: a broken invariant or a failed ENSURE within the run is a verdict.
[[nodiscard]] RunResult run(const Scenario& scenario, Coordination coordination, std::uint64_t seed,
                            const RunOptions& options);

}  // namespace kraftsim::scenario
