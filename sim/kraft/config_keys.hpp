// The Kafka keys that a KRaft cluster's nodes understand, and their way into the typed configurations of core/node.
// One table: the scenario reader, the schema, `list config` and the docs are driven by it.
#pragma once

#include <vector>

#include "core/node/config.hpp"
#include "sim/cluster/spec.hpp"

namespace kraftsim::kraft_host {

[[nodiscard]] const std::vector<cluster::ConfigKey>& config_keys();
/// The kinds of work that processes are charged for.
[[nodiscard]] const std::vector<cluster::ServiceName>& service_names();

[[nodiscard]] kraft::node::ControllerConfig controller_config(const cluster::ClusterSpec& spec,
                                                              const cluster::NodeSpec& node);
[[nodiscard]] kraft::node::BrokerConfig broker_config(const cluster::ClusterSpec& spec, const cluster::NodeSpec& node);

}  // namespace kraftsim::kraft_host
