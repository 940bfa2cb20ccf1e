// JSON results of run, sweep and compare: an object each, described by result.schema.json beside this file.
//
// Stable from the first release: keys keep their order and their meaning, new ones may come. Durations are integer
// nanoseconds of simulated time, seeds are strings (they exceed what a browser's numbers hold), digests are 16 hex
// digits, and what did not happen is null.
#pragma once

#include <string>
#include <vector>

#include "sim/report/summary.hpp"

namespace kraftsim::report {

/// `run`: one object, one entry of "runs" per coordination. All runs have the same seed.
[[nodiscard]] std::string run_json(const Build& build, const scenario::Scenario& scenario,
                                   const std::vector<scenario::RunResult>& runs);

struct SweepFacts {
  scenario::SeedRange seeds;
  bool interrupted = false;
  bool samples = false;  // with the raw lists, run by run
};
/// `sweep`: one entry of "sides" per side.
[[nodiscard]] std::string sweep_json(const Build& build, const SweepFacts& facts,
                                     const std::vector<Summary>& sides);
/// `compare`: the same and "differences", of the second side from the first. Exactly two sides.
[[nodiscard]] std::string compare_json(const Build& build, const SweepFacts& facts,
                                       const std::vector<Summary>& sides);

/// The schema of these objects (JSON Schema, draft 2020-12), made from the tables of phases and metrics.
[[nodiscard]] std::string result_schema();

}  // namespace kraftsim::report
