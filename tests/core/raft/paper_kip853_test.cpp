// KIP-853 (voters in the log), claim by claim: who counts from when, what a change needs, what becomes of a leader that
// is removed, of a wiped disk, of a quorum that was configured. Numbers like KAFKA-16531 name the ticket in which the
// claim was broken; S1 is a fault that trunk had at the time of writing.
#include <doctest/doctest.h>

#include <set>

#include "tests/core/raft/raft_cluster.hpp"
#include "tests/core/raft/solo.hpp"
#include "tests/support/throwing_checks.hpp"

namespace kraft::raft::testing {
namespace {

RaftCluster::Options options(int voters, int spares) {
  RaftCluster::Options options;
  options.voters = voters;
  options.spares = spares;
  options.kraft_version = 1;
  return options;
}

/// Voters in the log, 1 leads, everybody knows all.
RaftCluster settled(int voters, int spares) {
  RaftCluster cluster(options(voters, spares));
  if (voters > 1) cluster.elect(1);
  REQUIRE(cluster.run_until([&] { return cluster.is_settled(); }));
  REQUIRE(cluster.leader() == 1);
  return cluster;
}

template <class Response>
std::optional<Error> answer_to(const RaftCluster& cluster, CorrelationId id) {
  const auto found = cluster.answers.find(id);
  if (found == cluster.answers.end()) return std::nullopt;
  return std::get<Response>(found->second).error;
}

std::optional<Error> add(RaftCluster& cluster, int leader, const ReplicaKey& voter, Duration wait = 1s) {
  const CorrelationId id = cluster.request(leader, AddRaftVoterRequest{.voter = voter});
  cluster.run(wait);
  return answer_to<AddRaftVoterResponse>(cluster, id);
}

std::optional<Error> remove(RaftCluster& cluster, int leader, const ReplicaKey& voter, Duration wait = 1s) {
  const CorrelationId id = cluster.request(leader, RemoveRaftVoterRequest{.voter = voter});
  cluster.run(wait);
  return answer_to<RemoveRaftVoterResponse>(cluster, id);
}

std::vector<NodeId> ids(std::vector<int> numbers) {
  std::vector<NodeId> result;
  for (const int number : numbers) result.emplace_back(number);
  return result;
}

records::BatchRef voters_batch(Offset base, int epoch, int voters) {
  return records::make_batch(base, Epoch(epoch), at_nanos(0),
                             records::ControlRecords{records::KRaftVersionRecord{.kraft_version = 1},
                                                     to_record(voters_up_to(voters))});
}

/// A follower of node 2 with ten records, of which two are committed.
Solo with_uncommitted_tail() {
  Solo solo({.id = 1, .disk = formatted_with(voters_up_to(3))});
  solo.become_follower(2, 1);
  solo.answer(solo.only_sent<FetchRequest>(2),
              solo.fetched(2, log_of(std::vector<int>(10, 1)).batches(), Offset(2)));
  return solo;
}

}  // namespace

// ---- where voters come from ----

TEST_CASE("KIP-853: the first leader writes the voters that it was formatted with, so that others learn them") {
  const RaftCluster cluster = settled(3, 1);
  CHECK(cluster.at(4).voters().ids() == ids({1, 2, 3}));
  CHECK(cluster.at(4).kraft_version() == 1);
  CHECK_FALSE(cluster.at(4).is_voter());
  CHECK(cluster.at(1).voter_history().latest().offset >= Offset(0));
}

TEST_CASE("KIP-853: a node formatted without voters stands in no election, however long nobody leads") {
  RaftCluster cluster(options(3, 1));
  for (const int node : {1, 2, 3}) cluster.crash(node);
  cluster.run(60s);
  CHECK(cluster.at(4).role() == Role::kUnattached);
  CHECK(cluster.at(4).epoch() == Epoch(0));
}

TEST_CASE("KIP-853: a voter set counts from the moment it is in the log, committed or not, and no longer") {
  Solo solo({.id = 3, .disk = formatted_with(voters_up_to(2))});
  solo.become_follower(1, 1);
  CHECK_FALSE(solo.replica.is_voter());
  solo.answer(solo.only_sent<FetchRequest>(1), solo.fetched(1, {voters_batch(Offset(0), 1, 3)}, Offset(0)));
  CHECK(solo.replica.is_voter());
  CHECK(solo.noticed<VotersChanged>().size() == 1);
  // Another leader never had it.
  solo.become_follower(2, 2);
  FetchResponse diverging = solo.fetched(2);
  diverging.diverging = DivergingEpoch{.epoch = Epoch(0), .end_offset = Offset(0)};
  solo.answer(solo.only_sent<FetchRequest>(2), diverging);
  CHECK_FALSE(solo.replica.is_voter());
  CHECK(solo.replica.voters() == voters_up_to(2));
}

TEST_CASE("S1: voters that come in below the old end of a log that was cut are seen") {
  Solo solo = with_uncommitted_tail();
  solo.become_follower(3, 2);
  FetchResponse diverging = solo.fetched(3);
  diverging.diverging = DivergingEpoch{.epoch = Epoch(1), .end_offset = Offset(2)};
  solo.answer(solo.only_sent<FetchRequest>(3), diverging);
  REQUIRE(solo.replica.log().end_offset() == Offset(2));
  solo.answer(solo.only_sent<FetchRequest>(3), solo.fetched(3, {voters_batch(Offset(2), 2, 4)}, Offset(2)));
  CHECK(solo.replica.voters() == voters_up_to(4));
  CHECK(solo.replica.voter_history() == VoterHistory(solo.replica.configured_voters(),
                                                     solo.disk.snapshots.back().get(), solo.disk.log));
}

TEST_CASE("S2: a snapshot that takes the place of a longer log brings its voters") {
  Solo solo = with_uncommitted_tail();
  solo.become_follower(3, 3);
  const auto snapshot = records::make_snapshot(
      {.end_offset = Offset(5), .epoch = Epoch(2), .kraft_version = 1, .voters = to_record(voters_up_to(4))}, {});
  FetchResponse told = solo.fetched(3);
  told.snapshot_id = id_of(*snapshot);
  solo.answer(solo.only_sent<FetchRequest>(3), told);
  solo.answer(solo.only_sent<FetchSnapshotRequest>(3),
              FetchSnapshotResponse{.leader = {.leader_id = NodeId(3), .epoch = Epoch(3)},
                                    .snapshot = snapshot,
                                    .position = 0,
                                    .bytes = snapshot->size_bytes});
  CHECK(solo.replica.log().end_offset() == Offset(5));
  CHECK(solo.replica.voters() == voters_up_to(4));
}

TEST_CASE("KIP-853: a vote goes to a candidate that the voter does not know as a voter") {
  Solo solo({.id = 1, .disk = formatted_with(voters_up_to(3))});
  CHECK(solo.ask<VoteResponse>(4, solo.equal_vote(4, 1)).vote_granted);
  Solo observer({.id = 4, .disk = formatted_with(voters_up_to(3))});
  CHECK(observer.ask<VoteResponse>(1, observer.equal_vote(1, 1)).vote_granted);
}

TEST_CASE("KIP-853: who does not vote yet denies pre-votes on its leader's account until that leader falls silent") {
  Solo solo({.id = 4});
  solo.become_follower(2, 1);
  solo.answer(solo.only_sent<FetchRequest>(2), solo.fetched(2));
  CHECK_FALSE(solo.ask<VoteResponse>(3, solo.equal_vote(3, 1, true)).vote_granted);
  solo.wait(2 * solo.replica.config().fetch_timeout);
  CHECK(solo.replica.role() == Role::kFollower);  // it does not stand
  CHECK(solo.ask<VoteResponse>(3, solo.equal_vote(3, 1, true)).vote_granted);
}

TEST_CASE("KIP-853: who looks for the leader asks the voters too, as every bootstrap server may have been removed") {
  SoloOptions options{.id = 4};
  options.config.bootstrap_servers = {NodeId(5), NodeId(6)};
  Solo solo(options);
  std::set<NodeId> asked;
  for (int turn = 0; turn < 200; ++turn) {
    solo.expire();
    for (const Message& fetch : solo.all_sent<FetchRequest>()) asked.insert(fetch.to);
  }
  CHECK(asked == std::set{NodeId(1), NodeId(2), NodeId(3), NodeId(5), NodeId(6)});
}

// ---- adding ----

TEST_CASE("KIP-853: a caught-up observer is added, and its disk counts at once") {
  RaftCluster cluster = settled(1, 1);
  CHECK(add(cluster, 1, cluster.key(2)) == Error::kNone);
  CHECK(cluster.at(2).is_voter());
  cluster.crash(2);
  const Offset committed = *cluster.at(1).high_watermark();
  cluster.append(1);
  cluster.run(500ms);
  CHECK(cluster.at(1).high_watermark() == committed);  // two of two are needed now
  cluster.start(2);
  cluster.run(2s);
  CHECK(cluster.at(1).high_watermark() > committed);
}

TEST_CASE("KIP-853: what an addition needs") {
  RaftCluster cluster = settled(3, 1);
  CHECK(add(cluster, 2, cluster.key(4)) == Error::kNotLeaderOrFollower);
  CHECK(add(cluster, 1, {.id = NodeId(4), .directory_id = {}}) == Error::kInvalidRequest);
  CHECK(add(cluster, 1, {.id = NodeId(2), .directory_id = {.high = 7, .low = 7}}) == Error::kDuplicateVoter);
  // Nobody with this disk ever fetched.
  CHECK(add(cluster, 1, {.id = NodeId(4), .directory_id = {.high = 7, .low = 7}}) == Error::kRequestTimedOut);
  CHECK(add(cluster, 1, cluster.key(4)) == Error::kNone);
}

TEST_CASE("KIP-853: one change at a time, until it is committed") {
  RaftCluster cluster = settled(3, 2);
  for (const int node : {2, 3}) cluster.isolate(node);
  const CorrelationId first = cluster.request(1, AddRaftVoterRequest{.voter = cluster.key(4)});
  const CorrelationId second = cluster.request(1, AddRaftVoterRequest{.voter = cluster.key(5)});
  cluster.run(1s);
  CHECK_FALSE(answer_to<AddRaftVoterResponse>(cluster, first));
  CHECK(answer_to<AddRaftVoterResponse>(cluster, second) == Error::kRequestTimedOut);
  // The first is given up, but its record stays, and goes on standing in the way.
  cluster.run(1500ms);
  CHECK(answer_to<AddRaftVoterResponse>(cluster, first) == Error::kRequestTimedOut);
  REQUIRE(cluster.leader() == 1);
  CHECK(cluster.at(1).voters().size() == 4);
  CHECK(remove(cluster, 1, cluster.key(3), 0s) == Error::kRequestTimedOut);
}

TEST_CASE("a set of voters leaves its leader only when it cannot be lost there any more") {
  Solo solo({.voters = 2, .disk = formatted_with(voters_up_to(2))});
  solo.become_leader();
  (void)solo.ask<FetchResponse>(2, solo.fetch(2, solo.replica.log().end_offset()));
  (void)solo.deliver(2, solo.idle_fetch(2));
  solo.hold_disk = true;
  solo.append();
  CHECK(solo.all_sent<FetchResponse>(2).size() == 1);  // ordinary records do not wait
  solo.finish_disk();
  (void)solo.ask<FetchResponse>(2, solo.fetch(2, solo.replica.log().end_offset()));
  (void)solo.deliver(2, solo.idle_fetch(2));
  (void)solo.deliver(9, RemoveRaftVoterRequest{.voter = key(2)});
  REQUIRE(solo.replica.voters() == voters_up_to(1));
  CHECK(solo.all_sent<FetchResponse>().empty());
  solo.finish_disk();
  CHECK(std::get<FetchResponse>(solo.only_sent<FetchResponse>(2).body).batches.size() == 1);
}

TEST_CASE("Ongaro 2015: no change before the leader committed something in its own epoch") {
  RaftCluster cluster = settled(3, 1);
  cluster.run(1s);
  cluster.isolate(1);
  cluster.crash(1);
  REQUIRE(cluster.run_until([&] { return cluster.leader() > 1; }));
  const int leader = cluster.leader();
  for (const NodeId other : cluster.ids()) {
    if (other != NodeId(leader)) cluster.cut(other.value(), leader);
  }
  if (!cluster.at(leader).high_watermark()) {
    CHECK(remove(cluster, leader, cluster.key(1), 0s) == Error::kRequestTimedOut);
  }
  Solo solo({.disk = formatted_with(voters_up_to(3))});
  solo.become_leader();
  CHECK(solo.ask<RemoveRaftVoterResponse>(9, RemoveRaftVoterRequest{.voter = key(3)}).error ==
        Error::kRequestTimedOut);
}

TEST_CASE("KIP-853: with configured voters nothing can be added or removed") {
  Solo solo;
  solo.become_leader();
  (void)solo.ask<FetchResponse>(2, solo.fetch(2, solo.replica.log().end_offset()));
  CHECK(solo.ask<AddRaftVoterResponse>(9, AddRaftVoterRequest{.voter = key(4)}).error == Error::kUnsupportedVersion);
  CHECK(solo.ask<RemoveRaftVoterResponse>(9, RemoveRaftVoterRequest{.voter = key(3)}).error ==
        Error::kUnsupportedVersion);
}

TEST_CASE("KIP-853: who is to be added is asked first what it can run, and must answer") {
  RaftCluster cluster = settled(3, 2);
  cluster.crash(4);
  cluster.install(4, {.min = 0, .max = 0});
  cluster.start(4);
  cluster.run(1s);
  CHECK(add(cluster, 1, cluster.key(4)) == Error::kInvalidRequest);
  cluster.crash(5);
  const CorrelationId silent = cluster.request(1, AddRaftVoterRequest{.voter = cluster.key(5)});
  // It stands in the way of any other change, though nothing of it is in the log.
  CHECK(remove(cluster, 1, cluster.key(3), 0s) == Error::kRequestTimedOut);
  CHECK_FALSE(answer_to<AddRaftVoterResponse>(cluster, silent));
  cluster.run(cluster.at(1).config().request_timeout + 100ms);
  CHECK(answer_to<AddRaftVoterResponse>(cluster, silent) == Error::kRequestTimedOut);
  CHECK(cluster.at(1).voters().ids() == ids({1, 2, 3}));
  CHECK(remove(cluster, 1, cluster.key(3)) == Error::kNone);
}

TEST_CASE("who is only ever to observe, as a broker is, can be no voter of any kraft.version") {
  const auto told = [](bool can_become_voter) {
    Config config;
    config.can_become_voter = can_become_voter;
    Solo solo({.id = 9, .config = config});
    return solo.ask<ApiVersionsResponse>(1, ApiVersionsRequest{}).kraft_version;
  };
  CHECK(told(true) == Config().supported_kraft_versions);
  for (KRaftVersion version = 0; version <= kLatestKRaftVersion; ++version) CHECK_FALSE(told(false).contains(version));
}

TEST_CASE("KIP-853: an observer that comes with another directory has lost what it had caught up with") {
  RaftCluster cluster = settled(3, 1);
  const ReplicaKey former = cluster.key(4);
  cluster.crash(4);
  cluster.wipe(4);
  cluster.start(4);
  cluster.run(2s);
  CHECK(add(cluster, 1, former) == Error::kRequestTimedOut);
  CHECK(add(cluster, 1, cluster.key(4)) == Error::kNone);
}

// ---- updating ----

TEST_CASE("KIP-853: a voter with newer software tells its leader, and the log tells everybody") {
  RaftCluster cluster = settled(3, 1);
  const KRaftVersionRange newer{.min = 0, .max = 2};
  cluster.crash(2);
  cluster.install(2, newer);
  cluster.start(2);
  cluster.run(6s);
  for (const int node : {1, 2, 3, 4}) CHECK(cluster.at(node).voters().find(NodeId(2))->supported == newer);
  CHECK(cluster.at(1).voters().ids() == ids({1, 2, 3}));
  const Offset told = cluster.at(1).voter_history().latest().offset;
  cluster.run(20s);
  CHECK(cluster.at(1).voter_history().latest().offset == told);  // once
}

TEST_CASE("KIP-853: a leader with newer software says so with the first record of its epoch") {
  RaftCluster cluster = settled(3, 0);
  const KRaftVersionRange newer{.min = 0, .max = 2};
  cluster.run(1s);
  cluster.crash(1);
  cluster.install(1, newer);
  cluster.start(1);
  cluster.elect(1);
  REQUIRE(cluster.run_until([&] { return cluster.is_settled(); }));
  CHECK(cluster.at(1).voter_history().latest().offset == cluster.at(1).epoch_start_offset());
  CHECK(cluster.at(3).voters().find(NodeId(1))->supported == newer);
}

TEST_CASE("KIP-853: what an update needs, and that it is an answer to its sender as soon as it is in the log") {
  Solo solo({.disk = formatted_with(voters_up_to(3))});
  const auto update = [&](int id, std::optional<Voter> as = {}) {
    return solo
        .ask<UpdateRaftVoterResponse>(id, UpdateRaftVoterRequest{.current_leader_epoch = solo.replica.epoch(),
                                                                 .voter = as ? *as : Voter{key(id), {0, 2}}})
        .error;
  };
  CHECK(update(2) == Error::kNotLeaderOrFollower);
  solo.become_leader();
  CHECK(update(2) == Error::kRequestTimedOut);  // nothing of its own epoch is committed
  (void)solo.ask<FetchResponse>(2, solo.fetch(2, solo.replica.log().end_offset()));
  CHECK(solo.ask<UpdateRaftVoterResponse>(2, UpdateRaftVoterRequest{.current_leader_epoch = solo.replica.epoch() - 1,
                                                                    .voter = {key(2), {0, 2}}})
            .error == Error::kFencedLeaderEpoch);
  CHECK(update(4) == Error::kVoterNotFound);
  CHECK(update(2, Voter{{.id = NodeId(2), .directory_id = directory(7)}, {0, 2}}) == Error::kVoterNotFound);
  CHECK(update(2, Voter{{.id = NodeId(2), .directory_id = {}}, {0, 1}}) == Error::kInvalidRequest);
  CHECK(update(2, Voter{key(2), {2, 2}}) == Error::kInvalidRequest);  // it could not run what the quorum runs
  CHECK(update(2) == Error::kNone);
  CHECK(solo.replica.voters().find(NodeId(2))->supported == KRaftVersionRange{0, 2});
  CHECK(update(3) == Error::kRequestTimedOut);  // the one before is not committed yet
}

TEST_CASE("KIP-853: an update is a sign of life for both") {
  Solo leader;
  leader.become_leader();
  (void)leader.ask<FetchResponse>(2, leader.fetch(2, leader.replica.log().end_offset()));
  const Epoch epoch = leader.replica.epoch();
  const Duration most = leader.replica.config().election.check_quorum_timeout;
  leader.wait(most - 1ms);
  CHECK(leader.ask<UpdateRaftVoterResponse>(
                  3, UpdateRaftVoterRequest{.current_leader_epoch = epoch, .voter = {key(3)}})
            .error == Error::kNone);
  leader.wait(most - 1ms);
  CHECK(leader.replica.role() == Role::kLeader);

  Solo follower;
  follower.become_follower(2, 1);
  const Duration pace = follower.replica.config().fetch_timeout - 1ms;
  while (follower.all_sent<UpdateRaftVoterRequest>(2).empty()) {
    const Message fetch = follower.only_sent<FetchRequest>(2);
    follower.wait(pace);
    follower.answer(fetch, follower.fetched(2));
    REQUIRE(follower.replica.role() == Role::kFollower);
  }
  const Message update = follower.only_sent<UpdateRaftVoterRequest>(2);
  follower.wait(pace);
  follower.answer(update, UpdateRaftVoterResponse{.leader = {.leader_id = NodeId(2), .epoch = Epoch(1)}});
  Message fetch = follower.only_sent<FetchRequest>(2);
  for (int i = 0; i < 10; ++i) {  // it has been told, and is not again
    follower.wait(pace);
    REQUIRE(follower.replica.role() == Role::kFollower);
    follower.answer(fetch, follower.fetched(2));
    fetch = follower.only_sent<FetchRequest>(2);
  }
}

TEST_CASE("kraft.version 0: a configured voter is known by its id, and counts with the disk that it has now") {
  RaftCluster::Options configured = options(3, 0);
  configured.kraft_version = 0;
  RaftCluster cluster(configured);
  cluster.elect(1);
  cluster.run(6s);
  const Epoch epoch = cluster.at(1).epoch();
  cluster.crash(3);
  cluster.crash(2);
  cluster.wipe(2);
  cluster.start(2);
  cluster.run(1s);
  cluster.append(1);
  cluster.run(4s);
  CHECK(cluster.leader() == 1);
  CHECK(cluster.at(1).epoch() == epoch);
  CHECK(cluster.at(1).high_watermark() == cluster.at(1).log().end_offset());
}

TEST_CASE("KIP-853: an upgrade waits for who told what it can run, and lost that disk since") {
  RaftCluster::Options configured = options(3, 0);
  configured.kraft_version = 0;
  RaftCluster cluster(configured);
  cluster.elect(1);
  cluster.run(6s);
  const auto upgrade = [&] {
    const CorrelationId id = cluster.request(1, UpdateFeaturesRequest{.kraft_version = 1});
    cluster.run(500ms);
    return answer_to<UpdateFeaturesResponse>(cluster, id);
  };
  cluster.crash(3);
  cluster.wipe(3);
  cluster.start(3);
  cluster.run(1s);
  CHECK(upgrade() == Error::kInvalidUpdateVersion);
  cluster.run(6s);
  CHECK(upgrade() == Error::kNone);
  CHECK(cluster.at(1).voters().contains(cluster.key(3)));
}

TEST_CASE("KIP-853: a disk without an id is no voter's, under either kraft.version") {
  Solo solo;
  solo.become_leader();
  (void)solo.ask<FetchResponse>(2, solo.fetch(2, solo.replica.log().end_offset()));
  const UpdateRaftVoterRequest nameless{.current_leader_epoch = solo.replica.epoch(),
                                        .voter = {{.id = NodeId(2), .directory_id = {}}, {}}};
  CHECK(solo.ask<UpdateRaftVoterResponse>(2, nameless).error == Error::kInvalidRequest);
}

TEST_CASE("KIP-853: kraft.version is not raised while a voter cannot run it") {
  RaftCluster::Options configured = options(3, 0);
  configured.kraft_version = 0;
  RaftCluster cluster(configured);
  cluster.crash(3);
  cluster.install(3, {.min = 0, .max = 0});
  cluster.start(3);
  cluster.elect(1);
  cluster.run(6s);
  const CorrelationId early = cluster.request(1, UpdateFeaturesRequest{.kraft_version = 1});
  cluster.run(1s);
  CHECK(answer_to<UpdateFeaturesResponse>(cluster, early) == Error::kInvalidUpdateVersion);
  cluster.crash(3);
  cluster.install(3, {.min = 0, .max = 1});
  cluster.start(3);
  cluster.run(8s);
  REQUIRE(cluster.leader() == 1);
  const CorrelationId then = cluster.request(1, UpdateFeaturesRequest{.kraft_version = 1});
  cluster.run(1s);
  CHECK(answer_to<UpdateFeaturesResponse>(cluster, then) == Error::kNone);
}

// ---- removing ----

TEST_CASE("KIP-853: a removed follower is an observer, and a voter is removed by id and directory") {
  RaftCluster cluster = settled(3, 0);
  CHECK(remove(cluster, 1, {.id = NodeId(3), .directory_id = {.high = 7, .low = 7}}) == Error::kVoterNotFound);
  CHECK(remove(cluster, 1, cluster.key(3)) == Error::kNone);
  CHECK_FALSE(cluster.at(3).is_voter());
  CHECK(cluster.at(2).voters().ids() == ids({1, 2}));
  for (const int node : {1, 2}) cluster.crash(node);
  cluster.run(60s);
  CHECK(cluster.at(3).role() == Role::kFollower);  // it stands in no election any more
}

TEST_CASE("KIP-853: the last voter stays") {
  RaftCluster cluster = settled(1, 0);
  CHECK(remove(cluster, 1, cluster.key(1)) == Error::kVoterNotFound);
}

TEST_CASE("KIP-853: a leader that removes itself leads without counting itself, and resigns when that is committed") {
  RaftCluster cluster = settled(3, 0);
  const Epoch epoch = cluster.at(1).epoch();
  cluster.crash(3);
  const CorrelationId id = cluster.request(1, RemoveRaftVoterRequest{.voter = cluster.key(1)});
  cluster.run(1s);
  // With itself it would have two of three; of the two voters that are left it needs both.
  CHECK_FALSE(answer_to<RemoveRaftVoterResponse>(cluster, id));
  CHECK(cluster.at(1).role() == Role::kLeader);
  CHECK_FALSE(cluster.at(1).is_voter());
  cluster.start(3);
  cluster.run(500ms);
  CHECK(answer_to<RemoveRaftVoterResponse>(cluster, id) == Error::kNone);
  CHECK(cluster.at(1).role() != Role::kLeader);
  REQUIRE(cluster.run_until([&] { return cluster.is_settled(); }));
  CHECK(cluster.leader() != 1);
  CHECK(cluster.at(1).role() == Role::kFollower);
  CHECK(cluster.at(cluster.leader()).epoch() > epoch);
}

TEST_CASE("KAFKA-16531: a leader that does not vote needs a whole majority for check-quorum") {
  RaftCluster cluster = settled(3, 0);
  for (const int node : {2, 3}) cluster.cut(1, node);  // nobody hears of the removal
  cluster.request(1, RemoveRaftVoterRequest{.voter = cluster.key(1)});
  cluster.heal();
  cluster.isolate(3);
  cluster.run(3500ms);
  CHECK(cluster.at(1).role() != Role::kLeader);  // one of two voters is no majority
}

// ---- disks, upgrades, joining by itself ----

TEST_CASE("KAFKA-14077: a wiped disk is not the voter that it was") {
  RaftCluster cluster = settled(3, 0);
  const ReplicaKey former = cluster.key(3);
  cluster.crash(3);
  cluster.wipe(3);
  cluster.start(3);
  cluster.run(2s);
  CHECK_FALSE(cluster.at(3).is_voter());
  CHECK(cluster.at(3).log().end() == cluster.at(1).log().end());
  CHECK(remove(cluster, 1, former) == Error::kNone);
  CHECK(add(cluster, 1, cluster.key(3)) == Error::kNone);
  CHECK(cluster.at(3).is_voter());
  CHECK(cluster.at(1).voters().contains(cluster.key(3)));
}

TEST_CASE("KIP-853: kraft.version 1 puts the configured voters into the log, with their directories") {
  RaftCluster::Options configured = options(3, 1);
  configured.kraft_version = 0;
  RaftCluster cluster(configured);
  cluster.elect(1);
  REQUIRE(cluster.run_until([&] { return cluster.is_settled(); }));
  const CorrelationId wrong = cluster.request(1, UpdateFeaturesRequest{.kraft_version = 2});
  const CorrelationId early = cluster.request(1, UpdateFeaturesRequest{.kraft_version = 1});
  cluster.run(1s);
  CHECK(answer_to<UpdateFeaturesResponse>(cluster, wrong) == Error::kInvalidUpdateVersion);
  // Nobody has told its leader yet what it can run.
  CHECK(answer_to<UpdateFeaturesResponse>(cluster, early) == Error::kInvalidUpdateVersion);
  cluster.run(5s);
  const Offset end = cluster.at(1).log().end_offset();
  CHECK(cluster.at(1).voter_history().latest().offset == Offset(-1));  // what was told is in no log
  const CorrelationId right = cluster.request(1, UpdateFeaturesRequest{.kraft_version = 1});
  cluster.run(1s);
  CHECK(cluster.at(1).voter_history().latest().offset >= end);
  CHECK(answer_to<UpdateFeaturesResponse>(cluster, right) == Error::kNone);
  for (const int node : {1, 2, 3, 4}) {
    CHECK(cluster.at(node).kraft_version() == 1);
    CHECK(cluster.at(node).voters() == VoterSet({cluster.key(1), cluster.key(2), cluster.key(3)}));
  }
  CHECK(add(cluster, 1, cluster.key(4)) == Error::kNone);
  const CorrelationId back = cluster.request(1, UpdateFeaturesRequest{.kraft_version = 0});
  cluster.run(1s);
  CHECK(answer_to<UpdateFeaturesResponse>(cluster, back) == Error::kInvalidUpdateVersion);
}

TEST_CASE("controller.quorum.auto.join.enable: an observer joins, and takes the place of its own older disk") {
  RaftCluster::Options joining = options(3, 1);
  joining.config.auto_join = true;
  RaftCluster cluster(joining);
  cluster.elect(1);
  cluster.run(20s);
  CHECK(cluster.at(4).is_voter());
  cluster.crash(2);
  cluster.wipe(2);
  cluster.start(2);
  cluster.run(30s);
  CHECK(cluster.at(2).is_voter());
  CHECK(cluster.at(cluster.leader()).voters().ids() == ids({1, 2, 3, 4}));
}

TEST_CASE("controller.quorum.auto.join.enable: software that cannot run what the quorum runs does not ask") {
  RaftCluster::Options joining = options(3, 1);
  joining.config.auto_join = true;
  RaftCluster cluster(joining);
  cluster.crash(4);
  cluster.install(4, {.min = 0, .max = 0});
  cluster.start(4);
  cluster.elect(1);
  cluster.run(20s);
  CHECK(cluster.at(1).voters().ids() == ids({1, 2, 3}));
  CHECK(cluster.at(4).log().end() == cluster.at(1).log().end());
}

TEST_CASE("an observer that must take a snapshot takes it before it asks to join") {
  Config config;
  config.auto_join = true;
  config.can_become_voter = true;
  Solo solo({.id = 4, .disk = formatted_with(voters_up_to(3)), .config = config});
  solo.become_follower(1, 1);
  const Message asked = solo.only_sent<FetchRequest>(1);
  solo.now += config.voter_check_interval();
  FetchResponse told = solo.fetched(1);
  told.snapshot_id = OffsetAndEpoch{.offset = Offset(9), .epoch = Epoch(1)};
  solo.answer(asked, told);
  CHECK(solo.all_sent<AddRaftVoterRequest>().empty());
  CHECK(solo.all_sent<FetchSnapshotRequest>(1).size() == 1);
}

TEST_CASE("KAFKA-20514: an observer finds its way back to a leader that is no bootstrap server") {
  RaftCluster cluster = settled(3, 2);
  REQUIRE(add(cluster, 1, cluster.key(4)) == Error::kNone);
  cluster.elect(4);
  REQUIRE(cluster.run_until([&] { return cluster.is_settled(); }));
  REQUIRE(cluster.leader() == 4);
  cluster.cut(5, 4);
  cluster.run(10s);  // its time is up, and it asks 1, 2 and 3
  cluster.heal();
  cluster.append(4);
  cluster.run(10s);
  CHECK(cluster.at(5).log().end() == cluster.at(4).log().end());
}

TEST_CASE("an observer whose servers are all gone asks the leader that it heard of, none of its voters") {
  Solo observer({.id = 4});
  observer.answer(observer.only_sent<FetchRequest>(),
                  FetchResponse{.error = Error::kNotLeaderOrFollower,
                                .leader = {.leader_id = NodeId(5), .epoch = Epoch(3)}});
  REQUIRE(observer.replica.leader_id() == NodeId(5));
  std::set<NodeId> asked;
  for (int turn = 0; turn < 200; ++turn) {
    observer.expire();
    for (const Message& fetch : observer.all_sent<FetchRequest>()) asked.insert(fetch.to);
  }
  CHECK(asked == std::set{NodeId(1), NodeId(2), NodeId(3), NodeId(5)});
}

TEST_CASE("KIP-853: who led with a disk that is gone waits, as the observer that it is now, for another leader") {
  Solo observer({.id = 4});
  observer.answer(observer.only_sent<FetchRequest>(),
                  FetchResponse{.error = Error::kNotLeaderOrFollower,
                                .leader = {.leader_id = NodeId(4), .epoch = Epoch(3)}});
  CHECK(observer.replica.role() == Role::kUnattached);
  CHECK(observer.replica.epoch() == Epoch(3));
  CHECK_FALSE(observer.replica.leader_id());
  observer.answer(observer.only_sent<FetchRequest>(),
                  FetchResponse{.error = Error::kNotLeaderOrFollower,
                                .leader = {.leader_id = NodeId(4), .epoch = Epoch(3)}});
  CHECK(observer.replica.role() == Role::kUnattached);
}

TEST_CASE("a voter set survives in the snapshot when the log before it is gone") {
  RaftCluster::Options small = options(3, 1);
  small.config.retention_bytes = 0;
  small.config.clean_interval = 1s;
  RaftCluster cluster(small);
  cluster.elect(1);
  REQUIRE(cluster.run_until([&] { return cluster.is_settled(); }));
  REQUIRE(add(cluster, 1, cluster.key(4)) == Error::kNone);
  for (int i = 0; i < 3; ++i) {
    cluster.append(1);
    cluster.run(2s);
    REQUIRE(cluster.snapshot(1));
  }
  cluster.run(2s);
  REQUIRE(cluster.at(1).log().start_offset() > cluster.at(1).voter_history().latest().offset);
  cluster.crash(1);
  cluster.start(1);
  CHECK(cluster.at(1).voters().ids() == ids({1, 2, 3, 4}));
  cluster.crash(3);
  cluster.wipe(3);
  cluster.start(3);
  cluster.run(10s);
  CHECK(cluster.at(3).voters().ids() == ids({1, 2, 3, 4}));
}

}  // namespace kraft::raft::testing
