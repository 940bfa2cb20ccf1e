// QuorumState: the role a replica is in, what of it must be on disk, and the moves between roles that exist at all.
//
// One variant holds the role's data, one QuorumStateData what survives a crash; both change together and only here. A
// move that the table does not have is a bug in the caller, or a broken quorum, and stops the run (Kafka throws
// IllegalStateException, which is fatal there too). It must not know messages, logs, disks or random numbers.
//
//   from \ to   | Unattached | Prospective | Candidate | Leader | Resigned | Follower
//   ------------+------------+-------------+-----------+--------+----------+---------
//   Unattached  |  > (= v)   |      =      |    +1 p   |        |          |   >=
//   Prospective |  >=        |     (= v)   |    +1     |        |          |   >=
//   Candidate   |  >         |      =      |    +1 p   |   =    |          |   >=
//   Leader      |  >         |             |           |        |    =     |   >
//   Resigned    |  >         |             |           |        |          |   >
//   Follower    |  >         |      =      |    +1 p   |        |          |   >
//
// The cells say how the new epoch must compare to the old one. "v": the same role again, for having granted a vote.
// "p": only where pre-vote is off (the papers' policy), and then there is no Prospective. An observer is only ever
// Unattached or Follower, or a leader that was removed from the voters and what it resigns to. Nobody becomes Leader
// but from Candidate, and Resigned leaves only for a larger epoch.
//
// What is on disk: a candidate's vote for itself; a leader's name, its own included, and what this node voted in the
// same epoch (a leader's own vote is told by its leading); Prospective and Resigned leave the file as it is.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "core/base/check.hpp"
#include "core/raft/election.hpp"
#include "core/raft/roles/candidate.hpp"
#include "core/raft/roles/follower.hpp"
#include "core/raft/roles/leader.hpp"
#include "core/raft/roles/prospective.hpp"
#include "core/raft/roles/resigned.hpp"
#include "core/raft/roles/unattached.hpp"
#include "core/raft/types.hpp"

namespace kraft::raft {

/// The alternatives in Role's order.
using RoleState = std::variant<Unattached, Prospective, Candidate, Leader, Resigned, Follower>;

class QuorumState {
 public:
  /// Starts as `role` with what the disk holds; see kraft.md §1, "Restart mapping".
  QuorumState(ReplicaKey self, bool is_voter, bool pre_vote, QuorumStateData data, RoleState role);

  [[nodiscard]] Role role() const { return static_cast<Role>(role_.index()); }
  [[nodiscard]] Epoch epoch() const { return data_.leader_epoch; }
  /// A resigned leader is nobody's leader any more, though the file still names it.
  [[nodiscard]] std::optional<NodeId> leader_id() const {
    return role() == Role::kResigned ? std::nullopt : data_.leader_id;
  }
  [[nodiscard]] LeaderAndEpoch leader_and_epoch() const { return {.leader_id = leader_id(), .epoch = epoch()}; }
  /// The contents of the quorum-state file once what is pending has been written.
  [[nodiscard]] const QuorumStateData& data() const { return data_; }
  [[nodiscard]] bool grants(const Ballot& ballot) const;

  /// The role's data; the role must be the one asked for.
  template <class State>
  [[nodiscard]] State& as() {
    State* state = std::get_if<State>(&role_);
    ENSURE(state != nullptr, "not in this role");
    return *state;
  }
  template <class State>
  [[nodiscard]] const State& as() const {
    const State* state = std::get_if<State>(&role_);
    ENSURE(state != nullptr, "not in this role");
    return *state;
  }

  /// Its place in the voter set changed, as its log has it. No role changes by that.
  void set_voter(bool is_voter) { is_voter_ = is_voter; }

  void to_unattached(Epoch epoch, Time election_deadline);
  /// Unattached or Prospective, and stays it, with a vote in this epoch.
  void to_voted(const ReplicaKey& candidate, const VoterSet& voters, Time election_deadline);
  void to_prospective(const VoterSet& voters, Time election_deadline);
  void to_candidate(const VoterSet& voters, Time election_deadline);
  void to_leader(Leader leader);
  void to_resigned(Resigned resigned);
  void to_follower(Epoch epoch, NodeId leader_id, Follower follower);

 private:
  void move(Epoch epoch, RoleState next, std::optional<NodeId> leader_id, std::optional<ReplicaKey> voted_key);
  [[nodiscard]] std::optional<ReplicaKey> vote_in(Epoch epoch) const {
    return epoch == data_.leader_epoch ? data_.voted_key : std::nullopt;
  }

  ReplicaKey self_;
  bool is_voter_;
  bool pre_vote_;
  QuorumStateData data_;
  RoleState role_;
};

}  // namespace kraft::raft
