// The replica as a whole: restart mapping, shutdown, appending, the host's duties, and that it is a value.
#include "core/raft/replica.hpp"

#include <doctest/doctest.h>

#include "tests/core/raft/solo.hpp"
#include "tests/support/throwing_checks.hpp"

namespace kraft::raft::testing {

// ---- restart (kraft.md §1) ----

TEST_CASE("restart: an empty disk starts unattached in epoch 0") {
  Solo solo;
  CHECK(solo.replica.role() == Role::kUnattached);
  CHECK(solo.replica.epoch() == Epoch(0));
  CHECK(solo.writes.empty());
}

TEST_CASE("restart: a file older than the log gives way to the log's epoch, and its vote is void") {
  Solo solo({.disk = disk_with(2, {}, 3, log_of({1, 4}))});
  CHECK(solo.replica.role() == Role::kUnattached);
  CHECK(solo.disk.quorum_state == QuorumStateData{.leader_epoch = Epoch(4)});
}

TEST_CASE("restart: its own leadership is over; it resigns, naming no successors") {
  Solo solo({.disk = disk_with(4, 1)});
  CHECK(solo.replica.role() == Role::kResigned);
  const auto ends = solo.all_sent<EndQuorumEpochRequest>();
  REQUIRE(ends.size() == 2);
  CHECK(std::get<EndQuorumEpochRequest>(ends[0].body).preferred_candidates.empty());
}

TEST_CASE("restart: its own vote makes it a candidate again, in the same epoch") {
  Solo solo({.disk = disk_with(4, {}, 1)});
  CHECK(solo.replica.role() == Role::kCandidate);
  CHECK(solo.replica.epoch() == Epoch(4));
  CHECK(solo.all_sent<VoteRequest>().size() == 2);
}

TEST_CASE("restart: a known leader is followed, the vote is kept, the high watermark is unknown") {
  Solo solo({.disk = disk_with(4, 2, 3, log_of({4}))});
  CHECK(solo.replica.role() == Role::kFollower);
  CHECK(solo.replica.leader_id() == NodeId(2));
  CHECK(solo.replica.persistent_state().voted_key == key(3));
  CHECK_FALSE(solo.replica.high_watermark().has_value());
  CHECK(solo.all_sent<FetchRequest>(2).size() == 1);
}

TEST_CASE("restart: another's vote is remembered") {
  Solo solo({.disk = disk_with(4, {}, 3)});
  CHECK(solo.replica.role() == Role::kUnattached);
  CHECK_FALSE(solo.ask<VoteResponse>(2, solo.equal_vote(2, 4)).vote_granted);
}

TEST_CASE("restart: an only voter leads at once in a new epoch, whatever it was") {
  for (const Durable& disk : {Durable{}, disk_with(4, 1, {}, log_of({4})), disk_with(4, {}, 1)}) {
    Solo solo({.voters = 1, .disk = disk});
    CHECK(solo.replica.role() == Role::kLeader);
    CHECK(solo.replica.high_watermark() == solo.replica.log().end_offset());
    CHECK((solo.replica.epoch() > Epoch(4) || disk.quorum_state.leader_id != NodeId(1)));
  }
}

// ---- appending ----

TEST_CASE("append: what is given within the linger becomes one batch, and offsets are told in advance") {
  Solo solo;
  solo.become_leader();
  const Offset first = solo.replica.next_append_offset();
  solo.step(Append{.epoch = Epoch(1), .records = records::MetadataRecords(2)});
  CHECK(solo.replica.next_append_offset() == first + 2);
  CHECK(solo.replica.log().end_offset() == first);
  CHECK(solo.replica.wake_at() == solo.now + 25ms);
  solo.now += 24ms;
  solo.step(Append{.epoch = Epoch(1), .records = records::MetadataRecords(3)});
  CHECK(solo.noticed<Appended>().empty());

  solo.wait(1ms);

  REQUIRE(solo.noticed<Appended>().size() == 1);
  CHECK(solo.noticed<Appended>()[0].base_offset == first);
  CHECK(solo.noticed<Appended>()[0].end_offset == first + 5);
  CHECK(solo.replica.log().batches().back()->count == 5);
}

TEST_CASE("append: without linger it is written in the same step") {
  Config config;
  config.append_linger = 0ms;
  Solo solo({.config = config});
  solo.become_leader();
  solo.step(Append{.epoch = Epoch(1), .records = records::MetadataRecords(1)});
  CHECK(solo.disk.log.end_offset() == Offset(2));
}

TEST_CASE("append: refused in another epoch, and by who does not lead") {
  Solo solo;
  solo.step(Append{.epoch = Epoch(0), .records = records::MetadataRecords(1)});
  CHECK(solo.noticed<AppendRefused>().size() == 1);
  solo.become_leader();
  for (const int epoch : {0, 2}) {
    solo.step(Append{.epoch = Epoch(epoch), .records = records::MetadataRecords(1)});
    REQUIRE(solo.noticed<AppendRefused>().size() == 1);
    CHECK(solo.noticed<AppendRefused>()[0].current_epoch == Epoch(1));
  }
  CHECK(solo.replica.next_append_offset() == Offset(1));
}

TEST_CASE("append: what lingers is lost with the leadership") {
  Solo solo;
  solo.become_leader();
  solo.step(Append{.epoch = Epoch(1), .records = records::MetadataRecords(1)});
  (void)solo.ask<VoteResponse>(2, solo.equal_vote(2, 5));
  solo.wait(100ms);
  CHECK(solo.replica.log().end_offset() == Offset(1));
}

// ---- LeaderChanged ----

TEST_CASE("a leader's end is told: first that there is none, then who is next") {
  Solo solo;
  solo.become_leader();
  (void)solo.ask<FetchResponse>(2, solo.fetch(2, Offset(1)));
  solo.step(Resign{.epoch = Epoch(1)});
  REQUIRE(solo.noticed<LeaderChanged>().size() == 1);
  CHECK(solo.noticed<LeaderChanged>()[0].leader == LeaderAndEpoch{.leader_id = {}, .epoch = Epoch(1)});

  solo.become_follower(3, 2);
  REQUIRE(solo.noticed<LeaderChanged>().size() == 1);
  CHECK(solo.noticed<LeaderChanged>()[0].leader == LeaderAndEpoch{.leader_id = NodeId(3), .epoch = Epoch(2)});
}

TEST_CASE("resign: ignored in another epoch or role") {
  Solo solo;
  solo.step(Resign{.epoch = Epoch(0)});
  CHECK(solo.replica.role() == Role::kUnattached);
  solo.become_leader();
  solo.step(Resign{.epoch = Epoch(0)});
  CHECK(solo.replica.role() == Role::kLeader);
}

// ---- shutdown ----

TEST_CASE("shutdown: a follower, an observer and an only voter have nothing to wait for") {
  Solo follower;
  follower.become_follower(2, 1);
  Solo observer({.id = 9});
  Solo only({.voters = 1});
  for (Solo* solo : {&follower, &observer, &only}) {
    solo->step(Shutdown{.timeout = 5s});
    CHECK(solo->noticed<ShutdownComplete>().size() == 1);
    CHECK(solo->replica.wake_at() == kNever);
  }
}

TEST_CASE("shutdown: a leader resigns, names its successors, and waits for the next leader") {
  Solo solo;
  solo.become_leader();
  solo.step(Shutdown{.timeout = 5s});
  CHECK(solo.replica.role() == Role::kResigned);
  CHECK(solo.noticed<Transitioned>().at(0).reason == Reason::kShutdown);
  CHECK(solo.all_sent<EndQuorumEpochRequest>().size() == 2);
  CHECK(solo.noticed<ShutdownComplete>().empty());

  // Its pre-vote is what lets the successor win at once.
  CHECK(solo.ask<VoteResponse>(2, solo.equal_vote(2, 1, true)).vote_granted);
  CHECK(solo.ask<VoteResponse>(2, solo.equal_vote(2, 2)).vote_granted);
  CHECK(solo.noticed<ShutdownComplete>().empty());
  (void)solo.ask<BeginQuorumEpochResponse>(2, solo.begin(2, 2));

  CHECK(solo.noticed<ShutdownComplete>().size() == 1);
}

TEST_CASE("shutdown: it ends at its time-out, without an election of its own") {
  Solo solo;
  solo.become_leader();
  solo.step(Shutdown{.timeout = 5s});
  const Time limit = solo.now + 5s;
  while (solo.noticed<ShutdownComplete>().empty()) {
    REQUIRE(solo.now < limit);
    solo.expire();
    CHECK(solo.replica.role() == Role::kResigned);
  }
  CHECK(solo.now == limit);
  solo.step(Tick{});
  CHECK(solo.sent.empty());
}

TEST_CASE("shutdown: a candidate goes on until somebody is elected; if it is itself, it resigns") {
  Solo solo;
  solo.become_candidate();
  const auto votes = solo.all_sent<VoteRequest>();
  solo.step(Shutdown{.timeout = 5s});
  CHECK(solo.replica.role() == Role::kCandidate);
  solo.answer(votes[0], Solo::vote_answer(votes[0], true));
  CHECK(solo.replica.role() == Role::kResigned);
}

// ---- the host's duties, and the replica's ----

TEST_CASE("no input is taken while writes are under way") {
  const ::kraft::testing::ThrowingChecks guard;
  Solo solo;
  solo.become_leader();
  solo.hold_disk = true;
  solo.append();
  CHECK_THROWS_AS(solo.step(Tick{}), ::kraft::testing::CheckThrown);
}

TEST_CASE("a Persisted that nothing waits for is a bug of the host") {
  const ::kraft::testing::ThrowingChecks guard;
  Solo solo;
  CHECK_THROWS_AS(solo.step(Persisted{}), ::kraft::testing::CheckThrown);
}

TEST_CASE("shutdown: what is still to be written is written, and later inputs find a closed door") {
  Solo solo;
  solo.step(Shutdown{.timeout = 5s});
  REQUIRE(solo.replica.role() == Role::kUnattached);
  (void)solo.ask<BeginQuorumEpochResponse>(2, solo.begin(2, 3));
  CHECK(solo.noticed<ShutdownComplete>().size() == 1);
  CHECK(solo.disk.quorum_state.leader_id == NodeId(2));
  solo.deliver(3, solo.begin(3, 4));
  CHECK(solo.sent.empty());
  CHECK(solo.replica.epoch() == Epoch(3));
}

TEST_CASE("a timer of nothing is refused: it would never rest") {
  const ::kraft::testing::ThrowingChecks guard;
  Config config;
  config.election.election_timeout = {};
  CHECK_THROWS_AS(Solo({.config = config}), ::kraft::testing::CheckThrown);
  config = {};
  config.clean_interval = {};
  CHECK_THROWS_AS(Solo({.config = config}), ::kraft::testing::CheckThrown);
}

TEST_CASE("no busy loop: alone in the dark, every role's wake-up lies in the future and there are few of them") {
  for (const int id : {1, 9}) {
    for (const int voters : {2, 3, 5}) {
      for (const bool pre_vote : {true, false}) {
        Config config;
        config.election.pre_vote = pre_vote;
        Solo solo({.id = id, .voters = voters, .config = config});
        const Time end = solo.now + 60s;
        int wakes = 0;
        for (; solo.now < end; ++wakes) {
          REQUIRE(solo.replica.wake_at() > solo.now);
          solo.expire();
        }
        // At most a few per time-out: requests that time out (2 s), elections (1 to 2 s), each with up to 4 peers.
        CHECK(wakes < 60 * 6);
      }
    }
  }
}

TEST_CASE("no busy loop: where every connection is refused, a replica tries again at the pace of the back-off") {
  Solo solo({.id = 9});
  const Time end = solo.now + 1s;
  std::size_t sends = 0;
  for (; solo.now < end; solo.expire()) {
    while (!solo.sent.empty()) {
      sends += solo.sent.size();
      solo.step(Disconnected{.peer = solo.sent.front().to});
    }
  }
  CHECK(sends > 100);
  CHECK(sends <= 3 * 51);
}

TEST_CASE("a replica is a value: a copy takes the same steps, and leaves the original alone") {
  Solo original;
  original.become_follower(2, 1);
  Solo copy = original;

  copy.become_leader();
  CHECK(original.replica.role() == Role::kFollower);
  original.become_leader();

  CHECK(line(copy.replica) == line(original.replica));
  CHECK(copy.now == original.now);
  CHECK(copy.replica.wake_at() == original.replica.wake_at());
}

TEST_CASE("the one-line forms of the notation") {
  Solo solo({.disk = disk_with(4, 2, 3, log_of({1, 4}))});
  CHECK(line(solo.replica) == "n1 follower e4 leader=2 end=2@4 hw=none");
  CHECK(line(solo.only_sent<FetchRequest>()) == "1->2 Fetch e4 at=2@4 #3600000000001");
  const Message vote{.from = NodeId(1), .to = NodeId(2), .correlation_id = CorrelationId(17),
                     .body = solo.vote(1, 4, Offset(120), Epoch(3), true)};
  CHECK(line(vote) == "1->2 Vote e4 pre end=120@3 #17");
  const Message granted{.from = NodeId(2), .to = NodeId(1), .correlation_id = CorrelationId(17),
                        .body = VoteResponse{.leader = {.leader_id = {}, .epoch = Epoch(4)}, .vote_granted = true}};
  CHECK(line(granted) == "2->1 VoteResponse e4 granted #17");
  const Message fetched{.from = NodeId(2),
                        .to = NodeId(1),
                        .correlation_id = solo.only_sent<FetchRequest>().correlation_id,
                        .body = solo.fetched(2, {solo.next_batch(4)}, Offset(2))};
  CHECK(line(fetched) == "2->1 FetchResponse e4 leader=2 hw=2 [2..3)@4 #3600000000001");
  solo.hold_disk = true;
  solo.step(Receive{fetched});
  CHECK(line(solo.effects) ==
        "appended [2..3); committed hw=2; persist append([2..3)@4) sync; then 1->2 Fetch e4 at=3@4 hw=2 "
        "#3600000000002; wake 3602s");
}

}  // namespace kraft::raft::testing
