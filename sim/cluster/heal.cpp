// Links first, so that what is started finds them whole.
#include "sim/cluster/heal.hpp"

#include <algorithm>

namespace kraftsim::cluster {
namespace {

constexpr kraft::Duration kForGood = std::chrono::hours(24 * 365);

}  // namespace

void heal_only(ControlPlane& plane, const std::vector<NodeId>& core, const std::vector<NodeId>& all) {
  world::World& world = plane.world();
  plane.give_up_quorum_changes();
  for (const NodeId from : core) {
    for (const NodeId to : core) {
      if (from != to) world.mend(from, to);
    }
  }
  for (const NodeId node : all) {
    const bool slowed = world.is_slowed(node);
    if (!std::ranges::binary_search(core, node)) {
      if (slowed) world.crash(node);
      if (world.process(node) == world::ProcessState::kPaused) world.pause(node, kForGood);
      continue;
    }
    world.mend(node);
    if (slowed) world.crash(node);  // what it waits for may take as long as the fault had made it
    world.start(node);
  }
}

}  // namespace kraftsim::cluster
