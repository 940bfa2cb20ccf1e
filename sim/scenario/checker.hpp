// The checker: holds a JSON tree against the field table and reports every key and value that does not fit it. What
// joins several values is not its business but the builder's.
#pragma once

#include "sim/scenario/fields.hpp"
#include "sim/scenario/json_text.hpp"
#include "sim/scenario/problems.hpp"

namespace kraftsim::scenario {

void check(const Value& root, const ObjectType& type, Problems& problems);

}  // namespace kraftsim::scenario
