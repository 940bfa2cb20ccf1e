// Snapshots beside the log (KIP-630): keeping those that the node above makes, cutting the log before old ones, sending
// them to whom the log cannot serve, and taking a leader's in place of the own log.
//
// A snapshot holds committed records only, so no snapshot ever needs to be taken back; and the log is cut only where a
// durable one ends, so that snapshot and log together always hold everything.
#include <algorithm>
#include <utility>

#include "core/base/check.hpp"
#include "core/raft/replica.hpp"

namespace kraft::raft {

// ---- the own ----

void Replica::keep_snapshot(Turn& turn, records::SnapshotRef snapshot) {
  const OffsetAndEpoch id = id_of(*snapshot);
  if (!snapshots_.empty() && id.offset <= snapshots_.back()->header.end_offset) return;  // too late (KAFKA-13073)
  ENSURE(committed_ && id.offset <= *committed_, "a snapshot holds committed records only (KIP-630)");
  ENSURE(log_.holds(id), "a snapshot ends where a batch of the log does (KAFKA-14619)");
  const VoterHistory::Entry& quorum = history_.at(id.offset);
  ENSURE_EQ(snapshot->header.kraft_version, quorum.kraft_version, "a snapshot tells the kraft.version as of its end");
  ENSURE(quorum.kraft_version == 0 || snapshot->header.voters == to_record(quorum.voters),
         "a snapshot tells the voters as of its end (KIP-853)");
  turn.out.notices.push_back(SnapshotKept{.id = id});
  skip_cleanings_until(turn.now);  // while there was nothing to clean nobody woke up for them
  snapshots_.push_back(snapshot);
  // Not synced: nothing depends on it before the log is cut, and that is.
  persist(turn, WriteSnapshot{.snapshot = std::move(snapshot)}, false);
}

/// Kafka's cleanSnapshots and deleteBeforeSnapshot: never past the latest snapshot, nor past what is known to be
/// committed.
void Replica::clean_log(Turn& turn) {
  skip_cleanings_until(turn.now);
  const Offset before = log_.start_offset();
  while (snapshots_.size() > 1 && snapshots_[1]->header.end_offset <= committed_.value_or(Offset(0)) &&
         exceeds_retention(turn.now)) {
    snapshots_.erase(snapshots_.begin());
    log_.trim_to(id_of(*snapshots_.front()));
  }
  if (log_.start_offset() == before) return;
  turn.out.notices.push_back(LogTrimmed{.start_offset = log_.start_offset()});
  persist(turn, TrimLog{.snapshot_id = log_.start()}, true);
}

void Replica::skip_cleanings_until(Time now) {
  if (now >= next_clean_) next_clean_ += ((now - next_clean_) / config_.clean_interval + 1) * config_.clean_interval;
}

bool Replica::exceeds_retention(Time now) const {
  std::int64_t bytes = log_.size_bytes();
  for (const records::SnapshotRef& snapshot : snapshots_) bytes += snapshot->size_bytes;
  const Duration age = now - snapshots_.front()->header.last_contained_log_timestamp;
  return (config_.retention_bytes >= 0 && bytes > config_.retention_bytes) ||
         (config_.retention >= Duration(0) && age > config_.retention);
}

// ---- the leader's end ----

/// What a follower must take before its fetches can be answered from the log: because its position is not in there any
/// more, or because a snapshot is the quicker way for who has nothing (KafkaRaftLog.validateOffsetAndEpoch).
std::optional<OffsetAndEpoch> Replica::snapshot_instead(const FetchRequest& request) const {
  const records::Snapshot* latest = latest_snapshot();
  if (latest == nullptr) return std::nullopt;
  const OffsetAndEpoch earliest = id_of(*snapshots_.front());
  const bool is_below = request.fetch_offset < log_.start_offset() || request.last_fetched_epoch < earliest.epoch;
  const bool is_beside = request.fetch_offset == log_.start_offset() && request.last_fetched_epoch != earliest.epoch;
  if (request.fetch_offset != Offset(0) && !is_below && !is_beside) return std::nullopt;
  return id_of(*latest);
}

/// Without any memory of who fetches what: the position is in the request.
FetchSnapshotResponse Replica::answer(Turn& turn, const FetchSnapshotRequest& request) {
  FetchSnapshotResponse response{.error = check_leader_request(request.current_leader_epoch),
                                 .leader = quorum_.leader_and_epoch()};
  if (response.error != Error::kNone) return response;
  if (request.max_bytes < 1) {
    response.error = Error::kInvalidRequest;
    return response;
  }
  const auto found = std::ranges::find_if(snapshots_, [&](const auto& snapshot) {
    return !snapshot->is_bootstrap() && id_of(*snapshot) == request.snapshot_id;
  });
  if (found == snapshots_.end()) {
    response.error = Error::kSnapshotNotFound;
  } else if (request.position < 0 || request.position >= (*found)->size_bytes) {
    response.error = Error::kPositionOutOfRange;
  } else {
    response.snapshot = *found;
    response.position = request.position;
    response.bytes = std::min(request.max_bytes, (*found)->size_bytes - request.position);
    Leader& leader = quorum_.as<Leader>();
    if (auto* voter = leader.find(request.replica)) leader.on_contact(*voter, turn.now);
  }
  return response;
}

// ---- the follower's end ----

void Replica::fetch_snapshot(Turn& turn, NodeId from) {
  const PartialSnapshot& partial = *quorum_.as<Follower>().fetching;
  ask(turn, from,
      FetchSnapshotRequest{.current_leader_epoch = epoch(),
                           .replica = self_,
                           .snapshot_id = partial.id,
                           .position = partial.received,
                           .max_bytes = config_.fetch_snapshot_max_bytes});
}

bool Replica::accept(Turn& turn, FetchSnapshotResponse&& response) {
  const Verdict verdict = judge(turn, response.error, response.leader);
  const bool is_gone = response.error == Error::kSnapshotNotFound || response.error == Error::kPositionOutOfRange;
  if (verdict != Verdict::kGoOn && !is_gone) return verdict == Verdict::kDone;
  if (role() != Role::kFollower || !quorum_.as<Follower>().fetching) return true;

  Follower& follower = quorum_.as<Follower>();
  follower.on_fetched(draw_fetch_deadline(turn.now));
  PartialSnapshot& partial = *follower.fetching;
  if (is_gone) {
    follower.fetching.reset();  // the leader has cleaned up; its next answer to a Fetch names a newer one
    return true;
  }
  ENSURE(response.snapshot && id_of(*response.snapshot) == partial.id, "another snapshot than was asked for");
  ENSURE_EQ(response.position, partial.received, "chunks come in order and leave no gap");
  ENSURE_GT(response.bytes, 0, "a chunk of nothing would be asked for again for ever");
  partial.received += response.bytes;
  if (partial.received < response.snapshot->size_bytes) return true;
  follower.fetching.reset();
  install(turn, std::move(response.snapshot));
  return true;
}

/// In place of the whole log, whatever the log holds: the leader says that the two do not meet, and what is committed
/// is in the snapshot. (Kafka keeps a log that ends in a later epoch than the snapshot, and stops there.)
void Replica::install(Turn& turn, records::SnapshotRef snapshot) {
  const OffsetAndEpoch id = id_of(*snapshot);
  ENSURE_GE(id.offset, known_committed(), "the leader's snapshot lacks committed records");
  ENSURE(role() != Role::kLeader, "a leader takes nobody's snapshot");
  log_.reset_to(id);
  snapshots_ = {snapshot};
  const VoterHistory::Entry before = history_.latest();
  history_ = VoterHistory(configured_, snapshot.get(), log_);
  turn.out.notices.push_back(SnapshotKept{.id = id, .fetched = true});
  // The snapshot first: a crash in between leaves both, and the next start finishes this.
  persist(turn, WriteSnapshot{.snapshot = std::move(snapshot)}, true);
  persist(turn, ResetLog{.snapshot_id = id}, true);
  if (history_.latest() != before) on_voters_changed(turn);
  commit(turn, id.offset);
}

}  // namespace kraft::raft
