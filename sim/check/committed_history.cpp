// The history grows by the first node that sees further; everyone else is compared with it once per batch, and once per
// snapshot that it starts from.
#include "sim/check/committed_history.hpp"

#include <algorithm>

namespace kraftsim::check {

namespace {

/// What lies before its high watermark. What a process committed in the step in which it ended nobody saw, but for the
/// snapshot that it made of it, which the next one finds.
Offset committed_by(const Step& step) {
  const NodeView& node = *step.after;
  if (!node.up) return Offset(0);
  const Offset known = node.high_watermark.value_or(Offset(0));
  if (same_process(step) || node.snapshot == nullptr) return known;
  return std::max(known, node.snapshot->header.end_offset);
}

}  // namespace

Broken CommittedHistory::extend(const Step& step) {
  grew_ = false;
  const NodeView& node = *step.after;
  const Offset committed = committed_by(step);
  if (committed == Offset(0)) return {};
  old_size_ = batches_.size();
  Cursor& cursor = cursors_[step.index];
  if (cursor.incarnation != node.incarnation) cursor = Cursor{node.incarnation, Offset(0)};
  if (cursor.compared < node.log->start_offset()) {
    if (Broken broken = compare_start(node)) return broken;
    cursor.compared = node.log->start_offset();
  }
  if (committed <= cursor.compared) return {};
  const auto& log = node.log->batches();
  std::size_t place = index_of(cursor.compared);
  for (std::size_t i = node.log->index_of(cursor.compared); i < log.size() && log[i]->end_offset() <= committed; ++i) {
    const auto& batch = log[i];
    if (place == batches_.size()) {
      batches_.push_back(batch);
      grew_ = true;
    } else if (batches_[place].get() != batch.get() && !batches_[place]->same_content(*batch)) {
      return "n" + line(node.id) + " committed " + line(*batch) + " where " + line(*batches_[place]) +
             " was committed";
    }
    ++place;
    cursor.compared = batch->end_offset();
  }
  return {};
}

/// What lies before a log's start is in a snapshot: of committed records, up to where one batch of them ends.
Broken CommittedHistory::compare_start(const NodeView& node) const {
  const kraft::raft::OffsetAndEpoch& start = node.log->start();
  const std::size_t next = index_of(start.offset);
  if (start.offset <= end() && next > 0 && batches_[next - 1]->end_offset() == start.offset &&
      batches_[next - 1]->epoch == start.epoch) {
    return {};
  }
  return "n" + line(node.id) + "'s log starts after a snapshot of what ends at " + line(start) +
         "; committed is up to " + line(end()) +
         (next > 0 ? ", there with " + line(*batches_[next - 1], 1) : std::string());
}

/// Of the first batch that begins at or after `offset`.
std::size_t CommittedHistory::index_of(Offset offset) const {
  if (offset >= end()) return batches_.size();  // nearly always
  const auto base = [](const auto& batch) { return batch->base_offset; };
  const auto first = std::ranges::lower_bound(batches_, offset, {}, base);
  return static_cast<std::size_t>(first - batches_.begin());
}

bool CommittedHistory::holds(const kraft::records::RecordBatch& batch) const {
  const std::size_t at = index_of(batch.base_offset);
  return at < batches_.size() && (batches_[at].get() == &batch || batches_[at]->same_content(batch));
}

bool CommittedHistory::is_held_by(const kraft::raft::Log& log, Offset end) const {
  if (batches_.empty()) return true;
  const auto& last = *batches_.back();
  if (last.end_offset() > end) return false;
  if (last.end_offset() <= log.start_offset()) return true;
  const kraft::records::RecordBatch* held = log.find(last.base_offset);
  return held != nullptr && (held == &last || held->same_content(last));
}

}  // namespace kraftsim::check
