// HigherEpochHeeded: who is told of a newer epoch by a Vote, BeginQuorumEpoch or EndQuorumEpoch request gives its own
// up at once, leader or not (Raft §5.1). A Fetch of a newer epoch is only refused (UNKNOWN_LEADER_EPOCH), as Kafka
// has it.
#pragma once

#include <variant>

#include "core/base/overloaded.hpp"
#include "sim/check/view.hpp"

namespace kraftsim::check {

class HigherEpochHeeded {
 public:
  static constexpr Card kCard{"HigherEpochHeeded", "A voter that a request tells of a newer epoch enters it.",
                              "Raft §5.1; KIP-595", kDelta, kOfOneProcess};
  static constexpr Facets kLooksAt = about::kElections;

  [[nodiscard]] Broken check(const Step& step) const {
    const NodeView& now = *step.after;
    if (step.received == nullptr || !now.up) return {};
    const auto told = std::visit(kraft::overloaded{
                                     [](const kraft::raft::VoteRequest& request) { return request.epoch; },
                                     [](const kraft::raft::BeginQuorumEpochRequest& request) { return request.epoch; },
                                     [](const kraft::raft::EndQuorumEpochRequest& request) { return request.epoch; },
                                     [](const auto&) { return Epoch(0); },
                                 },
                                 step.received->body);
    if (now.epoch >= told) return {};
    return "n" + line(now.id) + " stays in epoch " + line(now.epoch) + " after " + line(*step.received);
  }
};

}  // namespace kraftsim::check
