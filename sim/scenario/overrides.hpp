// Overrides: `--set pointer=value` applied to the tree before it is checked. From then on nothing tells them from
// what the file says, except the messages.
#pragma once

#include <vector>

#include "sim/scenario/json_text.hpp"
#include "sim/scenario/problems.hpp"
#include "sim/scenario/reader.hpp"

namespace kraftsim::scenario {

void apply(const std::vector<Override>& overrides, Value& root, Problems& problems);

}  // namespace kraftsim::scenario
