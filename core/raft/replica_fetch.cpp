// The follower's end of replication: asking, cutting off what the leader does not have, appending what it has.
//
// A fetch at an offset tells the leader that everything before it is on this disk, so a voter's next fetch waits for
// its fsync (KAFKA-10533); an observer's says nothing that anybody counts. At most one fetch is in flight, over all
// nodes, or two answers could both append.
#include <algorithm>
#include <utility>

#include "core/base/check.hpp"
#include "core/raft/replica.hpp"

namespace kraft::raft {

void Replica::fetch(Turn& turn, NodeId from) {
  ask(turn, from,
      FetchRequest{.current_leader_epoch = epoch(),
                   .replica = self_,
                   .fetch_offset = log_.end_offset(),
                   .last_fetched_epoch = log_.last_epoch(),
                   .max_wait = config_.fetch_max_wait,
                   .high_watermark = committed_});
}

void Replica::fetch_from_any(Turn& turn) {
  if (requests_.has_any_in_flight()) return;
  // Voters whom its settings do not name may know the leader, and be the only ones who do: those that they name may all
  // have been removed. So may the leader that it last heard of. (Kafka asks the bootstrap servers alone.)
  std::vector<NodeId> others = voters().ids();
  if (const auto leader = leader_id(); leader && !voters().contains(*leader)) others.push_back(*leader);
  std::erase(others, self_.id);
  if (const auto server = requests_.random_ready(rng_, others)) fetch(turn, *server);
}

bool Replica::accept(Turn& turn, FetchResponse&& response) {
  const Verdict verdict = judge(turn, response.error, response.leader);
  if (role() == Role::kFollower && !is_voter_ && response.error == Error::kNotLeaderOrFollower &&
      response.leader == quorum_.leader_and_epoch() && !requests_.is_bootstrap(*leader_id())) {
    // An observer whose time is up asks the bootstrap servers and the voters that it knows of. One of them confirms the
    // leader, which may be none of them: it must be asked again, or it never would be (KAFKA-20514).
    quorum_.as<Follower>().fetch_deadline = draw_fetch_deadline(turn.now);
  }
  if (verdict != Verdict::kGoOn) return verdict == Verdict::kDone;
  if (role() != Role::kFollower) return true;

  Follower& follower = quorum_.as<Follower>();
  follower.on_fetched(draw_fetch_deadline(turn.now));
  if (response.diverging) {
    truncate(turn, *response.diverging);
    return true;
  }
  if (response.snapshot_id) {
    follower.fetching = PartialSnapshot{.id = *response.snapshot_id};
    return true;
  }
  append_as_follower(turn, std::move(response.batches));
  // Never past what this log holds: only that much was proved to be the leader's.
  if (response.high_watermark) commit(turn, std::min(log_.end_offset(), *response.high_watermark));
  return true;
}

/// To the end of the largest epoch that both logs know (KIP-595). Not synced: what comes back after a crash is a longer
/// tail that was never committed, and the next fetch cuts it off again.
void Replica::truncate(Turn& turn, const DivergingEpoch& diverging) {
  const OffsetAndEpoch local = log_.end_offset_for_epoch(diverging.epoch);
  const Offset end = local.epoch == diverging.epoch ? std::min(local.offset, diverging.end_offset) : local.offset;
  ENSURE_GE(diverging.end_offset, known_committed(), "the leader lacks committed records");
  ENSURE_GE(end, known_committed(), "committed records are never cut off");
  ENSURE_LT(end, log_.end_offset(), "logs that diverge have something to cut off");
  log_.truncate_to(end);
  const bool voters_changed = history_.latest().offset >= end;
  history_.truncate_to(end);
  turn.out.notices.push_back(Truncated{.end_offset = end});
  persist(turn, TruncateLog{.end_offset = end}, false);
  if (voters_changed) on_voters_changed(turn);
}

void Replica::append_as_follower(Turn& turn, std::vector<records::BatchRef>&& batches) {
  // A leader's log has no later epoch than its own; a batch that says otherwise was overwritten while it was read
  // (KAFKA-18723).
  const auto newer = std::ranges::find_if(batches, [&](const auto& batch) { return batch->epoch > epoch(); });
  batches.erase(newer, batches.end());
  if (batches.empty()) return;
  const Offset base = log_.end_offset();
  const Offset voters_since = history_.latest().offset;
  for (const records::BatchRef& batch : batches) {
    log_.append(batch);
    history_.append(*batch);
  }
  turn.out.notices.push_back(Appended{.base_offset = base, .end_offset = log_.end_offset()});
  persist(turn, AppendBatches{.batches = std::move(batches)}, is_voter_ || config_.can_become_voter);
  if (history_.latest().offset != voters_since) on_voters_changed(turn);
}

}  // namespace kraft::raft
