// ServiceCosts: the CPU time that each kind of work takes at one node, drawn from that node's own stream. Protocol
// objects name the work; only here is it known what it costs.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "core/base/rng.hpp"
#include "sim/cluster/spec.hpp"

namespace kraftsim::zookeeper {

enum class Service : std::uint8_t {
  kRead,                 // a ZooKeeper server answers a read
  kWrite,                // a ZooKeeper server prepares, logs and applies one transaction
  kPing,                 // a ZooKeeper server answers a client's ping
  kConnect,              // a ZooKeeper server accepts or re-attaches a client
  kLeaderStart,          // an elected ZooKeeper server loads its data before it listens for followers
  kControllerPartition,  // the Kafka controller's state machines, per partition
  kBrokerPartition,      // a broker applies LeaderAndIsr or UpdateMetadata, per partition
};
inline constexpr int kServices = 7;

/// The names that this room charges for, in the order of Service.
[[nodiscard]] const std::vector<cluster::ServiceName>& service_names();
/// What they take unless a profile says otherwise. The sources stand with the numbers.
[[nodiscard]] cluster::ServiceTimes default_service_times();

class ServiceCosts {
 public:
  /// What `times` does not name takes no time.
  ServiceCosts(const cluster::ServiceTimes& times, kraft::Rng rng);
  [[nodiscard]] kraft::Duration take(Service service, std::int64_t count = 1);

 private:
  std::array<engine::Quantiles, kServices> times_;
  kraft::Rng rng_;
};

}  // namespace kraftsim::zookeeper
