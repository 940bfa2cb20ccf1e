// The field table's part on faults: an object per act, and the one that holds an act with its times. Apart from the
// rest because the catalogue grows.
#pragma once

#include <vector>

#include "sim/engine/quantiles.hpp"
#include "sim/scenario/fields.hpp"

namespace kraftsim::scenario {

[[nodiscard]] std::vector<ObjectType> fault_objects();

/// A distribution of garbage collections' pauses that a scenario can name.
struct GcPauses {
  std::string_view name;
  std::string_view what;
  engine::Quantiles length;
};
[[nodiscard]] std::vector<GcPauses> gc_pauses();

}  // namespace kraftsim::scenario
