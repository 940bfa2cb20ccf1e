// JoinsWithoutWaiting: a replica that asks to become a voter wants its answer once that is written, not once it is
// committed (KIP-1186): it may be the one whose Fetch the commit waits for, and it fetches nothing while it waits
// (KAFKA-19400).
#pragma once

#include <variant>

#include "sim/check/view.hpp"

namespace kraftsim::check {

class JoinsWithoutWaiting {
 public:
  static constexpr Card kCard{"JoinsWithoutWaiting", "Who asks to join the voters does not wait for its own Fetch.",
                              "KIP-1186; KAFKA-19400", kDelta, kOfOneProcess};
  static constexpr Facets kLooksAt = about::kOtherTalk;

  [[nodiscard]] Broken check(const Step& step) const {
    for (const Message* message : step.sent) {
      const auto* join = std::get_if<kraft::raft::AddRaftVoterRequest>(&message->body);
      if (join == nullptr || join->voter.id != step.after->id || !join->ack_when_committed) continue;
      return "n" + line(step.after->id) + " asks to join and waits until that is committed";
    }
    return {};
  }
};

}  // namespace kraftsim::check
