// VoteNeedsUpToDateLog: a vote, or pre-vote, goes only to a candidate whose log is at least as up to date as the
// voter's: by the epoch of the last record first, then by length (Raft §5.4.1), also when it is given again.
#pragma once

#include <variant>

#include "sim/check/view.hpp"

namespace kraftsim::check {

class VoteNeedsUpToDateLog {
 public:
  static constexpr Card kCard{"VoteNeedsUpToDateLog", "Nobody votes for a candidate whose log is behind its own.",
                              "Raft §5.4.1; KIP-595", kDelta, kOfOneProcess};
  static constexpr Facets kLooksAt = about::kElections;

  [[nodiscard]] Broken check(const Step& step) {
    if (step.received != nullptr) {
      if (const auto* asked = std::get_if<kraft::raft::VoteRequest>(&step.received->body)) {
        asked_[step.index] = {.candidate = step.received->from,
                              .id = step.received->correlation_id,
                              .request = *asked};
      }
    }
    for (const Message* message : step.sent) {
      const auto* answer = std::get_if<kraft::raft::VoteResponse>(&message->body);
      if (answer == nullptr || !answer->vote_granted) continue;
      const Asked& asked = asked_[step.index];
      if (asked.candidate != message->to || asked.id != message->correlation_id || !step.after->up) continue;
      if (!is_behind(asked.request, *step.after->log)) continue;
      const auto own = step.after->log->end();
      return "n" + line(message->from) + ", whose log ends at " + line(own.offset) + "@" + line(own.epoch) +
             ", granted n" + line(message->to) + ", whose log ends at " + line(asked.request.last_offset) + "@" +
             line(asked.request.last_epoch) + ": " + line(*message);
    }
    return {};
  }

 private:
  struct Asked {  // the last VoteRequest that the node got
    NodeId candidate{-1};
    kraft::CorrelationId id;
    kraft::raft::VoteRequest request;
  };
  PerNode<Asked> asked_;
};

}  // namespace kraftsim::check
