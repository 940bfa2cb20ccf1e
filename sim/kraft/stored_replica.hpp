// StoredReplica: what a node's disk holds of its replica, and what crashes and disk faults leave of it.
//
// The quorum-state file is always written through (the core asks for a sync). Log batches that nobody synced, an
// observer's, sit in the page cache until the kernel writes them back after 30 s (Linux, vm.dirty_expire_centisecs); a
// crash loses what is younger, unless its fault says that some of it got through. Which suffix is lost is thus the
// worst case of what a power cut may do. A snapshot that is not synced is lost whole: it gets its name only when it is
// (KAFKA-15312).
//
// There are no bytes yet: the unit of damage is a batch, which a fault can mark as one that fails its checksum. A
// process that runs does not notice (it has the page cache); the next one to start recovers the log, as Kafka does with
// every start of its metadata log (KafkaMetadataLog opens it as not cleanly shut down, from recovery point 0): it is
// cut at the first batch that fails.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "core/raft/replica.hpp"
#include "core/raft/step.hpp"
#include "sim/cluster/fault.hpp"

namespace kraftsim::kraft_host {

class StoredReplica {
 public:
  StoredReplica() = default;
  explicit StoredReplica(kraft::raft::Durable durable)
      : stored_(std::move(durable)), synced_(stored_.log.end_offset()) {}

  /// Performs writes that took effect at `now`.
  void perform(const std::vector<kraft::raft::Write>& writes, bool sync, kraft::Time now);
  /// Forgets what was not synced, or as much of it as `how` says; `in_flight` was being written. Then nothing is dirty.
  void crash(kraft::Time now, const cluster::CrashFault& how, const std::vector<kraft::raft::Write>& in_flight);
  /// What a start does first: cuts the log at the first damaged batch, and says where.
  std::optional<kraft::Offset> recover();
  /// A new, empty disk.
  void wipe();
  /// Disks that were here before this one.
  [[nodiscard]] std::uint64_t generation() const { return generation_; }

  /// While it lies, nothing that is synced would survive a power failure.
  void lie(bool lying);
  /// Returns the base offsets of the batches damaged; none: there was nothing to damage.
  std::vector<std::int64_t> damage(const cluster::DamageLogFault& fault, kraft::Rng& rng);

  /// What a process that starts now reads.
  [[nodiscard]] const kraft::raft::Durable& contents() const { return stored_; }
  /// The end of what would survive a crash that came now, as far as the disk's word can be relied on.
  [[nodiscard]] kraft::Offset synced_end() const { return synced_; }
  /// This disk, or one that was here before it, has lost something that it had called durable.
  [[nodiscard]] bool forgot() const { return forgot_ || predecessors_forgot_; }
  /// This disk has.
  [[nodiscard]] bool forgot_itself() const { return forgot_; }
  /// Something on it cannot be read, which whoever starts next will find out.
  [[nodiscard]] bool is_damaged() const { return !damaged_.empty(); }

 private:
  void apply(const kraft::raft::Write& write);
  void write_back(kraft::Time now);
  void drop_unfrozen(kraft::raft::Durable& disk) const;
  [[nodiscard]] bool has_what_it_needs(const kraft::raft::Write& write) const;
  [[nodiscard]] std::optional<std::size_t> batch_at(std::int64_t offset) const;

  kraft::raft::Durable stored_;
  kraft::Offset synced_{0};
  std::deque<std::pair<kraft::Time, kraft::Offset>> dirty_;  // when each unsynced end was written, in order
  std::set<kraft::Offset> damaged_;                          // base offsets of batches that fail their checksum
  std::optional<kraft::raft::Durable> platter_;              // of a disk that lies: what is really on it
  bool forgot_ = false;
  bool predecessors_forgot_ = false;
  std::uint64_t generation_ = 0;
  std::size_t unfrozen_ = 0;  // of the snapshots, the last so many are not synced
  kraft::Time unfrozen_since_{};  // the last of them
};

}  // namespace kraftsim::kraft_host
