// LeaderHasMajority: whoever becomes leader was voted for by a majority of the voters, by votes that left on the wire
// (Raft §5.2). An answer counted twice, or one of an earlier round, is not a vote.
#pragma once

#include "sim/check/view.hpp"
#include "sim/check/vote_once.hpp"

namespace kraftsim::check {

class LeaderHasMajority {
 public:
  static constexpr Card kCard{"LeaderHasMajority", "A leader was voted for by a majority of its voters in its epoch.",
                              "Raft §5.2; KIP-595", kDelta};
  static constexpr Facets kLooksAt = about::kProcess | about::kStanding;

  [[nodiscard]] Broken check(const Step& step, const VoteOnce& votes) const {
    const NodeView& now = *step.after;
    if (!now.up || now.role != kraft::raft::Role::kLeader || now.voter_set == nullptr) return {};
    if (same_process(step) && step.before->role == now.role && step.before->epoch == now.epoch) return {};
    std::size_t granted = 0;
    for (const auto& voter : now.voter_set->voters()) {
      if (voter.id == now.id || votes.has_voted(voter, now.epoch, now.id)) ++granted;
    }
    if (granted >= majority_size(*now.voter_set)) return {};
    return "n" + line(now.id) + " leads epoch " + line(now.epoch) + " with " + std::to_string(granted) + " votes of " +
           std::to_string(now.voter_set->size());
  }
};

}  // namespace kraftsim::check
