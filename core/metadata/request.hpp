// The requests that change metadata and what answers them: Kafka's control-plane RPC bodies as plain values, so that a
// `decide` can take one without knowing how it travelled. core/node wraps them into RPCs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/ids.hpp"
#include "core/records/record.hpp"

namespace kraft::metadata {

/// Kafka's error names, those of the control plane.
enum class Error : std::uint8_t {
  kNone,
  kNotController,
  kDuplicateBrokerRegistration,
  kStaleBrokerEpoch,
  kBrokerIdNotRegistered,
  kTopicAlreadyExists,
  kUnknownTopicOrPartition,
  kInvalidReplicationFactor,
  kInvalidPartitions,
  kInvalidTopic,
  kPolicyViolation,
  kFencedLeaderEpoch,
  kInvalidUpdateVersion,
  kIneligibleReplica,
  kInvalidRequest,
  kRequestTimedOut,
};
[[nodiscard]] std::string line(Error error);  // "NOT_CONTROLLER"

struct BrokerRegistrationRequest {  // api key 62
  NodeId broker_id;
  Uuid incarnation_id;
  std::optional<std::string> rack;
};
struct BrokerRegistrationResponse {
  Error error = Error::kNone;
  BrokerEpoch broker_epoch;
};

struct BrokerHeartbeatRequest {  // api key 63
  NodeId broker_id;
  BrokerEpoch broker_epoch;
  Offset current_metadata_offset;  // last offset applied
  bool want_fence = true;
  bool want_shut_down = false;
};
struct BrokerHeartbeatResponse {
  Error error = Error::kNone;
  bool is_caught_up = false;
  bool is_fenced = true;
  bool should_shut_down = false;
};

struct NewTopic {
  std::string name;
  std::int32_t partitions = 1;
  std::int16_t replication_factor = 1;
};
struct CreateTopicsRequest {  // api key 19
  std::vector<NewTopic> topics;
};
struct CreateTopicsResponse {
  Error error = Error::kNone;  // of the first topic that failed; topics are created all or none
  std::vector<TopicId> topic_ids;
};

struct DeleteTopicsRequest {  // api key 20
  std::vector<std::string> names;
};
struct DeleteTopicsResponse {
  Error error = Error::kNone;
};

/// A partition leader asks for another ISR (KIP-497).
struct AlterPartitionRequest {  // api key 56
  NodeId broker_id;
  BrokerEpoch broker_epoch;
  TopicId topic_id;
  PartitionId partition_id;
  LeaderEpoch leader_epoch;
  PartitionEpoch partition_epoch;
  std::vector<NodeId> new_isr;
};
struct AlterPartitionResponse {
  Error error = Error::kNone;
};

/// What a controller makes of a request: records to append, and the answer to give once they are committed. `decide`
/// changes nothing; applying the records does.
template <class Response>
struct Decision {
  records::MetadataRecords records;
  Response response;
  /// Kafka throws here instead of returning a result: the answer does not wait for earlier writes to commit.
  bool refused = false;
};

}  // namespace kraft::metadata
