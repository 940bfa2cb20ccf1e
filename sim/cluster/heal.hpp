// Healing: what ends the faults of some nodes for good, and what makes those of all others last for ever. It is how a
// run that was about safety turns to liveness: nothing more happens, and those who could serve must.
//
// Healed are the links among the nodes, their pauses, disks and CPUs; what is down is started, and what waits for a
// slow write is killed and started, as an operator would. Their clocks drift no more, but are not set; data stays as it
// is. Everybody else stays as the faults left them: cut off, down, or paused for good. Only who limps is stopped: a
// slow leader that still answers in time is let be by every Raft, and no bound would hold for it; and one that some of
// the core cannot reach, or not well, is cut off from all of it, or those who can would keep it as their leader and the
// others would be left out.
// And nobody changes who coordinates any more: with a voter added that is down, or one removed that the core needs,
// the core might not do.
#pragma once

#include <vector>

#include "sim/cluster/control_plane.hpp"

namespace kraftsim::cluster {

/// `core` is among `all`, and `all` are the cluster's nodes; both in ascending order.
void heal_only(ControlPlane& plane, const std::vector<NodeId>& core, const std::vector<NodeId>& all);

}  // namespace kraftsim::cluster
