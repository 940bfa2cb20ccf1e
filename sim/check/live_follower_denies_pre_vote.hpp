// LiveFollowerDeniesPreVote: a follower that has heard from its leader does not help to depose it (KIP-996), or one
// voter with a bad link could unseat a leader that a majority is content with.
#pragma once

#include <optional>
#include <variant>

#include "sim/check/view.hpp"

namespace kraftsim::check {

class LiveFollowerDeniesPreVote {
 public:
  static constexpr Card kCard{"LiveFollowerDeniesPreVote",
                              "A follower whose leader told it of commits grants no pre-vote.",
                              "KIP-996; KAFKA-17641", kDelta, kOfOneProcess};
  static constexpr Facets kLooksAt = about::kElections | about::kProcess | about::kStanding | about::kCommits;

  [[nodiscard]] Broken check(const Step& step) {
    const NodeView& before = *step.before;
    const NodeView& now = *step.after;
    std::optional<Time>& heard = heard_[step.index];
    const bool stays = same_process(step) && before.role == kraft::raft::Role::kFollower && now.role == before.role &&
                       now.epoch == before.epoch;
    const bool goodbye = step.received != nullptr &&
                         std::holds_alternative<kraft::raft::EndQuorumEpochRequest>(step.received->body);
    if (!stays || goodbye) heard.reset();
    Broken broken;
    for (const Message* message : step.sent) {
      const auto* answer = std::get_if<kraft::raft::VoteResponse>(&message->body);
      if (answer == nullptr || !answer->pre_vote || !answer->vote_granted || !heard) continue;
      // An observer stays a follower when its time is up, and then no longer vouches for its leader.
      if (step.local - *heard >= now.config->election.follower_timeout.low) continue;
      broken = "n" + line(now.id) + " follows n" + line(*now.leader_id) + ", which answers it, and granted " +
               line(*message);
    }
    if (stays && step.received != nullptr && step.received->from == now.leader_id &&
        before.high_watermark != now.high_watermark) {
      heard = step.local;  // nothing but its answer to a Fetch says that
    }
    return broken;
  }

 private:
  PerNode<std::optional<Time>> heard_;
};

}  // namespace kraftsim::check
