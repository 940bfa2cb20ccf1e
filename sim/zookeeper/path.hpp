// Path: a znode of Kafka's layout (KafkaZkClient's ZkData), as a kind and its numbers.
//
// Children of one parent are neighbours in the order of paths, so that a listing is a range.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

#include "sim/zookeeper/ids.hpp"

namespace kraftsim::zookeeper {

struct Path {
  enum class Kind : std::uint8_t {
    kFeature,             // /feature
    kController,          // /controller, ephemeral
    kControllerEpoch,     // /controller_epoch
    kBrokerIds,           // /brokers/ids
    kBroker,              // /brokers/ids/<id>, ephemeral
    kTopics,              // /brokers/topics
    kTopic,               // /brokers/topics/<t>
    kPartitions,          // /brokers/topics/<t>/partitions
    kPartition,           // /brokers/topics/<t>/partitions/<p>
    kPartitionState,      // /brokers/topics/<t>/partitions/<p>/state
    kTopicConfig,         // /config/topics/<t>
    kDeleteTopics,        // /admin/delete_topics
    kDeleteTopic,         // /admin/delete_topics/<t>
    kReassignPartitions,  // /admin/reassign_partitions
    kPreferredElection,   // /admin/preferred_replica_election
    kIsrChanges,          // /isr_change_notification
    kLogDirEvents,        // /log_dir_event_notification
  };
  Kind kind{};
  std::int32_t first = 0;   // broker id or topic number
  std::int32_t second = 0;  // partition

  friend constexpr auto operator<=>(const Path&, const Path&) = default;
};

[[nodiscard]] constexpr Path path(Path::Kind kind) { return {.kind = kind}; }
[[nodiscard]] constexpr Path broker_path(NodeId broker) { return {Path::Kind::kBroker, broker.value()}; }
[[nodiscard]] constexpr Path topic_path(TopicNumber topic) { return {Path::Kind::kTopic, topic.value()}; }
[[nodiscard]] constexpr Path topic_path(Path::Kind kind, TopicNumber topic) { return {kind, topic.value()}; }
[[nodiscard]] constexpr Path state_path(PartitionKey key) {
  return {Path::Kind::kPartitionState, key.topic.value(), key.partition};
}
[[nodiscard]] constexpr Path partition_path(PartitionKey key) {
  return {Path::Kind::kPartition, key.topic.value(), key.partition};
}

/// The parent, if it is a znode that anyone lists or watches for children.
[[nodiscard]] std::optional<Path> listed_parent(const Path& child);
/// What the children of a listed parent are.
[[nodiscard]] std::optional<Path::Kind> child_kind(Path::Kind parent);

/// "/brokers/topics/17/partitions/3/state".
[[nodiscard]] std::string line(const Path& path);

}  // namespace kraftsim::zookeeper
