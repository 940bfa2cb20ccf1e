// VoteRepeated: whom a voter has voted for hears so again when it asks again: the first answer may have been lost, or
// the candidate may have restarted, and it cannot be elected in this epoch without it (Raft §5.2; nebula#2419). Not
// if it comes back with a log that is behind (§5.4.1).
#pragma once

#include <algorithm>
#include <variant>

#include "sim/check/view.hpp"

namespace kraftsim::check {

class VoteRepeated {
 public:
  static constexpr Card kCard{
      "VoteRepeated", "A voter says its vote as often as its candidate asks with a log that is up to date.",
      "Raft §5.2; nebula#2419", kDelta, kOfOneProcess};
  static constexpr Facets kLooksAt = about::kElections;

  [[nodiscard]] Broken check(const Step& step) const {
    const auto* ask = step.received == nullptr ? nullptr : std::get_if<kraft::raft::VoteRequest>(&step.received->body);
    if (ask == nullptr || ask->pre_vote || !same_process(step)) return {};
    const NodeView& before = *step.before;
    // Elsewhere the vote is its own, or the epoch has its leader.
    if (before.role != kraft::raft::Role::kUnattached && before.role != kraft::raft::Role::kProspective) return {};
    if (before.epoch != ask->epoch || before.disk_state.leader_epoch != ask->epoch) return {};
    if (before.disk_state.voted_key != ask->candidate || is_behind(*ask, *step.after->log)) return {};
    const bool said = std::ranges::any_of(step.sent, [&](const Message* message) {
      const auto* vote = std::get_if<kraft::raft::VoteResponse>(&message->body);
      return vote != nullptr && vote->vote_granted && message->correlation_id == step.received->correlation_id;
    });
    if (said) return {};
    return "n" + line(before.id) + " has voted for n" + line(ask->candidate.id) + " in epoch " + line(ask->epoch) +
           " and does not say so again";
  }
};

}  // namespace kraftsim::check
