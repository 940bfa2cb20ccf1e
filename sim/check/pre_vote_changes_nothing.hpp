// PreVoteChangesNothing: to ask whether one could win is no candidacy: who becomes Prospective on its own account
// opens no epoch, asks for none and writes nothing, and who grants a pre-vote has not voted (KIP-996).
#pragma once

#include <variant>

#include "sim/check/view.hpp"

namespace kraftsim::check {

class PreVoteChangesNothing {
 public:
  static constexpr Card kCard{"PreVoteChangesNothing", "A pre-vote opens no epoch and leaves nothing on disk.",
                              "KIP-996", kDelta, kOfOneProcess};
  static constexpr Facets kLooksAt = about::kElections | about::kStanding;

  [[nodiscard]] Broken check(const Step& step) const {
    const NodeView& before = *step.before;
    const NodeView& now = *step.after;
    if (!same_process(step)) return {};
    // A resigned leader that waited long enough opens an epoch, and may ask in the same breath (KAFKA-18379).
    const bool asks = now.role == kraft::raft::Role::kProspective && before.role != now.role &&
                      before.role != kraft::raft::Role::kResigned && step.timer;
    // At the same time a snapshot may be due, or a cut of the log before one, which are written too.
    const bool writes =
        now.writing && now.log_mark.start == before.log_mark.start && now.snapshot == before.snapshot;
    if (asks && (now.epoch != before.epoch || writes || now.disk_state != before.disk_state)) {
      return "n" + line(now.id) + " went from epoch " + line(before.epoch) + " to " + line(now.epoch) +
             " to ask for pre-votes; its disk says " + line(now.disk_state);
    }
    for (const Message* message : step.sent) {
      if (const auto* asked = std::get_if<kraft::raft::VoteRequest>(&message->body);
          asked != nullptr && asked->pre_vote && asked->epoch > now.epoch) {
        return "n" + line(now.id) + " of epoch " + line(now.epoch) + " asks for pre-votes of epoch " +
               line(asked->epoch);
      }
      const auto* answer = std::get_if<kraft::raft::VoteResponse>(&message->body);
      if (answer == nullptr || !answer->pre_vote || !answer->vote_granted) continue;
      if (now.disk_state.voted_key && now.disk_state.voted_key != before.disk_state.voted_key) {
        return "n" + line(now.id) + " wrote " + line(now.disk_state) + " for the pre-vote of n" + line(message->to);
      }
    }
    return {};
  }
};

}  // namespace kraftsim::check
