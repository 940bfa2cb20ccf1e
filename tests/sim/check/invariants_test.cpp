// Every invariant is shown a made-up history that breaks it, and one beside it that does not.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "core/metadata/apply.hpp"
#include "sim/check/checker.hpp"
#include "sim/check/liveness.hpp"
#include "tests/sim/check/history.hpp"

namespace kraftsim::check {
namespace {

namespace raft = kraft::raft;
namespace records = kraft::records;
using kraft::CorrelationId;
using kraft::Duration;
using raft::Role;

Message message(int from, int to, int id, raft::Body body) {
  return {NodeId(from), NodeId(to), CorrelationId(id), std::move(body)};
}
Message granted(int from, int to, int epoch, bool pre_vote, int id = 1) {
  return message(
      from, to, id,
      raft::VoteResponse{.leader = {std::nullopt, Epoch(epoch)}, .vote_granted = true, .pre_vote = pre_vote});
}
Message fetch(int from, int to, int id, int offset, std::optional<Offset> high_watermark = {}) {
  return message(from, to, id,
                 raft::FetchRequest{.current_leader_epoch = Epoch(1),
                                    .replica = {NodeId(from), {}},
                                    .fetch_offset = Offset(offset),
                                    .last_fetched_epoch = Epoch(1),
                                    .max_wait = std::chrono::milliseconds(500),
                                    .high_watermark = high_watermark});
}
raft::QuorumStateData on_disk(int epoch, std::optional<int> leader = {}, std::optional<int> voted = {}) {
  raft::QuorumStateData data{.leader_epoch = Epoch(epoch), .leader_id = {}, .voted_key = {}};
  if (leader) data.leader_id = NodeId(*leader);
  if (voted) data.voted_key = raft::ReplicaKey{NodeId(*voted), {}};
  return data;
}

}  // namespace

records::SnapshotRef snapshot(int end, int epoch) {
  return records::make_snapshot({.end_offset = Offset(end), .epoch = Epoch(epoch), .voters = {}}, {});
}

TEST_CASE("ElectionSafety fires on two leaders of one epoch and not on leaders of two") {
  History<ElectionSafety> h;
  h.lead(1, 3);
  CHECK_FALSE(h.broken(1));
  h.lead(2, 4);
  CHECK_FALSE(h.broken(2));
  h.lead(2, 3);
  CHECK(h.broken(2));
}

TEST_CASE("ElectionSafety fires when a follower takes another for the leader") {
  History<ElectionSafety> h;
  h.lead(1, 3);
  CHECK_FALSE(h.broken(1));
  h[3].view.epoch = Epoch(3);
  h[3].view.leader_id = NodeId(1);
  CHECK_FALSE(h.broken(3));
  h[3].view.leader_id = NodeId(2);
  CHECK(h.broken(3));
}

TEST_CASE("VoteOnce fires on a second vote in one epoch, across restarts") {
  History<VoteOnce> h;
  h[3].view.disk_state = {Epoch(5), std::nullopt, raft::ReplicaKey{NodeId(1), {}}};
  CHECK_FALSE(h.broken(3, {.votes = {{NodeId(3), Epoch(5), NodeId(1)}}}));
  CHECK_FALSE(h.broken(3, {.votes = {{NodeId(3), Epoch(5), NodeId(1)}}}));  // repeated: the same vote
  h[3].view.incarnation = 2;
  h[3].view.disk_state.voted_key = raft::ReplicaKey{NodeId(2), {}};
  CHECK(h.broken(3, {.votes = {{NodeId(3), Epoch(5), NodeId(2)}}}));
}

TEST_CASE("VoteOnce lets a node on a new disk vote again, once; its old vote is not the new voter's") {
  History<VoteOnce> h;
  h[3].view.disk_state = {Epoch(5), std::nullopt, raft::ReplicaKey{NodeId(1), {}}};
  h[3].view.directory = {0, 1};
  CHECK_FALSE(h.broken(3, {.votes = {{NodeId(3), Epoch(5), NodeId(1)}}}));
  h[3].view.directory = {0, 2};
  h[3].view.disk_state.voted_key = raft::ReplicaKey{NodeId(2), {}};
  CHECK_FALSE(h.broken(3, {.votes = {{NodeId(3), Epoch(5), NodeId(2)}}}));
  const VoteOnce& votes = h.invariant();
  CHECK(votes.has_voted({NodeId(3), {0, 1}}, Epoch(5), NodeId(1)));
  CHECK_FALSE(votes.has_voted({NodeId(3), {0, 1}}, Epoch(5), NodeId(2)));
  CHECK(votes.has_voted({NodeId(3), {0, 2}}, Epoch(5), NodeId(2)));
  CHECK(votes.has_voted({NodeId(3), {}}, Epoch(5), NodeId(1)));
  CHECK(votes.has_voted({NodeId(3), {}}, Epoch(5), NodeId(2)));
  h[3].view.disk_state.voted_key = raft::ReplicaKey{NodeId(1), {}};
  CHECK(h.broken(3, {.votes = {{NodeId(3), Epoch(5), NodeId(1)}}}));
}

TEST_CASE("VoteOnce fires on a vote that is not on disk when it leaves") {
  History<VoteOnce> h;
  h[3].view.disk_state = {Epoch(4), std::nullopt, std::nullopt};
  CHECK(h.broken(3, {.votes = {{NodeId(3), Epoch(5), NodeId(1)}}}));
}

TEST_CASE("LogMatching fires on different records at one offset and epoch") {
  History<LogMatching> h;
  h.store(1, batch(0, 1));
  CHECK_FALSE(h.broken(1));
  h.store(2, batch(0, 1));
  CHECK_FALSE(h.broken(2));
  h.store(3, batch(0, 1, 7));
  CHECK(h.broken(3));
}

TEST_CASE("LogMatching fires on equal records after different epochs") {
  History<LogMatching> h;
  h.store(1, batch(0, 1));
  h.store(1, batch(1, 3));
  CHECK_FALSE(h.broken(1));
  h.store(2, batch(0, 2));
  CHECK_FALSE(h.broken(2));
  h.store(2, batch(1, 3));
  CHECK(h.broken(2));
}

TEST_CASE("StateMachineSafety fires when two nodes commit different records at an offset") {
  History<StateMachineSafety> h;
  for (int id : {1, 2}) h.store(id, batch(0, 1));
  h[1].view.high_watermark = Offset(1);
  CHECK_FALSE(h.broken(1));
  h.store(3, batch(0, 2));
  CHECK_FALSE(h.broken(3));
  h[3].view.high_watermark = Offset(1);
  CHECK(h.broken(3));
}

TEST_CASE("LogMatching passes over what only a leader that resigned as it was elected ever held") {
  const auto fires = [](Role role) {
    History<LogMatching> h;
    h.be(1, role, 3);
    h[1].log.append(batch(0, 3, 1));  // not on its disk
    const bool before = h.broken(1);
    h[1].view.incarnation = 2;
    h[1].log = {};
    h.lead(1, 3);
    h.store(1, batch(0, 3, 2));
    return h.broken(1) || before;
  };
  CHECK_FALSE(fires(Role::kLeader));
  CHECK_FALSE(fires(Role::kResigned));
  CHECK(fires(Role::kFollower));
}

TEST_CASE("HighWatermarkWithinLog fires on a high watermark beyond the log") {
  History<HighWatermarkWithinLog> h;
  h.store(1, batch(0, 1));
  h[1].view.high_watermark = Offset(2);
  CHECK(h.broken(1));
}

TEST_CASE("StateMachineSafety fires on a log that starts after a snapshot of what was not committed") {
  const auto starts_at = [](int offset, int epoch) {
    History<StateMachineSafety> h;
    for (int id : {1, 2}) {
      h.store(id, batch(0, 1));
      h.store(id, batch(1, 1));
    }
    h[1].view.high_watermark = Offset(2);
    CHECK_FALSE(h.broken(1));
    h[3].log.reset_to({Offset(offset), Epoch(epoch)});
    h[3].view.high_watermark = Offset(offset);
    return h.broken(3);
  };
  CHECK_FALSE(starts_at(1, 1));
  CHECK_FALSE(starts_at(2, 1));
  CHECK(starts_at(3, 1));
  CHECK(starts_at(1, 2));
}

TEST_CASE("StateMachineSafety knows what was committed by a process that ended with it from the snapshot it made") {
  const auto goes_on_with = [](int epoch) {
    History<StateMachineSafety> h;
    h.store(1, batch(0, 1));
    h[1].view.high_watermark = Offset(1);
    CHECK_FALSE(h.broken(1));
    h.store(1, batch(1, 1));
    const auto made = snapshot(2, 1);  // with the second one, in its last step
    h[1].view.incarnation = 2;
    h[1].view.high_watermark.reset();
    h[1].view.snapshot = made.get();
    CHECK_FALSE(h.broken(1));
    h.store(1, batch(2, epoch));
    h[1].log.trim_to({Offset(2), Epoch(1)});
    h[1].view.high_watermark = Offset(3);
    CHECK_FALSE(h.broken(1));
    h.store(2, batch(0, 1));
    h.store(2, batch(1, epoch));
    h[2].view.high_watermark = Offset(2);
    return h.broken(2);
  };
  CHECK_FALSE(goes_on_with(1));
  CHECK(goes_on_with(2));
}

TEST_CASE("LeaderCompleteness fires on a new leader that misses a committed record") {
  History<LeaderCompleteness> h;
  for (int id : {1, 2}) h.store(id, batch(0, 1));
  h[1].view.epoch = Epoch(1);
  h[1].view.high_watermark = Offset(1);
  CHECK_FALSE(h.broken(1));
  h.lead(2, 2);
  CHECK_FALSE(h.broken(2));
  h.lead(3, 3);
  CHECK(h.broken(3));
}

TEST_CASE("HighWatermarkMonotonic fires when a process's high watermark falls, not when a new process starts lower") {
  History<HighWatermarkMonotonic> h;
  for (int id : {1, 2}) {
    h.store(id, batch(0, 1));
    h.store(id, batch(1, 1));
  }
  h[1].view.high_watermark = Offset(2);
  CHECK_FALSE(h.broken(1));
  h[1].view.high_watermark = std::nullopt;
  CHECK_FALSE(h.broken(1));
  h[1].view.incarnation = 2;
  h[1].view.high_watermark = Offset(1);
  CHECK_FALSE(h.broken(1));
  h[1].view.high_watermark = Offset(2);
  CHECK_FALSE(h.broken(1));
  h[1].view.high_watermark = Offset(1);
  CHECK(h.broken(1));
}

TEST_CASE("CommittedIsDurable fires on a commit that only a minority synced") {
  History<CommittedIsDurable> h;
  h.store(1, batch(0, 1));
  h[2].log.append(batch(0, 1));
  h[2].disk.append(batch(0, 1));  // written, not synced
  h[1].view.high_watermark = Offset(1);
  CHECK(h.broken(1));
}

TEST_CASE("CommittedIsDurable fires when a majority no longer holds what was committed") {
  History<CommittedIsDurable> h;
  for (int id : {1, 2}) {
    CHECK_FALSE(h.broken(id));
    h.store(id, batch(0, 1));
  }
  h[1].view.high_watermark = Offset(1);
  CHECK_FALSE(h.broken(1));
  CHECK_FALSE(h.broken(2));
  h[2].disk.truncate_to(Offset(0));
  h[2].log.truncate_to(Offset(0));
  h[2].view.synced_end = Offset(0);
  CHECK(h.broken(2));
  h.voters() = raft::VoterSet(std::vector<raft::ReplicaKey>{{NodeId(1), {}}, {NodeId(2), {0, 1}}, {NodeId(3), {}}});
  h[2].view.directory = {0, 2};  // it did not forget: it is another disk
  CHECK_FALSE(h.broken(2));
  h[1].disk.truncate_to(Offset(0));
  h[1].log.truncate_to(Offset(0));
  h[1].view.synced_end = Offset(0);
  CHECK(h.broken(1));
}

TEST_CASE("CommittedIsDurable leaves a disk that forgot what it had called durable to whoever judges the run") {
  History<CommittedIsDurable> h;
  for (int id : {1, 2}) h.store(id, batch(0, 1));
  h[1].view.high_watermark = Offset(1);
  CHECK_FALSE(h.broken(1));
  CHECK_FALSE(h.broken(2));
  h[2].disk.truncate_to(Offset(0));
  h[2].view.synced_end = Offset(0);
  h[2].view.disk_forgot = true;
  CHECK_FALSE(h.broken(2));
}

TEST_CASE("NoBusyLoop fires when a timer fires again and again within a millisecond") {
  History<NoBusyLoop> h;
  for (int i = 1; i < NoBusyLoop::kLimit; ++i) CHECK_FALSE(h.broken(1, {.timer = true}));
  CHECK(h.broken(1, {.timer = true}));
  History<NoBusyLoop> thinking;  // each turn takes the process a while
  for (int i = 1; i < NoBusyLoop::kLimit; ++i) {
    CHECK_FALSE(thinking.broken(1, {.timer = true}));
    thinking.pass(std::chrono::microseconds(50));
  }
  CHECK(thinking.broken(1, {.timer = true}));
  History<NoBusyLoop> patient;
  for (int i = 0; i < 10 * NoBusyLoop::kLimit; ++i) {
    CHECK_FALSE(patient.broken(1, {.timer = true}));
    patient.pass(std::chrono::microseconds(100));
  }
}

TEST_CASE("EpochMonotonic fires when an epoch falls within a process or on disk, not in memory at a start") {
  History<EpochMonotonic> h;
  h.be(1, Role::kFollower, 5);
  h[1].view.disk_state = on_disk(5);
  CHECK_FALSE(h.broken(1));
  h[1].view.incarnation = 2;
  h.be(1, Role::kUnattached, 4);
  CHECK_FALSE(h.broken(1));
  h.be(1, Role::kUnattached, 3);
  CHECK(h.broken(1));
  h[1].view.disk_state = on_disk(4);
  CHECK(h.broken(1));
}

TEST_CASE("VoteNotForgotten fires when a vote or a leader vanishes from disk within its epoch") {
  History<VoteNotForgotten> h;
  h[1].view.disk_state = on_disk(3, {}, 2);
  CHECK_FALSE(h.broken(1));
  h[1].view.disk_state = on_disk(3, 2, 2);
  CHECK_FALSE(h.broken(1));
  h[1].view.disk_state = on_disk(3, 2);
  CHECK(h.broken(1));
  h[2].view.disk_state = on_disk(3, {}, 2);
  CHECK_FALSE(h.broken(2));
  h[2].view.disk_state = on_disk(3, 2);  // its own vote, told by its leading
  CHECK_FALSE(h.broken(2));
  h[2].view.disk_state = on_disk(3);
  CHECK(h.broken(2));
  h[3].view.disk_state = on_disk(3, {}, 2);
  CHECK_FALSE(h.broken(3));
  h[3].view.disk_state = on_disk(4);
  CHECK_FALSE(h.broken(3));
}

TEST_CASE("LegalTransitions fires on moves that KRaft does not have") {
  const auto move = [](Role from, int from_epoch, Role to, int to_epoch) {
    History<LegalTransitions> h;
    h.be(1, from, from_epoch);
    CHECK_FALSE(History<LegalTransitions>().broken(1));
    static_cast<void>(h.broken(1));
    h.be(1, to, to_epoch);
    return h.broken(1);
  };
  CHECK_FALSE(move(Role::kFollower, 3, Role::kProspective, 3));
  CHECK_FALSE(move(Role::kProspective, 3, Role::kCandidate, 4));
  CHECK_FALSE(move(Role::kCandidate, 4, Role::kLeader, 4));
  CHECK_FALSE(move(Role::kLeader, 4, Role::kResigned, 4));
  CHECK_FALSE(move(Role::kResigned, 4, Role::kUnattached, 5));
  CHECK(move(Role::kFollower, 3, Role::kUnattached, 3));
  CHECK(move(Role::kFollower, 3, Role::kLeader, 4));
  CHECK(move(Role::kUnattached, 3, Role::kCandidate, 3));
  CHECK(move(Role::kLeader, 3, Role::kCandidate, 4));
  CHECK(move(Role::kResigned, 3, Role::kFollower, 3));
  CHECK(move(Role::kLeader, 3, Role::kFollower, 3));
}

TEST_CASE("LegalTransitions fires on an only voter that gives up, not on one that is elected at once") {
  const auto ends_as = [](Role from, Role to, int epoch) {
    History<LegalTransitions> h;
    h.voters() = raft::VoterSet(std::vector<raft::ReplicaKey>{{NodeId(1), {}}});
    h.be(1, from, 3);
    static_cast<void>(h.broken(1));
    h.be(1, to, epoch);
    return h.broken(1);
  };
  CHECK_FALSE(ends_as(Role::kUnattached, Role::kLeader, 4));
  CHECK(ends_as(Role::kLeader, Role::kResigned, 3));
}

TEST_CASE("RestartNeverLeads fires on a process that leads what it led when it is first seen") {
  History<RestartNeverLeads> h;
  h.lead(1, 3);
  h[1].view.disk_state = on_disk(3, 1);
  CHECK_FALSE(h.broken(1));  // it has been running
  h[1].view.incarnation = 2;
  CHECK(h.broken(1));
  h[1].view.incarnation = 3;
  h.lead(1, 4);  // an only voter
  CHECK_FALSE(h.broken(1));
}

TEST_CASE("LeadershipHeldOnce fires when an epoch's leader leads it a second time") {
  History<LeadershipHeldOnce> h;
  h.lead(1, 2);
  CHECK_FALSE(h.broken(1));
  h.be(1, Role::kCandidate, 2);  // a crash took it before it was on disk
  h[1].view.incarnation = 2;
  CHECK_FALSE(h.broken(1));
  h.lead(1, 3);
  h[1].view.disk_state = on_disk(3, 1);
  CHECK_FALSE(h.broken(1));
  CHECK_FALSE(h.broken(1));
  h.be(1, Role::kResigned, 3);
  CHECK_FALSE(h.broken(1));
  h.lead(1, 3);
  CHECK(h.broken(1));
  h.be(1, Role::kResigned, 3);
  CHECK_FALSE(h.broken(1));
  h.lead(1, 4);
  CHECK_FALSE(h.broken(1));
}

TEST_CASE("LeaderAppendOnly fires when a leader's log is cut, not when a follower's is") {
  History<LeaderAppendOnly> h;
  h.store(1, batch(0, 1));
  h.store(1, batch(1, 1));
  h.lead(1, 1);
  CHECK_FALSE(h.broken(1));
  h.store(1, batch(2, 1));
  CHECK_FALSE(h.broken(1));
  h[1].log.truncate_to(Offset(2));
  CHECK(h.broken(1));
  h.be(1, Role::kFollower, 2);
  CHECK_FALSE(h.broken(1));
  h[1].log.truncate_to(Offset(1));
  CHECK_FALSE(h.broken(1));
}

TEST_CASE("QuorumStateMatchesDisk fires when a role rests on what is not on disk") {
  History<QuorumStateMatchesDisk> h;
  h.be(1, Role::kCandidate, 4);
  h[1].view.disk_state = on_disk(4);
  CHECK(h.broken(1));
  h[1].view.disk_state = on_disk(4, {}, 1);
  CHECK_FALSE(h.broken(1));
  h.lead(1, 4);
  CHECK(h.broken(1));
  h[1].view.writing = true;  // it says nothing until that is done
  CHECK_FALSE(h.broken(1));
  h[1].view.writing = false;
  h[1].view.disk_state = on_disk(4, 1);
  CHECK_FALSE(h.broken(1));
  h.be(2, Role::kUnattached, 5);
  h[2].view.disk_state = on_disk(4);
  CHECK(h.broken(2));
}

TEST_CASE("HighWatermarkNeedsOwnEpoch fires on a leader that commits an earlier epoch's record by itself") {
  History<HighWatermarkNeedsOwnEpoch> h;
  h.store(1, batch(0, 1));
  h.store(1, batch(1, 2));
  h.lead(1, 2);
  CHECK_FALSE(h.broken(1));
  h[1].view.high_watermark = Offset(1);
  CHECK(h.broken(1));
  h[1].view.high_watermark = Offset(2);
  CHECK_FALSE(h.broken(1));
}

TEST_CASE("CommitsComeFromLeaders fires on a follower that is ahead of every leader") {
  History<CommitsComeFromLeaders> h;
  for (int id : {1, 2}) h.store(id, batch(0, 1));
  h.lead(1, 1);
  h[1].view.high_watermark = Offset(1);
  h[2].view.high_watermark = Offset(1);
  CHECK(h.broken(2));
  CHECK_FALSE(h.broken(1));
  CHECK_FALSE(h.broken(2));
}

TEST_CASE("CommittedNeverTruncated fires on a cut below the high watermark, or of a batch that is committed") {
  History<CommittedNeverTruncated> h;
  for (int id : {1, 2}) {
    for (int offset : {0, 1, 2}) h.store(id, batch(offset, 1));
    CHECK_FALSE(h.broken(id));
  }
  h[1].view.high_watermark = Offset(2);
  CHECK_FALSE(h.broken(1));
  h[1].log.truncate_to(Offset(2));
  CHECK_FALSE(h.broken(1));
  h[1].log.truncate_to(Offset(1));
  CHECK(h.broken(1));
  h.be(2, Role::kFollower, 1);
  h[2].log.truncate_to(Offset(2));
  CHECK_FALSE(h.broken(2));
  h[2].log.truncate_to(Offset(1));  // it does not know that this is committed
  CHECK(h.broken(2));
  h.be(3, Role::kFollower, 0);
  for (int offset : {0, 1}) h.store(3, batch(offset, 1));
  CHECK_FALSE(h.broken(3));
  h[3].log.truncate_to(Offset(1));  // it follows an older leader
  CHECK_FALSE(h.broken(3));
}

TEST_CASE("CommittedNeverTruncated does not hold against a process what the one before had not synced") {
  History<CommittedNeverTruncated> h;
  for (int offset : {0, 1, 2}) h.store(1, batch(offset, 1));
  h[1].view.high_watermark = Offset(3);
  CHECK_FALSE(h.broken(1));
  h.be(2, Role::kFollower, 2);
  for (int offset : {0, 1, 2}) h[2].log.append(batch(offset, 1));
  CHECK_FALSE(h.broken(2));
  h[2].view.up = false;
  h[2].log = raft::Log();
  CHECK_FALSE(h.broken(2));
  h[2].view.up = true;
  h[2].view.incarnation = 2;
  CHECK_FALSE(h.broken(2));
  for (int offset : {0, 1}) h[2].log.append(batch(offset, 1));
  h[2].log.append(batch(2, 2));
  CHECK_FALSE(h.broken(2));
  h[2].log.truncate_to(Offset(2));
  CHECK_FALSE(h.broken(2));
}

TEST_CASE("CommittedNeverTruncated fires on a cut that takes a committed batch with others that are not") {
  History<CommittedNeverTruncated> h;
  for (int offset : {0, 1}) h.store(1, batch(offset, 1));
  h[1].view.high_watermark = Offset(2);
  CHECK_FALSE(h.broken(1));
  h.be(2, Role::kFollower, 1);
  for (int offset : {0, 1, 2, 3}) {
    h.store(2, batch(offset, 1));
    CHECK_FALSE(h.broken(2));
  }
  h[2].log.truncate_to(Offset(3));
  CHECK_FALSE(h.broken(2));
  h[2].log.append(batch(3, 1, 7));
  CHECK_FALSE(h.broken(2));
  h[2].log.truncate_to(Offset(1));
  CHECK(h.broken(2));
}

TEST_CASE("EpochIndexMatchesLog fires on an index that does not tell the log's epochs") {
  // A log keeps its index itself, so a mistaken one is made from a batch that changed after it was appended.
  History<EpochIndexMatchesLog> h;
  const auto first = batch(0, 1);
  h.store(1, first);
  h.store(1, batch(1, 2));
  CHECK_FALSE(h.broken(1));
  h[1].log.truncate_to(Offset(1));
  CHECK_FALSE(h.broken(1));
  const auto last = batch(1, 3);
  h[1].log.append(last);
  const_cast<records::RecordBatch&>(*last).epoch = Epoch(4);
  CHECK(h.broken(1));
}

TEST_CASE("RecordsComeFromTheirLeader fires on a record that its epoch's leader never had") {
  History<RecordsComeFromTheirLeader> h;
  h.lead(1, 1);
  h.store(1, batch(0, 1));
  CHECK_FALSE(h.broken(1));
  h.be(2, Role::kFollower, 1);
  h.store(2, batch(0, 1));
  CHECK_FALSE(h.broken(2));
  h.store(2, batch(1, 1));
  CHECK(h.broken(2));
}

TEST_CASE("EpochStartsWithLeaderChange fires on an epoch that begins otherwise, or names another leader") {
  const auto change = [](int offset, int epoch, int leader) {
    return records::make_batch(Offset(offset), Epoch(epoch), Time{},
                               records::ControlRecords{records::LeaderChangeMessage{NodeId(leader), {}, {}}});
  };
  History<EpochStartsWithLeaderChange> h;
  h.lead(1, 1);
  h.store(1, change(0, 1, 1));
  h.store(1, batch(1, 1));
  CHECK_FALSE(h.broken(1));
  h.lead(1, 2);
  h.store(1, change(2, 2, 3));
  CHECK(h.broken(1));
  h.store(2, batch(0, 1));
  CHECK(h.broken(2));
}

TEST_CASE("LeaderHasMajority fires on a leader with too few votes, whatever it counted") {
  History<LeaderHasMajority> h;
  h.be(1, Role::kCandidate, 4);
  CHECK_FALSE(h.broken(1, {.votes = {{NodeId(1), Epoch(4), NodeId(1)}}}));
  h.lead(1, 4);
  CHECK(h.broken(1));
  h.be(1, Role::kCandidate, 5);
  CHECK_FALSE(h.broken(1, {.votes = {{NodeId(1), Epoch(5), NodeId(1)}}}));
  CHECK_FALSE(h.broken(3, {.votes = {{NodeId(3), Epoch(5), NodeId(1)}}}));
  h.lead(1, 5);
  CHECK_FALSE(h.broken(1));
}

TEST_CASE("CandidacyNeedsPreVotes fires on a candidate that was not pre-voted for in that epoch") {
  History<CandidacyNeedsPreVotes> h;
  h.be(1, Role::kProspective, 4);
  CHECK_FALSE(h.broken(1));
  CHECK_FALSE(h.broken(2, {.sent = {granted(2, 1, 3, true)}}));  // an earlier epoch's
  h.be(1, Role::kCandidate, 5);
  CHECK(h.broken(1));
  h.be(1, Role::kProspective, 5);
  CHECK_FALSE(h.broken(1));
  CHECK_FALSE(h.broken(2, {.sent = {granted(2, 1, 5, true)}}));
  h.be(1, Role::kCandidate, 6);
  CHECK_FALSE(h.broken(1));
}

TEST_CASE("FetchAcknowledgesOnlyDurable fires on a fetch beyond what is synced") {
  History<FetchAcknowledgesOnlyDurable> h;
  h.store(2, batch(0, 1));
  CHECK_FALSE(h.broken(2, {.sent = {fetch(2, 1, 1, 1)}}));
  h[2].log.append(batch(1, 1));
  h[2].disk.append(batch(1, 1));
  CHECK(h.broken(2, {.sent = {fetch(2, 1, 2, 2)}}));
}

TEST_CASE("OneFetchInFlight fires on a second fetch before the first is over") {
  History<OneFetchInFlight> h;
  CHECK_FALSE(h.broken(2, {.sent = {fetch(2, 1, 1, 0)}}));
  CHECK(h.broken(2, {.sent = {fetch(2, 3, 2, 0)}}));
  CHECK_FALSE(h.broken(2, {.received = message(1, 2, 1, raft::FetchResponse{}), .sent = {fetch(2, 1, 3, 0)}}));
  CHECK_FALSE(h.broken(2, {.sent = {fetch(2, 1, 4, 0)}, .disconnected = true}));
  h[2].view.disk_state = on_disk(0, {}, 3);  // a vote is a change of state, too
  CHECK_FALSE(h.broken(2, {.sent = {fetch(2, 1, 5, 0)}}));
}

TEST_CASE("StaleResponseIgnored fires when an answer to nothing has an effect") {
  const auto answer = [](int id) { return message(1, 2, id, raft::FetchResponse{}); };
  History<StaleResponseIgnored> h;
  h[2].view.wake_at = kraft::kNever;
  CHECK_FALSE(h.broken(2, {.sent = {fetch(2, 1, 7, 0)}}));
  CHECK_FALSE(h.broken(2, {.received = answer(6)}));
  h[2].log.append(batch(0, 1));
  CHECK(h.broken(2, {.received = answer(6)}));
  h[2].log.append(batch(1, 1));
  CHECK_FALSE(h.broken(2, {.received = answer(7)}));
  h[2].log.append(batch(2, 1));
  CHECK(h.broken(2, {.received = answer(7)}));  // once more
  CHECK_FALSE(h.broken(2, {.sent = {fetch(2, 1, 8, 0)}}));
  h.be(2, Role::kProspective, 1);
  CHECK_FALSE(h.broken(2, {.timer = true}));
  h[2].log.append(batch(3, 1));
  CHECK(h.broken(2, {.received = answer(8)}));  // of an earlier role
}

TEST_CASE("SnapshotArrivesWhole fires when a part that was lost, or another leader's, is not asked for again") {
  const auto whole = snapshot(5, 1);
  const std::int64_t half = whole->size_bytes / 2;
  const auto part = [&](std::int64_t position, std::int64_t bytes) {
    return message(1, 2, 1, raft::FetchSnapshotResponse{.snapshot = whole, .position = position, .bytes = bytes});
  };
  const std::int64_t rest = whole->size_bytes - half;
  const auto hears_one_part = [&](std::int64_t position, std::int64_t bytes) {
    History<SnapshotArrivesWhole> h;
    CHECK_FALSE(h.broken(2, {.received = part(position, bytes)}));
    return h;
  };
  const auto installs = [&](auto& h) {
    h[2].view.snapshot = whole.get();
    return h.broken(2, {.received = part(half, rest)});
  };
  History<SnapshotArrivesWhole> first = hears_one_part(0, half);
  CHECK_FALSE(installs(first));
  History<SnapshotArrivesWhole> gap = hears_one_part(0, half - 1);
  CHECK(installs(gap));
  History<SnapshotArrivesWhole> none;
  CHECK(installs(none));
  History<SnapshotArrivesWhole> other = hears_one_part(0, half);
  other.be(2, Role::kProspective, 1);
  CHECK_FALSE(other.broken(2));
  CHECK(installs(other));
}

TEST_CASE("ObserverOnlyFollows fires on a broker that votes or campaigns") {
  History<ObserverOnlyFollows> h;
  h[2].view.id = NodeId(101);
  CHECK_FALSE(h.broken(2));
  CHECK(h.broken(2, {.votes = {{NodeId(101), Epoch(1), NodeId(1)}}}));
  h.be(2, Role::kProspective, 1);
  CHECK(h.broken(2));
  h.be(1, Role::kProspective, 1);
  CHECK_FALSE(h.broken(1));
}

TEST_CASE("JoinsWithoutWaiting fires on a replica that waits for the commit of its own addition") {
  History<JoinsWithoutWaiting> h;
  const auto join = [](int voter, bool when_committed) {
    return message(3, 1, 1, raft::AddRaftVoterRequest{{NodeId(voter), {}}, when_committed});
  };
  CHECK_FALSE(h.broken(3, {.sent = {join(3, false)}}));
  CHECK_FALSE(h.broken(3, {.sent = {join(2, true)}}));
  CHECK(h.broken(3, {.sent = {join(3, true)}}));
}

TEST_CASE("PreVoteChangesNothing fires when asking opens an epoch or asks for one, or granting is written") {
  History<PreVoteChangesNothing> h;
  h.be(1, Role::kFollower, 3);
  CHECK_FALSE(h.broken(1));
  h.be(1, Role::kProspective, 4);
  CHECK(h.broken(1, {.timer = true}));
  h.be(2, Role::kFollower, 3);
  CHECK_FALSE(h.broken(2));
  h.be(2, Role::kProspective, 3);
  CHECK_FALSE(h.broken(2, {.timer = true}));
  const auto pre_vote = [](int epoch) {
    return message(2, 1, 1,
                   raft::VoteRequest{Epoch(epoch), {NodeId(2), {}}, {NodeId(1), {}}, Epoch(3), Offset(0), true});
  };
  CHECK_FALSE(h.broken(2, {.sent = {pre_vote(3)}}));
  CHECK(h.broken(2, {.sent = {pre_vote(4)}}));
  CHECK_FALSE(h.broken(3, {.sent = {granted(3, 1, 3, true)}}));
  h[3].view.disk_state = on_disk(3, {}, 1);
  CHECK(h.broken(3, {.sent = {granted(3, 1, 3, true)}}));
}

TEST_CASE("LiveFollowerDeniesPreVote fires on a follower that heard its leader and pre-votes all the same") {
  History<LiveFollowerDeniesPreVote> h;
  h[2].view.leader_id = NodeId(1);
  CHECK_FALSE(h.broken(2, {.sent = {granted(2, 3, 0, true)}}));  // it has not heard it yet
  h[2].view.high_watermark = Offset(1);
  CHECK_FALSE(h.broken(2, {.received = message(1, 2, 1, raft::FetchResponse{})}));
  CHECK(h.broken(2, {.sent = {granted(2, 3, 0, true)}}));
  h.be(2, Role::kProspective, 0);
  CHECK_FALSE(h.broken(2));
  h.be(2, Role::kFollower, 0);
  CHECK_FALSE(h.broken(2, {.sent = {granted(2, 3, 0, true)}}));
}

TEST_CASE("VoteNeedsUpToDateLog fires on a vote for a log that is behind") {
  const auto asked = [](int end, int epoch, int id) {
    return message(1, 2, id,
                   raft::VoteRequest{.epoch = Epoch(5),
                                     .candidate = {NodeId(1), {}},
                                     .voter = {NodeId(2), {}},
                                     .last_epoch = Epoch(epoch),
                                     .last_offset = Offset(end),
                                     .pre_vote = true});
  };
  History<VoteNeedsUpToDateLog> h;
  h.store(2, batch(0, 1));
  h.store(2, batch(1, 2));
  CHECK_FALSE(h.broken(2, {.received = asked(2, 2, 1), .sent = {granted(2, 1, 5, true, 1)}}));
  CHECK_FALSE(h.broken(2, {.received = asked(1, 3, 2), .sent = {granted(2, 1, 5, true, 2)}}));
  CHECK(h.broken(2, {.received = asked(1, 2, 3), .sent = {granted(2, 1, 5, true, 3)}}));
  CHECK(h.broken(2, {.received = asked(9, 1, 4), .sent = {granted(2, 1, 5, true, 4)}}));
}

TEST_CASE("HigherEpochHeeded fires on a node that stays in an epoch that it knows to be over") {
  const Message begin = message(2, 1, 1, raft::BeginQuorumEpochRequest{Epoch(5), NodeId(2), {NodeId(1), {}}});
  History<HigherEpochHeeded> h;
  h.lead(1, 4);
  CHECK(h.broken(1, {.received = begin}));
  h.be(1, Role::kFollower, 5);
  CHECK_FALSE(h.broken(1, {.received = begin}));
}

TEST_CASE("CheckQuorum fires on a leader that goes on with nobody listening, once it could have noticed") {
  History<CheckQuorum> h;
  const Duration timeout = h.config().election.check_quorum_timeout;
  h.lead(1, 1);
  CHECK_FALSE(h.broken(1, {.timer = true}));
  h.pass(3 * timeout);  // it was paused
  CHECK_FALSE(h.broken(1, {.received = fetch(2, 1, 1, 0)}));
  h.pass(2 * timeout + Duration(1));
  CHECK_FALSE(h.broken(1, {.timer = true}));
  h.pass(timeout);
  CHECK_FALSE(h.broken(1, {.timer = true}));
  h.pass(Duration(1));
  CHECK(h.broken(1, {.timer = true}));
}

TEST_CASE("CheckQuorum holds for a leader whose voters become fewer than it had heard of, and of which one goes on") {
  History<CheckQuorum> h;
  const raft::VoterSet three = h.voters();
  std::vector<raft::ReplicaKey> keys;
  for (int id = 1; id <= 5; ++id) keys.push_back({NodeId(id), {}});
  h.voters() = raft::VoterSet(std::move(keys));
  h.lead(1, 1);
  CHECK_FALSE(h.broken(1, {.received = fetch(2, 1, 1, 0)}));
  h.voters() = three;
  for (int window = 0; window < 5; ++window) {
    h.pass(h.config().election.check_quorum_timeout);
    CHECK_FALSE(h.broken(1, {.received = fetch(2, 1, 1, 0)}));
    CHECK_FALSE(h.broken(1, {.timer = true}));
  }
}

TEST_CASE("MajorityKeepsLeader fires on a leader that gives up while enough of its voters fetch") {
  const records::SnapshotRef newer = snapshot(1, 2);
  const auto gives_up = [](std::vector<int> offsets, Duration silence, bool timer = true, int voters_changed_at = -1,
                           const records::SnapshotRef& latest = nullptr) {
    History<MajorityKeepsLeader> h;
    h[1].view.snapshot = latest.get();
    h.store(1, batch(0, 1));
    h.lead(1, 1);
    CHECK_FALSE(h.broken(1));
    int id = 1;
    for (const int offset : offsets) {
      id += 1;
      if (id == voters_changed_at) {
        h[1].voters->append(*records::make_batch(
            Offset(1), Epoch(1), Time{}, records::ControlRecords{raft::to_record(h.voters())}));
        CHECK_FALSE(h.broken(1, {.received = message(2, 1, 9, raft::VoteResponse{})}));
      }
      CHECK_FALSE(h.broken(1, {.received = fetch(id % 2 + 2, 1, id, offset)}));
    }
    h.pass(silence);
    h.be(1, Role::kResigned, 1);
    return h.broken(1, {.timer = timer});
  };
  const Duration timeout = raft::Config().election.check_quorum_timeout;
  CHECK(gives_up({1}, timeout - Duration(1)));
  CHECK_FALSE(gives_up({1}, timeout));
  CHECK_FALSE(gives_up({}, Duration(1)));
  CHECK_FALSE(gives_up({7}, Duration(1)));                  // not in its log
  CHECK_FALSE(gives_up({1}, Duration(1), false));           // it was told to
  CHECK_FALSE(gives_up({1, 7}, Duration(1), true, 3));      // heard before the voters changed
  CHECK(gives_up({7, 1}, Duration(1), true, 3));
  CHECK_FALSE(gives_up({1}, Duration(1), true, -1, newer));  // it got a snapshot for an answer
}

TEST_CASE("MajorityKeepsLeader: a configured voter counts with any disk") {
  Message other_disk = fetch(2, 1, 2, 1);
  std::get<raft::FetchRequest>(other_disk.body).replica.directory_id = {.high = 7, .low = 7};
  History<MajorityKeepsLeader> wiped;
  wiped.store(1, batch(0, 1));
  wiped.lead(1, 1);
  CHECK_FALSE(wiped.broken(1, {.received = fetch(2, 1, 1, 7)}));
  CHECK_FALSE(wiped.broken(1, {.received = other_disk}));
  wiped.be(1, Role::kResigned, 1);
  CHECK(wiped.broken(1, {.timer = true}));
}

TEST_CASE("MajorityKeepsLeader: who removed itself needs a whole majority, until its removal is committed") {
  const auto gives_up = [](int followers, int high_watermark) {
    History<MajorityKeepsLeader> h;
    h.voters() = h.voters().without({NodeId(1), {}}).with({{NodeId(4), {}}, {}});
    h.store(1, batch(0, 1));
    h[1].voters.emplace(h.voters());
    h[1].voters->append(*records::make_batch(Offset(1), Epoch(1), Time{},
                                             records::ControlRecords{raft::to_record(h.voters())}));
    h.lead(1, 1);
    h[1].view.high_watermark = Offset(high_watermark);
    for (int i = 0; i < followers; ++i) CHECK_FALSE(h.broken(1, {.received = fetch(2 + i, 1, i, 1)}));
    h.be(1, Role::kResigned, 1);
    return h.broken(1, {.timer = true});
  };
  CHECK_FALSE(gives_up(1, 1));
  CHECK(gives_up(2, 1));
  CHECK_FALSE(gives_up(2, 2));
}

TEST_CASE("LeaderTellsVoters fires on a leader that leaves a silent voter in the dark, once it could have noticed") {
  History<LeaderTellsVoters> h;
  const Duration most = 3 * h.config().election.begin_epoch_interval + 2 * h.config().request_timeout;
  const Message told = message(1, 3, 1, raft::BeginQuorumEpochRequest{Epoch(1), NodeId(1), {NodeId(3), {}}});
  h.lead(1, 1);
  CHECK_FALSE(h.broken(1, {.timer = true}));
  for (int times = 0; times < 4; ++times) {  // one fetches, the other is told
    h.pass(most);
    CHECK_FALSE(h.broken(1, {.received = fetch(2, 1, 1, 0)}));
    CHECK_FALSE(h.broken(1, {.timer = true, .sent = {told}}));
  }
  h.pass(most + Duration(1));
  CHECK_FALSE(h.broken(1, {.received = fetch(2, 1, 1, 0)}));
  CHECK_FALSE(h.broken(1, {.timer = true}));  // it may have been paused
  h.pass(most + Duration(1));
  CHECK_FALSE(h.broken(1, {.received = fetch(2, 1, 1, 0)}));
  CHECK(h.broken(1, {.timer = true}));
  h.lead(1, 2);
  CHECK_FALSE(h.broken(1, {.timer = true}));
}

TEST_CASE("WaitsAreDrawn fires on the third wait of one length") {
  const auto fires = [](std::vector<Duration> waits, bool timer = true) {
    History<WaitsAreDrawn> h;
    bool fired = false;
    for (const Duration wait : waits) {
      h.be(1, Role::kProspective, 1);
      fired = h.broken(1) || fired;
      h.pass(wait);
      h.be(1, Role::kFollower, 1);
      fired = h.broken(1, {.timer = timer}) || fired;
    }
    return fired;
  };
  using namespace std::chrono_literals;
  CHECK(fires({1500ms, 1200ms, 1200ms, 1200ms}));
  CHECK_FALSE(fires({1200ms, 1200ms, 1200001us, 1200ms, 1200ms}));
  CHECK_FALSE(fires({1200ms, 1200ms, 1200ms}, false));
  CHECK_FALSE(fires({61200ms, 61200ms, 61200ms}));  // a clock was set forward thrice
}

TEST_CASE("FetchWakesOnCommit fires on a fetch that waits for what has happened") {
  History<FetchWakesOnCommit> h;
  h.lead(1, 1);
  h[1].view.high_watermark = Offset(3);
  CHECK_FALSE(h.broken(1));
  CHECK_FALSE(h.broken(1, {.received = fetch(2, 1, 1, 3, Offset(3))}));
  CHECK(h.broken(1, {.received = fetch(3, 1, 1, 3, Offset(2))}));
  CHECK_FALSE(h.broken(1, {.sent = {message(1, 3, 1, raft::FetchResponse{})}}));
  h[1].view.high_watermark = Offset(4);
  CHECK(h.broken(1));
}

TEST_CASE("FetchWakesOnCommit fires on a fetch that is kept too long, or by a node that does not lead") {
  History<FetchWakesOnCommit> h;
  h.lead(1, 1);
  h[1].view.high_watermark = Offset(3);
  CHECK_FALSE(h.broken(1, {.received = fetch(2, 1, 1, 3, Offset(3))}));
  h.pass(std::chrono::milliseconds(501));
  CHECK(h.broken(1, {.timer = true}));
  h.be(1, Role::kResigned, 1);
  CHECK(h.broken(1));
  CHECK_FALSE(h.broken(1, {.timer = true, .sent = {message(1, 2, 1, raft::FetchResponse{})}}));
}

TEST_CASE("ImagesAgree fires on images of one offset with different histories, and on one that is ahead") {
  History<ImagesAgree> h;
  for (int id : {1, 2, 3}) {
    h.store(id, batch(0, 1));
    h[id].view.high_watermark = Offset(1);
    CHECK_FALSE(h.broken(id));
    h[id].view.image_end = Offset(1);
    h[id].view.image_history = id == 3 ? 8 : 7;
  }
  CHECK_FALSE(h.broken(1));
  CHECK_FALSE(h.broken(2));
  CHECK(h.broken(3));
  h[3].view.incarnation = 2;  // it loads the same records
  const auto loaded = kraft::records::make_snapshot({.end_offset = Offset(1), .epoch = Epoch(1)}, {});
  h[3].view.snapshot = loaded.get();
  CHECK_FALSE(h.broken(3));
  h[1].view.image_end = Offset(2);
  CHECK(h.broken(1));
}

TEST_CASE(
    "ActiveControllerLeads fires on a controller that does not lead, has not caught up, or decides on old state") {
  History<ActiveControllerLeads> h;
  h.lead(1, 1);
  NodeView& view = h[1].view;
  view.active = true;
  view.epoch_start = Offset(3);
  view.image_end = Offset(4);
  view.ahead_end = view.next_append = Offset(6);
  CHECK_FALSE(h.broken(1));
  view.ahead_end = Offset(5);
  CHECK(h.broken(1));
  view.ahead_end = Offset(6);
  view.image_end = Offset(3);
  CHECK(h.broken(1));
  view.image_end = Offset(4);
  view.role = Role::kFollower;
  CHECK(h.broken(1));
}

/// Node 1 commits `made` as one batch, in a history whose image has it applied.
template <class Invariant> bool breaks_when_committed(History<Invariant>& h, records::MetadataRecords made) {
  for (const auto& record : made) kraft::metadata::apply(h.image(), record);
  h.store(1, records::make_batch(h[1].log.end_offset(), Epoch(1), Time{}, std::move(made)));
  h[1].view.high_watermark = h[1].log.end_offset();
  return h.broken(1);
}

TEST_CASE("PartitionsSound fires on an ISR of strangers and on a leader from outside the ISR") {
  const kraft::TopicId topic{0, 7};
  const auto with = [&](std::vector<NodeId> isr, NodeId leader) {
    return records::MetadataRecords{
        records::TopicRecord{"t", topic},
        records::PartitionRecord{
            topic, kraft::PartitionId(0), {NodeId(101), NodeId(102)}, std::move(isr), leader, {}, {}}};
  };
  History<PartitionsSound> sound;
  CHECK_FALSE(breaks_when_committed(sound, with({NodeId(101)}, NodeId(101))));
  History<PartitionsSound> stranger;
  CHECK(breaks_when_committed(stranger, with({NodeId(101), NodeId(103)}, NodeId(101))));
  History<PartitionsSound> outsider;
  CHECK(breaks_when_committed(outsider, with({NodeId(101)}, NodeId(102))));
}

TEST_CASE("FencedBrokerLeadsNothing fires when a broker registers fenced and leads, and when it is made a leader") {
  const kraft::TopicId topic{0, 7};
  const records::RegisterBrokerRecord live{NodeId(101), {}, kraft::BrokerEpoch(1), {}, false, false};
  const records::RegisterBrokerRecord again{NodeId(101), {0, 2}, kraft::BrokerEpoch(9), {}, true, false};
  const records::PartitionRecord led{topic, kraft::PartitionId(0), {NodeId(101)}, {NodeId(101)}, NodeId(101), {}, {}};
  History<FencedBrokerLeadsNothing> registers;
  CHECK_FALSE(breaks_when_committed(registers, {live, records::TopicRecord{"t", topic}, led}));
  CHECK(breaks_when_committed(registers, {again}));
  History<FencedBrokerLeadsNothing> made_leader;
  CHECK_FALSE(breaks_when_committed(made_leader, {again, records::TopicRecord{"t", topic}}));
  CHECK(breaks_when_committed(made_leader, {led}));
}

TEST_CASE("FencedBrokerLeadsNothing fires when a broker is fenced and its partitions are left to it") {
  const kraft::TopicId topic{0, 7};
  const records::MetadataRecords given{
      records::RegisterBrokerRecord{NodeId(101), {}, kraft::BrokerEpoch(1), {}, false, false},
      records::TopicRecord{"t", topic},
      records::PartitionRecord{topic, kraft::PartitionId(0), {NodeId(101)}, {NodeId(101)}, NodeId(101), {}, {}}};
  const records::BrokerRegistrationChangeRecord fence{NodeId(101), kraft::BrokerEpoch(1), true, false};
  History<FencedBrokerLeadsNothing> h;
  CHECK_FALSE(breaks_when_committed(h, given));
  CHECK(breaks_when_committed(h, {fence}));
  History<FencedBrokerLeadsNothing> right;
  CHECK_FALSE(breaks_when_committed(right, given));
  CHECK_FALSE(breaks_when_committed(
      right, {fence, records::PartitionChangeRecord{topic, kraft::PartitionId(0), {}, records::kNoLeader}}));
}

TEST_CASE("BrokerEpochsRise fires on a registration with an epoch that was") {
  const auto registered = [](int epoch, std::uint64_t incarnation) {
    return records::MetadataRecords{records::RegisterBrokerRecord{
        NodeId(101), kraft::Uuid{0, incarnation}, kraft::BrokerEpoch(epoch), {}, true, false}};
  };
  History<BrokerEpochsRise> h;
  CHECK_FALSE(breaks_when_committed(h, registered(4, 1)));
  CHECK_FALSE(breaks_when_committed(h, registered(4, 1)));  // the same process, asking again
  CHECK_FALSE(breaks_when_committed(h, registered(6, 2)));
  CHECK(breaks_when_committed(h, registered(6, 3)));
}

records::VotersRecord voters(std::vector<int> ids) {
  records::VotersRecord record;
  for (const int id : ids) record.voters.push_back({NodeId(id), kraft::DirectoryId{0, static_cast<std::uint64_t>(id)}});
  return record;
}
records::BatchRef voters_batch(int offset, std::vector<int> ids) {
  return records::make_batch(Offset(offset), Epoch(1), Time{}, records::ControlRecords{voters(std::move(ids))});
}

TEST_CASE("VotersMatchLog fires on a node that goes by other voters than its log tells") {
  History<VotersMatchLog> h;
  h.store(1, voters_batch(0, {1, 2, 3}));
  CHECK(h.broken(1));  // it has not read the record
  h[1].voters->append(*voters_batch(0, {1, 2, 3}));
  h.store(1, voters_batch(1, {1, 2, 3, 4}));
  h[1].voters->append(*voters_batch(1, {1, 2, 3, 4}));
  CHECK_FALSE(h.broken(1));
  h[1].log.truncate_to(Offset(1));
  CHECK(h.broken(1));  // it has not taken it back
  h[1].voters->truncate_to(Offset(1));
  h[1].view.incarnation = 2;
  CHECK_FALSE(h.broken(1));
}

TEST_CASE("SnapshotAtLogStart fires on a log that lost its beginning without a snapshot of it") {
  History<SnapshotAtLogStart> h;
  h[1].log.reset_to({Offset(5), Epoch(1)});
  h[1].disk.reset_to({Offset(5), Epoch(1)});
  CHECK(h.broken(1));
  const auto five = snapshot(5, 1);
  h[1].view.snapshot = five.get();
  CHECK(h.broken(1));  // on disk there is none
  h[1].view.disk_snapshot = five.get();
  CHECK_FALSE(h.broken(1));
}

TEST_CASE("SnapshotOfCommitted fires on a snapshot of what is not committed, or ends within a batch") {
  History<SnapshotOfCommitted> h;
  for (int offset : {0, 1, 2}) h.store(1, batch(offset, 1));
  h[1].view.high_watermark = Offset(2);
  const std::vector<records::SnapshotRef> shown = {snapshot(2, 1), snapshot(3, 1), snapshot(2, 2)};
  h[1].view.snapshot = shown[0].get();
  CHECK_FALSE(h.broken(1));
  h[1].view.snapshot = shown[1].get();
  CHECK(h.broken(1));
  h[1].view.snapshot = shown[2].get();
  CHECK(h.broken(1));
}

TEST_CASE("VotersChangeOneByOne fires on two voters that come at once, or one that takes another's place") {
  const auto commits = [](History<VotersChangeOneByOne>& h, std::vector<int> ids) {
    h.store(1, voters_batch(static_cast<int>(h[1].log.end_offset().value()), std::move(ids)));
    h[1].view.high_watermark = h[1].log.end_offset();
    return h.broken(1);
  };
  History<VotersChangeOneByOne> h;
  CHECK_FALSE(commits(h, {1, 2, 3}));
  CHECK_FALSE(commits(h, {1, 2, 3, 4}));
  CHECK_FALSE(commits(h, {1, 2, 4}));
  CHECK(commits(h, {1, 2, 5}));
  CHECK(commits(h, {1, 2, 3, 4, 5}));
  History<VotersChangeOneByOne> upgraded;  // three are configured
  CHECK(commits(upgraded, {1, 2}));
}

TEST_CASE("VoteRepeated fires on a voter that does not say its vote again") {
  const auto asked = [](int from, bool pre_vote) {
    return message(from, 2, 7,
                   raft::VoteRequest{.epoch = Epoch(5),
                                     .candidate = {NodeId(from), {}},
                                     .voter = {NodeId(2), {}},
                                     .last_epoch = Epoch(0),
                                     .last_offset = Offset(0),
                                     .pre_vote = pre_vote});
  };
  History<VoteRepeated> h;
  h.be(2, Role::kUnattached, 5);
  h[2].view.disk_state = on_disk(5, {}, 1);
  CHECK_FALSE(h.broken(2, {.received = asked(1, false)}));  // had not voted
  CHECK_FALSE(h.broken(2, {.received = asked(1, false), .sent = {granted(2, 1, 5, false, 7)}}));
  CHECK(h.broken(2, {.received = asked(1, false)}));
  h.store(2, batch(0, 1));  // which its candidate lacks
  CHECK_FALSE(h.broken(2, {.received = asked(1, false)}));
  h[2].log = {};
  CHECK_FALSE(h.broken(2, {.received = asked(3, false)}));  // for another
  CHECK_FALSE(h.broken(2, {.received = asked(1, true)}));
  h.be(2, Role::kFollower, 5);
  CHECK(h.broken(2, {.received = asked(1, false)}));
  CHECK_FALSE(h.broken(2, {.received = asked(1, false)}));  // the epoch has its leader
}

TEST_CASE("A change of the voters needs the one before committed, and something of the leader's own epoch") {
  const auto change = [](int offset, int epoch, std::vector<int> ids) {
    return records::make_batch(Offset(offset), Epoch(epoch), Time{}, records::ControlRecords{voters(std::move(ids))});
  };
  // In epoch 2, which begins at 1, at offset 2; the change before is at 0.
  const auto broken_with = [&]<class Invariant>(History<Invariant> h, std::optional<int> committed, bool leads) {
    h.store(1, change(0, 1, {1, 2, 3}));
    h.store(1, batch(1, 2));
    if (leads) h.lead(1, 2);
    CHECK_FALSE(h.broken(1));
    h[1].voters->append(*change(0, 1, {1, 2, 3}));
    h.store(1, change(2, 2, {1, 2, 3, 4}));
    h[1].voters->append(*change(2, 2, {1, 2, 3, 4}));
    if (committed) h[1].view.high_watermark = Offset(*committed);
    return h.broken(1);
  };
  CHECK(broken_with(History<OneVoterChangeInFlight>(), std::nullopt, true));
  CHECK(broken_with(History<OneVoterChangeInFlight>(), 0, true));
  CHECK_FALSE(broken_with(History<OneVoterChangeInFlight>(), 1, true));
  CHECK_FALSE(broken_with(History<OneVoterChangeInFlight>(), 0, false));  // a follower takes what comes
  CHECK(broken_with(History<NoVoterChangeBeforeOwnCommit>(), std::nullopt, true));
  CHECK(broken_with(History<NoVoterChangeBeforeOwnCommit>(), 1, true));
  CHECK_FALSE(broken_with(History<NoVoterChangeBeforeOwnCommit>(), 2, true));
  CHECK_FALSE(broken_with(History<NoVoterChangeBeforeOwnCommit>(), 1, false));
}

TEST_CASE("RemovedLeaderResigns fires on a leader that goes on once its removal is committed") {
  History<RemovedLeaderResigns> h;
  h.lead(1, 1);
  h.store(1, voters_batch(0, {2, 3}));
  h[1].voters.emplace(raft::VoterHistory(raft::VoterSet{}));
  h[1].voters->append(*voters_batch(0, {2, 3}));
  CHECK_FALSE(h.broken(1));
  h[1].view.high_watermark = Offset(0);
  CHECK_FALSE(h.broken(1));
  h[1].view.high_watermark = Offset(1);
  CHECK(h.broken(1));
  h.store(1, batch(1, 1));
  h[1].view.high_watermark = Offset(2);
  h.be(1, Role::kResigned, 1);
  CHECK_FALSE(h.broken(1));
}

TEST_CASE("SnapshotInLog fires on a snapshot that the log does not reach, or contradicts") {
  History<SnapshotInLog> h;
  h.store(1, batch(0, 1));
  h.store(1, batch(1, 1));
  const std::vector<records::SnapshotRef> shown = {snapshot(2, 1), snapshot(2, 2), snapshot(3, 1)};
  h[1].view.snapshot = shown[0].get();
  CHECK_FALSE(h.broken(1));
  h[1].view.snapshot = shown[1].get();
  CHECK(h.broken(1));
  h[1].view.snapshot = shown[2].get();
  CHECK(h.broken(1));
  h[1].log.reset_to({Offset(3), Epoch(1)});
  CHECK_FALSE(h.broken(1));
}

TEST_CASE("SnapshotTellsVoters fires on a snapshot without the voters, or with those of another time") {
  const auto told = [](std::vector<int> ids) {
    return records::make_snapshot(
        {.end_offset = Offset(1), .epoch = Epoch(1), .kraft_version = 1, .voters = voters(std::move(ids))}, {});
  };
  History<SnapshotTellsVoters> h;
  records::ControlRecords first{records::KRaftVersionRecord{.kraft_version = 1}, voters({1, 2})};
  h[1].voters.emplace(raft::VoterHistory(raft::VoterSet{}));
  h[1].voters->append(*records::make_batch(Offset(0), Epoch(1), Time{}, std::move(first)));
  h[1].voters->append(*voters_batch(2, {1, 2, 3}));
  CHECK_FALSE(h.broken(1));
  const std::vector<records::SnapshotRef> shown = {told({1, 2}), told({1, 2, 3}), snapshot(1, 1)};
  h[1].view.snapshot = shown[0].get();
  CHECK_FALSE(h.broken(1));
  h[1].view.snapshot = shown[1].get();
  CHECK(h.broken(1));
  h[1].view.snapshot = shown[2].get();
  CHECK(h.broken(1));
}

TEST_CASE("every invariant has a card with a name of its own") {
  std::vector<std::string> names;
  for (const Card& card : invariants()) {
    CHECK(std::string(card.promise).size() > 10);
    CHECK(std::string(card.source).size() > 3);
    names.emplace_back(card.name);
  }
  CHECK(names.size() >= 25);
  for (const Card& card : liveness_demands()) names.emplace_back(card.name);
  std::sort(names.begin(), names.end());
  CHECK(std::adjacent_find(names.begin(), names.end()) == names.end());
}

}  // namespace kraftsim::check
