// SnapshotInLog: a process's latest snapshot ends at a batch boundary of its own log, in the epoch that the log has
// there. A crash may leave a fetched snapshot beside a log that does not reach it; who starts then makes them meet
// (KIP-630; KafkaRaftLog.truncateToLatestSnapshot), or it would vote and fetch by a log that misses what it has.
#pragma once

#include "sim/check/view.hpp"

namespace kraftsim::check {

class SnapshotInLog {
 public:
  static constexpr Card kCard{"SnapshotInLog", "The log of a node reaches its latest snapshot, and agrees with it.",
                              "KIP-630; KAFKA-14619", kBasic};
  static constexpr Facets kLooksAt = about::kProcess | about::kLog | about::kSnapshots;

  [[nodiscard]] Broken check(const Step& step) const {
    const NodeView& now = *step.after;
    if (!now.up || now.snapshot == nullptr || now.snapshot->is_bootstrap()) return {};
    if (now.log->holds({.offset = now.snapshot->header.end_offset, .epoch = now.snapshot->header.epoch})) return {};
    return "n" + line(now.id) + " has " + line(*now.snapshot) + ", its log ends at " + line(now.log->end_offset()) +
           " in epoch " + line(now.log->last_epoch());
  }
};

}  // namespace kraftsim::check
