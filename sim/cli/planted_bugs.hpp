// Planted bugs that were caught: which patch of tests/mutants by what, when it was last hunted. The table in the .cpp
// is written by `tools/mutants --save` and committed with it, so that the program needs neither patches nor documents.
#pragma once

#include <span>

namespace kraftsim::cli {

struct PlantedBug {
  const char* name;
  const char* caught_by;  // the name of an invariant
};

[[nodiscard]] std::span<const PlantedBug> planted_bugs();

}  // namespace kraftsim::cli
