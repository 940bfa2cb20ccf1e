// RestartNeverLeads: a process never starts as a leader of an epoch that its disk knows. What it led before may have
// been seen without having been synced; were it to lead on, one (offset, epoch) could stand for two records
// (KAFKA-10527).
#pragma once

#include "sim/check/view.hpp"

namespace kraftsim::check {

class RestartNeverLeads {
 public:
  static constexpr Card kCard{"RestartNeverLeads", "A process does not start as a leader of an epoch it was in before.",
                              "KIP-595; KAFKA-10527", kDelta, kOfOneProcess};
  static constexpr Facets kLooksAt = about::kProcess;

  [[nodiscard]] Broken check(const Step& step) const {
    const NodeView& now = *step.after;
    if (!now.up || same_process(step) || now.role != kraft::raft::Role::kLeader) return {};
    // An only voter may well be elected, in a newer epoch, in the moment of its start.
    if (now.epoch > step.before->disk_state.leader_epoch) return {};
    return "n" + line(now.id) + " started as the leader of epoch " + line(now.epoch);
  }
};

}  // namespace kraftsim::check
