// What a scenario can name that other rooms define: configuration keys, kinds of work, nodes. Here they are put side
// by side, for the checker, the schema and `kraftsim list`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/cluster/spec.hpp"
#include "sim/cluster/target.hpp"

namespace kraftsim::scenario {

struct KnownKey {
  cluster::Coordination coordination;
  cluster::ConfigKey key;
};
[[nodiscard]] const std::vector<KnownKey>& known_keys();

struct KnownService {
  cluster::Coordination coordination;
  cluster::ServiceName service;
};
[[nodiscard]] const std::vector<KnownService>& known_services();

/// "controllers", "brokers", "ZooKeeper servers".
[[nodiscard]] std::string_view plural(cluster::KeyRole role);
/// The target that was probably meant, or empty.
[[nodiscard]] std::string nearest_target(std::string_view text);

}  // namespace kraftsim::scenario
