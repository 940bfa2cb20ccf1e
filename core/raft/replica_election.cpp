// The RPCs by which leadership is won, told and given up: Vote, BeginQuorumEpoch and EndQuorumEpoch, both ends of each.
// They share their checks, Kafka's validateVoterOnlyRequest.
#include <algorithm>

#include "core/raft/replica.hpp"

namespace kraft::raft {
namespace {

/// Raft §5.4.1: the later last epoch wins; with the same one, the longer log. Equal will do.
bool is_up_to_date(const VoteRequest& candidate, const OffsetAndEpoch& own) {
  if (candidate.last_epoch != own.epoch) return candidate.last_epoch > own.epoch;
  return candidate.last_offset >= own.offset;
}

/// A log cannot have records of an epoch that is only now being elected; in a pre-vote the epoch is the sender's own.
bool is_well_formed(const VoteRequest& request) {
  const Epoch newest_possible = request.pre_vote ? request.epoch : request.epoch - 1;
  return request.last_offset >= Offset(0) && request.last_epoch >= Epoch(0) && request.last_epoch <= newest_possible;
}

}  // namespace

// ---- Vote ----

VoteResponse Replica::answer(Turn& turn, const VoteRequest& request) {
  const auto reply = [&](Error error, bool granted) {
    return VoteResponse{
        .error = error, .leader = quorum_.leader_and_epoch(), .vote_granted = granted, .pre_vote = request.pre_vote};
  };
  if (!is_well_formed(request)) return reply(Error::kInvalidRequest, false);
  if (request.epoch < epoch()) return reply(Error::kFencedLeaderEpoch, false);
  // A pre-vote's epoch is one that exists, so it counts like any other.
  if (request.epoch > epoch()) become_unattached(turn, request.epoch, Reason::kHigherEpoch);
  if (!matches(request.voter, self_)) return reply(Error::kInvalidVoterKey, false);

  const bool granted = quorum_.grants({.candidate = request.candidate,
                                       .log_up_to_date = is_up_to_date(request, log_.end()),
                                       .pre_vote = request.pre_vote});
  if (granted && !request.pre_vote && !quorum_.data().voted_key) become_voted(turn, request.candidate);
  return reply(Error::kNone, granted);
}

bool Replica::accept(Turn& turn, NodeId from, const VoteResponse& response) {
  const Verdict verdict = judge(turn, response.error, response.leader);
  if (verdict != Verdict::kGoOn) return verdict == Verdict::kDone;
  if (role() == Role::kProspective && response.pre_vote) {
    quorum_.as<Prospective>().pre_votes.record(from, response.vote_granted);
  } else if (role() == Role::kCandidate && !response.pre_vote) {
    quorum_.as<Candidate>().votes.record(from, response.vote_granted);
  }
  return true;
}

void Replica::solicit(Turn& turn, const Tally& tally, bool pre_vote) {
  for (const ReplicaKey& voter : voters().voters()) {
    if (!tally.is_pending(voter.id) || !requests_.is_ready(voter.id)) continue;
    ask(turn, voter.id,
        VoteRequest{.epoch = epoch(),
                    .candidate = self_,
                    .voter = voter,
                    .last_epoch = log_.last_epoch(),
                    .last_offset = log_.end_offset(),
                    .pre_vote = pre_vote});
  }
}

// ---- BeginQuorumEpoch ----

BeginQuorumEpochResponse Replica::answer(Turn& turn, const BeginQuorumEpochRequest& request) {
  const auto reply = [&](Error error) {
    return BeginQuorumEpochResponse{.error = error, .leader = quorum_.leader_and_epoch()};
  };
  if (request.epoch < epoch()) return reply(Error::kFencedLeaderEpoch);
  const bool moved = learn(turn, {.leader_id = request.leader_id, .epoch = request.epoch});
  if (!matches(request.voter, self_)) return reply(Error::kInvalidVoterKey);
  if (config_.election.begin_epoch_resets_timer && !moved && role() == Role::kFollower) {
    quorum_.as<Follower>().on_leader_contact(draw_fetch_deadline(turn.now));
  }
  return reply(Error::kNone);
}

bool Replica::accept(Turn& turn, NodeId from, const BeginQuorumEpochResponse& response) {
  const Verdict verdict = judge(turn, response.error, response.leader);
  if (verdict != Verdict::kGoOn) return verdict == Verdict::kDone;
  if (config_.election.begin_epoch_resets_timer && role() == Role::kLeader) {
    Leader& leader = quorum_.as<Leader>();
    if (auto* voter = leader.find({.id = from, .directory_id = {}})) leader.on_contact(*voter, turn.now);
  }
  return true;
}

/// To whom has not fetched for a while, and so may not know the leader. As a heartbeat (the papers' policy), to all.
/// Armed again whether or not it could be sent: a lost one is worth no more than the next.
void Replica::begin_quorum_epoch(Turn& turn) {
  const ElectionPolicy& policy = config_.election;
  Leader& leader = quorum_.as<Leader>();
  for (const Leader::Progress& voter : leader.voters) {
    const bool is_silent = !voter.last_fetch || turn.now - *voter.last_fetch >= policy.begin_epoch_interval;
    if (!is_silent && !policy.begin_epoch_resets_timer) continue;
    if (voter.key.id == self_.id || !requests_.is_ready(voter.key.id)) continue;
    ask(turn, voter.key.id,
        BeginQuorumEpochRequest{.epoch = epoch(), .leader_id = self_.id, .voter = voter.key});
  }
  leader.begin_epoch_deadline = turn.now + policy.begin_epoch_interval;
}

// ---- EndQuorumEpoch ----

EndQuorumEpochResponse Replica::answer(Turn& turn, const EndQuorumEpochRequest& request) {
  const auto reply = [&](Error error) {
    return EndQuorumEpochResponse{.error = error, .leader = quorum_.leader_and_epoch()};
  };
  if (request.epoch < epoch()) return reply(Error::kFencedLeaderEpoch);
  learn(turn, {.leader_id = request.leader_id, .epoch = request.epoch});
  if (role() == Role::kFollower && *leader_id() == request.leader_id) {
    const auto& preferred = request.preferred_candidates;
    const auto position = static_cast<std::size_t>(std::ranges::find(preferred, self_.id) - preferred.begin());
    const Duration wait = successor_backoff(position, preferred.size(), config_.election_backoff_max);
    quorum_.as<Follower>().on_leader_goodbye(turn.now + wait);
  }
  return reply(Error::kNone);
}

bool Replica::accept(Turn& turn, NodeId from, const EndQuorumEpochResponse& response) {
  const Verdict verdict = judge(turn, response.error, response.leader);
  if (verdict != Verdict::kGoOn) return verdict == Verdict::kDone;
  if (role() == Role::kResigned) {
    auto& waiting = quorum_.as<Resigned>().unacknowledged;
    waiting.erase(std::remove(waiting.begin(), waiting.end(), from), waiting.end());
  }
  return true;
}

void Replica::end_quorum_epoch(Turn& turn) {
  const Resigned& resigned = quorum_.as<Resigned>();
  for (const NodeId voter : resigned.unacknowledged) {
    if (!requests_.is_ready(voter)) continue;
    ask(turn, voter,
        EndQuorumEpochRequest{
            .epoch = epoch(), .leader_id = self_.id, .preferred_candidates = resigned.preferred_successors});
  }
}

}  // namespace kraft::raft
