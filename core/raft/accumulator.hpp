// Accumulator: records that wait on the leader for company (controller.quorum.append.linger.ms), as Kafka's
// BatchAccumulator: many small appends become one batch, one write, one fsync.
//
// The first append starts the linger; when it is over, or a batch is full, everything goes. An append is never split
// over batches. It must not know offsets: whoever drains it appends in order to the end of the log.
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/time.hpp"
#include "core/records/record.hpp"

namespace kraft::raft {

class Accumulator {
 public:
  Accumulator(Duration linger, std::int64_t max_batch_bytes) : linger_(linger), max_batch_bytes_(max_batch_bytes) {}

  void append(Time now, records::MetadataRecords records);
  /// When to drain; kNever while empty. The past, when a batch is full.
  [[nodiscard]] Time deadline() const { return deadline_; }
  /// Records that wait.
  [[nodiscard]] std::int64_t count() const { return count_; }
  /// The batches in order, leaving nothing.
  [[nodiscard]] std::vector<records::MetadataRecords> drain();

 private:
  Duration linger_;
  std::int64_t max_batch_bytes_;
  std::vector<records::MetadataRecords> batches_;  // the last one is open
  std::int64_t open_bytes_ = 0;
  std::int64_t count_ = 0;
  Time deadline_ = kNever;
};

}  // namespace kraft::raft
