// Document: a scenario as the JSON that it is, to be written and changed by programs.
//
// Swarm makes documents, shrinking edits them, and both hand their text to the ordinary reader: what is replayed is
// always a file that a person could have written. It must not know what a key means.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include <nlohmann/json.hpp>

#include "core/base/time.hpp"

namespace kraftsim::scenario {

/// Keeps the order of its keys.
using Document = nlohmann::ordered_json;

/// As people lay scenario files out: what fits on a line stands on one. Ends in a newline.
[[nodiscard]] std::string text_of(const Document& document);
/// "150ms": exact, in the largest unit that keeps it whole.
[[nodiscard]] std::string duration_value(kraft::Duration duration);

}  // namespace kraftsim::scenario
