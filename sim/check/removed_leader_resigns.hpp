// RemovedLeaderResigns: a leader that its own voters leave out leads on until that is committed, and no longer
// (KIP-853; Raft thesis §4.2.2).
#pragma once

#include "sim/check/view.hpp"

namespace kraftsim::check {

class RemovedLeaderResigns {
 public:
  static constexpr Card kCard{"RemovedLeaderResigns", "A leader whose removal is committed leads no longer.",
                              "KIP-853; Raft thesis §4.2.2", kBasic, kOfOneProcess};
  static constexpr Facets kLooksAt = about::kCommits | about::kWriting;

  [[nodiscard]] Broken check(const Step& step) const {
    const NodeView& now = *step.after;
    if (!now.up || now.role != kraft::raft::Role::kLeader || now.writing || now.voter_history == nullptr) return {};
    const auto& latest = now.voter_history->latest();
    if (latest.voters.contains(now.id) || now.high_watermark <= std::optional(latest.offset)) return {};
    return "n" + line(now.id) + " leads epoch " + line(now.epoch) + " though its removal at " + line(latest.offset) +
           " is committed";
  }
};

}  // namespace kraftsim::check
