// HighWatermarkNeedsOwnEpoch: a leader commits records of earlier epochs only together with one of its own, never by
// counting replicas (Raft §5.4.2, Figure 8). So the last record below a leader's high watermark is of its epoch.
#pragma once

#include "sim/check/view.hpp"

namespace kraftsim::check {

class HighWatermarkNeedsOwnEpoch {
 public:
  static constexpr Card kCard{"HighWatermarkNeedsOwnEpoch", "A leader's last committed record is of its own epoch.",
                              "Raft §5.4.2; KAFKA-12619", kDelta};
  static constexpr Facets kLooksAt = about::kProcess | about::kStanding | about::kCommits;

  [[nodiscard]] Broken check(const Step& step) const {
    const NodeView& now = *step.after;
    if (!now.up || now.role != kraft::raft::Role::kLeader || !now.high_watermark) return {};
    if (step.before->high_watermark == now.high_watermark && step.before->epoch == now.epoch && same_process(step)) {
      return {};
    }
    const Epoch last = now.log->epoch_before(*now.high_watermark);
    if (last == now.epoch) return {};
    return "n" + line(now.id) + " leads epoch " + line(now.epoch) + " and committed up to " +
           line(*now.high_watermark) + ", where the last record is of epoch " + line(last);
  }
};

}  // namespace kraftsim::check
