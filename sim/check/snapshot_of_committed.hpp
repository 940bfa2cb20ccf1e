// SnapshotOfCommitted: a snapshot holds what is committed and nothing else: it ends where a committed batch does, in
// that batch's epoch (KIP-630; KAFKA-14618, KAFKA-14619).
#pragma once

#include "sim/check/committed_history.hpp"
#include "sim/check/view.hpp"

namespace kraftsim::check {

class SnapshotOfCommitted {
 public:
  static constexpr Card kCard{"SnapshotOfCommitted", "A snapshot ends where a committed batch ends.",
                              "KIP-630; KAFKA-14618; KAFKA-14619", kBasic};
  static constexpr Facets kLooksAt = about::kProcess | about::kSnapshots;

  [[nodiscard]] Broken check(const Step& step, const CommittedHistory& committed) const {
    const NodeView& now = *step.after;
    if (!now.up || now.snapshot == nullptr || now.snapshot->is_bootstrap()) return {};
    if (same_process(step) && step.before->snapshot == now.snapshot) return {};
    const auto& header = now.snapshot->header;
    if (committed.ends_batch(header.end_offset, header.epoch)) return {};
    return "n" + line(now.id) + " has " + line(*now.snapshot) + "; committed is up to " + line(committed.end());
  }
};

}  // namespace kraftsim::check
