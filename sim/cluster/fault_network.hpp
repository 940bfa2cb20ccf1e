// The network's part of carrying faults out: which links a partition, a cut or a bad link means. It says so and does
// nothing to them.
#pragma once

#include <utility>
#include <vector>

#include "core/base/rng.hpp"
#include "sim/cluster/control_plane.hpp"
#include "sim/cluster/fault.hpp"

namespace kraftsim::cluster {

/// One direction of a link.
using DirectedLink = std::pair<NodeId, NodeId>;

/// Some links, each once, and whom their fault strikes.
struct Links {
  std::vector<DirectedLink> links;
  std::vector<NodeId> struck;  // of a partition all but the largest group; else the smaller of the two ends
};

[[nodiscard]] Links links_of(const ControlPlane& plane, const PartitionFault& fault, kraft::Rng& rng);
[[nodiscard]] Links links_between(const ControlPlane& plane, const std::vector<Target>& from,
                                  const std::vector<Target>& to, bool both, kraft::Rng& rng);

}  // namespace kraftsim::cluster
