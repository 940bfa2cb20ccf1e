// KIP-595 (the Raft protocol for the metadata quorum), and what KIP-853 and later fixes say about the same RPCs: one
// case per claim. Numbers like KAFKA-12619 name the ticket in which the claim was broken.
#include <doctest/doctest.h>

#include "tests/core/raft/solo.hpp"
#include "tests/support/throwing_checks.hpp"

namespace kraft::raft::testing {
namespace {

/// A leader of three with one committed record, with both followers caught up.
Solo established_leader() {
  Solo solo;
  solo.become_leader();
  const Offset end = solo.replica.log().end_offset();
  (void)solo.ask<FetchResponse>(2, solo.fetch(2, end));
  (void)solo.ask<FetchResponse>(3, solo.fetch(3, end));
  return solo;
}

}  // namespace

// ---- Fetch: validation ----

TEST_CASE("KIP-595 Fetch: an older epoch is fenced, a newer one unknown, and only the leader answers") {
  Solo leader = established_leader();
  FetchRequest request = leader.idle_fetch(2);
  request.current_leader_epoch = leader.replica.epoch() - 1;
  request.last_fetched_epoch = Epoch(0);
  CHECK(leader.ask<FetchResponse>(2, request).error == Error::kFencedLeaderEpoch);
  request.current_leader_epoch = leader.replica.epoch() + 1;
  CHECK(leader.ask<FetchResponse>(2, request).error == Error::kUnknownLeaderEpoch);
  CHECK(leader.replica.role() == Role::kLeader);

  Solo follower;
  follower.become_follower(2, 1);
  const auto response = follower.ask<FetchResponse>(3, follower.fetch(3, Offset(0)));
  CHECK(response.error == Error::kNotLeaderOrFollower);
  CHECK(response.leader == LeaderAndEpoch{.leader_id = NodeId(2), .epoch = Epoch(1)});
}

TEST_CASE("KIP-595 Fetch: requests that make no sense are invalid") {
  Solo solo = established_leader();
  const auto error_of = [&](auto&& spoil) {
    FetchRequest request = solo.idle_fetch(2);
    spoil(request);
    return solo.ask<FetchResponse>(2, request).error;
  };
  CHECK(error_of([](FetchRequest& r) { r.max_wait = -1ms; }) == Error::kInvalidRequest);
  CHECK(error_of([](FetchRequest& r) { r.fetch_offset = Offset(-1); }) == Error::kInvalidRequest);
  CHECK(error_of([](FetchRequest& r) { r.last_fetched_epoch = Epoch(-1); }) == Error::kInvalidRequest);
  CHECK(error_of([](FetchRequest& r) { r.last_fetched_epoch = r.current_leader_epoch + 1; }) == Error::kInvalidRequest);
}

TEST_CASE("KIP-595 Fetch: an offset past the leader's end diverges, and acknowledges nothing") {
  Solo solo;
  solo.become_leader();
  FetchRequest request = solo.fetch(2, Offset(5));
  request.last_fetched_epoch = solo.replica.epoch();

  const auto response = solo.ask<FetchResponse>(2, request);

  CHECK(response.diverging == DivergingEpoch{.epoch = solo.replica.epoch(), .end_offset = Offset(1)});
  CHECK_FALSE(solo.replica.high_watermark().has_value());
}

TEST_CASE("KIP-595 Fetch: an offset within a batch is nobody's log end") {
  Solo solo;
  solo.become_leader();
  solo.append(3);
  const Offset base = solo.replica.log().end_offset() - 3;
  CHECK(solo.ask<FetchResponse>(2, solo.fetch(2, base)).batches.size() == 1);
  CHECK(solo.ask<FetchResponse>(2, solo.fetch(2, base + 1)).error == Error::kInvalidRequest);
  CHECK(solo.ask<FetchResponse>(2, solo.fetch(2, base + 3)).error == Error::kNone);
}

TEST_CASE("KIP-595 Fetch: from the very start every log agrees") {
  Solo solo({.disk = disk_with(2, {}, {}, log_of({2}))});
  solo.become_leader();
  CHECK_FALSE(solo.ask<FetchResponse>(2, solo.fetch(2, Offset(0))).diverging.has_value());
}

// ---- Fetch: the high watermark ----

TEST_CASE("KIP-595: the high watermark is unknown to a new leader until its own epoch's first record is committed") {
  Solo solo({.disk = disk_with(1, 2, {}, log_of({1, 1}))});
  solo.answer(solo.only_sent<FetchRequest>(2), solo.fetched(2, {}, Offset(2)));
  REQUIRE(solo.replica.high_watermark() == Offset(2));
  solo.expire_into(Role::kProspective);
  solo.become_leader();

  CHECK_FALSE(solo.replica.high_watermark().has_value());
  // At the epoch's start is not past it (KAFKA-12619).
  (void)solo.ask<FetchResponse>(2, solo.fetch(2, Offset(2)));
  CHECK_FALSE(solo.replica.high_watermark().has_value());
  (void)solo.ask<FetchResponse>(2, solo.fetch(2, Offset(3)));
  CHECK(solo.replica.high_watermark() == Offset(3));
}

TEST_CASE("KIP-595: the high watermark of a leader never falls, though a follower's offset may (KAFKA-12181)") {
  Solo solo = established_leader();
  solo.append();
  (void)solo.ask<FetchResponse>(2, solo.fetch(2, Offset(2)));
  REQUIRE(solo.replica.high_watermark() == Offset(2));

  const auto response = solo.ask<FetchResponse>(2, solo.fetch(2, Offset(0)));

  CHECK(solo.replica.high_watermark() == Offset(2));
  CHECK(response.batches.size() == 2);
  CHECK(solo.noticed<Committed>().empty());
}

TEST_CASE("KIP-595: observers do not move the high watermark") {
  Solo solo;
  solo.become_leader();
  (void)solo.ask<FetchResponse>(9, solo.fetch(9, Offset(1)));
  CHECK_FALSE(solo.replica.high_watermark().has_value());
}

TEST_CASE("KIP-853: nor does a voter's id with another disk") {
  Solo solo;
  solo.become_leader();
  FetchRequest wiped = solo.fetch(2, Offset(1));
  wiped.replica.directory_id = directory(77);

  (void)solo.ask<FetchResponse>(2, wiped);
  CHECK_FALSE(solo.replica.high_watermark().has_value());
  wiped.replica.directory_id = {};  // a replica that does not tell its disk is taken by its id
  (void)solo.ask<FetchResponse>(2, wiped);

  CHECK(solo.replica.high_watermark() == Offset(1));
}

TEST_CASE("KIP-595: a follower knows no more to be committed than its own log holds") {
  Solo solo;
  solo.become_follower(2, 1);

  solo.answer(solo.only_sent<FetchRequest>(2), solo.fetched(2, {solo.next_batch(1)}, Offset(9)));

  CHECK(solo.replica.high_watermark() == Offset(1));
}

TEST_CASE("KIP-595: what diverges is cut off before any high watermark is taken (KAFKA-14704)") {
  Solo solo({.disk = disk_with(2, {}, {}, log_of({1, 2, 2}))});
  solo.become_follower(2, 4);
  FetchResponse response = solo.fetched(2, {}, Offset(3));
  response.diverging = DivergingEpoch{.epoch = Epoch(1), .end_offset = Offset(1)};

  solo.answer(solo.only_sent<FetchRequest>(2), response);

  CHECK(solo.replica.log().end_offset() == Offset(1));
  CHECK_FALSE(solo.replica.high_watermark().has_value());
}

// ---- Fetch: durability ----

TEST_CASE("KIP-595: a voter syncs what it fetched before it fetches again, for that acknowledges it (KAFKA-10533)") {
  Solo solo;
  solo.become_follower(2, 1);
  const Message fetch = solo.only_sent<FetchRequest>(2);
  solo.hold_disk = true;

  solo.answer(fetch, solo.fetched(2, {solo.next_batch(1)}));

  CHECK(solo.sent.empty());
  REQUIRE(solo.effects.persist.has_value());
  CHECK(solo.effects.persist->sync);
  REQUIRE(solo.effects.persist->then.size() == 1);
  CHECK(std::get<FetchRequest>(solo.effects.persist->then[0].body).fetch_offset == Offset(1));
}

TEST_CASE("KIP-595: an observer need not sync; nobody counts it") {
  Solo solo({.id = 9});
  CHECK_FALSE(solo.replica.is_voter());
  const Message first = solo.only_sent<FetchRequest>();
  FetchResponse found = solo.fetched(2);
  found.leader.epoch = Epoch(1);
  found.error = Error::kFencedLeaderEpoch;
  solo.answer(first, found);
  solo.hold_disk = true;

  solo.answer(solo.only_sent<FetchRequest>(2), solo.fetched(2, {solo.next_batch(1)}));

  REQUIRE(solo.effects.persist.has_value());
  CHECK_FALSE(solo.effects.persist->sync);
}

TEST_CASE("KIP-595: a leader is written down as such before it says so, with its first record") {
  Solo solo;
  solo.become_candidate();
  const Message request = solo.all_sent<VoteRequest>(2).front();
  solo.hold_disk = true;

  solo.answer(request, Solo::vote_answer(request, true));

  CHECK(solo.effects.sends.empty());
  REQUIRE(solo.effects.persist.has_value());
  const auto& writes = solo.effects.persist->writes;
  REQUIRE(writes.size() == 2);
  CHECK(std::get<WriteQuorumState>(writes[0]).data ==
        QuorumStateData{.leader_epoch = Epoch(1), .leader_id = NodeId(1)});
  CHECK(std::get<AppendBatches>(writes[1]).batches.size() == 1);
}

// ---- Fetch: long polling ----

TEST_CASE("KIP-595: a fetch with nothing to get waits, at most for its max wait") {
  Solo solo = established_leader();
  solo.deliver(2, solo.idle_fetch(2));
  CHECK(solo.sent.empty());

  solo.wait(499ms);
  CHECK(solo.all_sent<FetchResponse>().empty());
  solo.wait(1ms);

  const auto response = std::get<FetchResponse>(solo.only_sent<FetchResponse>(2).body);
  CHECK(response.error == Error::kNone);
  CHECK(response.batches.empty());
}

TEST_CASE("KIP-595: new records complete waiting fetches") {
  Solo solo = established_leader();
  solo.deliver(2, solo.idle_fetch(2));
  solo.deliver(9, solo.idle_fetch(9));

  solo.append();

  CHECK(std::get<FetchResponse>(solo.only_sent<FetchResponse>(2).body).batches.size() == 1);
  CHECK(std::get<FetchResponse>(solo.only_sent<FetchResponse>(9).body).batches.size() == 1);
}

TEST_CASE("KAFKA-14145: a higher watermark completes waiting fetches, and answers at once who lags behind it") {
  Solo solo = established_leader();
  solo.append();
  FetchRequest waits = solo.idle_fetch(9);
  solo.deliver(9, waits);

  (void)solo.ask<FetchResponse>(2, solo.fetch(2, Offset(2)));

  CHECK(std::get<FetchResponse>(solo.only_sent<FetchResponse>(9).body).high_watermark == Offset(2));
  // `waits` still names the old high watermark.
  CHECK(solo.ask<FetchResponse>(9, waits).high_watermark == Offset(2));
}

TEST_CASE("KAFKA-10677: who loses or gives up leadership turns waiting fetches away at once") {
  Solo resigns = established_leader();
  resigns.deliver(2, resigns.idle_fetch(2));
  resigns.step(Resign{.epoch = resigns.replica.epoch()});
  CHECK(std::get<FetchResponse>(resigns.only_sent<FetchResponse>(2).body).error == Error::kNotLeaderOrFollower);

  Solo deposed = established_leader();
  deposed.deliver(2, deposed.idle_fetch(2));
  (void)deposed.ask<BeginQuorumEpochResponse>(3, deposed.begin(3, 8));
  const auto response = std::get<FetchResponse>(deposed.only_sent<FetchResponse>(2).body);
  CHECK(response.error == Error::kNotLeaderOrFollower);
  CHECK(response.leader == LeaderAndEpoch{.leader_id = NodeId(3), .epoch = Epoch(8)});
}

TEST_CASE("KIP-595: a response is bounded in bytes but holds at least one batch") {
  Config config;
  config.fetch_max_bytes = 1;
  Solo solo({.disk = disk_with(1, {}, {}, log_of({1, 1, 1})), .config = config});
  solo.become_leader();
  CHECK(solo.ask<FetchResponse>(2, solo.fetch(2, Offset(0))).batches.size() == 1);
}

// ---- Fetch: the follower ----

TEST_CASE("KIP-595: a follower has one fetch in flight, over all nodes") {
  Solo solo;
  CHECK(solo.all_sent<FetchRequest>().size() == 1);
  solo.wait(100ms);
  CHECK(solo.all_sent<FetchRequest>().empty());

  solo.become_follower(2, 1);
  CHECK(solo.all_sent<FetchRequest>().size() == 1);
  solo.wait(100ms);
  CHECK(solo.all_sent<FetchRequest>().empty());
}

TEST_CASE("KIP-595: an answer to a fetch of an earlier state is dropped") {
  Solo solo;
  solo.become_follower(2, 1);
  const Message old = solo.only_sent<FetchRequest>(2);
  solo.become_follower(3, 2);

  FetchResponse late = solo.fetched(2, {solo.next_batch(1)});
  late.leader = {.leader_id = NodeId(2), .epoch = Epoch(1)};
  solo.answer(old, late);

  CHECK(solo.replica.log().end_offset() == Offset(0));
  CHECK(solo.sent.empty());
}

TEST_CASE("KIP-595: an answer that comes twice is taken once") {
  Solo solo;
  solo.become_follower(2, 1);
  const Message fetch = solo.only_sent<FetchRequest>(2);
  const FetchResponse response = solo.fetched(2, {solo.next_batch(1)});

  solo.answer(fetch, response);
  solo.answer(fetch, response);

  CHECK(solo.replica.log().end_offset() == Offset(1));
}

TEST_CASE("KIP-595: whoever knows no leader asks a random voter, and follows whom it names") {
  Solo solo({.id = 9, .disk = disk_with(3)});
  const Message fetch = solo.only_sent<FetchRequest>();
  FetchResponse response{.error = Error::kNotLeaderOrFollower, .leader = {.leader_id = NodeId(3), .epoch = Epoch(3)}};

  solo.answer(fetch, response);

  CHECK(solo.replica.role() == Role::kFollower);
  CHECK(solo.replica.leader_id() == NodeId(3));
  CHECK(solo.all_sent<FetchRequest>(3).size() == 1);
}

TEST_CASE("KIP-595: a leader that is found by fetching from it serves that very fetch") {
  Solo solo({.id = 9, .disk = disk_with(3)});
  const Message fetch = solo.only_sent<FetchRequest>();
  FetchResponse response = solo.fetched(fetch.to.value(), {solo.next_batch(2)}, Offset(1));

  solo.answer(fetch, response);

  CHECK(solo.replica.leader_id() == fetch.to);
  CHECK(solo.replica.log().end_offset() == Offset(1));
  CHECK(solo.replica.high_watermark() == Offset(1));
}

TEST_CASE("KIP-595: a follower whose fetch timed out asks any voter next, and the leader after that") {
  Config config;
  config.request_timeout = 300ms;
  bool asked_another = false;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Solo solo({.voters = 5, .config = config, .seed = seed});
    solo.become_follower(2, 1);
    solo.wait(300ms);
    // So did whatever it had asked before it knew the leader: its answer would no longer count, but none came.
    CHECK(std::ranges::count(solo.effects.disconnects, NodeId(2)) == 1);
    const Message next = solo.only_sent<FetchRequest>();
    asked_another |= next.to != NodeId(2);
    solo.answer(next, FetchResponse{.error = Error::kNotLeaderOrFollower,
                                    .leader = {.leader_id = NodeId(2), .epoch = Epoch(1)}});
    CHECK(solo.all_sent<FetchRequest>(2).size() == (next.to == NodeId(2) ? 0U : 1U));
  }
  CHECK(asked_another);
}

TEST_CASE("KIP-595: an observer whose leader is silent looks for another for ever, and stands in no election") {
  Solo solo({.id = 9, .disk = disk_with(3, 2)});
  REQUIRE(solo.replica.role() == Role::kFollower);

  bool asked_another = false;
  for (int i = 0; i < 100; ++i) {
    solo.expire();
    for (const Message& m : solo.all_sent<FetchRequest>()) asked_another |= m.to != NodeId(2);
  }

  CHECK(solo.replica.role() == Role::kFollower);
  CHECK(asked_another);
}

TEST_CASE("kraft.md §7a S4: an observer that starts without a leader waits without a deadline of its own") {
  Solo solo({.id = 9});
  for (int i = 0; i < 100; ++i) {
    solo.expire();  // would fail on a wake-up that is not in the future
    CHECK(solo.all_sent<FetchRequest>().size() == 1);
  }
  CHECK(solo.replica.role() == Role::kUnattached);
}

TEST_CASE("KAFKA-18723: batches of a later epoch than the leader's are not appended") {
  Solo solo;
  solo.become_follower(2, 1);
  solo.answer(solo.only_sent<FetchRequest>(2), solo.fetched(2, {solo.next_batch(2)}));
  CHECK(solo.replica.log().end_offset() == Offset(0));
}

TEST_CASE("KIP-595: any good answer resets the fetch timer, also one that diverges") {
  Solo solo({.disk = disk_with(2, {}, {}, log_of({1, 2}))});
  solo.become_follower(2, 3);
  const Message fetch = solo.only_sent<FetchRequest>(2);
  solo.now += 1900ms;
  FetchResponse response = solo.fetched(2);
  response.diverging = DivergingEpoch{.epoch = Epoch(1), .end_offset = Offset(1)};
  solo.answer(fetch, response);

  solo.wait(1900ms);

  CHECK(solo.replica.role() == Role::kFollower);
}

TEST_CASE("KIP-595: an error does not reset the fetch timer") {
  Solo solo;
  solo.become_follower(2, 1);
  solo.now += 1900ms;
  solo.answer(solo.only_sent<FetchRequest>(2),
              FetchResponse{.error = Error::kRequestTimedOut,
                            .leader = {.leader_id = NodeId(2), .epoch = Epoch(1)}});
  solo.wait(100ms);
  CHECK(solo.replica.role() == Role::kProspective);
}

TEST_CASE("KIP-595: after an error the same node is left alone for the retry back-off") {
  Solo solo({.voters = 2});
  solo.become_follower(2, 1);
  solo.answer(solo.only_sent<FetchRequest>(2),
              FetchResponse{.error = Error::kRequestTimedOut,
                            .leader = {.leader_id = NodeId(2), .epoch = Epoch(1)}});
  CHECK(solo.all_sent<FetchRequest>().empty());
  CHECK(solo.replica.wake_at() == solo.now + 20ms);

  solo.wait(20ms);

  CHECK(solo.all_sent<FetchRequest>(2).size() == 1);
}

// ---- BeginQuorumEpoch and EndQuorumEpoch ----

TEST_CASE("KAFKA-16926: BeginQuorumEpoch goes only to voters that have not fetched for half a fetch time-out") {
  Solo solo;
  solo.become_leader();
  solo.step(Disconnected{.peer = NodeId(2)});
  solo.step(Disconnected{.peer = NodeId(3)});
  solo.wait(600ms);
  (void)solo.ask<FetchResponse>(2, solo.fetch(2, Offset(1)));

  solo.wait(400ms);

  CHECK(solo.all_sent<BeginQuorumEpochRequest>(2).empty());
  CHECK(solo.all_sent<BeginQuorumEpochRequest>(3).size() == 1);
}

TEST_CASE("kraft.md §2: a lost BeginQuorumEpoch is repeated with the next period, not before") {
  Solo solo;
  solo.become_leader();
  solo.step(Disconnected{.peer = NodeId(2)});
  solo.wait(500ms);
  CHECK(solo.all_sent<BeginQuorumEpochRequest>(2).empty());
  solo.wait(500ms);
  CHECK(solo.all_sent<BeginQuorumEpochRequest>(2).size() == 1);
}

TEST_CASE("KIP-595: BeginQuorumEpoch does not reset the timer of who follows already (Kafka's policy)") {
  Solo solo;
  solo.become_follower(2, 1);
  solo.now += 1999ms;
  (void)solo.ask<BeginQuorumEpochResponse>(2, solo.begin(2, 1));
  solo.wait(1ms);
  CHECK(solo.replica.role() == Role::kProspective);
}

TEST_CASE("KIP-853: a BeginQuorumEpoch meant for another disk is refused, yet what it tells is believed") {
  Solo solo;
  BeginQuorumEpochRequest request = solo.begin(2, 4);
  request.voter.directory_id = directory(77);

  CHECK(solo.ask<BeginQuorumEpochResponse>(2, request).error == Error::kInvalidVoterKey);

  CHECK(solo.replica.role() == Role::kFollower);
  CHECK(solo.replica.epoch() == Epoch(4));
}

TEST_CASE("KIP-595 EndQuorumEpoch: the first successor stands at once, the others wait their turn") {
  const auto wait_of = [](int position) {
    Solo solo({.id = 1, .voters = 5});
    solo.become_follower(5, 1);
    std::vector<NodeId> preferred{NodeId(2), NodeId(3), NodeId(4)};
    if (position < 4) preferred.insert(preferred.begin() + position, NodeId(1));
    const EndQuorumEpochRequest end{.epoch = Epoch(1), .leader_id = NodeId(5), .preferred_candidates = preferred};
    const Time start = solo.now;
    (void)solo.ask<EndQuorumEpochResponse>(5, end);
    solo.expire_into(Role::kProspective);
    CHECK(solo.noticed<Transitioned>().at(0).reason == Reason::kEndQuorumEpoch);
    return solo.now - start;
  };
  CHECK(wait_of(0) == 0ms);
  CHECK(wait_of(1) == 125ms);
  CHECK(wait_of(2) == 250ms);
  CHECK(wait_of(3) == 500ms);
  CHECK(wait_of(4) == 1000ms);  // not named
}

TEST_CASE("KIP-595 EndQuorumEpoch: the leader of an earlier epoch ends nothing") {
  Solo solo;
  solo.become_follower(2, 3);
  const Time before = solo.replica.wake_at();
  const EndQuorumEpochRequest end{.epoch = Epoch(2), .leader_id = NodeId(3), .preferred_candidates = {NodeId(1)}};

  CHECK(solo.ask<EndQuorumEpochResponse>(3, end).error == Error::kFencedLeaderEpoch);

  CHECK(solo.replica.role() == Role::kFollower);
  CHECK(solo.replica.wake_at() == before);
}

TEST_CASE("KIP-595 EndQuorumEpoch: it is repeated to voters that have not answered, and to no others") {
  Solo solo = established_leader();
  solo.step(Resign{.epoch = solo.replica.epoch()});
  const Message to_2 = solo.only_sent<EndQuorumEpochRequest>(2);
  solo.answer(to_2, EndQuorumEpochResponse{.error = Error::kNone,
                                           .leader = {.leader_id = NodeId(1), .epoch = solo.replica.epoch()}});
  solo.step(Disconnected{.peer = NodeId(3)});

  solo.wait(20ms);

  CHECK(solo.all_sent<EndQuorumEpochRequest>(2).empty());
  CHECK(solo.all_sent<EndQuorumEpochRequest>(3).size() == 1);
}

TEST_CASE("KAFKA-18379: who resigned comes back in a new epoch and never as its own follower") {
  Solo solo = established_leader();
  const Epoch led = solo.replica.epoch();
  solo.step(Resign{.epoch = led});
  CHECK_FALSE(solo.replica.leader_id().has_value());

  solo.expire_into(Role::kProspective);

  CHECK(solo.replica.epoch() == led + 1);
}

// ---- check quorum ----

TEST_CASE("KAFKA-15489: a leader without fetches of a majority resigns after 1.5 fetch time-outs") {
  Solo solo = established_leader();
  solo.wait(2999ms);
  CHECK(solo.replica.role() == Role::kLeader);
  solo.wait(1ms);
  CHECK(solo.replica.role() == Role::kResigned);
  CHECK(solo.all_sent<EndQuorumEpochRequest>().size() == 2);
}

TEST_CASE("KAFKA-15489: one of two others is enough to go on, observers are not") {
  Solo kept = established_leader();
  Solo lost = established_leader();
  for (int i = 0; i < 5; ++i) {
    kept.wait(1s);
    (void)kept.ask<FetchResponse>(3, kept.fetch(3, Offset(1)));
    if (lost.replica.role() != Role::kLeader) continue;
    lost.wait(1s);
    if (lost.replica.role() == Role::kLeader) (void)lost.ask<FetchResponse>(9, lost.fetch(9, Offset(1)));
  }
  CHECK(kept.replica.role() == Role::kLeader);
  CHECK(lost.replica.role() == Role::kResigned);
}

TEST_CASE("kraft.md §3: a fetch that diverges is no contact") {
  Solo solo({.disk = disk_with(2, {}, {}, log_of({1, 2}))});
  solo.become_leader();
  for (int i = 0; i < 4 && solo.replica.role() == Role::kLeader; ++i) {
    FetchRequest request = solo.fetch(2, Offset(2));
    request.last_fetched_epoch = Epoch(1);
    CHECK(solo.ask<FetchResponse>(2, request).diverging.has_value());
    solo.wait(1s);
  }
  CHECK(solo.replica.role() == Role::kResigned);
}

TEST_CASE("KAFKA-16144: an only voter has no quorum to lose") {
  Solo solo({.voters = 1});
  solo.wait(1h);
  CHECK(solo.replica.role() == Role::kLeader);
  CHECK(solo.replica.wake_at() == kNever);
}

// ---- Vote, LeaderChanged ----

TEST_CASE("KIP-595 Vote: requests that make no sense are invalid") {
  Solo solo({.disk = disk_with(4)});
  const auto error_of = [&](Offset end, Epoch last, bool pre_vote) {
    return solo.ask<VoteResponse>(2, solo.vote(2, 5, end, last, pre_vote)).error;
  };
  CHECK(error_of(Offset(-1), Epoch(0), false) == Error::kInvalidRequest);
  CHECK(error_of(Offset(0), Epoch(-1), false) == Error::kInvalidRequest);
  CHECK(error_of(Offset(3), Epoch(5), false) == Error::kInvalidRequest);
  CHECK(error_of(Offset(3), Epoch(6), true) == Error::kInvalidRequest);
  CHECK(solo.replica.epoch() == Epoch(4));
  CHECK(error_of(Offset(3), Epoch(5), true) == Error::kNone);
}

TEST_CASE("KIP-853 Vote: a request for another disk is refused, after its epoch was learnt") {
  Solo solo;
  VoteRequest request = solo.equal_vote(2, 3);
  request.voter.directory_id = directory(77);

  const auto response = solo.ask<VoteResponse>(2, request);

  CHECK(response.error == Error::kInvalidVoterKey);
  CHECK_FALSE(response.vote_granted);
  CHECK(solo.replica.epoch() == Epoch(3));
}

TEST_CASE("KIP-853 Vote: a candidate outside one's own voter set is voted for like any other") {
  Solo solo;
  CHECK(solo.ask<VoteResponse>(8, solo.equal_vote(8, 1)).vote_granted);
}

TEST_CASE("KIP-853 Vote: a vote is bound to the candidate's disk") {
  Solo solo;
  REQUIRE(solo.ask<VoteResponse>(2, solo.equal_vote(2, 1)).vote_granted);
  VoteRequest wiped = solo.equal_vote(2, 1);
  wiped.candidate.directory_id = directory(77);
  CHECK_FALSE(solo.ask<VoteResponse>(2, wiped).vote_granted);
}

TEST_CASE("kraft.md §1: a follower keeps the vote of its epoch") {
  Solo solo;
  REQUIRE(solo.ask<VoteResponse>(3, solo.equal_vote(3, 1)).vote_granted);
  solo.become_follower(2, 1);
  CHECK(solo.disk.quorum_state.voted_key == key(3));
  CHECK(solo.disk.quorum_state.leader_id == NodeId(2));
}

TEST_CASE("KAFKA-15345: a leader hears of its leadership when its epoch's first record is committed") {
  Solo solo;
  solo.become_leader();
  CHECK(solo.noticed<LeaderChanged>().empty());

  (void)solo.ask<FetchResponse>(2, solo.fetch(2, Offset(1)));

  REQUIRE(solo.noticed<LeaderChanged>().size() == 1);
  CHECK(solo.noticed<LeaderChanged>()[0].leader == LeaderAndEpoch{.leader_id = NodeId(1), .epoch = Epoch(1)});
  CHECK(std::holds_alternative<Committed>(solo.notices.front()));
}

TEST_CASE("KAFKA-17333: an ex-leader that restarts is not told that it leads") {
  Solo before = established_leader();
  Solo after({.disk = before.disk});
  CHECK(after.replica.role() == Role::kResigned);
  for (const auto& n : after.noticed<LeaderChanged>()) CHECK_FALSE(n.leader.leader_id.has_value());
}

TEST_CASE("KIP-595: two leaders in one epoch cannot be; the replica stops rather than go on") {
  const ::kraft::testing::ThrowingChecks guard;
  Solo solo;
  solo.become_follower(2, 1);
  CHECK_THROWS_AS(solo.deliver(3, solo.begin(3, 1)), ::kraft::testing::CheckThrown);

  Solo other;
  CHECK_THROWS_AS(other.deliver(2, other.begin(1, 5)), ::kraft::testing::CheckThrown);
}

TEST_CASE("KIP-595: committed records are never cut off; the replica stops rather than do it") {
  const ::kraft::testing::ThrowingChecks guard;
  Solo solo({.disk = disk_with(1, {}, {}, log_of({1, 1}))});
  solo.become_follower(2, 2);
  solo.answer(solo.only_sent<FetchRequest>(2), solo.fetched(2, {}, Offset(2)));
  FetchResponse diverging = solo.fetched(2);
  diverging.diverging = DivergingEpoch{.epoch = Epoch(1), .end_offset = Offset(1)};
  CHECK_THROWS_AS(solo.answer(solo.only_sent<FetchRequest>(2), diverging), ::kraft::testing::CheckThrown);
}

TEST_CASE("KIP-630: after a restart what its own snapshot holds is still known to be committed") {
  const ::kraft::testing::ThrowingChecks guard;
  Durable disk = disk_with(1, {}, {}, log_of({1, 1, 1}));
  disk.snapshots.push_back(records::make_snapshot({.end_offset = Offset(2), .epoch = Epoch(1)},
                                                  {records::MetadataRecords(2, records::NoOpRecord{})}));
  const auto cut_to = [&](int end) {
    Solo solo({.disk = disk});
    solo.become_follower(2, 2);
    FetchResponse diverging = solo.fetched(2);
    diverging.diverging = DivergingEpoch{.epoch = Epoch(1), .end_offset = Offset(end)};
    solo.answer(solo.only_sent<FetchRequest>(2), diverging);
    return solo.replica.log().end_offset();
  };
  CHECK(cut_to(2) == Offset(2));
  CHECK_THROWS_AS(cut_to(1), ::kraft::testing::CheckThrown);
}

TEST_CASE("KIP-595: a high watermark that falls stops the follower") {
  const ::kraft::testing::ThrowingChecks guard;
  Solo solo({.disk = disk_with(1, {}, {}, log_of({1, 1}))});
  solo.become_follower(2, 2);
  solo.answer(solo.only_sent<FetchRequest>(2), solo.fetched(2, {}, Offset(2)));
  const Message fetch = solo.only_sent<FetchRequest>(2);
  CHECK_THROWS_AS(solo.answer(fetch, solo.fetched(2, {}, Offset(1))), ::kraft::testing::CheckThrown);
}

}  // namespace kraft::raft::testing
