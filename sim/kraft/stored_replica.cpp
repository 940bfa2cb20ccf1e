// The disk's side of raft/step.hpp's duty 2, and what may go wrong with it.
#include "sim/kraft/stored_replica.hpp"

#include <algorithm>

namespace kraftsim::kraft_host {
namespace {
constexpr kraft::Duration kWriteBack = std::chrono::seconds(30);
}

void StoredReplica::apply(const kraft::raft::Write& write) {
  kraft::raft::perform(stored_, write);
  const kraft::Offset end = stored_.log.end_offset();
  std::visit(kraft::overloaded{
                 [&](const kraft::raft::TruncateLog&) {
                   synced_ = std::min(synced_, end);
                   while (!dirty_.empty() && dirty_.back().second > end) dirty_.pop_back();
                   damaged_.erase(damaged_.lower_bound(end), damaged_.end());
                 },
                 [&](const kraft::raft::ResetLog&) {
                   synced_ = end;  // what the log held is in the snapshot
                   dirty_.clear();
                   damaged_.clear();
                 },
                 [&](const kraft::raft::TrimLog&) {
                   const kraft::Offset start = stored_.log.start_offset();
                   synced_ = std::max(synced_, start);
                   damaged_.erase(damaged_.begin(), damaged_.lower_bound(start));
                 },
                 [&](const kraft::raft::WriteSnapshot&) { ++unfrozen_; },
                 [](const auto&) {},
             },
             write);
}

void StoredReplica::perform(const std::vector<kraft::raft::Write>& writes, bool sync, kraft::Time now) {
  const std::size_t unfrozen_before = unfrozen_;
  for (const kraft::raft::Write& write : writes) apply(write);
  if (unfrozen_ > unfrozen_before) unfrozen_since_ = now;
  if (sync) {
    synced_ = stored_.log.end_offset();
    dirty_.clear();
    unfrozen_ = 0;
  } else if (stored_.log.end_offset() > synced_) {
    dirty_.emplace_back(now, stored_.log.end_offset());
    write_back(now);
  }
}

void StoredReplica::write_back(kraft::Time now) {
  while (!dirty_.empty() && dirty_.front().first + kWriteBack <= now) {
    synced_ = dirty_.front().second;
    dirty_.pop_front();
  }
  if (unfrozen_since_ + kWriteBack <= now) unfrozen_ = 0;
}

void StoredReplica::crash(kraft::Time now, const cluster::CrashFault& how,
                          const std::vector<kraft::raft::Write>& in_flight) {
  write_back(now);
  dirty_.clear();
  drop_unfrozen(stored_);
  unfrozen_ = 0;
  if (how.machine && platter_) {
    stored_.log.truncate_to(synced_);
    // Two logs that agree on the offset and the epoch of their ends agree on all.
    forgot_ = forgot_ || !(platter_->log.end() == stored_.log.end()) ||
              !(platter_->quorum_state == stored_.quorum_state);
    stored_ = *platter_;
    synced_ = stored_.log.end_offset();
    return;
  }
  std::uint32_t kept = how.unsynced == cluster::Unsynced::kSubset ? how.subset.value_or(0) : UINT32_MAX;
  const auto next_is_kept = [&kept] {
    const bool is_kept = (kept & 1U) != 0;
    kept = kept >> 1U | 1U << 31U;
    return is_kept;
  };
  if (how.unsynced != cluster::Unsynced::kLost) {
    for (const kraft::raft::Write& write : in_flight) {
      if (!has_what_it_needs(write)) break;
      // A log makes way after the snapshot has its name, in a step of its own.
      const bool makes_way = std::holds_alternative<kraft::raft::TrimLog>(write) ||
                             std::holds_alternative<kraft::raft::ResetLog>(write);
      if (makes_way && !next_is_kept()) break;
      // The quorum-state file has its name before anything after it is written; a snapshot gets its own in its time.
      if (std::holds_alternative<kraft::raft::WriteQuorumState>(write) && !next_is_kept()) break;
      if (!std::holds_alternative<kraft::raft::WriteSnapshot>(write) || next_is_kept()) apply(write);
    }
    unfrozen_ = 0;  // those that got their names
    const auto& batches = stored_.log.batches();
    const bool torn = how.unsynced == cluster::Unsynced::kTorn;
    for (std::size_t i = stored_.log.index_of(synced_); i < batches.size(); ++i) {
      if (!next_is_kept() || (torn && i + 1 == batches.size())) break;
      synced_ = i + 1 < batches.size() ? batches[i + 1]->base_offset : stored_.log.end_offset();
    }
  }
  stored_.log.truncate_to(synced_);
  damaged_.erase(damaged_.lower_bound(synced_), damaged_.end());
}

void StoredReplica::drop_unfrozen(kraft::raft::Durable& disk) const {
  disk.snapshots.resize(disk.snapshots.size() - unfrozen_);
}

/// A log makes way only for a snapshot that is there.
bool StoredReplica::has_what_it_needs(const kraft::raft::Write& write) const {
  const auto is_here = [&](const kraft::raft::OffsetAndEpoch& id) {
    return std::ranges::any_of(stored_.snapshots, [&](const auto& s) { return kraft::raft::id_of(*s) == id; });
  };
  if (const auto* trim = std::get_if<kraft::raft::TrimLog>(&write)) return is_here(trim->snapshot_id);
  if (const auto* reset = std::get_if<kraft::raft::ResetLog>(&write)) return is_here(reset->snapshot_id);
  return true;
}

std::optional<kraft::Offset> StoredReplica::recover() {
  if (damaged_.empty()) return std::nullopt;
  const kraft::Offset cut = *damaged_.begin();
  forgot_ = forgot_ || cut < synced_;
  stored_.log.truncate_to(cut);
  synced_ = std::min(synced_, cut);
  damaged_.clear();
  return cut;
}

void StoredReplica::wipe() {
  StoredReplica empty;
  empty.predecessors_forgot_ =
      forgot() || synced_ > kraft::Offset(0) || !(stored_.quorum_state == empty.stored_.quorum_state);
  if (platter_) empty.platter_ = empty.stored_;
  empty.generation_ = generation_ + 1;
  *this = std::move(empty);
}

void StoredReplica::lie(bool lying) {
  if (!lying) {
    platter_.reset();
  } else if (!platter_) {
    platter_ = stored_;
    platter_->log.truncate_to(synced_);
    drop_unfrozen(*platter_);
  }
}

std::optional<std::size_t> StoredReplica::batch_at(std::int64_t offset) const {
  const auto& batches = stored_.log.batches();
  const auto after = std::ranges::upper_bound(batches, kraft::Offset(offset), {},
                                              [](const auto& batch) { return batch->base_offset; });
  if (after == batches.begin() || kraft::Offset(offset) >= stored_.log.end_offset()) return std::nullopt;
  return static_cast<std::size_t>(after - batches.begin()) - 1;
}

std::vector<std::int64_t> StoredReplica::damage(const cluster::DamageLogFault& fault, kraft::Rng& rng) {
  const auto& batches = stored_.log.batches();
  std::set<std::size_t> struck;
  for (const std::int64_t offset : fault.offsets) {
    if (const auto index = batch_at(offset)) struck.insert(*index);
  }
  if (fault.offsets.empty() && !batches.empty()) {
    const std::size_t last = batches.size() - 1;
    if (fault.damage != cluster::LogDamage::kBitRot) struck.insert(last);
    if (fault.damage != cluster::LogDamage::kLostWrite) struck.insert(static_cast<std::size_t>(rng.below(last + 1)));
  }
  std::vector<std::int64_t> offsets;
  for (const std::size_t index : struck) {
    damaged_.insert(batches[index]->base_offset);
    offsets.push_back(batches[index]->base_offset.value());
  }
  return offsets;
}

}  // namespace kraftsim::kraft_host
