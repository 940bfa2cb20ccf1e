// KRaft's RPCs as plain values (KIP-595, KIP-630, KIP-853, KIP-996): of what Kafka's schemas say all that a replica
// acts upon. There is one partition, __cluster_metadata-0, and one cluster, and an id is an address.
//
// A request and its response share a correlation id, unique per sender: a response whose id is not the one in flight is
// stale and dropped. Every response tells the responder's epoch and the leader it knows.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/ids.hpp"
#include "core/raft/types.hpp"
#include "core/records/record.hpp"
#include "core/records/snapshot.hpp"

namespace kraft::raft {

/// Kafka's error names; only those that Raft RPCs use.
enum class Error : std::uint8_t {
  kNone,
  kFencedLeaderEpoch,
  kUnknownLeaderEpoch,
  kNotLeaderOrFollower,
  kInvalidRequest,
  kInvalidVoterKey,
  kSnapshotNotFound,
  kPositionOutOfRange,
  kRequestTimedOut,
  kUnsupportedVersion,
  kDuplicateVoter,
  kVoterNotFound,
  kInvalidUpdateVersion,
};

struct VoteRequest {  // api key 52
  Epoch epoch;        // a pre-vote carries the sender's current epoch, not the next (KIP-996)
  ReplicaKey candidate;
  ReplicaKey voter;  // whom it is meant for
  Epoch last_epoch;
  Offset last_offset;  // the candidate's log end offset
  bool pre_vote = false;
};
struct VoteResponse {
  Error error = Error::kNone;
  LeaderAndEpoch leader{};
  bool vote_granted = false;
  bool pre_vote = false;  // which kind was answered
};

struct BeginQuorumEpochRequest {  // api key 53
  Epoch epoch;
  NodeId leader_id;
  ReplicaKey voter;
};
struct BeginQuorumEpochResponse {
  Error error = Error::kNone;
  LeaderAndEpoch leader{};
};

struct EndQuorumEpochRequest {  // api key 54
  Epoch epoch;
  NodeId leader_id;
  std::vector<NodeId> preferred_candidates;  // by descending fetch offset
};
struct EndQuorumEpochResponse {
  Error error = Error::kNone;
  LeaderAndEpoch leader{};
};

struct FetchRequest {  // api key 1
  Epoch current_leader_epoch;
  ReplicaKey replica;
  Offset fetch_offset;
  Epoch last_fetched_epoch;
  Duration max_wait{};
  std::optional<Offset> high_watermark;  // the fetcher's (KAFKA-14145); none: unknown
};
/// The leader's largest epoch not above the asked one, and where it ends.
struct DivergingEpoch {
  Epoch epoch{};
  Offset end_offset{};
  friend bool operator==(const DivergingEpoch&, const DivergingEpoch&) = default;
};
struct FetchResponse {
  Error error = Error::kNone;
  LeaderAndEpoch leader{};
  std::optional<Offset> high_watermark{};
  std::optional<DivergingEpoch> diverging{};
  std::vector<records::BatchRef> batches{};
  std::optional<OffsetAndEpoch> snapshot_id{};  // the log does not reach back so far: take this first (KIP-630)
};

struct FetchSnapshotRequest {  // api key 59
  Epoch current_leader_epoch;
  ReplicaKey replica;
  OffsetAndEpoch snapshot_id;
  std::int64_t position = 0;  // of the first byte wanted
  std::int64_t max_bytes = 0;
};
/// Bytes [position, position + bytes) of a snapshot. The file is immutable, so the window stands for its bytes.
struct FetchSnapshotResponse {
  Error error = Error::kNone;
  LeaderAndEpoch leader{};
  records::SnapshotRef snapshot{};  // nullptr on error
  std::int64_t position = 0;
  std::int64_t bytes = 0;
};

struct AddRaftVoterRequest {  // api key 80
  ReplicaKey voter;
  bool ack_when_committed = true;  // false: answered once it is appended (KIP-1186)
};
struct AddRaftVoterResponse {
  Error error = Error::kNone;
  LeaderAndEpoch leader{};
};

struct RemoveRaftVoterRequest {  // api key 81
  ReplicaKey voter;
};
struct RemoveRaftVoterResponse {
  Error error = Error::kNone;
  LeaderAndEpoch leader{};
};

/// A voter tells its leader what its software can run now; where it can be reached would be told with it.
struct UpdateRaftVoterRequest {  // api key 82
  Epoch current_leader_epoch;
  Voter voter;
};
struct UpdateRaftVoterResponse {
  Error error = Error::kNone;
  LeaderAndEpoch leader{};
};

/// What a node can do that is to be added. Of all the versions that Kafka's tells, the one that the quorum needs.
struct ApiVersionsRequest {};  // api key 18
struct ApiVersionsResponse {
  KRaftVersionRange kraft_version{};
};

/// Only of kraft.version, which the quorum itself finalizes (KIP-853).
struct UpdateFeaturesRequest {  // api key 57
  KRaftVersion kraft_version = 0;
};
struct UpdateFeaturesResponse {
  Error error = Error::kNone;
  LeaderAndEpoch leader{};
};

using Body =
    std::variant<VoteRequest, BeginQuorumEpochRequest, EndQuorumEpochRequest, FetchRequest, VoteResponse,
                 BeginQuorumEpochResponse, EndQuorumEpochResponse, FetchResponse, FetchSnapshotRequest,
                 FetchSnapshotResponse, AddRaftVoterRequest, AddRaftVoterResponse, RemoveRaftVoterRequest,
                 RemoveRaftVoterResponse, UpdateFeaturesRequest, UpdateFeaturesResponse, UpdateRaftVoterRequest,
                 UpdateRaftVoterResponse, ApiVersionsRequest, ApiVersionsResponse>;

struct Message {
  NodeId from{};
  NodeId to{};
  CorrelationId correlation_id{};
  Body body{};
};

/// One line, e.g. "1->2 Vote e4 pre end=120@3 #17", "2->1 VoteResponse e4 granted #17".
[[nodiscard]] std::string line(const Message& message);
[[nodiscard]] std::string line(Error error);  // "NOT_LEADER_OR_FOLLOWER"

/// Estimated bytes on the wire, for bandwidth.
[[nodiscard]] std::int64_t size_bytes(const Message& message);
[[nodiscard]] bool is_request(const Message& message);

}  // namespace kraft::raft
