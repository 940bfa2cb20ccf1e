// Raft (Ongaro and Ousterhout 2014) and the thesis (Ongaro 2014), sentence by sentence: each case names the place whose
// claim it holds the replica to. Where KRaft words it differently, the case says so.
#include <doctest/doctest.h>

#include "tests/core/raft/solo.hpp"

namespace kraft::raft::testing {
namespace {

Config paper_policy(bool pre_vote = false, bool check_quorum = false) {
  Config config;
  config.election = Config::raft_paper_policy({.low = 150ms, .high = 300ms}, pre_vote, check_quorum);
  return config;
}

/// Into Candidate without pre-vote.
void stand(Solo& solo) {
  solo.expire_into(Role::kCandidate);
}

}  // namespace

// ---- §5.1 Raft basics ----

TEST_CASE("Raft §5.1: a candidate that hears of a larger term gives up") {
  Solo solo;
  solo.become_candidate();
  const Message request = solo.all_sent<VoteRequest>().front();

  VoteResponse response = Solo::vote_answer(request, false);
  response.leader.epoch = Epoch(9);
  response.error = Error::kFencedLeaderEpoch;
  solo.answer(request, response);

  CHECK(solo.replica.role() == Role::kUnattached);
  CHECK(solo.replica.epoch() == Epoch(9));
}

TEST_CASE("Raft §5.1: a leader that hears of a larger term steps down at once") {
  Solo solo;
  solo.become_leader();
  const int epoch = solo.replica.epoch().value();

  (void)solo.ask<VoteResponse>(2, solo.equal_vote(2, epoch + 1));

  CHECK(solo.replica.role() == Role::kUnattached);
  CHECK(solo.replica.epoch() == Epoch(epoch + 1));
}

TEST_CASE("Raft §5.1: requests with a stale term are rejected, all four kinds") {
  Solo solo({.disk = disk_with(5)});

  CHECK(solo.ask<VoteResponse>(2, solo.equal_vote(2, 4)).error == Error::kFencedLeaderEpoch);
  CHECK(solo.ask<BeginQuorumEpochResponse>(2, solo.begin(2, 4)).error == Error::kFencedLeaderEpoch);
  const EndQuorumEpochRequest end{.epoch = Epoch(4), .leader_id = NodeId(2), .preferred_candidates = {}};
  CHECK(solo.ask<EndQuorumEpochResponse>(2, end).error == Error::kFencedLeaderEpoch);
  FetchRequest fetch = solo.fetch(2, Offset(0));
  fetch.current_leader_epoch = Epoch(4);
  CHECK(solo.ask<FetchResponse>(2, fetch).error == Error::kFencedLeaderEpoch);
  CHECK(solo.replica.epoch() == Epoch(5));
}

TEST_CASE("Raft §5.1: every answer tells the current term") {
  Solo solo({.disk = disk_with(5)});

  CHECK(solo.ask<VoteResponse>(2, solo.equal_vote(2, 4)).leader.epoch == Epoch(5));
  CHECK(solo.ask<VoteResponse>(2, solo.equal_vote(2, 6)).leader.epoch == Epoch(6));
}

// ---- §5.2 Leader election ----

TEST_CASE("Raft §5.2: whoever hears from its leader in time stays a follower") {
  Solo solo;
  solo.become_follower(2, 1);
  Message fetch = solo.only_sent<FetchRequest>(2);

  for (int round = 0; round < 10; ++round) {
    solo.wait(1900ms);
    if (solo.effects.disconnects.empty()) solo.answer(fetch, solo.fetched(2));
    fetch = solo.asked<FetchRequest>(2);
  }

  CHECK(solo.replica.role() == Role::kFollower);
}

TEST_CASE("Raft §5.2: a follower that hears nothing for its time-out starts an election") {
  Solo solo({.config = paper_policy()});
  solo.become_follower(2, 1);

  solo.wait(300ms);

  CHECK(solo.replica.role() == Role::kCandidate);
}

TEST_CASE("Raft §5.2: to begin an election a candidate raises its term and votes for itself") {
  Solo solo({.config = paper_policy()});

  stand(solo);

  CHECK(solo.replica.epoch() == Epoch(1));
  CHECK(solo.disk.quorum_state.voted_key == key(1));
  CHECK(solo.disk.quorum_state.leader_epoch == Epoch(1));
}

TEST_CASE("Raft §5.2: it asks every other server, in parallel") {
  Solo solo({.voters = 5, .config = paper_policy()});

  stand(solo);

  CHECK(solo.all_sent<VoteRequest>().size() == 4);
  for (int voter = 2; voter <= 5; ++voter) CHECK(solo.all_sent<VoteRequest>(voter).size() == 1);
}

TEST_CASE("Raft figure 2: term and vote are on stable storage before a vote is asked for") {
  Solo solo({.config = paper_policy()});
  solo.hold_disk = true;

  stand(solo);

  CHECK(solo.effects.sends.empty());
  REQUIRE(solo.effects.persist.has_value());
  CHECK(solo.effects.persist->sync);
  CHECK(solo.effects.persist->then.size() == 2);
}

TEST_CASE("Raft figure 2: term and vote are on stable storage before a vote is granted") {
  Solo solo;
  solo.hold_disk = true;

  solo.deliver(2, solo.equal_vote(2, 1));

  CHECK(solo.sent.empty());
  REQUIRE(solo.effects.persist.has_value());
  CHECK(solo.effects.persist->sync);
  // One write: a crash cannot keep the term and lose the vote.
  REQUIRE(solo.effects.persist->writes.size() == 1);
  const auto& data = std::get<WriteQuorumState>(solo.effects.persist->writes[0]).data;
  CHECK(data.leader_epoch == Epoch(1));
  CHECK(data.voted_key == key(2));
  CHECK(std::get<VoteResponse>(solo.effects.persist->then.at(0).body).vote_granted);
}

TEST_CASE("Raft §5.2: a candidate wins with the votes of a majority of all servers, not of those that answer") {
  Solo solo({.voters = 5, .config = paper_policy()});
  stand(solo);
  const auto requests = solo.all_sent<VoteRequest>();

  solo.answer(requests[0], Solo::vote_answer(requests[0], true));
  CHECK(solo.replica.role() == Role::kCandidate);
  solo.answer(requests[1], Solo::vote_answer(requests[1], true));

  CHECK(solo.replica.role() == Role::kLeader);
}

TEST_CASE("Raft §5.2: a voter's second answer is not a second vote") {
  Solo solo({.voters = 5, .config = paper_policy()});
  stand(solo);
  const auto requests = solo.all_sent<VoteRequest>();

  solo.answer(requests[0], Solo::vote_answer(requests[0], true));
  solo.answer(requests[0], Solo::vote_answer(requests[0], true));

  CHECK(solo.replica.role() == Role::kCandidate);
}

TEST_CASE("Raft §5.2: a server votes for at most one candidate in a term, first come first served") {
  Solo solo;

  CHECK(solo.ask<VoteResponse>(2, solo.equal_vote(2, 1)).vote_granted);
  CHECK_FALSE(solo.ask<VoteResponse>(3, solo.equal_vote(3, 1)).vote_granted);
  CHECK(solo.ask<VoteResponse>(3, solo.equal_vote(3, 2)).vote_granted);
}

TEST_CASE("Raft figure 2: the same candidate may be granted the same vote again") {
  Solo solo;
  (void)solo.ask<VoteResponse>(2, solo.equal_vote(2, 1));

  CHECK(solo.ask<VoteResponse>(2, solo.equal_vote(2, 1)).vote_granted);
}

TEST_CASE("Raft figure 2: but not if its log is shorter now than the voter's") {
  Solo solo({.disk = disk_with(0, {}, {}, log_of({0, 0, 0}))});
  REQUIRE(solo.ask<VoteResponse>(2, solo.vote(2, 1, Offset(3), Epoch(0))).vote_granted);

  CHECK_FALSE(solo.ask<VoteResponse>(2, solo.vote(2, 1, Offset(2), Epoch(0))).vote_granted);
  CHECK(solo.ask<VoteResponse>(2, solo.vote(2, 1, Offset(3), Epoch(0))).vote_granted);
}

TEST_CASE("Raft §5.2: a candidate grants nobody its term, having voted for itself") {
  Solo solo;
  solo.become_candidate();

  CHECK_FALSE(solo.ask<VoteResponse>(2, solo.equal_vote(2, solo.replica.epoch().value())).vote_granted);
}

TEST_CASE("Raft §5.2: a new leader tells all others at once, once it is durable") {
  Solo solo({.voters = 5});
  solo.become_candidate();
  solo.hold_disk = true;
  const auto requests = solo.all_sent<VoteRequest>();
  solo.answer(requests[0], Solo::vote_answer(requests[0], true));

  solo.answer(requests[1], Solo::vote_answer(requests[1], true));

  CHECK(solo.sent.empty());
  solo.finish_disk();
  CHECK(solo.all_sent<BeginQuorumEpochRequest>().size() == 4);
}

TEST_CASE("Raft §5.2: a leader goes on telling whoever is silent, to prevent elections") {
  Solo solo({.config = paper_policy()});
  solo.become_leader();
  const auto first = solo.all_sent<BeginQuorumEpochRequest>();
  for (const Message& m : first) {
    solo.answer(m, BeginQuorumEpochResponse{.error = Error::kNone,
                                            .leader = {.leader_id = NodeId(1), .epoch = solo.replica.epoch()}});
  }

  solo.wait(75ms);

  CHECK(solo.all_sent<BeginQuorumEpochRequest>().size() == 2);
}

TEST_CASE("Raft §5.2: a heartbeat resets the follower's timer (the papers' policy)") {
  Solo solo({.config = paper_policy()});
  solo.become_follower(2, 1);

  for (int i = 0; i < 20; ++i) {
    solo.wait(140ms);
    (void)solo.ask<BeginQuorumEpochResponse>(2, solo.begin(2, 1));
  }

  CHECK(solo.replica.role() == Role::kFollower);
}

TEST_CASE("Raft §5.2: a candidate that hears a leader of its own term follows it") {
  Solo solo;
  solo.become_candidate();
  const int epoch = solo.replica.epoch().value();

  (void)solo.ask<BeginQuorumEpochResponse>(3, solo.begin(3, epoch));

  CHECK(solo.replica.role() == Role::kFollower);
  CHECK(solo.replica.leader_id() == NodeId(3));
  CHECK(solo.replica.epoch() == Epoch(epoch));
}

TEST_CASE("Raft §5.2: a candidate rejects a leader of a smaller term and stays candidate") {
  Solo solo({.disk = disk_with(4)});
  solo.become_candidate();

  CHECK(solo.ask<BeginQuorumEpochResponse>(3, solo.begin(3, 4)).error == Error::kFencedLeaderEpoch);

  CHECK(solo.replica.role() == Role::kCandidate);
}

TEST_CASE("Raft §5.2: after a split vote a candidate times out and starts over in a new term") {
  Solo solo({.config = paper_policy()});
  stand(solo);

  solo.wait(300ms);

  CHECK(solo.replica.role() == Role::kCandidate);
  CHECK(solo.replica.epoch() == Epoch(2));
  CHECK(solo.all_sent<VoteRequest>().size() == 2);
}

TEST_CASE("Raft §5.2: a candidate that a majority refused waits for its time-out and asks no more") {
  Solo solo({.config = paper_policy()});
  stand(solo);
  solo.answer_votes(false, 2);

  CHECK(solo.replica.role() == Role::kCandidate);
  CHECK(solo.all_sent<VoteRequest>().empty());
  solo.wait(300ms);
  CHECK(solo.replica.epoch() == Epoch(2));
}

TEST_CASE("Raft §5.2, §9.3: election time-outs are random, drawn anew for each election, within the range") {
  Solo solo({.config = paper_policy()});
  stand(solo);
  std::vector<Duration> drawn;

  for (int i = 0; i < 200; ++i) {
    drawn.push_back(solo.replica.wake_at() - solo.now);
    solo.expire();
    if (solo.replica.role() != Role::kCandidate) break;
  }

  CHECK(drawn.size() == 200);
  CHECK(*std::ranges::min_element(drawn) >= 150ms);
  CHECK(*std::ranges::max_element(drawn) < 300ms);
  CHECK(*std::ranges::min_element(drawn) < 165ms);
  CHECK(*std::ranges::max_element(drawn) > 285ms);
}

TEST_CASE("Raft Refloated §5: a candidate may wait less than a follower does") {
  Config config = paper_policy();
  config.election.candidate_timeout = {.low = 23ms, .high = 46ms};
  Solo solo({.config = config});
  CHECK(solo.replica.wake_at() - solo.now >= 150ms);
  stand(solo);

  for (int i = 0; i < 50; ++i) {
    CHECK(solo.replica.wake_at() - solo.now >= 23ms);
    CHECK(solo.replica.wake_at() - solo.now < 46ms);
    solo.expire();
    REQUIRE(solo.replica.role() == Role::kCandidate);
  }
}

TEST_CASE("Raft §9.3: two servers do not draw alike") {
  Solo one({.seed = 1});
  Solo two({.seed = 2});
  const Config fixed = [] {
    Config config;
    config.election.election_timeout = {.low = 150ms, .high = 150ms};
    return config;
  }();
  Solo three({.config = fixed, .seed = 1});
  Solo four({.config = fixed, .seed = 2});

  one.become_prospective();
  two.become_prospective();
  three.become_prospective();
  four.become_prospective();

  CHECK(one.now != two.now);
  CHECK(three.now == four.now);
}

TEST_CASE("Raft §5.2: granting a vote resets the timer; learning a larger term without granting does not") {
  Solo grants({.config = paper_policy()});
  Solo denies({.config = paper_policy(), .seed = 8});
  grants.become_follower(2, 1);
  denies.become_follower(2, 1);
  grants.answer(grants.only_sent<FetchRequest>(2), grants.fetched(2, {grants.next_batch(1)}));
  denies.answer(denies.only_sent<FetchRequest>(2), denies.fetched(2, {denies.next_batch(1)}));
  const Time before_denial = denies.replica.wake_at();
  grants.now += 100ms;
  denies.now += 100ms;

  CHECK(grants.ask<VoteResponse>(3, grants.equal_vote(3, 2)).vote_granted);
  CHECK_FALSE(denies.ask<VoteResponse>(3, denies.vote(3, 2, Offset(0), Epoch(0))).vote_granted);

  // The deadline of an election; fetches to voters in flight have later ones.
  CHECK(grants.replica.wake_at() >= grants.now + 150ms);
  CHECK(denies.replica.wake_at() == before_denial);
}

// ---- §5.3 Log replication ----

TEST_CASE("Raft §5.3: a leader appends what it is given as records of its term") {
  Solo solo;
  solo.become_leader();

  const Offset base = solo.replica.next_append_offset();
  solo.append(2);

  REQUIRE(solo.disk.log.find(base) != nullptr);
  CHECK(solo.disk.log.find(base)->epoch == solo.replica.epoch());
  CHECK(solo.disk.log.find(base)->count == 2);
}

TEST_CASE("Raft §5.3: an entry is committed once a majority has it") {
  Solo solo({.voters = 5});
  solo.become_leader();
  solo.append();
  const Offset end = solo.replica.log().end_offset();

  (void)solo.ask<FetchResponse>(2, solo.fetch(2, end));
  CHECK_FALSE(solo.replica.high_watermark().has_value());
  (void)solo.ask<FetchResponse>(3, solo.fetch(3, end));

  CHECK(solo.replica.high_watermark() == end);
  CHECK(solo.noticed<Committed>().size() == 1);
}

TEST_CASE("Raft §5.3: the leader tells the highest committed index, so that others learn of it") {
  Solo solo;
  solo.become_leader();
  const Offset end = solo.replica.log().end_offset();

  const auto response = solo.ask<FetchResponse>(2, solo.fetch(2, end));

  CHECK(response.high_watermark == end);
}

TEST_CASE("Raft §5.3: a follower that learns that an entry is committed hands it on, once") {
  Solo solo;
  solo.become_follower(2, 1);
  solo.answer(solo.only_sent<FetchRequest>(2), solo.fetched(2, {solo.next_batch(1)}));
  CHECK(solo.noticed<Committed>().empty());

  solo.answer(solo.only_sent<FetchRequest>(2), solo.fetched(2, {}, Offset(1)));
  CHECK(solo.noticed<Committed>().size() == 1);
  solo.answer(solo.only_sent<FetchRequest>(2), solo.fetched(2, {}, Offset(1)));

  CHECK(solo.noticed<Committed>().empty());
  CHECK(solo.replica.high_watermark() == Offset(1));
}

TEST_CASE("Raft §5.3: what does not follow on a common entry is refused (KIP-595: by the diverging epoch)") {
  Solo solo({.disk = disk_with(3, {}, {}, log_of({1, 1, 3}))});
  solo.become_leader();
  FetchRequest fetch = solo.fetch(2, Offset(3));
  fetch.last_fetched_epoch = Epoch(2);

  const auto response = solo.ask<FetchResponse>(2, fetch);

  REQUIRE(response.diverging.has_value());
  CHECK(*response.diverging == DivergingEpoch{.epoch = Epoch(1), .end_offset = Offset(2)});
  CHECK(response.batches.empty());
  CHECK_FALSE(solo.replica.high_watermark().has_value());
}

TEST_CASE("Raft §5.3: conflicting entries of a follower are deleted and replaced by the leader's") {
  Solo solo({.disk = disk_with(2, {}, {}, log_of({1, 2, 2}))});
  solo.become_follower(2, 4);
  FetchResponse diverging = solo.fetched(2);
  diverging.diverging = DivergingEpoch{.epoch = Epoch(1), .end_offset = Offset(1)};

  solo.answer(solo.only_sent<FetchRequest>(2), diverging);
  CHECK(solo.replica.log().end() == OffsetAndEpoch{.offset = Offset(1), .epoch = Epoch(1)});
  const Message fetch = solo.only_sent<FetchRequest>(2);
  CHECK(std::get<FetchRequest>(fetch.body).fetch_offset == Offset(1));
  solo.answer(fetch, solo.fetched(2, {solo.next_batch(3), records::make_batch(Offset(2), Epoch(4), solo.now,
                                                                              records::MetadataRecords(2))}));

  CHECK(solo.disk.log == solo.replica.log());
  CHECK(solo.replica.log().end() == OffsetAndEpoch{.offset = Offset(4), .epoch = Epoch(4)});
}

TEST_CASE("Raft §5.3: entries that agree are kept when the follower only has more of its own") {
  // The leader's epoch 2 ends at 2; ours goes on to 4: cut there, and not at the leader's end offset in another epoch.
  Solo solo({.disk = disk_with(2, {}, {}, log_of({1, 2, 2, 2}))});
  solo.become_follower(2, 4);
  FetchResponse diverging = solo.fetched(2);
  diverging.diverging = DivergingEpoch{.epoch = Epoch(2), .end_offset = Offset(2)};

  solo.answer(solo.only_sent<FetchRequest>(2), diverging);

  CHECK(solo.replica.log().end() == OffsetAndEpoch{.offset = Offset(2), .epoch = Epoch(2)});
}

TEST_CASE("Raft §5.3: one round per conflicting term, not per entry; a term that only the leader knows costs none") {
  // Ours: 1 1 3 3 3; the leader has epoch 2 where we have 3, and more of it than we have of epoch 1.
  Solo solo({.disk = disk_with(3, {}, {}, log_of({1, 1, 3, 3, 3}))});
  solo.become_follower(2, 4);
  FetchResponse diverging = solo.fetched(2);
  diverging.diverging = DivergingEpoch{.epoch = Epoch(2), .end_offset = Offset(4)};

  solo.answer(solo.only_sent<FetchRequest>(2), diverging);

  CHECK(solo.replica.log().end() == OffsetAndEpoch{.offset = Offset(2), .epoch = Epoch(1)});
}

TEST_CASE("Raft §5.3: a leader never overwrites or deletes entries of its own log") {
  Solo solo({.disk = disk_with(2, {}, {}, log_of({1, 2}))});
  solo.become_leader();
  const auto before = solo.replica.log().batches();
  FetchRequest longer = solo.fetch(2, Offset(9));
  longer.last_fetched_epoch = Epoch(2);

  CHECK(solo.ask<FetchResponse>(2, longer).diverging.has_value());
  solo.append(3);

  const auto& after = solo.replica.log().batches();
  CHECK(std::equal(before.begin(), before.end(), after.begin()));
}

TEST_CASE("Raft §5.3: a follower's log that only lacks entries is completed") {
  Solo solo({.disk = disk_with(2, {}, {}, log_of({1, 1, 2}))});
  solo.become_leader();

  const auto response = solo.ask<FetchResponse>(2, solo.fetch(2, Offset(1)));

  CHECK_FALSE(response.diverging.has_value());
  REQUIRE(response.batches.size() == 3);
  CHECK(response.batches.front()->base_offset == Offset(1));
  CHECK(response.batches.back()->end_offset() == solo.replica.log().end_offset());
}

// ---- §5.4.1 Election restriction ----

TEST_CASE("Raft §5.4.1: no vote for a log whose last term is older, however long") {
  Solo solo({.disk = disk_with(3, {}, {}, log_of({1, 3}))});
  CHECK_FALSE(solo.ask<VoteResponse>(2, solo.vote(2, 4, Offset(100), Epoch(2))).vote_granted);
}

TEST_CASE("Raft §5.4.1: no vote for a shorter log that ends in the same term") {
  Solo solo({.disk = disk_with(3, {}, {}, log_of({1, 3}))});
  CHECK_FALSE(solo.ask<VoteResponse>(2, solo.vote(2, 4, Offset(1), Epoch(3))).vote_granted);
}

TEST_CASE("Raft §5.4.1: a vote for a log that is just as up to date") {
  Solo solo({.disk = disk_with(3, {}, {}, log_of({1, 3}))});
  CHECK(solo.ask<VoteResponse>(2, solo.vote(2, 4, Offset(2), Epoch(3))).vote_granted);
}

TEST_CASE("Raft §5.4.1: a vote for a shorter log that ends in a later term") {
  Solo solo({.disk = disk_with(4, {}, {}, log_of({1, 3, 3}))});
  CHECK(solo.ask<VoteResponse>(2, solo.vote(2, 5, Offset(1), Epoch(4))).vote_granted);
}

TEST_CASE("Raft §5.4.1: a denied vote is not spent") {
  Solo solo({.disk = disk_with(3, {}, {}, log_of({1, 3}))});
  (void)solo.ask<VoteResponse>(2, solo.vote(2, 4, Offset(1), Epoch(3)));
  CHECK(solo.ask<VoteResponse>(3, solo.equal_vote(3, 4)).vote_granted);
}

// ---- §5.4.2 Committing entries from previous terms ----

TEST_CASE("Raft §5.4.2: entries of earlier terms are not committed by counting replicas") {
  Solo solo({.voters = 5, .disk = disk_with(2, {}, {}, log_of({1, 2}))});
  solo.become_leader();

  for (int voter = 2; voter <= 5; ++voter) (void)solo.ask<FetchResponse>(voter, solo.fetch(voter, Offset(2)));

  CHECK_FALSE(solo.replica.high_watermark().has_value());
}

TEST_CASE("Raft §5.4.2: with the first entry of its own term everything before is committed") {
  Solo solo({.voters = 5, .disk = disk_with(2, {}, {}, log_of({1, 2}))});
  solo.become_leader();

  (void)solo.ask<FetchResponse>(2, solo.fetch(2, Offset(3)));
  (void)solo.ask<FetchResponse>(3, solo.fetch(3, Offset(3)));

  CHECK(solo.replica.high_watermark() == Offset(3));
}

// ---- §5.5 Crashes ----

TEST_CASE("Raft §5.5: requests to a crashed server are repeated until it answers") {
  Solo solo;
  solo.become_candidate();
  const int epoch = solo.replica.epoch().value();
  solo.step(Disconnected{.peer = NodeId(2)});
  CHECK(solo.all_sent<VoteRequest>(2).empty());

  solo.wait(20ms);
  CHECK(solo.all_sent<VoteRequest>(2).size() == 1);
  solo.step(Disconnected{.peer = NodeId(2)});
  solo.wait(20ms);
  const Message again = solo.only_sent<VoteRequest>(2);
  solo.answer(again, Solo::vote_answer(again, true));

  CHECK(solo.replica.role() == Role::kLeader);
  CHECK(solo.replica.epoch() == Epoch(epoch));
}

TEST_CASE("Raft §5.5: a request that arrives twice does no harm") {
  Solo solo;
  const VoteRequest vote = solo.equal_vote(2, 1);
  (void)solo.ask<VoteResponse>(2, vote);
  const Durable before = solo.disk;
  (void)solo.ask<VoteResponse>(2, vote);
  CHECK(solo.disk.quorum_state == before.quorum_state);

  (void)solo.ask<BeginQuorumEpochResponse>(2, solo.begin(2, 1));
  const Time wake = solo.replica.wake_at();
  solo.now += 1ms;
  (void)solo.ask<BeginQuorumEpochResponse>(2, solo.begin(2, 1));
  CHECK(solo.noticed<Transitioned>().empty());
  CHECK(solo.replica.wake_at() == wake);
}

TEST_CASE("Raft figure 2: term, vote and log survive a crash; the vote is not given twice") {
  Solo before({.disk = disk_with(1, {}, {}, log_of({1}))});
  CHECK(before.ask<VoteResponse>(2, before.equal_vote(2, 2)).vote_granted);

  Solo after({.disk = before.disk});

  CHECK(after.replica.epoch() == Epoch(2));
  CHECK(after.replica.log().end_offset() == Offset(1));
  CHECK_FALSE(after.ask<VoteResponse>(3, after.equal_vote(3, 2)).vote_granted);
  CHECK(after.ask<VoteResponse>(2, after.equal_vote(2, 2)).vote_granted);
}

TEST_CASE("Raft figure 2: the commit index is volatile") {
  Solo before;
  before.become_leader();
  (void)before.ask<FetchResponse>(2, before.fetch(2, Offset(1)));
  REQUIRE(before.replica.high_watermark() == Offset(1));

  Solo after({.disk = before.disk});

  CHECK_FALSE(after.replica.high_watermark().has_value());
}

// ---- §8 and the thesis ----

TEST_CASE("Raft §8: a leader commits a record at the start of its term to learn what is committed") {
  Solo solo;
  solo.become_leader();

  REQUIRE(solo.replica.log().batches().size() == 1);
  const records::RecordBatch& first = *solo.replica.log().batches()[0];
  REQUIRE(first.is_control());
  const auto& change =
      std::get<records::LeaderChangeMessage>(std::get<records::ControlRecords>(first.records).at(0));
  CHECK(change.leader_id == NodeId(1));
  CHECK(change.voters == std::vector{NodeId(1), NodeId(2), NodeId(3)});
  CHECK(change.granting_voters == std::vector{NodeId(1), NodeId(2)});
}

TEST_CASE("Thesis §3.8: a server that restarts as an ex-leader does not lead (KRaft: nor vote) in its old term") {
  Solo before;
  before.become_leader();
  const int epoch = before.replica.epoch().value();

  Solo after({.disk = before.disk});

  CHECK(after.replica.role() == Role::kResigned);
  CHECK_FALSE(after.ask<VoteResponse>(2, after.equal_vote(2, epoch)).vote_granted);
}

TEST_CASE("Thesis §6.2: a leader that no majority answers for a time-out steps down") {
  Solo solo({.config = paper_policy(false, true)});
  solo.become_leader();

  solo.wait(299ms);
  CHECK(solo.replica.role() == Role::kLeader);
  solo.wait(1ms);

  CHECK(solo.replica.role() == Role::kResigned);
  CHECK(solo.noticed<Transitioned>().at(0).reason == Reason::kCheckQuorum);
}

TEST_CASE("Thesis §6.2: answered heartbeats are a majority's word (the papers' policy)") {
  Solo solo({.config = paper_policy(false, true)});
  solo.become_leader();

  for (int i = 0; i < 20; ++i) {
    for (const Message& m : solo.all_sent<BeginQuorumEpochRequest>(2)) {
      solo.answer(m, BeginQuorumEpochResponse{.error = Error::kNone,
                                              .leader = {.leader_id = NodeId(1), .epoch = solo.replica.epoch()}});
    }
    solo.wait(75ms);
  }

  CHECK(solo.replica.role() == Role::kLeader);
}

TEST_CASE("Thesis §9.6: a candidate raises its term only after a majority would vote for it") {
  Solo solo({.voters = 5});
  solo.become_prospective();
  CHECK(solo.replica.epoch() == Epoch(0));

  solo.answer_votes(true, 1);
  CHECK(solo.replica.role() == Role::kProspective);
  CHECK(solo.replica.epoch() == Epoch(0));
  solo.become_follower(2, 1);
  solo.become_candidate();

  CHECK(solo.replica.epoch() == Epoch(2));
}

TEST_CASE("Thesis §9.6: a server cut off from the rest never raises its term") {
  Solo solo;
  solo.become_follower(2, 1);

  for (int i = 0; i < 50; ++i) solo.expire();

  CHECK(solo.replica.epoch() == Epoch(1));
  CHECK(solo.disk.quorum_state.leader_epoch == Epoch(1));
}

TEST_CASE(
    "Thesis §10.2.1: the leader sends new entries while it writes them, and counts itself when they are durable") {
  Solo solo({.voters = 5});
  solo.become_leader();
  const Offset start = solo.replica.log().end_offset();
  for (int voter = 2; voter <= 3; ++voter) (void)solo.ask<FetchResponse>(voter, solo.fetch(voter, start));
  const CorrelationId parked = solo.deliver(2, solo.idle_fetch(2));
  solo.hold_disk = true;

  solo.append();

  REQUIRE(solo.all_sent<FetchResponse>(2).size() == 1);
  CHECK(solo.all_sent<FetchResponse>(2)[0].correlation_id == parked);
  REQUIRE(solo.effects.persist.has_value());
  CHECK(solo.effects.persist->sync);
  CHECK(solo.replica.high_watermark() == start);
}

TEST_CASE("etcd-io/etcd#14370, kraft.md §4: an only voter commits no record before it is durable") {
  Solo solo({.voters = 1});
  REQUIRE(solo.replica.role() == Role::kLeader);
  const auto before = solo.replica.high_watermark();
  solo.hold_disk = true;

  solo.append();
  CHECK(solo.replica.high_watermark() == before);
  solo.finish_disk();

  CHECK(solo.replica.high_watermark() == solo.replica.log().end_offset());
}

TEST_CASE("Thesis §3.10: leadership is handed to the most up-to-date server first") {
  Solo solo({.voters = 4, .disk = disk_with(1, {}, {}, log_of({1, 1, 1}))});
  solo.become_leader();
  (void)solo.ask<FetchResponse>(2, solo.fetch(2, Offset(1)));
  (void)solo.ask<FetchResponse>(3, solo.fetch(3, Offset(2)));

  solo.step(Resign{.epoch = solo.replica.epoch()});

  const auto ends = solo.all_sent<EndQuorumEpochRequest>();
  REQUIRE(ends.size() == 3);
  const auto& preferred = std::get<EndQuorumEpochRequest>(ends[0].body).preferred_candidates;
  CHECK(preferred == std::vector{NodeId(3), NodeId(2), NodeId(4)});
}

}  // namespace kraft::raft::testing
