// LeaderAppendOnly: a leader never overwrites or deletes entries of its log, it only appends (Raft §5.3, Figure 3).
// Whoever else does is a follower, and cuts only what its leader says is not in common.
#pragma once

#include "sim/check/view.hpp"

namespace kraftsim::check {

class LeaderAppendOnly {
 public:
  static constexpr Card kCard{"LeaderAppendOnly", "While a node leads, its log only grows.", "Raft §5.3",
                              kDelta, kOfOneProcess};
  static constexpr Facets kLooksAt = about::kLog;

  [[nodiscard]] Broken check(const Step& step) const {
    const NodeView& before = *step.before;
    const NodeView& now = *step.after;
    const auto leads = [](const NodeView& node) { return node.up && node.role == kraft::raft::Role::kLeader; };
    if (!leads(before) || !leads(now) || !same_process(step) || before.epoch != now.epoch) return {};
    if (before.log_mark.is_prefix_of(*now.log)) return {};
    return "n" + line(now.id) + " leads epoch " + line(now.epoch) +
           " and its log no longer has what it had; it ends at " + line(now.log->end_offset());
  }
};

}  // namespace kraftsim::check
