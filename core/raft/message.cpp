// Text and wire sizes of the RPCs. Sizes count Kafka's request header and flexible-version fields roughly; what matters
// is the batches, which count in full.
#include "core/raft/message.hpp"

#include <fmt/format.h>

#include "core/base/overloaded.hpp"

namespace kraft::raft {
namespace {

std::string position(Offset offset, Epoch epoch) { return line(offset) + "@" + line(epoch); }

/// What every response tells: " e4 leader=1 NOT_LEADER_OR_FOLLOWER".
std::string outcome(Error error, const LeaderAndEpoch& leader) {
  return " e" + line(leader.epoch) + (leader.leader_id ? " leader=" + line(*leader.leader_id) : "") +
         (error == Error::kNone ? "" : " " + line(error));
}

std::string line(const Body& body) {
  return std::visit(
      overloaded{
          [](const VoteRequest& r) {
            return fmt::format("Vote e{}{} end={}", line(r.epoch), r.pre_vote ? " pre" : "",
                               position(r.last_offset, r.last_epoch));
          },
          [](const BeginQuorumEpochRequest& r) {
            return fmt::format("BeginQuorumEpoch e{} leader={}", line(r.epoch), line(r.leader_id));
          },
          [](const EndQuorumEpochRequest& r) {
            return fmt::format("EndQuorumEpoch e{} leader={} preferred={}", line(r.epoch), line(r.leader_id),
                               line(r.preferred_candidates));
          },
          [](const FetchRequest& r) {
            return fmt::format("Fetch e{} at={}{}", line(r.current_leader_epoch),
                               position(r.fetch_offset, r.last_fetched_epoch),
                               r.high_watermark ? " hw=" + line(*r.high_watermark) : "");
          },
          [](const VoteResponse& r) {
            return fmt::format("VoteResponse{}{}{}", outcome(r.error, r.leader), r.pre_vote ? " pre" : "",
                               r.vote_granted ? " granted" : " denied");
          },
          [](const BeginQuorumEpochResponse& r) { return "BeginQuorumEpochResponse" + outcome(r.error, r.leader); },
          [](const EndQuorumEpochResponse& r) { return "EndQuorumEpochResponse" + outcome(r.error, r.leader); },
          [](const FetchResponse& r) {
            std::string text = "FetchResponse" + outcome(r.error, r.leader);
            if (r.high_watermark) text += " hw=" + line(*r.high_watermark);
            if (r.diverging) text += " diverging=" + position(r.diverging->end_offset, r.diverging->epoch);
            if (r.snapshot_id) text += " snapshot=" + position(r.snapshot_id->offset, r.snapshot_id->epoch);
            for (const auto& batch : r.batches) text += " " + records::line(*batch, 0);
            return text;
          },
          [](const FetchSnapshotRequest& r) {
            return fmt::format("FetchSnapshot e{} {} at={}", line(r.current_leader_epoch),
                               position(r.snapshot_id.offset, r.snapshot_id.epoch), r.position);
          },
          [](const FetchSnapshotResponse& r) {
            std::string text = "FetchSnapshotResponse" + outcome(r.error, r.leader);
            if (!r.snapshot) return text;
            return text + fmt::format(" {} [{}..{})", records::line(*r.snapshot), r.position, r.position + r.bytes);
          },
          [](const AddRaftVoterRequest& r) { return "AddRaftVoter " + raft::line(r.voter); },
          [](const AddRaftVoterResponse& r) { return "AddRaftVoterResponse" + outcome(r.error, r.leader); },
          [](const RemoveRaftVoterRequest& r) { return "RemoveRaftVoter " + raft::line(r.voter); },
          [](const RemoveRaftVoterResponse& r) { return "RemoveRaftVoterResponse" + outcome(r.error, r.leader); },
          [](const UpdateFeaturesRequest& r) {
            return fmt::format("UpdateFeatures kraft.version={}", r.kraft_version);
          },
          [](const UpdateFeaturesResponse& r) { return "UpdateFeaturesResponse" + outcome(r.error, r.leader); },
          [](const UpdateRaftVoterRequest& r) {
            return fmt::format("UpdateRaftVoter e{} {} kraft.version={}", line(r.current_leader_epoch),
                               raft::line(r.voter), raft::line(r.voter.supported));
          },
          [](const UpdateRaftVoterResponse& r) { return "UpdateRaftVoterResponse" + outcome(r.error, r.leader); },
          [](const ApiVersionsRequest&) { return std::string("ApiVersions"); },
          [](const ApiVersionsResponse& r) {
            return "ApiVersionsResponse kraft.version=" + raft::line(r.kraft_version);
          }},
      body);
}

}  // namespace

std::string line(Error error) {
  switch (error) {
    case Error::kNone: return "NONE";
    case Error::kFencedLeaderEpoch: return "FENCED_LEADER_EPOCH";
    case Error::kUnknownLeaderEpoch: return "UNKNOWN_LEADER_EPOCH";
    case Error::kNotLeaderOrFollower: return "NOT_LEADER_OR_FOLLOWER";
    case Error::kInvalidRequest: return "INVALID_REQUEST";
    case Error::kInvalidVoterKey: return "INVALID_VOTER_KEY";
    case Error::kSnapshotNotFound: return "SNAPSHOT_NOT_FOUND";
    case Error::kPositionOutOfRange: return "POSITION_OUT_OF_RANGE";
    case Error::kRequestTimedOut: return "REQUEST_TIMED_OUT";
    case Error::kUnsupportedVersion: return "UNSUPPORTED_VERSION";
    case Error::kDuplicateVoter: return "DUPLICATE_VOTER";
    case Error::kVoterNotFound: return "VOTER_NOT_FOUND";
    case Error::kInvalidUpdateVersion: return "INVALID_UPDATE_VERSION";
  }
  return {};
}

std::string line(const Message& message) {
  return fmt::format("{}->{} {} #{}", line(message.from), line(message.to), line(message.body),
                     line(message.correlation_id));
}

std::int64_t size_bytes(const Message& message) {
  constexpr std::int64_t kHeader = 40;  // size, api key, version, correlation id, client id, cluster id
  constexpr std::int64_t kTopicFrame = 32;
  const auto total = [](const std::vector<records::BatchRef>& batches) {
    std::int64_t bytes = 0;
    for (const auto& batch : batches) bytes += batch->size_bytes;
    return bytes;
  };
  return kHeader + kTopicFrame +
         std::visit(overloaded{[](const VoteRequest&) { return std::int64_t{60}; },
                               [](const BeginQuorumEpochRequest&) { return std::int64_t{60}; },
                               [](const EndQuorumEpochRequest& r) {
                                 return 20 + 20 * static_cast<std::int64_t>(r.preferred_candidates.size());
                               },
                               [](const FetchRequest&) { return std::int64_t{70}; },
                               [&](const FetchResponse& r) { return 60 + total(r.batches); },
                               [](const FetchSnapshotRequest&) { return std::int64_t{80}; },
                               [](const FetchSnapshotResponse& r) { return 60 + r.bytes; },
                               [](const AddRaftVoterRequest&) { return std::int64_t{60}; },
                               [](const RemoveRaftVoterRequest&) { return std::int64_t{40}; },
                               [](const UpdateFeaturesRequest&) { return std::int64_t{40}; },
                               [](const UpdateRaftVoterRequest&) { return std::int64_t{80}; },
                               [](const ApiVersionsResponse&) { return std::int64_t{400}; },  // of all APIs
                               [](const auto&) { return std::int64_t{20}; }},
                    message.body);
}

bool is_request(const Message& message) {
  return std::visit(overloaded{[](const VoteRequest&) { return true; },
                               [](const BeginQuorumEpochRequest&) { return true; },
                               [](const EndQuorumEpochRequest&) { return true; },
                               [](const FetchRequest&) { return true; },
                               [](const FetchSnapshotRequest&) { return true; },
                               [](const AddRaftVoterRequest&) { return true; },
                               [](const RemoveRaftVoterRequest&) { return true; },
                               [](const UpdateFeaturesRequest&) { return true; },
                               [](const UpdateRaftVoterRequest&) { return true; },
                               [](const ApiVersionsRequest&) { return true; },
                               [](const auto&) { return false; }},
                    message.body);
}

}  // namespace kraft::raft
