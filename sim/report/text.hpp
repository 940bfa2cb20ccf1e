// Text results, for people: what a run was like, phase by phase; many runs; two coordinations side by side.
//
// The seed comes first, a failure ends with the command that reproduces it, numbers that are no samples are not shown
// as zeros. Plain ASCII; what a colour says is also said in words.
#pragma once

#include <string>
#include <vector>

#include "sim/report/json.hpp"
#include "sim/report/summary.hpp"

namespace kraftsim::report {

struct TextOptions {
  bool colour = false;
};

[[nodiscard]] std::string run_text(const Build& build, const scenario::Scenario& scenario,
                                   const std::vector<scenario::RunResult>& runs, const TextOptions& options);
[[nodiscard]] std::string sweep_text(const Build& build, const SweepFacts& facts, const std::vector<Summary>& sides,
                                     const TextOptions& options);
/// What `make demo` prints. Exactly two sides.
[[nodiscard]] std::string compare_text(const Build& build, const SweepFacts& facts, const std::vector<Summary>& sides,
                                       const TextOptions& options);

/// What to say of a run that did not hold: what broke, when, and how to see it again.
[[nodiscard]] std::string failure_text(const Build& build, const scenario::Scenario& scenario,
                                       const scenario::RunResult& run, const TextOptions& options);

}  // namespace kraftsim::report
