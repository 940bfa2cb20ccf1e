// Links first, so that what is started finds them whole.
#include "sim/cluster/heal.hpp"

#include <algorithm>

namespace kraftsim::cluster {
namespace {

constexpr kraft::Duration kForGood = std::chrono::hours(24 * 365);

void cut_off_unless_whole(world::World& world, const std::vector<NodeId>& core, NodeId outsider) {
  const bool whole = std::ranges::all_of(core, [&](NodeId node) {
    return world.is_whole(node, outsider) && world.is_whole(outsider, node);
  });
  if (whole) return;
  for (const NodeId node : core) {
    world.cut(node, outsider);
    world.cut(outsider, node);
  }
}

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
      cut_off_unless_whole(world, core, node);
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
