// FaultPlan: what goes wrong, when, to whom. Data only; `inject` is the one place that turns it into acts on a world,
// and `revert` the one that ends what has a length. Neither knows which protocol coordinates.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "core/base/rng.hpp"
#include "core/base/time.hpp"
#include "sim/cluster/control_plane.hpp"
#include "sim/cluster/target.hpp"
#include "sim/world/profile.hpp"

namespace kraftsim::cluster {

/// A process stops running for a while (GC): it comes back as if nothing had been.
struct PauseFault {
  Target node;
  Duration length{};
};
/// kill -9. With `machine`, the power plug: nobody gets a reset. Zero `restart_after`: it stays down.
struct CrashFault {
  Target node;
  Duration restart_after{};
  bool machine = false;
};
/// SIGTERM.
struct StopFault {
  Target node;
  Duration restart_after{};
};
/// Starts what a crash or stop left down.
struct StartFault {
  Target node;
};
/// Nodes of different groups cannot reach each other; a group with Everything holds all nodes not named in another.
struct PartitionFault {
  std::vector<std::vector<Target>> groups;
  Duration length{};
};
/// One direction, or both, between two sets of nodes.
struct CutFault {
  std::vector<Target> from;
  std::vector<Target> to;
  bool both = false;
  Duration length{};
};
/// Disks of these nodes behave as in the profile for a while.
struct SlowDiskFault {
  Target node;
  world::DiskProfile disk;
  Duration length{};
};

/// Whatever these nodes do takes `percent` of its own time for a while: a neighbour has the processor.
struct SlowCpuFault {
  Target node;
  std::int32_t percent = 100;
  Duration length{};
};

using FaultAction = std::variant<PauseFault, CrashFault, StopFault, StartFault, PartitionFault, CutFault,
                                 SlowDiskFault, SlowCpuFault>;

struct Fault {
  Time at{};
  FaultAction action;
};
/// "crash controller:1", "pause coordinator:leader for 8s": the name under which results report it.
[[nodiscard]] std::string line(const FaultAction& action);

/// What was done: the nodes that the targets meant, and how to undo it when its length is over.
struct Injected {
  std::string text;              // with targets resolved: "crash controller:1"
  std::vector<NodeId>
      nodes;  // those it struck (paused, crashed, stopped, slowed; partition: all but the largest group)
  std::vector<std::pair<NodeId, NodeId>> cuts;  // to heal
  std::vector<std::pair<NodeId, world::DiskProfile>> disks;  // to restore
};

/// Acts on the plane's world at its present time.
[[nodiscard]] Injected inject(ControlPlane& plane, const FaultAction& action, kraft::Rng& rng);
/// Ends what has a length: heals the cuts, restores the disks, starts crashed nodes again.
void revert(ControlPlane& plane, const FaultAction& action, const Injected& injected);
/// How long until `revert` is due; zero if it never is.
[[nodiscard]] Duration length(const FaultAction& action);

}  // namespace kraftsim::cluster
