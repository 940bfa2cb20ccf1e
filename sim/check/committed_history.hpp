// CommittedHistory: the one sequence of batches that the cluster has committed, as the nodes' high watermarks revealed
// it, for the invariants that speak of committed records. It judges nothing except in `extend`, which tells when a node
// calls committed what is not what others committed there.
#pragma once

#include <span>
#include <vector>

#include "sim/check/view.hpp"

namespace kraftsim::check {

class CommittedHistory {
 public:
  /// Takes in what the node now calls committed. Says what is wrong if that contradicts the history.
  [[nodiscard]] Broken extend(const Step& step);

  [[nodiscard]] Offset end() const { return batches_.empty() ? Offset(0) : batches_.back()->end_offset(); }
  [[nodiscard]] const std::vector<kraft::records::BatchRef>& batches() const { return batches_; }
  /// True if `extend` made the history longer in this step.
  [[nodiscard]] bool grew() const { return grew_; }
  /// The batches that it grew by.
  [[nodiscard]] std::span<const kraft::records::BatchRef> fresh() const {
    return std::span(batches_).last(grew_ ? batches_.size() - old_size_ : 0);
  }
  /// True if a batch of it, of that epoch, ends at `offset`.
  [[nodiscard]] bool ends_batch(Offset offset, Epoch epoch) const {
    const std::size_t next = index_of(offset);
    return next > 0 && batches_[next - 1]->end_offset() == offset && batches_[next - 1]->epoch == epoch;
  }
  /// True if this batch is part of it.
  [[nodiscard]] bool holds(const kraft::records::RecordBatch& batch) const;
  /// True if `log`, up to `end`, holds the last committed batch, or starts after it with a snapshot that does: by log
  /// matching, then, all of them.
  [[nodiscard]] bool is_held_by(const kraft::raft::Log& log, Offset end) const;

 private:
  struct Cursor {
    std::uint64_t incarnation = 0;
    Offset compared{0};  // the node's log agrees with the history up to here
  };
  [[nodiscard]] Broken compare_start(const NodeView& node) const;
  [[nodiscard]] std::size_t index_of(Offset offset) const;

  std::vector<kraft::records::BatchRef> batches_;
  PerNode<Cursor> cursors_;
  std::size_t old_size_ = 0;
  bool grew_ = false;
};

}  // namespace kraftsim::check
