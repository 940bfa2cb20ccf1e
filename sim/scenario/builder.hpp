// The builder: a checked tree becomes a Scenario. It resolves names, profile and defaults for each coordination, and
// reports what no table can say: sums that do not fit, nodes that are not there, times past the end.
#pragma once

#include <optional>

#include "sim/scenario/json_text.hpp"
#include "sim/scenario/problems.hpp"
#include "sim/scenario/scenario.hpp"

namespace kraftsim::scenario {

/// `profile` may be null (it was not found, or is no JSON). What was reported before makes no difference to what is
/// built, only to whether anybody will use it.
[[nodiscard]] Scenario build(const Value& root, const Value* profile, std::optional<Coordination> only,
                             Problems& problems);

}  // namespace kraftsim::scenario
