// HighWatermarkWithinLog: nobody calls committed what it does not have. A follower takes the smaller of its leader's
// high watermark and its own log's end (KIP-595).
#pragma once

#include "sim/check/view.hpp"

namespace kraftsim::check {

class HighWatermarkWithinLog {
 public:
  static constexpr Card kCard{"HighWatermarkWithinLog", "A node's high watermark does not exceed its log's end.",
                              "KIP-595; Raft §5.3", kBasic, kOfOneProcess};
  static constexpr Facets kLooksAt = about::kProcess | about::kLog | about::kCommits;

  [[nodiscard]] Broken check(const Step& step) const {
    const NodeView& now = *step.after;
    if (!now.up || !now.high_watermark || *now.high_watermark <= now.log->end_offset()) return {};
    return "n" + line(now.id) + " has a high watermark of " + line(*now.high_watermark) + " beyond its log's end " +
           line(now.log->end_offset());
  }
};

}  // namespace kraftsim::check
