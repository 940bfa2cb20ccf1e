// Changes of the voter set and of kraft.version (KIP-853): one at a time, one voter at a time, in the log like anything
// else, in force from the moment they are in it.
//
// One voter more or less leaves every old majority in touch with every new one (thesis §4.1). That this holds for
// each two sets in a row is the preconditions' doing: the set before must be committed, and so must something of the
// leader's own epoch, or two leaders could each build on a set that the other never saw (Ongaro, 2015). A follower
// checks nothing: what is in the log is in force.
#include <utility>

#include "core/base/check.hpp"
#include "core/raft/replica.hpp"

namespace kraft::raft {

// ---- requests, on the leader ----

void Replica::answer_change(Turn& turn, NodeId from, CorrelationId id, const AddRaftVoterRequest& request) {
  const Leader::PendingChange pending{
      .kind = Leader::PendingChange::Kind::kAddVoter, .from = from, .correlation_id = id, .end = {}};
  const auto refuse = [&](Error error) { say_change(turn, pending, error); };
  if (request.voter.directory_id.is_zero()) return refuse(Error::kInvalidRequest);
  if (const Error error = refuse_change(); error != Error::kNone) return refuse(error);
  if (voters().contains(request.voter.id)) return refuse(Error::kDuplicateVoter);
  // Or the quorum could need its vote before it has anything (thesis §4.2.1).
  const Leader& leader = quorum_.as<Leader>();
  if (!leader.is_caught_up(request.voter, config_.caught_up_window, turn.now)) return refuse(Error::kRequestTimedOut);
  change(turn, pending, request.ack_when_committed, {to_record(voters().with(request.voter))});
}

void Replica::answer_change(Turn& turn, NodeId from, CorrelationId id, const RemoveRaftVoterRequest& request) {
  const Leader::PendingChange pending{
      .kind = Leader::PendingChange::Kind::kRemoveVoter, .from = from, .correlation_id = id, .end = {}};
  const auto refuse = [&](Error error) { say_change(turn, pending, error); };
  if (const Error error = refuse_change(); error != Error::kNone) return refuse(error);
  const ReplicaKey* voter = voters().find(request.voter.id);
  if (voter == nullptr || *voter != request.voter || voters().size() == 1) return refuse(Error::kVoterNotFound);
  change(turn, pending, true, {to_record(voters().without(request.voter))});
}

/// Only kraft.version 0 -> 1 exists. The configured voters go into the log, with the directories that their fetches
/// told.
void Replica::answer_change(Turn& turn, NodeId from, CorrelationId id, const UpdateFeaturesRequest& request) {
  const Leader::PendingChange pending{
      .kind = Leader::PendingChange::Kind::kUpgrade, .from = from, .correlation_id = id, .end = {}};
  const auto reply = [&](Error error) { say_change(turn, pending, error); };
  if (const Error error = refuse_change(); error != Error::kNone && error != Error::kUnsupportedVersion) {
    return reply(error);
  }
  if (request.kraft_version == kraft_version()) return reply(Error::kNone);
  if (request.kraft_version < kraft_version() || request.kraft_version > kLatestKRaftVersion) {
    return reply(Error::kInvalidUpdateVersion);
  }
  std::vector<ReplicaKey> keys;
  for (const Leader::Progress& voter : quorum_.as<Leader>().voters) {
    keys.push_back(voter.key.id == self_.id ? self_ : voter.key);
    if (keys.back().directory_id.is_zero()) return reply(Error::kInvalidUpdateVersion);
  }
  change(turn, pending, true,
         {records::KRaftVersionRecord{.kraft_version = request.kraft_version}, to_record(VoterSet(std::move(keys)))});
}

/// What every change needs, in Kafka's order. All of it may pass, but for the version.
Error Replica::refuse_change() const {
  if (role() != Role::kLeader) return Error::kNotLeaderOrFollower;
  const Leader& leader = quorum_.as<Leader>();
  if (leader.pending_change || !leader.high_watermark) return Error::kRequestTimedOut;
  if (kraft_version() == 0) return Error::kUnsupportedVersion;
  return history_.latest().offset >= *leader.high_watermark ? Error::kRequestTimedOut : Error::kNone;
}

void Replica::say_change(Turn& turn, const Leader::PendingChange& change, Error error) {
  const LeaderAndEpoch leader = quorum_.leader_and_epoch();
  switch (change.kind) {
    case Leader::PendingChange::Kind::kAddVoter:
      return say(turn, change.from, change.correlation_id, AddRaftVoterResponse{.error = error, .leader = leader});
    case Leader::PendingChange::Kind::kRemoveVoter:
      return say(turn, change.from, change.correlation_id, RemoveRaftVoterResponse{.error = error, .leader = leader});
    case Leader::PendingChange::Kind::kUpgrade:
      return say(turn, change.from, change.correlation_id, UpdateFeaturesResponse{.error = error, .leader = leader});
  }
}

void Replica::change(Turn& turn, Leader::PendingChange pending, bool wait, records::ControlRecords&& records) {
  append_control_as_leader(turn, std::move(records));
  if (!wait) return say_change(turn, pending, Error::kNone);
  pending.end = log_.end_offset();
  pending.deadline = turn.now + config_.request_timeout;
  quorum_.as<Leader>().pending_change = pending;
}

/// Answered when it is committed, or when that takes too long: then it stays in the log and may yet be.
void Replica::settle_change(Turn& turn) {
  Leader& leader = quorum_.as<Leader>();
  const Leader::PendingChange pending = *leader.pending_change;
  const bool is_committed = leader.high_watermark && *leader.high_watermark >= pending.end;
  if (!is_committed && turn.now < pending.deadline) return;
  leader.pending_change.reset();
  say_change(turn, pending, is_committed ? Error::kNone : Error::kRequestTimedOut);
}

bool Replica::is_removed_for_good() const {
  const auto& high_watermark = quorum_.as<Leader>().high_watermark;
  return !is_voter_ && high_watermark && history_.latest().offset < *high_watermark;
}

// ---- on every replica ----

void Replica::on_voters_changed(Turn& turn) {
  is_voter_ = voters().contains(self_);
  quorum_.set_voter(is_voter_);
  if (role() == Role::kLeader) quorum_.as<Leader>().set_voters(voters(), turn.now);
  turn.out.notices.push_back(VotersChanged{.kraft_version = kraft_version(), .voters = voters()});
}

/// controller.quorum.auto.join.enable: an observer asks to be a voter in place of itself with an older directory, if
/// that is what the voters hold (KIP-853). It does not wait for the commit, which would wait for its own fetches
/// (KAFKA-19400).
bool Replica::join(Turn& turn, NodeId leader) {
  quorum_.as<Follower>().join_deadline = next_join_deadline(turn.now);
  if (is_voter_ || kraft_version() == 0) return false;
  if (const ReplicaKey* former = voters().find(self_.id)) {
    ask(turn, leader, RemoveRaftVoterRequest{.voter = *former});
  } else {
    ask(turn, leader, AddRaftVoterRequest{.voter = self_, .ack_when_committed = false});
  }
  return true;
}

}  // namespace kraft::raft
