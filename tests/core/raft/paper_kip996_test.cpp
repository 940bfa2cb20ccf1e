// KIP-996 (pre-vote), one case per claim. KRaft's pre-vote is a state of its own, Prospective.
#include <doctest/doctest.h>

#include "tests/core/raft/solo.hpp"

namespace kraft::raft::testing {

TEST_CASE("KIP-996: a pre-vote carries the current epoch and changes nothing on disk") {
  Solo solo({.disk = disk_with(3)});
  const std::size_t writes = solo.writes.size();

  solo.become_prospective();

  REQUIRE(solo.all_sent<VoteRequest>().size() == 2);
  for (const Message& m : solo.all_sent<VoteRequest>()) {
    CHECK(std::get<VoteRequest>(m.body).epoch == Epoch(3));
    CHECK(std::get<VoteRequest>(m.body).pre_vote);
  }
  CHECK(solo.writes.size() == writes);
}

TEST_CASE("KIP-996: a majority of pre-votes makes a candidate of the next epoch") {
  Solo solo({.voters = 5, .disk = disk_with(3)});
  solo.become_prospective();
  solo.answer_votes(true, 2);

  CHECK(solo.replica.role() == Role::kCandidate);
  CHECK(solo.replica.epoch() == Epoch(4));
  for (const Message& m : solo.all_sent<VoteRequest>()) CHECK_FALSE(std::get<VoteRequest>(m.body).pre_vote);
}

TEST_CASE("KIP-996: pre-votes are granted to many in one epoch, and nothing is written") {
  Solo solo;
  const std::size_t writes = solo.writes.size();
  CHECK(solo.ask<VoteResponse>(2, solo.equal_vote(2, 0, true)).vote_granted);
  CHECK(solo.ask<VoteResponse>(3, solo.equal_vote(3, 0, true)).vote_granted);
  CHECK(solo.writes.size() == writes);
}

TEST_CASE("KIP-996: a granted pre-vote resets no timer (hashicorp/raft#609)") {
  Solo solo;
  const Time before = solo.replica.wake_at();
  solo.now += 100ms;
  (void)solo.ask<VoteResponse>(2, solo.equal_vote(2, 0, true));
  CHECK(solo.replica.wake_at() == before);
}

TEST_CASE("KIP-996: a pre-vote needs an up-to-date log like any vote") {
  Solo solo({.disk = disk_with(3, {}, {}, log_of({1, 3}))});
  CHECK_FALSE(solo.ask<VoteResponse>(2, solo.vote(2, 3, Offset(1), Epoch(3), true)).vote_granted);
  CHECK_FALSE(solo.ask<VoteResponse>(2, solo.vote(2, 3, Offset(9), Epoch(2), true)).vote_granted);
  CHECK(solo.ask<VoteResponse>(2, solo.vote(2, 3, Offset(2), Epoch(3), true)).vote_granted);
}

TEST_CASE("KIP-996: a follower that its leader has answered denies pre-votes") {
  Solo solo;
  solo.become_follower(2, 1);
  solo.answer(solo.only_sent<FetchRequest>(2), solo.fetched(2));
  CHECK_FALSE(solo.ask<VoteResponse>(3, solo.equal_vote(3, 1, true)).vote_granted);
}

TEST_CASE("KAFKA-17641: one that its leader never answered grants them, or two could deny each other for ever") {
  Solo solo;
  solo.become_follower(2, 1);
  CHECK(solo.ask<VoteResponse>(3, solo.equal_vote(3, 1, true)).vote_granted);
}

TEST_CASE("KIP-996: a leader denies pre-votes") {
  Solo solo;
  solo.become_leader();
  CHECK_FALSE(solo.ask<VoteResponse>(2, solo.equal_vote(2, 1, true)).vote_granted);
  CHECK(solo.replica.role() == Role::kLeader);
}

TEST_CASE("KIP-996: candidates and the resigned grant pre-votes, having nothing to lose by it") {
  Solo candidate;
  candidate.become_candidate();
  CHECK(candidate.ask<VoteResponse>(2, candidate.equal_vote(2, 1, true)).vote_granted);

  Solo resigned;
  resigned.become_leader();
  resigned.step(Resign{.epoch = Epoch(1)});
  CHECK(resigned.ask<VoteResponse>(2, resigned.equal_vote(2, 1, true)).vote_granted);
}

TEST_CASE("KIP-996: a pre-vote of a larger epoch teaches that epoch") {
  Solo solo;
  solo.become_leader();
  const auto response = solo.ask<VoteResponse>(2, solo.equal_vote(2, 5, true));
  CHECK(response.vote_granted);
  CHECK(solo.replica.role() == Role::kUnattached);
  CHECK(solo.replica.epoch() == Epoch(5));
  CHECK_FALSE(solo.disk.quorum_state.voted_key.has_value());
}

TEST_CASE("KIP-996: a majority of refusals sends a prospective back to the leader it knows") {
  Solo solo;
  solo.become_follower(2, 1);
  solo.expire_into(Role::kProspective);
  CHECK(solo.replica.leader_id() == NodeId(2));

  solo.answer_votes(false, 2);

  CHECK(solo.replica.role() == Role::kFollower);
  CHECK(solo.replica.leader_id() == NodeId(2));
  CHECK(solo.replica.epoch() == Epoch(1));
}

TEST_CASE("KIP-996: without a leader it becomes unattached, and waits a fresh time-out") {
  Solo solo;
  solo.become_prospective();
  solo.now += 900ms;
  solo.answer_votes(false, 2);

  CHECK(solo.replica.role() == Role::kUnattached);
  solo.wait(999ms);
  CHECK(solo.replica.role() == Role::kUnattached);
}

TEST_CASE("KIP-996: a prospective whose time is up asks again") {
  Solo solo;
  solo.become_prospective();
  solo.expire();  // its requests time out before or after; either way it asks for pre-votes in the same epoch
  solo.expire_into(Role::kProspective);
  CHECK(solo.replica.epoch() == Epoch(0));
  CHECK_FALSE(solo.replica.persistent_state().voted_key.has_value());
}

TEST_CASE("KIP-996: a candidate whose time is up goes back to asking first, in its epoch, keeping its vote") {
  Solo solo;
  solo.become_candidate();
  solo.expire_into(Role::kProspective);

  CHECK(solo.replica.epoch() == Epoch(1));
  CHECK(solo.disk.quorum_state.voted_key == key(1));
  CHECK_FALSE(solo.ask<VoteResponse>(2, solo.equal_vote(2, 1)).vote_granted);
}

TEST_CASE("KIP-996: the vote of an epoch survives Prospective and Unattached in that epoch") {
  Solo solo;
  REQUIRE(solo.ask<VoteResponse>(2, solo.equal_vote(2, 1)).vote_granted);
  solo.expire_into(Role::kProspective);
  solo.answer_votes(false, 2);
  REQUIRE(solo.replica.role() == Role::kUnattached);

  CHECK_FALSE(solo.ask<VoteResponse>(3, solo.equal_vote(3, 1)).vote_granted);
  CHECK(solo.ask<VoteResponse>(2, solo.equal_vote(2, 1)).vote_granted);
}

TEST_CASE("KIP-996: a prospective may give its epoch's vote away; it is written down and the timer starts over") {
  Solo solo({.disk = disk_with(2)});
  solo.become_prospective();
  solo.now += 900ms;

  CHECK(solo.ask<VoteResponse>(2, solo.equal_vote(2, 2)).vote_granted);

  CHECK(solo.replica.role() == Role::kProspective);
  CHECK(solo.disk.quorum_state.voted_key == key(2));
  // It asks again at once; no election deadline is near.
  CHECK(solo.all_sent<VoteRequest>().size() == 2);
  solo.wait(999ms);
  CHECK(solo.replica.role() == Role::kProspective);
  CHECK(solo.noticed<Transitioned>().empty());
}

TEST_CASE("KIP-996: answers to pre-votes do not count as votes, nor those of an earlier round") {
  Solo solo({.voters = 5});
  solo.become_prospective();
  const auto pre_votes = solo.all_sent<VoteRequest>();
  solo.answer(pre_votes[0], Solo::vote_answer(pre_votes[0], true));
  solo.answer(pre_votes[1], Solo::vote_answer(pre_votes[1], true));
  REQUIRE(solo.replica.role() == Role::kCandidate);
  const auto votes = solo.all_sent<VoteRequest>();

  // Late: by correlation id. And even with the right id: by kind.
  solo.answer(pre_votes[2], Solo::vote_answer(pre_votes[2], true));
  solo.answer(pre_votes[3], Solo::vote_answer(pre_votes[3], true));
  for (const Message& m : votes) {
    VoteResponse wrong_kind = Solo::vote_answer(m, true);
    wrong_kind.pre_vote = true;
    solo.answer(m, wrong_kind);
  }

  CHECK(solo.replica.role() == Role::kCandidate);
}

TEST_CASE("KIP-996: an only voter passes through pre-vote and vote at once") {
  Solo solo({.voters = 1});
  CHECK(solo.replica.role() == Role::kLeader);
  std::vector<Role> path;
  for (const auto& n : solo.noticed<Transitioned>()) path.push_back(n.to);
  CHECK(path == std::vector{Role::kProspective, Role::kCandidate, Role::kLeader});
}

}  // namespace kraft::raft::testing
