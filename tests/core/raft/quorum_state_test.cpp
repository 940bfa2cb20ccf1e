// QuorumState: every cell of the transition table, what is persisted, and what the roles grant.
#include "core/raft/quorum_state.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <vector>

#include "tests/core/raft/solo.hpp"
#include "tests/support/throwing_checks.hpp"

namespace kraft::raft::testing {
namespace {

constexpr Epoch kNow{5};
const Time kDeadline = at_nanos(0) + 1h;

struct Fixture {
  VoterSet voters = voters_up_to(3);
  Config config;

  /// Node 1 in `role` and epoch 5; node 2 leads where there is another leader.
  [[nodiscard]] QuorumState in(Role role, bool pre_vote = true, bool is_voter = true) const {
    QuorumStateData data{.leader_epoch = kNow};
    if (role == Role::kFollower) {
      data.leader_id = NodeId(2);
      return {key(1), is_voter, pre_vote, data, Follower{.fetch_deadline = kDeadline}};
    }
    if (role == Role::kResigned) {
      data.leader_id = NodeId(1);
      return {key(1), is_voter, pre_vote, data, Resigned{.preferred_successors = {}, .unacknowledged = {}}};
    }
    QuorumState state(key(1), is_voter, pre_vote, data, Unattached{.election_deadline = kDeadline});
    if (role == Role::kUnattached) return state;
    if (role == Role::kProspective) {
      state.to_prospective(voters, kDeadline);
      return state;
    }
    data.voted_key = key(1);
    QuorumState candidate(key(1), is_voter, pre_vote, data, Candidate{.votes = Tally(voters, NodeId(1))});
    if (role == Role::kCandidate) return candidate;
    candidate.as<Candidate>().votes.record(NodeId(2), true);
    candidate.to_leader(Leader(config, voters, key(1), Offset(0), at_nanos(0)));
    return candidate;
  }
  void move(QuorumState& state, Role to, Epoch epoch) const {
    switch (to) {
      case Role::kUnattached: state.to_unattached(epoch, kDeadline); break;
      case Role::kProspective: state.to_prospective(voters, kDeadline); break;
      case Role::kCandidate:
        if (state.role() == Role::kProspective) state.as<Prospective>().pre_votes.record(NodeId(2), true);
        state.to_candidate(voters, kDeadline);
        break;
      case Role::kLeader:
        if (state.role() == Role::kCandidate) state.as<Candidate>().votes.record(NodeId(2), true);
        state.to_leader(Leader(config, voters, key(1), Offset(0), at_nanos(0)));
        break;
      case Role::kResigned: state.to_resigned({}); break;
      case Role::kFollower: state.to_follower(epoch, NodeId(2), {.fetch_deadline = kDeadline}); break;
    }
  }
  [[nodiscard]] bool can(Role from, Role to, Epoch epoch, bool pre_vote = true) const {
    QuorumState state = in(from, pre_vote);
    try {
      move(state, to, epoch);
    } catch (const ::kraft::testing::CheckThrown&) {
      return false;
    }
    CHECK(state.role() == to);
    return true;
  }
};

constexpr std::array kAll{Role::kUnattached, Role::kProspective, Role::kCandidate,
                          Role::kLeader,     Role::kResigned,    Role::kFollower};

}  // namespace

TEST_CASE("Unattached and Follower can be entered from everywhere in a larger epoch, and from nowhere in a smaller") {
  const ::kraft::testing::ThrowingChecks guard;
  const Fixture fixture;
  for (const Role from : kAll) {
    CAPTURE(line(from));
    for (const Role to : {Role::kUnattached, Role::kFollower}) {
      CHECK(fixture.can(from, to, kNow + 1));
      CHECK(fixture.can(from, to, kNow + 9));
      CHECK_FALSE(fixture.can(from, to, kNow - 1));
    }
  }
}

TEST_CASE("in the same epoch only a prospective becomes Unattached, and only the leaderless become Follower") {
  const ::kraft::testing::ThrowingChecks guard;
  const Fixture fixture;
  for (const Role from : kAll) {
    CAPTURE(line(from));
    CHECK(fixture.can(from, Role::kUnattached, kNow) == (from == Role::kProspective));
    const bool leaderless = from == Role::kUnattached || from == Role::kProspective || from == Role::kCandidate;
    CHECK(fixture.can(from, Role::kFollower, kNow) == leaderless);
  }
}

TEST_CASE("the way to leadership: Unattached, Follower or Candidate, then Prospective, Candidate, Leader, Resigned") {
  const ::kraft::testing::ThrowingChecks guard;
  const Fixture fixture;
  for (const Role from : kAll) {
    CAPTURE(line(from));
    CHECK(fixture.can(from, Role::kProspective, kNow) ==
          (from == Role::kUnattached || from == Role::kFollower || from == Role::kCandidate));
    CHECK(fixture.can(from, Role::kCandidate, kNow) == (from == Role::kProspective));
    CHECK(fixture.can(from, Role::kLeader, kNow) == (from == Role::kCandidate));
    CHECK(fixture.can(from, Role::kResigned, kNow) == (from == Role::kLeader));
  }
}

TEST_CASE("without pre-vote there is no Prospective, and the waiting become Candidate at once") {
  const ::kraft::testing::ThrowingChecks guard;
  const Fixture fixture;
  for (const Role from : {Role::kUnattached, Role::kCandidate, Role::kLeader, Role::kResigned, Role::kFollower}) {
    CAPTURE(line(from));
    CHECK_FALSE(fixture.can(from, Role::kProspective, kNow, false));
    CHECK(fixture.can(from, Role::kCandidate, kNow, false) ==
          (from == Role::kUnattached || from == Role::kFollower || from == Role::kCandidate));
  }
}

TEST_CASE("a candidacy needs a majority of pre-votes, a leadership of votes") {
  const ::kraft::testing::ThrowingChecks guard;
  const Fixture fixture;
  QuorumState prospective = fixture.in(Role::kProspective);
  CHECK_THROWS_AS(prospective.to_candidate(fixture.voters, kDeadline), ::kraft::testing::CheckThrown);
  QuorumState candidate = fixture.in(Role::kCandidate);
  CHECK_THROWS_AS(candidate.to_leader(Leader(fixture.config, fixture.voters, key(1), Offset(0), at_nanos(0))),
                  ::kraft::testing::CheckThrown);
}

TEST_CASE("KAFKA-17067: an observer is only ever Unattached or Follower") {
  const ::kraft::testing::ThrowingChecks guard;
  const Fixture fixture;
  QuorumState observer = fixture.in(Role::kUnattached, true, false);
  CHECK_THROWS_AS(observer.to_prospective(fixture.voters, kDeadline), ::kraft::testing::CheckThrown);
  observer.to_follower(kNow, NodeId(2), {.fetch_deadline = kDeadline});
  CHECK(observer.role() == Role::kFollower);
}

TEST_CASE("nobody follows itself, and an epoch has one leader") {
  const ::kraft::testing::ThrowingChecks guard;
  const Fixture fixture;
  QuorumState state = fixture.in(Role::kUnattached);
  CHECK_THROWS_AS(state.to_follower(kNow, NodeId(1), {.fetch_deadline = kDeadline}), ::kraft::testing::CheckThrown);
  QuorumState prospective = fixture.in(Role::kFollower);
  prospective.to_prospective(fixture.voters, kDeadline);
  CHECK_THROWS_AS(prospective.to_follower(kNow, NodeId(3), {.fetch_deadline = kDeadline}),
                  ::kraft::testing::CheckThrown);
  prospective.to_follower(kNow, NodeId(2), {.fetch_deadline = kDeadline});
  CHECK(prospective.leader_id() == NodeId(2));
}

TEST_CASE("a vote: once an epoch, never for oneself, kept in the epoch and forgotten with it") {
  const ::kraft::testing::ThrowingChecks guard;
  const Fixture fixture;
  QuorumState state = fixture.in(Role::kUnattached);
  CHECK_THROWS_AS(state.to_voted(key(1), fixture.voters, kDeadline), ::kraft::testing::CheckThrown);
  state.to_voted(key(3), fixture.voters, kDeadline);
  CHECK_THROWS_AS(state.to_voted(key(2), fixture.voters, kDeadline), ::kraft::testing::CheckThrown);

  state.to_prospective(fixture.voters, kDeadline);
  CHECK(state.data().voted_key == key(3));
  state.to_unattached(kNow, kDeadline);
  CHECK(state.data().voted_key == key(3));
  state.to_follower(kNow, NodeId(2), {.fetch_deadline = kDeadline});
  CHECK(state.data() == QuorumStateData{.leader_epoch = kNow, .leader_id = NodeId(2), .voted_key = key(3)});
  state.to_unattached(kNow + 1, kDeadline);
  CHECK(state.data() == QuorumStateData{.leader_epoch = kNow + 1});
}

TEST_CASE("what is on disk: a candidate's vote, a leader's name and not its vote, and a resigned leader's name") {
  const Fixture fixture;
  CHECK(fixture.in(Role::kCandidate).data() == QuorumStateData{.leader_epoch = kNow, .voted_key = key(1)});
  QuorumState leader = fixture.in(Role::kLeader);
  CHECK(leader.data() == QuorumStateData{.leader_epoch = kNow, .leader_id = NodeId(1)});
  leader.to_resigned({});
  CHECK(leader.data() == QuorumStateData{.leader_epoch = kNow, .leader_id = NodeId(1)});
  CHECK_FALSE(leader.leader_id().has_value());
}

TEST_CASE("who grants what: Kafka's table, but that a vote said again needs an up-to-date log too") {
  const Fixture fixture;
  const auto grants = [&](Role role, bool pre_vote, bool up_to_date) {
    return fixture.in(role).grants({.candidate = key(3), .log_up_to_date = up_to_date, .pre_vote = pre_vote});
  };
  for (const Role role : kAll) {
    CAPTURE(line(role));
    CHECK(grants(role, true, true) == (role != Role::kLeader));
    CHECK_FALSE(grants(role, true, false));
    CHECK(grants(role, false, true) == (role == Role::kUnattached || role == Role::kProspective));
    CHECK_FALSE(grants(role, false, false));
  }
  QuorumState voted = fixture.in(Role::kUnattached);
  voted.to_voted(key(3), fixture.voters, kDeadline);
  CHECK(voted.grants({.candidate = key(3), .log_up_to_date = true, .pre_vote = false}));
  CHECK_FALSE(voted.grants({.candidate = key(3), .log_up_to_date = false, .pre_vote = false}));
  CHECK_FALSE(voted.grants({.candidate = key(2), .log_up_to_date = true, .pre_vote = false}));
}

TEST_CASE("a tally: majority, rejection, and one answer a voter") {
  Tally tally(voters_up_to(4), NodeId(1));
  CHECK_FALSE(tally.is_granted());
  tally.record(NodeId(2), true);
  tally.record(NodeId(2), true);
  tally.record(NodeId(9), true);  // no voter
  CHECK_FALSE(tally.is_granted());
  CHECK(tally.is_pending(NodeId(3)));
  CHECK_FALSE(tally.is_pending(NodeId(2)));
  tally.record(NodeId(3), false);
  CHECK_FALSE(tally.is_rejected());
  Tally lost = tally;
  tally.record(NodeId(4), true);
  CHECK(tally.is_granted());
  CHECK(tally.granting() == std::vector{NodeId(1), NodeId(2), NodeId(4)});
  lost.record(NodeId(4), false);
  CHECK(lost.is_rejected());
}

}  // namespace kraft::raft::testing
