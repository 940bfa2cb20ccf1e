// Carrying faults out. `inject` is the one place that turns a fault into acts on a world, `revert` the one that ends
// what has a length. Neither knows which protocol coordinates.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/base/rng.hpp"
#include "sim/cluster/control_plane.hpp"
#include "sim/cluster/fault.hpp"
#include "sim/cluster/fault_network.hpp"

namespace kraftsim::cluster {

/// What was done: to whom, and how to undo it when its length is over.
struct Injected {
  std::string text;           // with targets resolved: "crash controller:1"
  FaultAction action;         // the same, to be carried out again; nothing about it is left to chance
  std::vector<NodeId> nodes;  // whom it struck (paused, crashed, slowed; of links: see Links); none: nobody
  std::vector<DirectedLink> cuts;  // to heal; of a flaky link, while it is down
  std::vector<std::pair<DirectedLink, world::DamageId>> damages;
  std::vector<std::size_t> boots;  // of a crash or a stop: the nodes' absences, as World::boot counts them
  bool down = false;               // of a flaky link: at present
};

/// Acts on the plane's world at its present time. `most`: nothing lasts longer.
[[nodiscard]] Injected inject(ControlPlane& plane, const FaultAction& action, kraft::Rng& rng,
                              Duration most = Duration::max());
/// It sets a machine to something for as long as it stands: of several such on one machine, the latest counts.
[[nodiscard]] bool sets_machine(const FaultAction& action);
/// Ends what has a length: heals the cuts, restores disks and clocks, starts again who went down by it. `standing`: the
/// others that set machines and are not over, in the order in which they struck.
void revert(ControlPlane& plane, Injected& injected, std::span<const Injected* const> standing = {});
/// A flaky link goes down or comes up again; returns how long it stays so. Zero: it is no flaky link.
[[nodiscard]] Duration toggle(ControlPlane& plane, Injected& injected);

}  // namespace kraftsim::cluster
