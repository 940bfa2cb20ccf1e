// Materialise: a scenario with what chance and roles decided in one run written out. Faults stand at the times at which
// they struck, on the nodes that they struck, as long as they lasted; the seed is the document's own.
//
// What the seed still decides (latencies, elections) is no item of a scenario. It must not know kinds of faults.
#pragma once

#include <string>

#include "sim/scenario/document.hpp"
#include "sim/scenario/run.hpp"

namespace kraftsim::scenario {

struct Materialised {
  Document document;
  RunResult run;  // of the document as it was
};

/// `path` is the document's name; its "replay" says the seed, and the first of its coordinations counts.
[[nodiscard]] Materialised materialise(const Document& document, const std::string& path, const RunOptions& options);

}  // namespace kraftsim::scenario
