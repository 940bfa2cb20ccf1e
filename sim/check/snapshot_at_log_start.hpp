// SnapshotAtLogStart: what a log no longer has is in a snapshot: a log that does not start at 0 has one that reaches
// its start, in memory and on disk (KIP-630; KAFKA-14238, KAFKA-14240).
#pragma once

#include "sim/check/view.hpp"

namespace kraftsim::check {

class SnapshotAtLogStart {
 public:
  static constexpr Card kCard{"SnapshotAtLogStart", "What lies before a log's start is in a snapshot of that node.",
                              "KIP-630; KAFKA-14238; KAFKA-14240", kBasic, kOfOneProcess};
  static constexpr Facets kLooksAt = about::kProcess | about::kLog | about::kDisk | about::kSnapshots;

  [[nodiscard]] Broken check(const Step& step) const {
    const NodeView& now = *step.after;
    if (now.up && !covers(now.snapshot, *now.log)) {
      return "n" + line(now.id) + "'s log starts at " + line(now.log->start_offset()) +
             ", and it has no snapshot of that";
    }
    if (covers(now.disk_snapshot, *now.disk_log)) return {};
    return "n" + line(now.id) + "'s log on disk starts at " + line(now.disk_log->start_offset()) +
           ", and there is no snapshot of that";
  }

 private:
  static bool covers(const kraft::records::Snapshot* snapshot, const kraft::raft::Log& log) {
    return log.start_offset() == Offset(0) ||
           (snapshot != nullptr && snapshot->header.end_offset >= log.start_offset());
  }
};

}  // namespace kraftsim::check
