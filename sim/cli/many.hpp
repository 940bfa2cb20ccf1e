// Many runs from the command line: seeds, jobs, progress and Ctrl-C, for `sweep`, `compare` and `swarm`. How seeds are
// spread over threads is sim/scenario/sweep.hpp's.
#pragma once

#include "sim/cli/common.hpp"
#include "sim/report/json.hpp"
#include "sim/scenario/sweep.hpp"

namespace kraftsim::cli {

/// --seeds, --jobs, --samples, beside what `run` has.
void add_sweep_options(Options& options);
[[nodiscard]] scenario::SeedRange seeds(const Arguments& arguments);
/// What --jobs says.
[[nodiscard]] int jobs(const Arguments& arguments);
/// Sweeps with a progress line and heeds Ctrl-C.
[[nodiscard]] scenario::SweepResult sweep_all(const scenario::Scenario& scenario, const Arguments& arguments,
                                              bool fail_fast);
[[nodiscard]] report::SweepFacts facts(const Arguments& arguments, bool interrupted);

}  // namespace kraftsim::cli
