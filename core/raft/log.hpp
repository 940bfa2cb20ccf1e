// Log: a replica's copy of the metadata log in memory, as shared immutable batches, with the epoch index that pull
// replication needs to find where two logs part.
//
// Invariants: batches are contiguous from `start_offset` to `end_offset`; epochs never fall; the epoch index holds one
// entry per epoch that has records, at its first offset. Both ends move at batch boundaries only, because batches are
// replicated whole. What lies before the start is in the snapshot that ends there, whose epoch the log keeps (KIP-630).
// It must not know snapshots, roles, messages or disks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/ids.hpp"
#include "core/raft/types.hpp"
#include "core/records/record.hpp"

namespace kraft::raft {

class Log {
 public:
  Log() = default;

  [[nodiscard]] Offset start_offset() const { return start_.offset; }
  /// The start and the epoch of the record before it: the id of the snapshot there, 0@0 at the very beginning.
  [[nodiscard]] const OffsetAndEpoch& start() const { return start_; }
  [[nodiscard]] Offset end_offset() const { return end_; }
  /// Epoch of the last record, be it before the start; 0 where there never was one.
  [[nodiscard]] Epoch last_epoch() const { return epochs_.empty() ? start_.epoch : epochs_.back().epoch; }
  [[nodiscard]] OffsetAndEpoch end() const { return {end_offset(), last_epoch()}; }
  /// All batches, in order of offset.
  [[nodiscard]] const std::vector<records::BatchRef>& batches() const { return batches_; }

  /// Appends a batch whose base offset is the end offset and whose epoch is not below the last.
  void append(records::BatchRef batch);
  /// Drops everything at and after `end`, which is a batch boundary. A no-op at or past the end.
  void truncate_to(Offset end);
  /// Drops everything before a position that is in the log (Kafka's deleteBeforeSnapshot).
  void trim_to(const OffsetAndEpoch& start);
  /// Drops everything, and starts and ends there (Kafka's truncateFullyAndStartAt).
  void reset_to(const OffsetAndEpoch& start);

  /// True if `end` is a batch boundary, or an end, of this log and `epoch` that of the record before it.
  [[nodiscard]] bool holds(const OffsetAndEpoch& end) const;
  [[nodiscard]] std::int64_t size_bytes() const { return size_bytes_; }

  /// The batch that holds `offset`, or nullptr at or past the end.
  [[nodiscard]] const records::RecordBatch* find(Offset offset) const;
  /// Index into batches() of the first batch with base_offset >= offset.
  [[nodiscard]] std::size_t index_of(Offset offset) const;
  /// Batches from `offset` (a boundary) up to `end`: at least one if there is any, at most `max_bytes` otherwise.
  void read(Offset offset, Offset end, std::int64_t max_bytes, std::vector<records::BatchRef>& out) const;
  /// Epoch of the record just before `offset`, which is not before the start.
  [[nodiscard]] Epoch epoch_before(Offset offset) const;
  /// The largest epoch not above `epoch` that the log knows, and its end offset (KIP-595; Kafka's endOffsetForEpoch).
  [[nodiscard]] OffsetAndEpoch end_offset_for_epoch(Epoch epoch) const;

  friend bool operator==(const Log&, const Log&) = default;

 private:
  struct EpochStart {
    Epoch epoch;
    Offset start;
    friend bool operator==(const EpochStart&, const EpochStart&) = default;
  };
  std::vector<records::BatchRef> batches_;
  std::vector<EpochStart> epochs_;
  OffsetAndEpoch start_{};
  Offset end_{0};
  std::int64_t size_bytes_ = 0;
};

}  // namespace kraft::raft
