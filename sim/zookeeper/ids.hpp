// What ZooKeeper and Kafka's use of it name by number.
//
// Servers and brokers are NodeIds of the world. Topics are known by a number that the cluster hands out: names would be
// repeated in some hundred thousand znode paths and say nothing more.
#pragma once

#include <compare>
#include <cstdint>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/strong.hpp"
#include "core/base/time.hpp"

namespace kraftsim::zookeeper {

using kraft::Duration;
using kraft::NodeId;
using kraft::Time;

/// Position of a transaction: the leader's epoch above, a counter below (ZooKeeper: epoch << 32 | counter).
using Zxid = kraft::Strong<struct ZxidTag, std::int64_t, true>;
using SessionId = kraft::Strong<struct SessionIdTag, std::int64_t>;
inline constexpr SessionId kNoSession{0};

[[nodiscard]] constexpr Zxid first_zxid(std::int64_t epoch) { return Zxid(epoch * (std::int64_t{1} << 32U)); }

using TopicNumber = kraft::Strong<struct TopicNumberTag, std::int32_t>;
struct PartitionKey {
  TopicNumber topic;
  std::int32_t partition = 0;
  friend constexpr auto operator<=>(const PartitionKey&, const PartitionKey&) = default;
};

/// Broker ids in order of preference.
using Replicas = std::vector<NodeId>;
inline constexpr NodeId kNoLeader{-1};

/// A socket of a client: its node, and a number that is never used again. Many clients can share one world
/// connection.
struct ConnectionKey {
  NodeId node;
  std::int64_t number = 0;
  friend constexpr auto operator<=>(const ConnectionKey&, const ConnectionKey&) = default;
};

}  // namespace kraftsim::zookeeper
