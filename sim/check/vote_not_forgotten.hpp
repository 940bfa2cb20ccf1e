// VoteNotForgotten: what a node's disk says of an epoch, whom it voted for and who leads, is not unsaid within that
// epoch. Only a leader's own vote goes, because that it leads tells it (kraft.md §1; KAFKA-10661; a vote lost on the
// way through another role is one that can be cast again).
#pragma once

#include "sim/check/view.hpp"

namespace kraftsim::check {

class VoteNotForgotten {
 public:
  static constexpr Card kCard{"VoteNotForgotten", "Within an epoch, a vote or a leader that is on disk stays there.",
                              "Raft §5.2; KIP-595; KAFKA-10661", kDelta};
  static constexpr Facets kLooksAt = about::kQuorumState;

  [[nodiscard]] Broken check(const Step& step) const {
    const auto& before = step.before->disk_state;
    const auto& after = step.after->disk_state;
    if (!step.after->voter || step.after->disk_forgot || step.after->directory != step.before->directory) return {};
    if (before.leader_epoch != after.leader_epoch || before == after) return {};
    const NodeId self = step.after->id;
    const bool own_vote_told_by_leading = before.voted_key && before.voted_key->id == self && after.leader_id == self;
    const bool vote_kept = !before.voted_key || after.voted_key == before.voted_key || own_vote_told_by_leading;
    const bool leader_kept = !before.leader_id || after.leader_id == before.leader_id;
    if (vote_kept && leader_kept) return {};
    return "n" + line(self) + "'s disk forgot " + line(before) + " and says " + line(after);
  }
};

}  // namespace kraftsim::check
