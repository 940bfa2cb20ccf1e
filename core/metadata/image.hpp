// Image: the cluster's metadata as of one offset of the log (Kafka's MetadataImage). Immutable once held by a Ref; a
// value that `apply` is filling before that. Nothing but apply.cpp changes one.
//
// Everything is in copy-on-write maps, so the next image shares all that its batch did not touch, and a NoOp costs one
// small allocation. Besides brokers and topics it keeps what fencing and controlled shutdown ask for at every turn: the
// partitions on each broker, how many of them it leads, and the partitions without a leader. (Kafka's BrokersToIsrs
// indexes by ISR; we index by assignment, which changes of ISR leave alone: the broker's share is walked and filtered.)
//
// Order is the order of ids everywhere, since it decides the order of records.
#pragma once

#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/ids.hpp"
#include "core/base/shared.hpp"
#include "core/metadata/cow_map.hpp"
#include "core/records/record.hpp"

namespace kraft::metadata {

struct Broker {
  Uuid incarnation_id;
  BrokerEpoch epoch;
  std::optional<std::string> rack;
  bool fenced = true;
  bool in_controlled_shutdown = false;
  /// Of its last RegisterBrokerRecord: having applied that much is being caught up. In a loaded snapshot that place is
  /// forgotten, and the snapshot's end stands for it (Kafka's registerBrokerRecordOffsets).
  Offset registered_at{-1};
  /// May lead and may join an ISR.
  [[nodiscard]] bool active() const { return !fenced && !in_controlled_shutdown; }
  /// Of what is recorded.
  friend bool operator==(const Broker& a, const Broker& b) {
    return a.incarnation_id == b.incarnation_id && a.epoch == b.epoch && a.rack == b.rack && a.fenced == b.fenced &&
           a.in_controlled_shutdown == b.in_controlled_shutdown;
  }
};

/// Replicas of one partition, in place for the usual replication factors.
using Replicas = boost::container::small_vector<NodeId, 4>;
[[nodiscard]] bool contains(const Replicas& replicas, NodeId id);

struct Partition {
  Replicas replicas;  // the first is the preferred leader
  Replicas isr;
  NodeId leader = records::kNoLeader;
  LeaderEpoch leader_epoch;
  PartitionEpoch partition_epoch;
  friend bool operator==(const Partition&, const Partition&) = default;
};

struct Topic {
  std::string name;
  CowMap<PartitionId, Partition> partitions;
  friend bool operator==(const Topic&, const Topic&) = default;
};

struct TopicPartition {
  TopicId topic_id;
  PartitionId partition_id;
  friend auto operator<=>(const TopicPartition&, const TopicPartition&) = default;
};
[[nodiscard]] std::string line(const TopicPartition& partition);

/// What is placed on one broker, registered or not.
struct BrokerShare {
  CowSet<TopicPartition> replicas;
  std::int64_t leaders = 0;
  friend bool operator==(const BrokerShare&, const BrokerShare&) = default;
};

/// Orders names as if '.' were '_' and only then by themselves: names that collide as metric names (Kafka forbids such
/// pairs) are neighbours.
struct CollidingNamesAdjacent {
  bool operator()(std::string_view a, std::string_view b) const;
};

struct Image : Shared<Image> {
  // ---- what is recorded ----
  CowMap<NodeId, Broker> brokers;
  CowMap<TopicId, Topic> topics;
  Offset end_offset{0};  // exclusive: the offset of the next record
  Epoch epoch;           // of the last record; with the offset, Kafka's MetadataProvenance
  /// Fingerprint of the batches applied so far: images with the same one came about in the same way, and are equal.
  std::uint64_t history = 0;

  // ---- indexes, functions of the above ----
  CowMap<std::string, TopicId, CollidingNamesAdjacent> topics_by_name;
  CowMap<NodeId, BrokerShare> shares;
  CowSet<TopicPartition> leaderless;

  /// Offset of the last record applied; -1 before the first.
  [[nodiscard]] Offset last_offset() const { return end_offset - 1; }
  [[nodiscard]] bool is_active(NodeId broker) const;
  [[nodiscard]] const Topic* topic(std::string_view name) const;
  [[nodiscard]] const Partition* partition(const TopicPartition& id) const;
  /// Partitions with a replica on `broker`, in order.
  [[nodiscard]] CowSet<TopicPartition> replicas_on(NodeId broker) const;
  [[nodiscard]] std::int64_t leaders_on(NodeId broker) const;
  /// A topic whose name equals `name` but for '.' and '_'; nullptr if none.
  [[nodiscard]] const std::string* colliding_name(std::string_view name) const;

  /// Equal contents; the history, which lies in how records were batched, does not count.
  friend bool operator==(const Image& a, const Image& b);
};

/// "end=120@3 brokers=5 topics=2 partitions=50".
[[nodiscard]] std::string line(const Image& image);
[[nodiscard]] std::string line(const Partition& partition);

}  // namespace kraft::metadata
