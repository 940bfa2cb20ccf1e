// The history grows by the first node that sees further; everyone else is compared with it once per batch.
#include "sim/check/committed_history.hpp"

namespace kraftsim::check {

Broken CommittedHistory::extend(const Step& step) {
  grew_ = false;
  const NodeView& node = *step.after;
  if (!node.up || !node.high_watermark) return {};
  const Offset committed = *node.high_watermark;
  if (committed > node.log->end_offset()) {
    return "n" + line(node.id) + " has a high watermark of " + line(committed) + " beyond its log's end " +
           line(node.log->end_offset());
  }
  Cursor& cursor = cursors_[node.id];
  if (cursor.incarnation != node.incarnation) cursor = Cursor{node.incarnation, 0};
  const auto& log = node.log->batches();
  for (; cursor.batches < log.size() && log[cursor.batches]->end_offset() <= committed; ++cursor.batches) {
    const auto& batch = log[cursor.batches];
    if (cursor.batches == batches_.size()) {
      batches_.push_back(batch);
      grew_ = true;
    } else if (batches_[cursor.batches].get() != batch.get() && !batches_[cursor.batches]->same_content(*batch)) {
      return "n" + line(node.id) + " committed " + line(*batch) + " where " + line(*batches_[cursor.batches]) +
             " was committed";
    }
  }
  return {};
}

bool CommittedHistory::is_held_by(const kraft::raft::Log& log, Offset end) const {
  if (batches_.empty()) return true;
  const auto& last = *batches_.back();
  if (last.end_offset() > end) return false;
  const kraft::records::RecordBatch* held = log.find(last.base_offset);
  return held != nullptr && (held == &last || held->same_content(last));
}

}  // namespace kraftsim::check
