// Log's searches are binary: over batches by base offset, over epochs by number. Nothing is cached: a log is copied
// whenever a world is.
#include "core/raft/log.hpp"

#include <algorithm>

#include "core/base/check.hpp"

namespace kraft::raft {

void Log::append(records::BatchRef batch) {
  ENSURE_EQ(batch->base_offset, end_, "appends leave no gap and overwrite nothing");
  ENSURE_GE(batch->epoch, last_epoch(), "epochs never fall along a log");
  if (epochs_.empty() || batch->epoch > epochs_.back().epoch) {
    epochs_.push_back({.epoch = batch->epoch, .start = batch->base_offset});
  }
  end_ = batch->end_offset();
  size_bytes_ += batch->size_bytes;
  batches_.push_back(std::move(batch));
}

void Log::truncate_to(Offset end) {
  if (end >= end_) return;
  ENSURE_GE(end, start_offset(), "what a snapshot stands for is committed");
  ENSURE_EQ(find(end)->base_offset, end, "batches are truncated whole");
  const auto kept = batches_.begin() + static_cast<std::ptrdiff_t>(index_of(end));
  for (auto batch = kept; batch != batches_.end(); ++batch) size_bytes_ -= (*batch)->size_bytes;
  batches_.erase(kept, batches_.end());
  // Epochs that lost all their records must go with them, or the next search for a common point would never end
  // (KAFKA-10706).
  while (!epochs_.empty() && epochs_.back().start >= end) epochs_.pop_back();
  end_ = end;
}

void Log::trim_to(const OffsetAndEpoch& start) {
  ENSURE(holds(start), "a log is cut where a snapshot of it ends");
  const auto kept = batches_.begin() + static_cast<std::ptrdiff_t>(index_of(start.offset));
  for (auto batch = batches_.begin(); batch != kept; ++batch) size_bytes_ -= (*batch)->size_bytes;
  batches_.erase(batches_.begin(), kept);
  start_ = start;
  // The epoch that goes on across the start begins there now; those before it have no records left.
  const auto after = std::ranges::upper_bound(epochs_, start.offset, {}, &EpochStart::start);
  if (after == epochs_.begin()) return;
  if (batches_.empty()) {
    epochs_.clear();
  } else {
    epochs_.erase(epochs_.begin(), std::prev(after));
    epochs_.front().start = start.offset;
  }
}

void Log::reset_to(const OffsetAndEpoch& start) {
  *this = Log();
  start_ = start;
  end_ = start.offset;
}

bool Log::holds(const OffsetAndEpoch& end) const {
  if (end.offset < start_offset() || end.offset > end_) return false;
  if (end.offset < end_ && find(end.offset)->base_offset != end.offset) return false;
  return epoch_before(end.offset) == end.epoch;
}

const records::RecordBatch* Log::find(Offset offset) const {
  if (offset < start_offset() || offset >= end_) return nullptr;
  const auto after = std::ranges::upper_bound(batches_, offset, {}, [](const auto& b) { return b->base_offset; });
  return std::prev(after)->get();
}

std::size_t Log::index_of(Offset offset) const {
  if (offset >= end_) return batches_.size();
  // Nearly always it is among the last few: looking back from the end in doubling strides touches only those.
  std::size_t last = batches_.size();  // no batch from here on is wanted
  std::size_t stride = 1;
  while (stride < last && batches_[last - stride]->base_offset >= offset) {
    last -= stride;
    stride *= 2;
  }
  const auto from = batches_.begin() + static_cast<std::ptrdiff_t>(last > stride ? last - stride : 0);
  const auto to = batches_.begin() + static_cast<std::ptrdiff_t>(last);
  const auto first = std::ranges::lower_bound(from, to, offset, {}, [](const auto& b) { return b->base_offset; });
  return static_cast<std::size_t>(first - batches_.begin());
}

void Log::read(Offset offset, Offset end, std::int64_t max_bytes, std::vector<records::BatchRef>& out) const {
  if (offset >= end_) return;
  std::size_t i = index_of(offset);
  ENSURE(i < batches_.size() && batches_[i]->base_offset == offset, "batches are read whole");
  std::int64_t bytes = 0;
  for (; i < batches_.size() && batches_[i]->end_offset() <= end; ++i) {
    bytes += batches_[i]->size_bytes;
    // The first batch goes out whatever its size, or a fetcher could be stuck at it for ever.
    if (bytes > max_bytes && !out.empty()) return;
    out.push_back(batches_[i]);
  }
}

Epoch Log::epoch_before(Offset offset) const {
  const auto after = std::ranges::lower_bound(epochs_, offset, {}, &EpochStart::start);
  return after == epochs_.begin() ? start_.epoch : std::prev(after)->epoch;
}

OffsetAndEpoch Log::end_offset_for_epoch(Epoch epoch) const {
  const auto after = std::ranges::upper_bound(epochs_, epoch, {}, &EpochStart::epoch);
  if (after == epochs_.begin()) {
    return {.offset = start_offset(), .epoch = start_.epoch <= epoch ? start_.epoch : Epoch(0)};
  }
  return {.offset = after == epochs_.end() ? end_ : after->start, .epoch = std::prev(after)->epoch};
}

}  // namespace kraft::raft
