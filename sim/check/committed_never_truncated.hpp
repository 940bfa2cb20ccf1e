// CommittedNeverTruncated: no log is cut below what its node knows to be committed, nor loses a last batch that was
// (KIP-595: truncation below the high watermark is fatal; KAFKA-14704 for what comes of it).
#pragma once

#include "sim/check/committed_history.hpp"
#include "sim/check/view.hpp"

namespace kraftsim::check {

class CommittedNeverTruncated {
 public:
  static constexpr Card kCard{"CommittedNeverTruncated", "No node truncates its log below what is committed.",
                              "KIP-595; Raft §5.4.3"};
  static constexpr Facets kLooksAt = about::kLog;

  [[nodiscard]] Broken check(const Step& step, const CommittedHistory& committed) const {
    const NodeView& before = *step.before;
    const NodeView& now = *step.after;
    if (!same_process(step) || before.log_mark.is_prefix_of(*now.log)) return {};
    const Offset end = now.log->end_offset();
    if (before.high_watermark && end < *before.high_watermark) {
      return "n" + line(now.id) + " truncated its log to " + line(end) + " below its high watermark " +
             line(*before.high_watermark);
    }
    // Who follows an older leader may cut what a newer one has committed since: it was not counted for that.
    const bool may_know = !committed.batches().empty() && committed.batches().back()->epoch <= now.epoch;
    if (!may_know || before.log_mark.last == nullptr || !committed.holds(*before.log_mark.last)) return {};
    return "n" + line(now.id) + " truncated the committed " + line(*before.log_mark.last, 1);
  }
};

}  // namespace kraftsim::check
