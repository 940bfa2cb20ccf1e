// CandidacyNeedsPreVotes: nobody opens a new epoch unless a majority of the voters said, in the present one, that it
// could win (KIP-996). Counted where the answers leave. A process that starts as the candidate it was asks for no
// leave again.
#pragma once

#include <map>
#include <utility>
#include <variant>

#include "sim/check/view.hpp"

namespace kraftsim::check {

class CandidacyNeedsPreVotes {
 public:
  static constexpr Card kCard{"CandidacyNeedsPreVotes",
                              "A candidate was pre-voted for by a majority in the epoch before.",
                              "KIP-996; Raft thesis §9.6", kDelta, kOfOneProcess};
  static constexpr Facets kLooksAt = about::kElections | about::kStanding;

  [[nodiscard]] Broken check(const Step& step) {
    for (const Message* message : step.sent) {
      const auto* answer = std::get_if<kraft::raft::VoteResponse>(&message->body);
      if (answer != nullptr && answer->pre_vote && answer->vote_granted) {
        granted_[{message->to, message->from}] = answer->leader.epoch;
      }
    }
    const NodeView& now = *step.after;
    if (!same_process(step) || now.role != kraft::raft::Role::kCandidate || now.epoch == step.before->epoch) return {};
    if (now.voter_set == nullptr || !now.config->election.pre_vote) return {};
    std::size_t granted = 0;
    for (const auto& voter : now.voter_set->voters()) {
      const auto answer = granted_.find({now.id, voter.id});
      if (voter.id == now.id || (answer != granted_.end() && answer->second == step.before->epoch)) ++granted;
    }
    if (granted >= majority_size(*now.voter_set)) return {};
    return "n" + line(now.id) + " is a candidate in epoch " + line(now.epoch) + " with " + std::to_string(granted) +
           " pre-votes of " + std::to_string(now.voter_set->size());
  }

 private:
  std::map<std::pair<NodeId, NodeId>, Epoch> granted_;  // by candidate and voter: the epoch of the last one
};

}  // namespace kraftsim::check
