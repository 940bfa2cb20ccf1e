// Text and wire sizes of the RPCs. Sizes count Kafka's request header and flexible-version fields roughly;
// what matters is the batches, which count in full.
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
            for (const auto& batch : r.batches) text += " " + records::line(*batch, 0);
            return text;
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
    case Error::kBrokerNotAvailable: return "BROKER_NOT_AVAILABLE";
    case Error::kInconsistentClusterId: return "INCONSISTENT_CLUSTER_ID";
    case Error::kInvalidRequest: return "INVALID_REQUEST";
    case Error::kInvalidVoterKey: return "INVALID_VOTER_KEY";
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
                               [](const VoteResponse&) { return std::int64_t{20}; },
                               [](const BeginQuorumEpochResponse&) { return std::int64_t{20}; },
                               [](const EndQuorumEpochResponse&) { return std::int64_t{20}; },
                               [&](const FetchResponse& r) { return 60 + total(r.batches); }},
                    message.body);
}

bool is_request(const Message& message) {
  return std::visit(overloaded{[](const VoteRequest&) { return true; },
                               [](const BeginQuorumEpochRequest&) { return true; },
                               [](const EndQuorumEpochRequest&) { return true; },
                               [](const FetchRequest&) { return true; }, [](const VoteResponse&) { return false; },
                               [](const BeginQuorumEpochResponse&) { return false; },
                               [](const EndQuorumEpochResponse&) { return false; },
                               [](const FetchResponse&) { return false; }},
                    message.body);
}

}  // namespace kraft::raft
