// The faults that a run carried out come back as text from fault_text.hpp.
#include "sim/scenario/materialise.hpp"

#include "sim/scenario/fault_text.hpp"
#include "sim/scenario/swarm.hpp"

namespace kraftsim::scenario {

Materialised materialise(const Document& document, const std::string& path, const RunOptions& options) {
  Materialised result{document, run_document(document, path, options)};
  Document& written = result.document;
  written["coordination"] = line(result.run.coordination);
  Document faults = Document::array();
  for (const cluster::Fault& fault : result.run.faults) faults.push_back(Document::parse(to_json(fault)));
  written["faults"] = std::move(faults);
  written["replay"]["seed"] = std::to_string(result.run.seed);
  written["replay"].erase("invariant");
  if (result.run.invariant) written["replay"]["invariant"] = *result.run.invariant;
  written["replay"].erase("digest");
  return result;
}

}  // namespace kraftsim::scenario
