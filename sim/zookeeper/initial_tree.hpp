// The znodes that a run starts with: Kafka's directories and the topics of the scenario, as if created before the
// run. Brokers and the controller are not among them: they register.
#pragma once

#include <vector>

#include "sim/cluster/spec.hpp"
#include "sim/zookeeper/placement.hpp"
#include "sim/zookeeper/znode_tree.hpp"

namespace kraftsim::zookeeper {

/// The rack of each broker, by number in the order of the racks' names; one without a rack stands in its own.
[[nodiscard]] Racks racks_of(const std::vector<cluster::NodeSpec>& brokers);

/// Topics are numbered from 1 in the order of the specs.
[[nodiscard]] kraft::Ref<InitialTree> make_initial_tree(const std::vector<cluster::TopicSpec>& topics,
                                                        const Racks& racks);

/// How many topics that makes.
[[nodiscard]] std::int32_t count_topics(const std::vector<cluster::TopicSpec>& topics);

}  // namespace kraftsim::zookeeper
