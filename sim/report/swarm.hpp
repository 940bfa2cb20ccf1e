// Reports of a swarm: counts, and each failing seed with the line that reproduces it; for people, programs and CI. It
// must not know how a scenario is drawn or shrunk, only what came of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/report/summary.hpp"
#include "sim/report/text.hpp"
#include "sim/scenario/shrink.hpp"
#include "sim/scenario/swarm.hpp"

namespace kraftsim::report {

/// A failing seed's scenario on disk.
struct Kept {
  std::uint64_t seed = 0;
  std::string path;      // as drawn
  std::string shrunk;    // the smaller one; empty: it was not shrunk
  std::optional<scenario::ShrinkResult> result;
};

struct SwarmFacts {
  scenario::SeedRange seeds;
  std::int64_t wall_ns = 0;
  std::vector<Kept> kept;
};

[[nodiscard]] std::string swarm_text(const Build& build, const SwarmFacts& facts, const scenario::SwarmResult& result,
                                     const TextOptions& options);
[[nodiscard]] std::string swarm_json(const Build& build, const SwarmFacts& facts,
                                     const scenario::SwarmResult& result);
/// JUnit's XML: one test case for all seeds that held, one for each that did not.
[[nodiscard]] std::string swarm_junit(const SwarmFacts& facts, const scenario::SwarmResult& result);
/// GitHub's workflow commands, one a failing seed.
[[nodiscard]] std::string swarm_annotations(const scenario::SwarmResult& result);

/// "7 faults, 8 nodes -> 1 fault, 3 nodes".
[[nodiscard]] std::string shrunk_text(const scenario::ShrinkResult& result);

}  // namespace kraftsim::report
