// A leader's work: appending what callers give it, answering fetches, and moving the high watermark.
//
// New records go to the followers while the leader's own disk still syncs them (thesis §10.2.1, and Kafka): parked
// fetches are answered before the write is handed out, and the leader counts itself only when `Persisted` comes. A new
// set of voters alone goes to its own disk first.
#include <algorithm>
#include <utility>

#include "core/raft/replica.hpp"

namespace kraft::raft {
namespace {

constexpr Duration kLongestMaxWait = std::chrono::hours(1);  // whatever a peer may ask for

}  // namespace

// ---- appending ----

void Replica::append_records(Turn& turn, Append&& append) {
  if (role() != Role::kLeader || append.epoch != epoch()) {
    turn.out.notices.push_back(AppendRefused{.current_epoch = epoch()});
    return;
  }
  quorum_.as<Leader>().accumulator.append(turn.now, std::move(append.records));
}

void Replica::drain_accumulator(Turn& turn) {
  std::vector<records::BatchRef> batches;
  Offset base = log_.end_offset();
  for (records::MetadataRecords& records : quorum_.as<Leader>().accumulator.drain()) {
    batches.push_back(records::make_batch(base, epoch(), turn.now, std::move(records)));
    base = batches.back()->end_offset();
  }
  append_as_leader(turn, std::move(batches));
}

void Replica::append_as_leader(Turn& turn, std::vector<records::BatchRef>&& batches) {
  const Offset base = log_.end_offset();
  const Offset voters_since = history_.latest().offset;
  for (const records::BatchRef& batch : batches) {
    log_.append(batch);
    history_.append(*batch);
  }
  turn.out.notices.push_back(Appended{.base_offset = base, .end_offset = log_.end_offset()});
  const bool voters_changed = history_.latest().offset != voters_since;
  if (!voters_changed) complete_parked_fetches(turn);
  persist(turn, AppendBatches{.batches = std::move(batches)}, true);
  if (!voters_changed) return;
  // A set of voters is in force where it is read, and must not be lost here then: the only other voter, if it has read
  // that it is none any more, has the longer log, and would refuse this one its vote for ever.
  complete_parked_fetches(turn);
  on_voters_changed(turn);
}

/// What was accepted before goes into the log before: its offsets were given out.
void Replica::append_control_as_leader(Turn& turn, records::ControlRecords&& records) {
  if (quorum_.as<Leader>().accumulator.count() > 0) drain_accumulator(turn);
  append_as_leader(turn, {records::make_batch(log_.end_offset(), epoch(), turn.now, std::move(records))});
}

void Replica::on_persisted(Turn& turn) {
  if (role() != Role::kLeader) return;
  quorum_.as<Leader>().on_synced(log_.end_offset());
  update_high_watermark(turn);
}

void Replica::update_high_watermark(Turn& turn) {
  Leader& leader = quorum_.as<Leader>();
  if (!leader.update_high_watermark()) return;
  commit(turn, *leader.high_watermark);
  // Or followers would learn of it only with the next records (KAFKA-14145).
  complete_parked_fetches(turn);
}

// ---- answering fetches ----

void Replica::answer_fetch(Turn& turn, NodeId from, CorrelationId id, const FetchRequest& request) {
  if (const Error error = check(request); error != Error::kNone) {
    say(turn, from, id, FetchResponse{.error = error, .leader = quorum_.leader_and_epoch()});
    return;
  }
  Leader& leader = quorum_.as<Leader>();
  const auto snapshot_id = snapshot_instead(request);
  const auto diverging = snapshot_id ? std::nullopt : divergence(request);
  if (snapshot_id || diverging) {
    say(turn, from, id,
        FetchResponse{.leader = quorum_.leader_and_epoch(),
                      .high_watermark = leader.high_watermark,
                      .diverging = diverging,
                      .snapshot_id = snapshot_id});
    return;
  }
  // Batches are replicated whole: nobody whose log is this one ends within a batch of it.
  const records::RecordBatch* next = log_.find(request.fetch_offset);
  if (next != nullptr && next->base_offset != request.fetch_offset) {
    say(turn, from, id, FetchResponse{.error = Error::kInvalidRequest, .leader = quorum_.leader_and_epoch()});
    return;
  }
  // Only now: a fetch whose offset does not lie in this log acknowledges nothing.
  if (auto* voter = leader.find(request.replica)) {
    // Configured voters are known by their id alone. What one told with a disk that is gone is void.
    if (voter->told && voter->told->directory_id != request.replica.directory_id) voter->told.reset();
    voter->last_fetch = turn.now;
    leader.on_contact(*voter, turn.now);
    if (voter->end_offset != request.fetch_offset) {
      voter->end_offset = request.fetch_offset;
      update_high_watermark(turn);
    }
  } else if (kraft_version() > 0) {
    leader.on_observer_fetch(request.replica, request.fetch_offset, log_.end_offset(), turn.now);
  }
  const bool has_news = request.fetch_offset < log_.end_offset() || leader.high_watermark > request.high_watermark;
  if (has_news || request.max_wait == Duration(0)) {
    say(turn, from, id, read(request.fetch_offset));
  } else {
    leader.purgatory.park({.from = from,
                           .correlation_id = id,
                           .fetch_offset = request.fetch_offset,
                           .deadline = turn.now + std::min(request.max_wait, kLongestMaxWait)});
  }
}

Error Replica::check(const FetchRequest& request) const {
  if (request.max_wait < Duration(0) || request.fetch_offset < Offset(0) || request.last_fetched_epoch < Epoch(0) ||
      request.last_fetched_epoch > request.current_leader_epoch) {
    return Error::kInvalidRequest;
  }
  return check_leader_request(request.current_leader_epoch);
}

/// KafkaRaftClient.validateLeaderOnlyRequest.
Error Replica::check_leader_request(Epoch request_epoch) const {
  if (request_epoch < epoch()) return Error::kFencedLeaderEpoch;
  if (request_epoch > epoch()) return Error::kUnknownLeaderEpoch;
  return role() == Role::kLeader ? Error::kNone : Error::kNotLeaderOrFollower;
}

/// KIP-595: where the two logs may still agree, unless the fetcher's end is on this log.
std::optional<DivergingEpoch> Replica::divergence(const FetchRequest& request) const {
  if (request.fetch_offset == log_.start_offset()) return std::nullopt;
  const OffsetAndEpoch end = log_.end_offset_for_epoch(request.last_fetched_epoch);
  if (end.epoch == request.last_fetched_epoch && end.offset >= request.fetch_offset) return std::nullopt;
  return DivergingEpoch{.epoch = end.epoch, .end_offset = end.offset};
}

FetchResponse Replica::read(Offset offset) const {
  FetchResponse response{.leader = quorum_.leader_and_epoch(), .high_watermark = high_watermark()};
  log_.read(offset, log_.end_offset(), config_.fetch_max_bytes, response.batches);
  return response;
}

void Replica::complete_parked_fetches(Turn& turn) {
  quorum_.as<Leader>().purgatory.complete_all([&](const ParkedFetch& fetch) {
    say(turn, fetch.from, fetch.correlation_id, read(fetch.fetch_offset));
  });
}

}  // namespace kraft::raft
