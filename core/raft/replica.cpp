// The replica's spine: how it starts, how an input finds its handler, what each role does about time, and how a step
// speaks and writes.
//
// A step is: handle the input, then poll the role until nothing changes any more. Handlers only record and move;
// whatever is due because of it (the next fetch, votes to ask for, a leader's drain) is found by polling, so that a
// deadline and a message lead to the same code.
#include "core/raft/replica.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/base/check.hpp"
#include "core/base/overloaded.hpp"

namespace kraft::raft {
namespace {

std::vector<NodeId> without(std::vector<NodeId> ids, NodeId self) {
  std::erase(ids, self);
  return ids;
}

/// A node that crashed between freezing a fetched snapshot and clearing its log for it goes on with the snapshot
/// (KafkaRaftLog.truncateToLatestSnapshot). The id of the snapshot if so.
std::optional<OffsetAndEpoch> supersede(Durable& durable) {
  std::vector<records::SnapshotRef>& snapshots = durable.snapshots;
  if (snapshots.empty() || durable.log.holds(id_of(*snapshots.back()))) {
    const OffsetAndEpoch first = snapshots.empty() ? OffsetAndEpoch{} : id_of(*snapshots.front());
    ENSURE(durable.log.start_offset() == Offset(0) || durable.log.start() == first,
           "what the log does not hold is in a snapshot (KAFKA-14240)");
    return std::nullopt;
  }
  snapshots.erase(snapshots.begin(), snapshots.end() - 1);
  durable.log.reset_to(id_of(*snapshots.back()));
  return durable.log.start();
}

const records::Snapshot* latest(const std::vector<records::SnapshotRef>& snapshots) {
  return snapshots.empty() ? nullptr : snapshots.back().get();
}

/// Where a replica takes up again (kraft.md §1, "Restart mapping"; QuorumState.initialize).
QuorumState restart(const Config& config, const ReplicaKey& self, const VoterSet& voters, QuorumStateData data,
                    Epoch last_epoch, Rng& rng, Time now) {
  const bool is_voter = voters.contains(self);
  // The log knows a later epoch than the file: the file is older, and its vote means nothing in the log's epoch.
  if (data.leader_epoch < last_epoch) data = {.leader_epoch = last_epoch};

  const auto start = [&](RoleState role) {
    return QuorumState(self, is_voter, config.election.pre_vote, data, std::move(role));
  };
  if (data.leader_id && *data.leader_id != self.id) {
    return start(Follower{.fetch_deadline = deadline_in(now, config.election.follower_timeout, rng),
                          .fetching = {},
                          .voter_check_deadline = now + config.voter_check_interval()});
  }
  // For ever: an observer stands in no election, and must not wake up for one.
  if (!is_voter && !data.leader_id) return start(Unattached{});

  // An only voter has nobody to wait for.
  const Time deadline = is_voter && voters.size() == 1 ? now : deadline_in(now, config.election.election_timeout, rng);
  if (data.leader_id) {
    Resigned resigned{.preferred_successors = {}, .unacknowledged = {}, .election_deadline = deadline};
    for (const NodeId id : without(voters.ids(), self.id)) resigned.unacknowledged.push_back(id);
    return start(std::move(resigned));
  }
  if (data.voted_key && matches(*data.voted_key, self)) {
    return start(Candidate{.votes = Tally(voters, self.id), .election_deadline = deadline});
  }
  return start(Unattached{.election_deadline = deadline});
}

}  // namespace

Replica::Replica(const Config& config, ReplicaKey self, VoterSet configured, Durable durable, Rng rng, Time now)
    : config_(config),
      self_(self),
      configured_(std::move(configured)),
      superseded_by_(supersede(durable)),
      log_(std::move(durable.log)),
      snapshots_(std::move(durable.snapshots)),
      history_(configured_, latest(snapshots_), log_),
      is_voter_(voters().contains(self_)),
      rng_(rng),
      quorum_(restart(config_, self_, voters(), durable.quorum_state, log_.last_epoch(), rng_, now)),
      requests_(without(config_.bootstrap_servers.empty() ? configured_.ids() : config_.bootstrap_servers, self_.id),
                config_.request_timeout, config_.retry_backoff, now),
      written_(durable.quorum_state),
      next_clean_(now + config_.clean_interval) {
  const ElectionPolicy& policy = config_.election;
  ENSURE(configured_.size() > 0 || !config_.bootstrap_servers.empty(), "a replica must know whom to ask");
  ENSURE_GT(policy.follower_timeout.low, Duration(0), "a timer of nothing never rests");
  ENSURE_GT(policy.election_timeout.low, Duration(0), "a timer of nothing never rests");
  ENSURE_GT(policy.candidate_timeout.low, Duration(0), "a timer of nothing never rests");
  ENSURE_GT(policy.begin_epoch_interval, Duration(0), "a timer of nothing never rests");
  ENSURE_GT(policy.check_quorum_timeout, Duration(0), "a timer of nothing never rests");
  ENSURE_GT(config_.request_timeout, Duration(0), "a timer of nothing never rests");
  ENSURE_GT(config_.clean_interval, Duration(0), "a timer of nothing never rests");
}

void Replica::step(Time now, Input&& input, Effects& effects) {
  ENSURE_EQ(persisting_, std::holds_alternative<Persisted>(input), "Persisted comes after a Persist, and nothing else");
  persisting_ = false;
  effects.wake_at = kNever;
  if (stopped_) return;

  Turn turn{.now = now, .out = effects};
  handle(turn, std::move(input));
  poll(turn);
  if (leader_may_be_news_) announce_leader(turn);

  persisting_ = effects.persist.has_value();
  wake_at_ = kNever;
  if (!stopped_) {
    const Time clean_at = snapshots_.size() > 1 ? next_clean_ : kNever;
    wake_at_ = std::min({role_deadline(), requests_.deadline(), shutdown_deadline_.value_or(kNever), clean_at});
  }
  ENSURE_GT(wake_at_, now, "a wake-up that is not in the future is a busy loop (KAFKA-17751)");
  effects.wake_at = wake_at_;
}

void Replica::handle(Turn& turn, Input&& input) {
  std::visit(overloaded{[&](Receive& i) { receive(turn, std::move(i.message)); },
                        // The first Tick after a restart writes what the restart made of the disk.
                        [&](Tick&) {
                          if (superseded_by_) persist(turn, ResetLog{.snapshot_id = *superseded_by_}, true);
                          superseded_by_.reset();
                          write_quorum_state(turn);
                        },
                        [&](Persisted&) { on_persisted(turn); },
                        [&](Append& i) { append_records(turn, std::move(i)); },
                        [&](Disconnected& i) { requests_.on_disconnect(i.peer, turn.now); },
                        [&](Shutdown& i) {
                          if (!shutdown_deadline_) shutdown_deadline_ = turn.now + i.timeout;
                        },
                        [&](Resign& i) {
                          if (role() == Role::kLeader && i.epoch == epoch()) {
                            become_resigned(turn, Reason::kResignRequested);
                          }
                        },
                        [&](CreateSnapshot& i) { keep_snapshot(turn, std::move(i.snapshot)); }},
             input);
}

void Replica::receive(Turn& turn, Message&& message) {
  const NodeId from = message.from;
  const CorrelationId id = message.correlation_id;
  // A failure, or an answer that teaches nothing, closes the connection for a while. (Kafka asks again at once after
  // the latter, and a broker without a leader fetches as fast as the network lets it.)
  const auto settle = [&](bool success) { requests_.on_response(from, id, success, turn.now); };
  const auto is_stale = [&] { return !requests_.on_answer(from, id); };

  std::visit(overloaded{[&](const VoteRequest& r) { say(turn, from, id, answer(turn, r)); },
                        [&](const BeginQuorumEpochRequest& r) { say(turn, from, id, answer(turn, r)); },
                        [&](const EndQuorumEpochRequest& r) { say(turn, from, id, answer(turn, r)); },
                        [&](const FetchRequest& r) { answer_fetch(turn, from, id, r); },
                        [&](const VoteResponse& r) {
                          if (!is_stale()) settle(accept(turn, from, r));
                        },
                        [&](const BeginQuorumEpochResponse& r) {
                          if (!is_stale()) settle(accept(turn, from, r));
                        },
                        [&](const EndQuorumEpochResponse& r) {
                          if (!is_stale()) settle(accept(turn, from, r));
                        },
                        [&](FetchResponse& r) {
                          if (!is_stale()) settle(accept(turn, std::move(r)));
                        },
                        [&](const FetchSnapshotRequest& r) { say(turn, from, id, answer(turn, r)); },
                        [&](FetchSnapshotResponse& r) {
                          if (!is_stale()) settle(accept(turn, std::move(r)));
                        },
                        [&](const AddRaftVoterRequest& r) { answer_change(turn, from, id, r); },
                        [&](const RemoveRaftVoterRequest& r) { answer_change(turn, from, id, r); },
                        [&](const UpdateFeaturesRequest& r) { answer_change(turn, from, id, r); },
                        // An observer's own requests to join: whether it did, the log will tell.
                        [&](const AddRaftVoterResponse& r) {
                          if (!is_stale()) settle(judge(turn, r.error, r.leader) != Verdict::kFailed);
                        },
                        [&](const RemoveRaftVoterResponse& r) {
                          if (!is_stale()) settle(judge(turn, r.error, r.leader) != Verdict::kFailed);
                        },
                        [](const UpdateFeaturesResponse&) {},  // a replica asks for none
                        [&](const UpdateRaftVoterRequest& r) { answer_change(turn, from, id, r); },
                        [&](const UpdateRaftVoterResponse& r) {
                          if (!is_stale()) settle(accept(turn, r));
                        },
                        [&](const ApiVersionsRequest&) { say(turn, from, id, answer_api_versions()); },
                        [&](const ApiVersionsResponse& r) {
                          if (is_stale()) return;
                          settle(true);
                          accept(turn, from, r);
                        }},
             message.body);
}

// ---- what is due ----

void Replica::poll(Turn& turn) {
  requests_.expire(turn.now, turn.out.disconnects);
  if (snapshots_.size() > 1 && turn.now >= next_clean_) clean_log(turn);
  do {
    if (is_shutdown_done(turn.now)) {
      stopped_ = true;
      turn.out.notices.push_back(ShutdownComplete{});
      return;
    }
    turn.transitioned = false;
    switch (role()) {
      case Role::kUnattached: poll_unattached(turn); break;
      case Role::kProspective: poll_prospective(turn); break;
      case Role::kCandidate: poll_candidate(turn); break;
      case Role::kLeader: poll_leader(turn); break;
      case Role::kResigned: poll_resigned(turn); break;
      case Role::kFollower: poll_follower(turn); break;
    }
  } while (turn.transitioned);
}

void Replica::poll_unattached(Turn& turn) {
  if (has_expired(quorum_.as<Unattached>().election_deadline, turn.now)) {
    become_nominee(turn, Reason::kElectionTimeout);
  } else {
    fetch_from_any(turn);
  }
}

void Replica::poll_prospective(Turn& turn) {
  const Prospective& prospective = quorum_.as<Prospective>();
  // Back to the leader it knew, or to looking for one: whoever cannot win must not disturb (KIP-996).
  const auto give_up = [&](Reason reason) {
    if (const auto leader = leader_id()) {
      become_follower(turn, epoch(), *leader, reason);
    } else {
      become_unattached(turn, epoch(), reason);
    }
  };
  if (prospective.pre_votes.is_granted()) {
    become_candidate(turn, Reason::kPreVoteMajority);
  } else if (prospective.pre_votes.is_rejected()) {
    give_up(Reason::kPreVoteRejected);
  } else if (has_expired(prospective.election_deadline, turn.now)) {
    give_up(Reason::kElectionTimeout);
  } else {
    solicit(turn, prospective.pre_votes, true);
  }
}

void Replica::poll_candidate(Turn& turn) {
  const Candidate& candidate = quorum_.as<Candidate>();
  if (candidate.votes.is_granted()) {
    become_leader(turn);
  } else if (has_expired(candidate.election_deadline, turn.now)) {
    become_nominee(turn, Reason::kElectionTimeout);
  } else if (!candidate.votes.is_rejected()) {
    solicit(turn, candidate.votes, false);
  }
}

void Replica::poll_leader(Turn& turn) {
  Leader& leader = quorum_.as<Leader>();
  if (leader.pending_change) settle_change(turn);
  if (shutdown_deadline_) {
    become_resigned(turn, Reason::kShutdown);
  } else if (turn.now >= leader.check_quorum_deadline) {
    become_resigned(turn, Reason::kCheckQuorum);
  } else if (is_removed_for_good()) {
    become_resigned(turn, Reason::kRemovedFromVoters);
  } else {
    if (turn.now >= leader.accumulator.deadline()) drain_accumulator(turn);
    if (turn.now >= leader.begin_epoch_deadline) begin_quorum_epoch(turn);
    leader.purgatory.complete_expired(turn.now, [&](const ParkedFetch& fetch) {
      say(turn, fetch.from, fetch.correlation_id, read(fetch.fetch_offset));
    });
  }
}

void Replica::poll_resigned(Turn& turn) {
  // Into a new epoch and not back into its own, where it would find itself as the leader (KAFKA-18379).
  if (has_expired(quorum_.as<Resigned>().election_deadline, turn.now)) {
    become_unattached(turn, epoch() + 1, Reason::kElectionTimeout);
  } else {
    end_quorum_epoch(turn);
  }
}

void Replica::poll_follower(Turn& turn) {
  const Follower& follower = quorum_.as<Follower>();
  const bool expired = turn.now >= follower.fetch_deadline;
  if (expired && is_voter_) {
    become_nominee(turn, follower.leader_said_goodbye ? Reason::kEndQuorumEpoch : Reason::kFetchTimeout);
    return;
  }
  // Whoever does not vote as far as its own log goes may be needed as a voter by who knows more (KIP-853). It does not
  // stand, so this is how it gives its leader up: it denies nobody the pre-vote on that leader's account any more.
  if (expired) quorum_.as<Follower>().has_fetched = false;
  const NodeId leader = *leader_id();
  const bool timed_out = std::ranges::count(turn.out.disconnects, leader) != 0;
  // Where the leader does not answer, any voter may know a newer one.
  if (expired || timed_out || !requests_.is_ready(leader)) {
    fetch_from_any(turn);
  } else if (!requests_.has_any_in_flight()) {
    if (follower.fetching) {
      // Before anything else: a refusal to be put right closes the connection for a while, and who is so far behind
      // would be refused each time.
      fetch_snapshot(turn, leader);
    } else if (turn.now < follower.voter_check_deadline || !put_right(turn, leader)) {
      fetch(turn, leader);
    }
  }
}

void Replica::announce_leader(Turn& turn) {
  // A leader hears of itself when its own epoch's first record is committed, and not of an epoch it cannot act in yet.
  if (role() == Role::kLeader && !high_watermark()) return;
  leader_may_be_news_ = false;
  const LeaderAndEpoch leader = quorum_.leader_and_epoch();
  if (leader == announced_) return;
  announced_ = leader;
  turn.out.notices.push_back(LeaderChanged{.leader = leader});
}

bool Replica::is_shutdown_done(Time now) const {
  if (!shutdown_deadline_) return false;
  const bool is_only_voter = is_voter_ && voters().size() == 1;
  const auto leader = leader_id();
  return !is_voter_ || is_only_voter || (leader && *leader != self_.id) || now >= *shutdown_deadline_;
}

/// Whoever is shutting down starts no election any more; it waits for somebody else's.
bool Replica::has_expired(Time election_deadline, Time now) const {
  return now >= election_deadline && !shutdown_deadline_;
}

/// Only what the role would act upon: a deadline without an action would wake the replica for ever (KAFKA-19605).
Time Replica::role_deadline() const {
  const auto unless_stopping = [&](Time deadline) { return shutdown_deadline_ ? kNever : deadline; };
  switch (role()) {
    case Role::kUnattached: return unless_stopping(quorum_.as<Unattached>().election_deadline);
    case Role::kProspective: return unless_stopping(quorum_.as<Prospective>().election_deadline);
    case Role::kCandidate: return unless_stopping(quorum_.as<Candidate>().election_deadline);
    case Role::kResigned: return unless_stopping(quorum_.as<Resigned>().election_deadline);
    case Role::kFollower: return is_voter_ ? quorum_.as<Follower>().fetch_deadline : kNever;
    case Role::kLeader: {
      const Leader& leader = quorum_.as<Leader>();
      return std::min({leader.check_quorum_deadline, leader.begin_epoch_deadline, leader.accumulator.deadline(),
                       leader.purgatory.deadline(),
                       leader.pending_change ? leader.pending_change->deadline : kNever});
    }
  }
  return kNever;
}

// ---- what a step says, writes and commits ----

void Replica::say(Turn& turn, NodeId to, CorrelationId id, Body&& body) {
  // After a write of this step nothing leaves before the write is durable: it may promise what was written.
  std::vector<Message>& outbox = turn.out.persist ? turn.out.persist->then : turn.out.sends;
  outbox.emplace_back(self_.id, to, id, std::move(body));
}

void Replica::ask(Turn& turn, NodeId to, Body&& request) {
  const CorrelationId id = requests_.on_send(to, turn.now);
  say(turn, to, id, std::move(request));
}

void Replica::persist(Turn& turn, Write&& write, bool sync) {
  if (!turn.out.persist) turn.out.persist.emplace();
  turn.out.persist->writes.push_back(std::move(write));
  turn.out.persist->sync |= sync;
}

void Replica::commit(Turn& turn, Offset high_watermark) {
  if (committed_) {
    ENSURE_GE(high_watermark, *committed_, "what is committed stays so");
    if (high_watermark == *committed_) return;
  }
  ENSURE_LE(high_watermark, log_.end_offset(), "the high watermark lies in the log");
  committed_ = high_watermark;
  turn.out.notices.push_back(Committed{.high_watermark = high_watermark});
}

std::string line(const Replica& replica) {
  return fmt::format("n{} {} e{} leader={} end={}@{} hw={}", line(replica.self().id), line(replica.role()),
                     line(replica.epoch()), replica.leader_id() ? line(*replica.leader_id()) : "none",
                     line(replica.log().end_offset()), line(replica.log().last_epoch()),
                     replica.high_watermark() ? line(*replica.high_watermark()) : "none");
}

}  // namespace kraft::raft
