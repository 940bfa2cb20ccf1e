// CommittedNeverTruncated: no log is cut below what its node knows to be committed, nor loses another batch that is
// (KIP-595: truncation below the high watermark is fatal; KAFKA-14704 for what comes of it).
//
// Beyond its high watermark a log holds a few batches, whose fate the node does not know but the history may: these are
// kept beside, since after the event the log no longer tells what it lost.
#pragma once

#include <vector>

#include "sim/check/committed_history.hpp"
#include "sim/check/view.hpp"

namespace kraftsim::check {

class CommittedNeverTruncated {
 public:
  static constexpr Card kCard{"CommittedNeverTruncated", "No node truncates its log below what is committed.",
                              "KIP-595; Raft §5.4.3", kDelta};
  static constexpr Facets kLooksAt = about::kProcess | about::kLog;

  [[nodiscard]] Broken check(const Step& step, const CommittedHistory& committed) {
    const NodeView& before = *step.before;
    const NodeView& now = *step.after;
    std::vector<kraft::records::BatchRef>& unsure = unsure_[step.index];
    if (!now.up) {
      unsure.clear();
      return {};
    }
    const bool truncated = same_process(step) && !before.log_mark.is_prefix_of(*now.log);
    const std::vector<kraft::records::BatchRef> had = truncated ? unsure : std::vector<kraft::records::BatchRef>();
    note(step, truncated, unsure);
    if (!truncated) return {};
    const Offset end = now.log->end_offset();
    if (before.high_watermark && end < *before.high_watermark) {
      return "n" + line(now.id) + " truncated its log to " + line(end) + " below its high watermark " +
             line(*before.high_watermark);
    }
    // Who follows an older leader may cut what a newer one has committed since: it was not counted for that.
    const bool may_know = !committed.batches().empty() && committed.batches().back()->epoch <= now.epoch;
    for (const auto& batch : had) {
      if (may_know && !holds(*now.log, *batch) && committed.holds(*batch)) {
        return "n" + line(now.id) + " truncated the committed " + line(*batch, 1);
      }
    }
    return {};
  }

 private:
  static bool holds(const kraft::raft::Log& log, const kraft::records::RecordBatch& batch) {
    if (batch.end_offset() <= log.start_offset()) return true;  // its snapshot does
    const kraft::records::RecordBatch* found = log.find(batch.base_offset);
    return found != nullptr && (found == &batch || found->same_content(batch));
  }
  static void note(const Step& step, bool anew, std::vector<kraft::records::BatchRef>& unsure) {
    const kraft::raft::Log& log = *step.after->log;
    const Offset known = step.after->high_watermark.value_or(Offset(0));
    if (anew || !same_process(step)) unsure.clear();
    std::erase_if(unsure, [&](const auto& batch) { return batch->end_offset() <= known; });
    const std::size_t first = unsure.empty() ? log.index_of(known) : first_new_batch(step);
    for (std::size_t i = first; i < log.batches().size(); ++i) unsure.push_back(log.batches()[i]);
  }

  PerNode<std::vector<kraft::records::BatchRef>> unsure_;
};

}  // namespace kraftsim::check
