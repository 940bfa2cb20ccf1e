// What the __cluster_metadata log holds, as plain values: metadata records (state of brokers, topics, partitions) and
// control records (Raft's own). Names and meanings are Kafka's (metadata/src/main/resources/common/metadata/*.json).
//
// A RecordBatch is immutable once a leader has given it an offset and an epoch, and is then shared by every log,
// message and disk that holds it. Kafka's bytes are not written yet: `size_bytes` is an estimate from the fields'
// sizes.
//
// Adding a record type: a struct, a place in MetadataRecord, `line`, `size_bytes`; the compiler names the rest.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/shared.hpp"
#include "core/base/time.hpp"

namespace kraft::records {

/// "no leader" of a partition, and of an elected partition that lost all its candidates (Kafka: -1).
inline constexpr NodeId kNoLeader{-1};

struct RegisterBrokerRecord {  // id 0
  NodeId broker_id;
  Uuid incarnation_id;
  BrokerEpoch broker_epoch;
  std::optional<std::string> rack{};
  bool fenced = true;
  bool in_controlled_shutdown = false;
  friend bool operator==(const RegisterBrokerRecord&, const RegisterBrokerRecord&) = default;
};

struct UnregisterBrokerRecord {  // id 1
  NodeId broker_id;
  BrokerEpoch broker_epoch;
  friend bool operator==(const UnregisterBrokerRecord&, const UnregisterBrokerRecord&) = default;
};

struct TopicRecord {  // id 2
  std::string name;
  TopicId topic_id;
  friend bool operator==(const TopicRecord&, const TopicRecord&) = default;
};

struct PartitionRecord {  // id 3
  TopicId topic_id;
  PartitionId partition_id;
  std::vector<NodeId> replicas;
  std::vector<NodeId> isr;
  NodeId leader = kNoLeader;
  LeaderEpoch leader_epoch;
  PartitionEpoch partition_epoch;
  friend bool operator==(const PartitionRecord&, const PartitionRecord&) = default;
};

/// What is set changes, what is not stays. Every change raises the partition epoch by one; the leader epoch rises when
/// `leader` is set, even to the leader that was.
struct PartitionChangeRecord {  // id 5
  TopicId topic_id;
  PartitionId partition_id;
  std::optional<std::vector<NodeId>> isr{};
  std::optional<NodeId> leader{};
  friend bool operator==(const PartitionChangeRecord&, const PartitionChangeRecord&) = default;
};

struct RemoveTopicRecord {  // id 9
  TopicId topic_id;
  friend bool operator==(const RemoveTopicRecord&, const RemoveTopicRecord&) = default;
};

struct BrokerRegistrationChangeRecord {  // id 17
  NodeId broker_id;
  BrokerEpoch broker_epoch;
  std::optional<bool> fenced{};             // unset: no change
  bool enter_controlled_shutdown = false;  // cannot be left again, but by a new incarnation
  friend bool operator==(const BrokerRegistrationChangeRecord&, const BrokerRegistrationChangeRecord&) = default;
};

struct NoOpRecord {  // id 20
  friend bool operator==(const NoOpRecord&, const NoOpRecord&) = default;
};

using MetadataRecord =
    std::variant<RegisterBrokerRecord, UnregisterBrokerRecord, TopicRecord, PartitionRecord, PartitionChangeRecord,
                 RemoveTopicRecord, BrokerRegistrationChangeRecord, NoOpRecord>;

/// Control type 2: the first record of every epoch.
struct LeaderChangeMessage {
  NodeId leader_id;
  std::vector<NodeId> voters;
  std::vector<NodeId> granting_voters;
  friend bool operator==(const LeaderChangeMessage&, const LeaderChangeMessage&) = default;
};

/// Control type 3: the first record of a snapshot (KIP-630).
struct SnapshotHeaderRecord {
  Time last_contained_log_timestamp{};  // when the last record in it was appended, on its leader's clock
  friend bool operator==(const SnapshotHeaderRecord&, const SnapshotHeaderRecord&) = default;
};

/// Control type 4: the last record of a snapshot; a file without one is not whole.
struct SnapshotFooterRecord {
  friend bool operator==(const SnapshotFooterRecord&, const SnapshotFooterRecord&) = default;
};

/// Control type 5: the finalized kraft.version (KIP-853). 0: voters are configured; 1: voters are in the log.
struct KRaftVersionRecord {
  std::int16_t kraft_version = 0;
  friend bool operator==(const KRaftVersionRecord&, const KRaftVersionRecord&) = default;
};

/// Control type 6: all voters, from this record on (KIP-853). Kafka's also carries endpoints; here a node's id is where
/// it can be reached. The versions are the levels of kraft.version that the voter's software can run.
struct VotersRecord {
  struct Voter {
    NodeId voter_id;
    DirectoryId voter_directory_id;
    std::int16_t min_supported_version = 0;
    std::int16_t max_supported_version = 0;
    friend bool operator==(const Voter&, const Voter&) = default;
  };
  std::vector<Voter> voters;
  friend bool operator==(const VotersRecord&, const VotersRecord&) = default;
};

using ControlRecord =
    std::variant<LeaderChangeMessage, SnapshotHeaderRecord, SnapshotFooterRecord, KRaftVersionRecord, VotersRecord>;

using MetadataRecords = std::vector<MetadataRecord>;
using ControlRecords = std::vector<ControlRecord>;

/// Consecutive records that were appended together: the unit of replication, of truncation and of durability.
struct RecordBatch : Shared<RecordBatch> {
  RecordBatch(Offset base, Epoch leader_epoch, Time appended, std::variant<MetadataRecords, ControlRecords> content);

  Offset base_offset;
  Epoch epoch;        // partitionLeaderEpoch: of the leader that appended it
  Time append_time;   // on the leader's clock
  std::variant<MetadataRecords, ControlRecords> records;
  std::int64_t count;  // of records
  std::int64_t size_bytes;

  [[nodiscard]] Offset end_offset() const { return base_offset + count; }
  [[nodiscard]] bool is_control() const { return std::holds_alternative<ControlRecords>(records); }
  /// Same offset, epoch and records; when it was appended does not count.
  [[nodiscard]] bool same_content(const RecordBatch& other) const;
};
using BatchRef = Ref<RecordBatch>;

/// A Ref to a new batch.
[[nodiscard]] BatchRef make_batch(Offset base, Epoch epoch, Time appended, MetadataRecords records);
[[nodiscard]] BatchRef make_batch(Offset base, Epoch epoch, Time appended, ControlRecords records);

[[nodiscard]] std::string line(const MetadataRecord& record);
[[nodiscard]] std::string line(const ControlRecord& record);
/// "[10..12)@3 PartitionChange(…), NoOp"; at most `limit` records in full, the rest counted; with 0 only where it lies.
[[nodiscard]] std::string line(const RecordBatch& batch, std::size_t limit = 4);

/// Estimated encoded size (KIP-630 counts about 40 bytes for a change of ISR).
[[nodiscard]] std::int64_t size_bytes(const MetadataRecord& record);
[[nodiscard]] std::int64_t total_size(const MetadataRecords& records);

}  // namespace kraft::records
