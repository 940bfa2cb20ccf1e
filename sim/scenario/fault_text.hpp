// Faults written back as items of a scenario's "faults". What is read from the text is the fault again; of one that a
// run has carried out nothing is left to chance, so that a file of such items does the same again.
#pragma once

#include <string>

#include "sim/cluster/fault.hpp"

namespace kraftsim::scenario {

/// One JSON object on one line: {"at": "5s", "crash": {"node": "controller:2"}}.
[[nodiscard]] std::string to_json(const cluster::Fault& fault);

}  // namespace kraftsim::scenario
