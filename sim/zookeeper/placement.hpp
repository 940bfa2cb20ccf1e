// Placement of replicas: rack-aware round robin, as Kafka's AdminUtils does it, but for its random start. It must not
// know why a broker is left out: the caller gives the usable ones.
#pragma once

#include <map>
#include <vector>

#include "sim/zookeeper/ids.hpp"

namespace kraftsim::zookeeper {

/// Brokers and the number of the rack each stands in.
using Racks = std::map<NodeId, std::int32_t>;

/// The replicas of each partition, the preferred leader first; empty if there are too few brokers. `start` turns the
/// ring, so that topics do not all begin at one broker.
[[nodiscard]] std::vector<Replicas> place(const Racks& brokers, std::int32_t partitions, std::int32_t replication,
                                          std::int32_t start);

}  // namespace kraftsim::zookeeper
