// Shrink: a failing scenario made as small as it can be while it still breaks the same invariant.
//
// Delta debugging (Zeller and Hildebrandt, 2002) over the document: lengths and load first, which makes the other runs
// short, then faults, nodes, settings. Whatever is tried is read by the ordinary reader and run; nothing is assumed of
// why it fails. A smaller cluster draws other luck, so removals are also tried with some other seeds, once the file's
// own allows no more; the seed with which it failed is written into it. Deterministic, but for where it stops if it is
// told to stop early.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "sim/scenario/document.hpp"
#include "sim/scenario/run.hpp"

namespace kraftsim::scenario {

struct ScenarioSize {
  std::size_t faults = 0;
  std::size_t nodes = 0;
  std::size_t load = 0;  // entries of the workload and of the initial topics
};
[[nodiscard]] ScenarioSize size_of(const Document& document);

struct ShrinkOptions {
  std::uint64_t other_seeds = 16;    // 1 to this, beside the document's own
  std::function<bool()> keep_going;  // false ends it with the smallest document found so far
};

struct ShrinkResult {
  Document document;     // with its "replay": seed, invariant and digest
  RunResult run;         // of it
  ScenarioSize before;
  ScenarioSize after;
  bool minimal = false;  // without any one fault, node, entry of the load or setting it failed with none of the seeds
  std::uint64_t runs = 0;
};

/// The invariant is the one that `document` breaks with the seed of its "replay", or 1; a broken expectation
/// is as good. `path` is the document's name, and profiles are looked for beside it. If it breaks nothing, the result's
/// run says so and nothing was tried.
[[nodiscard]] ShrinkResult shrink(const Document& document, const std::string& path, const ShrinkOptions& options);

}  // namespace kraftsim::scenario
