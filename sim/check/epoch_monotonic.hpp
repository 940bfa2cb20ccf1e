// EpochMonotonic: a node's epoch never falls, neither in memory within one process nor, for a voter, on disk across all
// of them (Raft §5.1; Kafka's simulation test has it under this name).
#pragma once

#include "sim/check/view.hpp"

namespace kraftsim::check {

class EpochMonotonic {
 public:
  static constexpr Card kCard{"EpochMonotonic", "A node's epoch never falls, in memory or on disk.",
                              "Raft §5.1; Kafka's MonotonicEpoch", kDelta};
  static constexpr Facets kLooksAt = about::kProcess | about::kStanding | about::kQuorumState | about::kDisk;

  [[nodiscard]] Broken check(const Step& step) const {
    const NodeView& before = *step.before;
    const NodeView& after = *step.after;
    if (after.directory != before.directory) return {};  // what was on the old one is gone, and said so
    if (after.voter && !after.disk_forgot && after.disk_state.leader_epoch < before.disk_state.leader_epoch) {
      return "n" + line(after.id) + "'s epoch on disk fell from " + line(before.disk_state.leader_epoch) + " to " +
             line(after.disk_state.leader_epoch);
    }
    if (!same_process(step) || after.epoch >= before.epoch) return {};
    return "n" + line(after.id) + "'s epoch fell from " + line(before.epoch) + " to " + line(after.epoch);
  }
};

}  // namespace kraftsim::check
