// Expectations of a scenario, judged on one run. They can add demands; the invariants are demanded of every run anyway.
// An expectation without a sample is no success: the run is then inconclusive.
#pragma once

#include <optional>

#include "core/base/time.hpp"
#include "sim/scenario/run.hpp"
#include "sim/scenario/scenario.hpp"

namespace kraftsim::scenario {

/// Fills `result.expect` and lets the verdict follow: a bound that does not hold is a violation, one without a sample
/// makes the run inconclusive. `recovery`: from the end of the last fault to the next commit.
void judge_expectations(const Scenario& scenario, std::optional<kraft::Duration> recovery, RunResult& result);

}  // namespace kraftsim::scenario
