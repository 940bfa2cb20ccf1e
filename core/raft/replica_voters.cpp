// Changes of the voter set and of kraft.version (KIP-853): one at a time, one voter at a time, in the log like anything
// else, in force from the moment they are in it.
//
// One voter more or less leaves every old majority in touch with every new one (thesis §4.1). That this holds for
// each two sets in a row is the preconditions' doing: the set before must be committed, and so must something of the
// leader's own epoch, or two leaders could each build on a set that the other never saw (Ongaro, 2015). A follower
// checks nothing: what is in the log is in force.
#include <algorithm>
#include <utility>

#include "core/base/check.hpp"
#include "core/raft/replica.hpp"

namespace kraft::raft {

// ---- requests, on the leader ----

void Replica::answer_change(Turn& turn, NodeId from, CorrelationId id, const AddRaftVoterRequest& request) {
  const Leader::PendingChange pending{
      .kind = Leader::PendingChange::Kind::kAddVoter, .from = from, .correlation_id = id};
  const auto refuse = [&](Error error) { say_change(turn, pending, error); };
  if (request.voter.directory_id.is_zero()) return refuse(Error::kInvalidRequest);
  if (const Error error = refuse_change(); error != Error::kNone) return refuse(error);
  if (voters().contains(request.voter.id)) return refuse(Error::kDuplicateVoter);
  if (!requests_.is_ready(request.voter.id)) return refuse(Error::kRequestTimedOut);
  ask(turn, request.voter.id, ApiVersionsRequest{});
  Leader::PendingChange& asked = quorum_.as<Leader>().pending_change.emplace(pending);
  asked.newcomer = {.key = request.voter, .ack_when_committed = request.ack_when_committed};
  asked.deadline = turn.now + config_.request_timeout;
}

/// What it can run as a voter: nothing if it is only ever to observe, as a broker is.
ApiVersionsResponse Replica::answer_api_versions() const {
  return {.kraft_version = config_.can_become_voter ? config_.supported_kraft_versions : KRaftVersionRange::none()};
}

/// It can be reached and says what it can run: now it may be added (AddVoterHandler.handleApiVersionsResponse).
void Replica::accept(Turn& turn, NodeId from, const ApiVersionsResponse& response) {
  if (role() != Role::kLeader) return;
  Leader& leader = quorum_.as<Leader>();
  if (!leader.pending_change || !leader.pending_change->newcomer) return;
  Leader::PendingChange pending = *leader.pending_change;
  const Leader::Newcomer newcomer = *pending.newcomer;
  if (newcomer.key.id != from) return;
  pending.newcomer.reset();
  leader.pending_change.reset();
  const auto refuse = [&](Error error) { say_change(turn, pending, error); };
  if (!response.kraft_version.contains(kraft_version())) return refuse(Error::kInvalidRequest);
  // Or the quorum could need its vote before it has anything (thesis §4.2.1).
  if (!leader.is_caught_up(newcomer.key, turn.now)) return refuse(Error::kRequestTimedOut);
  change(turn, pending, newcomer.ack_when_committed,
         {to_record(voters().with({newcomer.key, response.kraft_version}))});
}

void Replica::answer_change(Turn& turn, NodeId from, CorrelationId id, const RemoveRaftVoterRequest& request) {
  const Leader::PendingChange pending{
      .kind = Leader::PendingChange::Kind::kRemoveVoter, .from = from, .correlation_id = id};
  const auto refuse = [&](Error error) { say_change(turn, pending, error); };
  if (const Error error = refuse_change(); error != Error::kNone) return refuse(error);
  const ReplicaKey* voter = voters().find(request.voter.id);
  if (voter == nullptr || *voter != request.voter || voters().size() == 1) return refuse(Error::kVoterNotFound);
  change(turn, pending, true, {to_record(voters().without(request.voter))});
}

/// Answered when it is in the log: nobody's vote hangs on it. Under kraft.version 0 nothing goes into the log, and the
/// leader keeps it in mind for the upgrade. A zero directory would match any, and be another voter than the one that it
/// matches.
void Replica::answer_change(Turn& turn, NodeId from, CorrelationId id, const UpdateRaftVoterRequest& request) {
  const Leader::PendingChange pending{
      .kind = Leader::PendingChange::Kind::kUpdateVoter, .from = from, .correlation_id = id};
  const auto refuse = [&](Error error) { say_change(turn, pending, error); };
  if (const Error error = check_leader_request(request.current_leader_epoch); error != Error::kNone) {
    return refuse(error);
  }
  const Error error = refuse_change();
  if (error != Error::kNone && error != Error::kUnsupportedVersion) return refuse(error);
  if (!request.voter.supported.contains(kraft_version())) return refuse(Error::kInvalidRequest);
  if (request.voter.directory_id.is_zero()) return refuse(Error::kInvalidRequest);
  Leader::Progress* voter = quorum_.as<Leader>().find(request.voter);
  if (voter == nullptr) return refuse(Error::kVoterNotFound);
  quorum_.as<Leader>().on_contact(*voter, turn.now);
  if (kraft_version() == 0) {
    voter->told = request.voter;
    return say_change(turn, pending, Error::kNone);
  }
  change(turn, pending, false, {to_record(voters().without(request.voter).with(request.voter))});
}

/// Only kraft.version 0 -> 1 exists. The configured voters go into the log, with what they told of themselves:
/// each must be able to run it.
void Replica::answer_change(Turn& turn, NodeId from, CorrelationId id, const UpdateFeaturesRequest& request) {
  const Leader::PendingChange pending{
      .kind = Leader::PendingChange::Kind::kUpgrade, .from = from, .correlation_id = id};
  const auto reply = [&](Error error) { say_change(turn, pending, error); };
  if (const Error error = refuse_change(); error != Error::kNone && error != Error::kUnsupportedVersion) {
    return reply(error);
  }
  if (request.kraft_version == kraft_version()) return reply(Error::kNone);
  if (request.kraft_version < kraft_version() || request.kraft_version > kLatestKRaftVersion) {
    return reply(Error::kInvalidUpdateVersion);
  }
  std::vector<Voter> voters{{self_, config_.supported_kraft_versions}};
  for (const Leader::Progress& voter : quorum_.as<Leader>().voters) {
    if (voter.key.id == self_.id) continue;
    if (!voter.told) return reply(Error::kInvalidUpdateVersion);
    voters.push_back(*voter.told);
  }
  const auto can = [&](const Voter& voter) { return voter.supported.contains(request.kraft_version); };
  if (!std::ranges::all_of(voters, can)) return reply(Error::kInvalidUpdateVersion);
  change(turn, pending, true,
         {records::KRaftVersionRecord{.kraft_version = request.kraft_version}, to_record(VoterSet(std::move(voters)))});
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
    case Leader::PendingChange::Kind::kUpdateVoter:
      return say(turn, change.from, change.correlation_id, UpdateRaftVoterResponse{.error = error, .leader = leader});
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

/// Answered when it is committed, or when that takes too long: what is in the log then stays there and may yet be.
void Replica::settle_change(Turn& turn) {
  Leader& leader = quorum_.as<Leader>();
  const Leader::PendingChange pending = *leader.pending_change;
  const bool is_committed =
      !pending.newcomer && leader.high_watermark && *leader.high_watermark >= pending.end;
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

/// What the voters know of this node, if it is not so, its leader is asked to change. True if it was.
///
/// A voter tells what it can run: when the log says otherwise, and once per leader where the log says nothing
/// (KafkaRaftClient.shouldSendUpdateVoteRequest). controller.quorum.auto.join.enable: an observer asks to be a voter in
/// place of itself with an older directory, if that is what the voters hold (KIP-853). It does not wait for the commit,
/// which would wait for its own fetches (KAFKA-19400).
bool Replica::put_right(Turn& turn, NodeId leader) {
  Follower& follower = quorum_.as<Follower>();
  follower.voter_check_deadline = turn.now + config_.voter_check_interval();
  // Software that cannot run what the quorum runs would be refused, by either request, and a disk without an id, too.
  if (!config_.supported_kraft_versions.contains(kraft_version()) || self_.directory_id.is_zero()) return false;
  if (is_voter_) {
    const Voter self{self_, config_.supported_kraft_versions};
    const bool is_known = kraft_version() == 0 ? follower.has_told_leader : *voters().find(self_.id) == self;
    if (!is_known) ask(turn, leader, UpdateRaftVoterRequest{.current_leader_epoch = epoch(), .voter = self});
    return !is_known;
  }
  if (!config_.auto_join || !config_.can_become_voter || kraft_version() == 0) return false;
  if (const ReplicaKey* former = voters().find(self_.id)) {
    ask(turn, leader, RemoveRaftVoterRequest{.voter = *former});
  } else {
    ask(turn, leader, AddRaftVoterRequest{.voter = self_, .ack_when_committed = false});
  }
  return true;
}

bool Replica::accept(Turn& turn, const UpdateRaftVoterResponse& response) {
  const Verdict verdict = judge(turn, response.error, response.leader);
  if (verdict != Verdict::kGoOn || role() != Role::kFollower) return verdict != Verdict::kFailed;
  Follower& follower = quorum_.as<Follower>();
  follower.has_told_leader = true;
  follower.on_leader_contact(draw_fetch_deadline(turn.now));
  return true;
}

}  // namespace kraft::raft
