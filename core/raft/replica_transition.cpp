// Moves between roles and all that they entail: what is persisted, whose parked fetches are turned away, which timer
// runs. And what makes replicas move: learning, from any message, of a newer epoch or of a leader.
//
// Timers here are half of KRaft's liveness: drawn anew where a replica starts to wait, kept where it merely learns of a
// newer epoch (or rivals with short logs could keep everybody waiting), see `unattached_deadline`.
#include <utility>

#include "core/base/check.hpp"
#include "core/raft/replica.hpp"

namespace kraft::raft {

template <class Change>
void Replica::transition(Turn& turn, Reason reason, Change&& change) {
  const Role from = role();
  FetchPurgatory parked;
  std::optional<Leader::PendingChange> pending_change;
  if (from == Role::kLeader) {
    parked = std::move(quorum_.as<Leader>().purgatory);
    pending_change = quorum_.as<Leader>().pending_change;
  }
  change();
  requests_.reset_all();
  write_quorum_state(turn);
  turn.transitioned = true;
  leader_may_be_news_ = true;
  turn.out.notices.push_back(Transitioned{
      .from = from, .to = role(), .epoch = epoch(), .leader_id = leader_id(), .reason = reason});
  // Whoever waits here for records must look elsewhere, and now (KAFKA-10677).
  parked.complete_all([&](const ParkedFetch& fetch) {
    say(turn, fetch.from, fetch.correlation_id,
        FetchResponse{.error = Error::kNotLeaderOrFollower, .leader = quorum_.leader_and_epoch()});
  });
  if (pending_change) say_change(turn, *pending_change, Error::kNotLeaderOrFollower);
}

void Replica::become_unattached(Turn& turn, Epoch epoch, Reason reason) {
  const Time deadline = unattached_deadline(turn.now, epoch);
  transition(turn, reason, [&] { quorum_.to_unattached(epoch, deadline); });
}

void Replica::become_voted(Turn& turn, const ReplicaKey& candidate) {
  // The candidate's chances are as good as ours: give it a whole time-out (Raft §5.2).
  const Time deadline = draw_election_deadline(turn.now);
  transition(turn, Reason::kVoteGranted, [&] { quorum_.to_voted(candidate, voters(), deadline); });
}

void Replica::become_nominee(Turn& turn, Reason reason) {
  if (!config_.election.pre_vote) return become_candidate(turn, reason);
  const Time deadline = draw_election_deadline(turn.now);
  transition(turn, reason, [&] { quorum_.to_prospective(voters(), deadline); });
}

void Replica::become_candidate(Turn& turn, Reason reason) {
  const Time deadline = deadline_in(turn.now, config_.election.candidate_timeout, rng_);
  transition(turn, reason, [&] { quorum_.to_candidate(voters(), deadline); });
}

void Replica::become_leader(Turn& turn) {
  records::LeaderChangeMessage change{.leader_id = self_.id,
                                      .voters = voters().ids(),
                                      .granting_voters = quorum_.as<Candidate>().votes.granting()};
  const Offset start = log_.end_offset();
  transition(turn, Reason::kVoteMajority,
             [&] { quorum_.to_leader(Leader(config_, voters(), self_, start, turn.now)); });
  // The first record of the epoch: once it is committed, so is everything before it (Raft §5.4.2, §8).
  records::ControlRecords first{std::move(change)};
  const Voter self{self_, config_.supported_kraft_versions};
  const bool is_as_formatted = history_.latest().offset < Offset(0);
  if (kraft_version() > 0 && (is_as_formatted || *voters().find(self_.id) != self)) {
    // Voters that this node was formatted with: others learn them from the log alone (KIP-853). And a leader has
    // nobody but itself to tell what it can do now.
    first.emplace_back(records::KRaftVersionRecord{.kraft_version = kraft_version()});
    first.emplace_back(to_record(voters().without(self).with(self)));
  }
  append_as_leader(turn, {records::make_batch(start, epoch(), turn.now, std::move(first))});
}

void Replica::become_resigned(Turn& turn, Reason reason) {
  const Time deadline = deadline_in(turn.now, config_.election.election_timeout, rng_);
  std::vector<NodeId> successors = quorum_.as<Leader>().successors();
  transition(turn, reason, [&] {
    quorum_.to_resigned({.preferred_successors = successors,
                         .unacknowledged = {successors.begin(), successors.end()},
                         .election_deadline = deadline});
  });
}

void Replica::become_follower(Turn& turn, Epoch epoch, NodeId leader, Reason reason) {
  Follower follower{.fetch_deadline = draw_fetch_deadline(turn.now),
                    .fetching = {},
                    .voter_check_deadline = turn.now + config_.voter_check_interval()};
  transition(turn, reason, [&] { quorum_.to_follower(epoch, leader, std::move(follower)); });
}

void Replica::write_quorum_state(Turn& turn) {
  if (quorum_.data() == written_) return;
  written_ = quorum_.data();
  // Epoch and vote of one step reach the disk in one write, or a crash could part them.
  if (turn.out.persist) {
    if (auto* last = std::get_if<WriteQuorumState>(&turn.out.persist->writes.back())) {
      last->data = written_;
      return;
    }
  }
  persist(turn, WriteQuorumState{.data = written_}, true);
}

Time Replica::draw_election_deadline(Time now) {
  if (!is_voter_) return kNever;
  return deadline_in(now, config_.election.election_timeout, rng_);
}

Time Replica::draw_fetch_deadline(Time now) {
  return deadline_in(now, config_.election.follower_timeout, rng_);
}

/// Whoever was waiting for an election goes on waiting for what is left of its time; whoever had a leader, led, or was
/// just refused starts afresh (KafkaRaftClient, QuorumState.transitionToUnattached).
Time Replica::unattached_deadline(Time now, Epoch epoch) {
  if (!is_voter_) return kNever;
  switch (role()) {
    case Role::kUnattached: return quorum_.as<Unattached>().election_deadline;
    case Role::kCandidate: return quorum_.as<Candidate>().election_deadline;
    case Role::kResigned: return quorum_.as<Resigned>().election_deadline;
    case Role::kProspective:
      if (!quorum_.as<Prospective>().pre_votes.is_rejected()) return quorum_.as<Prospective>().election_deadline;
      break;
    case Role::kFollower:
      if (config_.election.keep_timer_on_higher_epoch && epoch > this->epoch()) {
        return quorum_.as<Follower>().fetch_deadline;
      }
      break;
    case Role::kLeader: break;
  }
  return draw_election_deadline(now);
}

/// KafkaRaftClient.maybeTransition. True if this replica moved.
bool Replica::learn(Turn& turn, const LeaderAndEpoch& told) {
  if (told.leader_id == self_.id) {
    // With another disk, that is gone: as it is now it never led, and until the voters have elected somebody else there
    // is nobody to follow (KIP-853). Kafka's process dies of it (KafkaRaftClient.hasConsistentLeader).
    if (!is_voter_) {
      if (told.epoch > epoch()) become_unattached(turn, told.epoch, Reason::kHigherEpoch);
      return false;
    }
    ENSURE_EQ(told.epoch, epoch(), "told to lead an epoch that it never led");
    ENSURE(role() == Role::kLeader || role() == Role::kResigned, "told to lead an epoch that it never led");
    return false;
  }
  if (told.epoch > epoch() && !told.leader_id) {
    become_unattached(turn, told.epoch, Reason::kHigherEpoch);
    return true;
  }
  if (told.leader_id && (told.epoch > epoch() || !leader_id())) {
    become_follower(turn, told.epoch, *told.leader_id, Reason::kLeaderDiscovered);
    return true;
  }
  ENSURE(!told.leader_id || *told.leader_id == *leader_id(), "two leaders in one epoch (Raft §5.2)");
  return false;
}

/// KafkaRaftClient.maybeHandleCommonResponse: what every response tells, whatever was asked.
Replica::Verdict Replica::judge(Turn& turn, Error error, const LeaderAndEpoch& told) {
  ENSURE(error != Error::kInvalidRequest, "a peer could not make sense of a request");
  if (told.epoch < epoch() || error == Error::kUnknownLeaderEpoch) {
    return error == Error::kNone ? Verdict::kDone : Verdict::kFailed;
  }
  if (told.epoch > epoch() || error == Error::kFencedLeaderEpoch || error == Error::kNotLeaderOrFollower) {
    return learn(turn, told) ? Verdict::kDone : Verdict::kFailed;
  }
  if (told.leader_id && !leader_id() && *told.leader_id != self_.id) learn(turn, told);
  return error == Error::kNone ? Verdict::kGoOn : Verdict::kFailed;
}

}  // namespace kraft::raft
