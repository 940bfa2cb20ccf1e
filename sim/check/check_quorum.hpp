// CheckQuorum: a leader that a majority of its voters no longer talks to steps down (kraft.md §4; KAFKA-15489). Its
// clock runs in windows of one time-out, each ended early by a majority heard within it. A Fetch of any kind counts
// here, for Kafka only one that fits the log, and a pause may let one in that came too late; so a window that is too
// long is given one more time-out from when the node, awake, could have seen it. Looked at when its timer fires,
// which it sets for this too.
#pragma once

#include <algorithm>
#include <optional>
#include <variant>
#include <vector>

#include "sim/check/view.hpp"

namespace kraftsim::check {

class CheckQuorum {
 public:
  static constexpr Card kCard{"CheckQuorum",
                              "A leader that no majority talks to for a few check-quorum time-outs has stepped down.",
                              "KIP-595; KAFKA-15489; Raft thesis §6.2", kDelta, kOfOneProcess};
  static constexpr Facets kLooksAt =
      about::kTalk | about::kTimer | about::kProcess | about::kStanding;

  [[nodiscard]] Broken check(const Step& step) {
    const NodeView& now = *step.after;
    if (!now.up || now.role != kraft::raft::Role::kLeader) return {};
    Reign& reign = reigns_[step.index];
    if (!same_process(step) || reign.epoch != now.epoch) {
      reign = {.epoch = now.epoch, .window = step.local, .late = {}, .heard = {}};
    }
    if (now.voter_set == nullptr || now.voter_set->size() < 2 || !now.config->election.check_quorum) return {};
    if (step.received != nullptr && is_word(*step.received) && now.voter_set->contains(step.received->from)) {
      if (std::ranges::find(reign.heard, step.received->from) == reign.heard.end()) {
        reign.heard.push_back(step.received->from);
      }
      if (majority_of(now, reign.heard)) {
        reign.window = step.local;
        reign.late.reset();
        reign.heard.clear();
      }
    }
    const kraft::Duration timeout = now.config->election.check_quorum_timeout;
    if (!step.timer || step.local - reign.window <= 2 * timeout) return {};
    if (!reign.late) reign.late = step.local;
    if (step.local - *reign.late <= timeout) return {};
    return "n" + line(now.id) + " leads epoch " + line(now.epoch) + " though no majority has talked to it since " +
           line(reign.window);
  }

 private:
  struct Reign {
    Epoch epoch{-1};
    Time window{};              // its beginning
    std::optional<Time> late;   // when it was first seen to be too long
    std::vector<NodeId> heard;  // within it
  };
  /// The set may have changed since the first of them was heard. One that removed itself leads without counting itself
  /// (KIP-853).
  static bool majority_of(const NodeView& leader, const std::vector<NodeId>& heard) {
    const auto voters = std::ranges::count_if(heard, [&](NodeId node) { return leader.voter_set->contains(node); });
    const std::size_t own = leader.voter_set->contains(leader.id) ? 1 : 0;
    return static_cast<std::size_t>(voters) + own >= majority_size(*leader.voter_set);
  }
  /// What may count as a word; the papers' heartbeats are answered.
  static bool is_word(const Message& message) {
    return std::holds_alternative<kraft::raft::FetchRequest>(message.body) ||
           std::holds_alternative<kraft::raft::FetchSnapshotRequest>(message.body) ||
           std::holds_alternative<kraft::raft::UpdateRaftVoterRequest>(message.body) ||
           std::holds_alternative<kraft::raft::BeginQuorumEpochResponse>(message.body);
  }
  PerNode<Reign> reigns_;
};

}  // namespace kraftsim::check
