// From the "faults" of a checked file to what a run carries out. fault_text.hpp is the way back. It must not know
// clusters: what is wrong with a target it is told.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sim/cluster/fault.hpp"
#include "sim/scenario/object_view.hpp"
#include "sim/scenario/problems.hpp"

namespace kraftsim::scenario {

/// What a fault is held against beyond its own fields.
struct FaultSurroundings {
  kraft::Duration duration{};                                        // of the run
  bool kraft = true;                                                 // some cluster of the scenario is KRaft's
  std::function<std::string(const cluster::Target&)> mistake_in;     // what is wrong with a target; empty: nothing
};

/// In order of time, equal times in the order of the file.
[[nodiscard]] std::vector<cluster::Fault> build_faults(const std::vector<ObjectView>& views,
                                                       const FaultSurroundings& surroundings, Problems& problems);

}  // namespace kraftsim::scenario
