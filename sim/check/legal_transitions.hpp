// LegalTransitions: within one process, a node changes its role only as kraft.md §1 allows. An independent statement
// of the table in core/raft/quorum_state.hpp, for what one event may amount to: several moves can follow one another
// in it.
#pragma once

#include "sim/check/view.hpp"

namespace kraftsim::check {

class LegalTransitions {
 public:
  static constexpr Card kCard{"LegalTransitions", "A node changes its role only in the ways KRaft has.",
                              "KIP-595; KIP-996; KAFKA-16144; KAFKA-18379", kDelta, kOfOneProcess};
  static constexpr Facets kLooksAt = about::kStanding;

  [[nodiscard]] Broken check(const Step& step) const {
    const NodeView& before = *step.before;
    const NodeView& after = *step.after;
    if (!same_process(step) || (before.role == after.role && before.epoch == after.epoch)) return {};
    // Who votes alone is elected in the step in which it stands; but it has no majority to lose (KAFKA-16144).
    const bool alone = after.voter_set != nullptr && after.voter_set->size() <= 1;
    const bool gives_up = alone && after.role == Role::kResigned && after.voter_set->contains(after.id);
    const bool moves = after.epoch > before.epoch ? rises(before.role, after.role) : stays(before.role, after.role);
    if ((alone || moves) && !gives_up) return {};
    return "n" + line(after.id) + " went from " + line(before.role) + " of epoch " + line(before.epoch) + " to " +
           line(after.role) + " of epoch " + line(after.epoch);
  }

 private:
  using Role = kraft::raft::Role;
  static bool stays(Role from, Role to) {
    switch (from) {
      case Role::kUnattached: return to == Role::kProspective || to == Role::kFollower;
      case Role::kProspective: return to == Role::kUnattached || to == Role::kFollower;
      case Role::kCandidate:  // elected while it shuts down, it leads and resigns at once
        return to == Role::kLeader || to == Role::kResigned || to == Role::kProspective || to == Role::kFollower;
      case Role::kLeader: return to == Role::kResigned;
      case Role::kResigned: return false;
      case Role::kFollower: return to == Role::kProspective;
    }
    return false;
  }
  static bool rises(Role from, Role to) {
    switch (to) {
      case Role::kUnattached:
      case Role::kFollower: return true;
      case Role::kProspective: return true;  // a newer epoch, and then its time-out
      case Role::kCandidate: return from != Role::kLeader && from != Role::kResigned;
      case Role::kLeader:
      case Role::kResigned: return false;  // only from Candidate, and Leader, of that very epoch
    }
    return false;
  }
};

}  // namespace kraftsim::check
