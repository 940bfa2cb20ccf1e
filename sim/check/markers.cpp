// Each marker in one or two lines; what costs to tell is looked for only where it can be.
#include "sim/check/markers.hpp"

#include <algorithm>
#include <variant>

namespace kraftsim::check {
namespace {

using kraft::raft::Role;

}  // namespace

const std::array<MarkerName, kMarkers>& marker_names() {
  // tidy: allow(static) because it is a constant table.
  static const std::array<MarkerName, kMarkers> kNames = {{
      {"split_vote", "A candidate waited its election time-out and was not elected."},
      {"pre_vote_denied", "A voter denied a pre-vote."},
      {"vote_denied", "A voter denied a vote."},
      {"vote_denied_stale_log", "A voter denied a vote to a candidate whose log was behind its own."},
      {"vote_repeated", "A voter gave the vote that it had given already."},
      {"check_quorum_resignation", "A leader stepped down because no majority fetched from it."},
      {"leader_without_majority", "A leader of an old epoch lived on beside one of a newer."},
      {"stale_leader_fenced", "A leader learnt that there is a newer epoch."},
      {"truncation", "A log was truncated."},
      {"diverging_fetch", "A leader told a follower where their logs part."},
      {"restart_as_resigned", "A leader's process was started again, as a resigned one."},
      {"restart_as_candidate", "A candidate's process was started again, and was still a candidate."},
      {"unsynced_lost", "A crash took what was not synced."},
      {"voters_changed", "A record in the log changed the voters."},
      {"voter_change_refused", "A leader put off a change of the voters: another was under way, or who was to be added "
                               "had not caught up."},
      {"voter_change_inherited", "A leader was elected with a change of the voters in its log that it did not know to "
                                 "be committed."},
      {"voter_change_rolled_back", "A change of the voters was truncated."},
      {"leader_removed_itself", "A leader resigned because it was no voter any more."},
      {"vote_by_observer", "One who was no voter by its own log granted a vote."},
      {"auto_joined", "A controller became a voter that had asked for it by itself."},
      {"wiped_voter_replaced", "A controller became a voter on a disk that was not its first."},
      {"log_cut", "A log was cut before a snapshot."},
      {"below_log_start", "A leader's log no longer held what a follower asked for."},
      {"snapshot_fetched", "A follower took the leader's snapshot in place of its log."},
      {"snapshot_in_chunks", "A follower got a snapshot in more than one piece."},
      {"snapshot_gone", "A leader had deleted the snapshot that a follower was fetching."},
      {"snapshot_during_voter_change", "A node made a snapshot while a change of the voters in its log was not "
                                       "committed."},
      {"snapshot_changed_voters", "A fetched snapshot brought other voters than the log had."},
  }};
  return kNames;
}

std::string line(Marker marker) { return std::string(marker_names()[static_cast<std::size_t>(marker)].name); }

std::optional<Marker> parse_marker(std::string_view name) {
  const auto& names = marker_names();
  const auto found = std::ranges::find(names, name, &MarkerName::name);
  if (found == names.end()) return std::nullopt;
  return static_cast<Marker>(found - names.begin());
}

void Markers::hear(const Step& step) {
  for (const Message* message : step.sent) {
    if (const auto* answer = std::get_if<kraft::raft::VoteResponse>(&message->body)) {
      const auto& disk = step.before->disk_state;
      if (answer->vote_granted) {
        const auto* voters = step.after->voter_set;
        if (!answer->pre_vote && voters != nullptr && !voters->contains(step.after->id)) meet(Marker::kVoteByObserver);
        if (!answer->pre_vote && step.received != nullptr && disk.leader_epoch == answer->leader.epoch &&
            disk.voted_key && disk.voted_key->id == message->to) {
          meet(Marker::kVoteRepeated);
        }
        continue;
      }
      meet(answer->pre_vote ? Marker::kPreVoteDenied : Marker::kVoteDenied);
      const auto* asked =
          step.received == nullptr ? nullptr : std::get_if<kraft::raft::VoteRequest>(&step.received->body);
      if (!answer->pre_vote && asked != nullptr && step.after->log != nullptr && is_behind(*asked, *step.after->log)) {
        meet(Marker::kVoteDeniedStaleLog);
      }
    } else if (const auto* fetched = std::get_if<kraft::raft::FetchResponse>(&message->body)) {
      if (fetched->diverging) meet(Marker::kDivergingFetch);
      const auto* asked =
          step.received == nullptr ? nullptr : std::get_if<kraft::raft::FetchRequest>(&step.received->body);
      if (fetched->snapshot_id && asked != nullptr && step.after->log != nullptr &&
          asked->fetch_offset < step.after->log->start_offset()) {
        meet(Marker::kBelowLogStart);
      }
    } else if (const auto* chunk = std::get_if<kraft::raft::FetchSnapshotResponse>(&message->body)) {
      if (chunk->error == kraft::raft::Error::kSnapshotNotFound) meet(Marker::kSnapshotGone);
    } else if (std::holds_alternative<kraft::raft::AddRaftVoterRequest>(message->body)) {
      known_[step.index].asked_to_join = true;
    } else if (const auto* added = std::get_if<kraft::raft::AddRaftVoterResponse>(&message->body)) {
      if (added->error == kraft::raft::Error::kRequestTimedOut) meet(Marker::kVoterChangeRefused);
    } else if (const auto* removed = std::get_if<kraft::raft::RemoveRaftVoterResponse>(&message->body)) {
      if (removed->error == kraft::raft::Error::kRequestTimedOut) meet(Marker::kVoterChangeRefused);
    }
  }
  const auto* chunk =
      step.received == nullptr ? nullptr : std::get_if<kraft::raft::FetchSnapshotResponse>(&step.received->body);
  if (chunk != nullptr && chunk->position > 0) meet(Marker::kSnapshotInChunks);
}

void Markers::see(const Step& step) {
  const NodeView& before = *step.before;
  const NodeView& now = *step.after;
  if (now.disk_mark.end < before.disk_mark.end && before.up && !now.up) meet(Marker::kUnsyncedLost);
  if (!now.up) return;
  see_voters(step);
  if (!same_process(step)) {
    if (now.role == Role::kResigned) meet(Marker::kRestartAsResigned);
    if (now.role == Role::kCandidate) meet(Marker::kRestartAsCandidate);
    return;
  }
  see_snapshots(step);
  if (!before.log_mark.is_prefix_of(*now.log)) meet(Marker::kTruncation);
  if (before.role == Role::kCandidate && step.timer &&
      (now.role == Role::kProspective || (now.role == Role::kCandidate && now.epoch > before.epoch))) {
    meet(Marker::kSplitVote);
  }
  if (before.role == Role::kLeader) {
    if (now.role == Role::kResigned && step.timer) meet(Marker::kCheckQuorumResignation);
    if (now.epoch > before.epoch) meet(Marker::kStaleLeaderFenced);
  }
  if (now.role != Role::kLeader || before.role == Role::kLeader) return;
  for (const NodeView& other : step.nodes) {
    if (other.up && other.role == Role::kLeader && other.epoch < now.epoch) meet(Marker::kLeaderWithoutMajority);
  }
}

void Markers::see_voters(const Step& step) {
  const NodeView& now = *step.after;
  if (now.voter_history == nullptr) return;
  const kraft::raft::VoterHistory::Entry& latest = now.voter_history->latest();
  Known& known = known_[step.index];
  if (known.incarnation != now.incarnation) known = {now.incarnation, latest.offset, latest.voters, false};
  const bool is_open = latest.offset >= step.before->high_watermark.value_or(Offset(0));
  if (now.role == Role::kLeader && step.before->role != Role::kLeader && is_open) meet(Marker::kVoterChangeInherited);
  if (now.role == Role::kResigned && step.before->role == Role::kLeader && !latest.voters.contains(now.id)) {
    meet(Marker::kLeaderRemovedItself);
  }
  if (latest.offset == known.since) return;
  if (latest.voters != known.voters) {
    meet(Marker::kVotersChanged);
    const bool was_there = same_process(step) && step.before->log_mark.end > latest.offset;
    if (latest.offset < known.since && was_there) meet(Marker::kVoterChangeRolledBack);
    if (step.before->log_mark.start < now.log->start_offset()) meet(Marker::kSnapshotChangedVoters);
    const kraft::raft::ReplicaKey* as = latest.voters.find(now.id);
    const kraft::raft::ReplicaKey* former = known.voters.find(now.id);
    if (as != nullptr && (former == nullptr || *former != *as)) {
      if (known.asked_to_join) meet(Marker::kAutoJoined);
      if (now.disk_number > 0) meet(Marker::kWipedVoterReplaced);
    }
  }
  known.since = latest.offset;
  known.voters = latest.voters;
}

void Markers::see_snapshots(const Step& step) {
  const NodeView& before = *step.before;
  const NodeView& now = *step.after;
  const bool fetched =
      step.received != nullptr && std::holds_alternative<kraft::raft::FetchSnapshotResponse>(step.received->body);
  if (before.log_mark.start < now.log->start_offset()) meet(fetched ? Marker::kSnapshotFetched : Marker::kLogCut);
  if (now.snapshot == before.snapshot || now.snapshot == nullptr || fetched || now.voter_history == nullptr) return;
  if (now.voter_history->latest().offset >= now.high_watermark.value_or(Offset(0))) {
    meet(Marker::kSnapshotDuringVoterChange);
  }
}

}  // namespace kraftsim::check
