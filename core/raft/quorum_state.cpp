// The transition table as data, and the moves that obey it. The rows and columns stand in Role's order, and the header
// has the same table to be read.
#include "core/raft/quorum_state.hpp"

#include <array>
#include <utility>

namespace kraft::raft {
namespace {

/// What a cell of the table in the header demands of the new epoch.
enum class Move : std::uint8_t { kNo, kSame, kNext, kNextWithoutPreVote, kLarger, kSameOrLarger };

constexpr std::size_t kRoles = std::variant_size_v<RoleState>;

constexpr std::array<std::array<Move, kRoles>, kRoles> kMoves = [] {
  using enum Move;
  return std::array<std::array<Move, kRoles>, kRoles>{{
      // Unattached  Prospective Candidate            Leader Resigned Follower
      {kSameOrLarger, kSame, kNextWithoutPreVote, kNo, kNo, kSameOrLarger},  // Unattached
      {kSameOrLarger, kSame, kNext, kNo, kNo, kSameOrLarger},                // Prospective
      {kLarger, kSame, kNextWithoutPreVote, kSame, kNo, kSameOrLarger},      // Candidate
      {kLarger, kNo, kNo, kNo, kSame, kLarger},                              // Leader
      {kLarger, kNo, kNo, kNo, kNo, kLarger},                                // Resigned
      {kLarger, kSame, kNextWithoutPreVote, kNo, kNo, kLarger},              // Follower
  }};
}();

bool is_legal(Move move, Epoch from, Epoch to, bool pre_vote) {
  switch (move) {
    case Move::kNo: return false;
    case Move::kSame: return to == from;
    case Move::kNext: return to == from + 1;
    case Move::kNextWithoutPreVote: return !pre_vote && to == from + 1;
    case Move::kLarger: return to > from;
    case Move::kSameOrLarger: return to >= from;
  }
  return false;
}

bool is_for_observers(Role role) {
  return role == Role::kUnattached || role == Role::kFollower || role == Role::kResigned;
}

}  // namespace

QuorumState::QuorumState(ReplicaKey self, bool is_voter, bool pre_vote, QuorumStateData data, RoleState role)
    : self_(self), is_voter_(is_voter), pre_vote_(pre_vote), data_(std::move(data)), role_(std::move(role)) {
  ENSURE(this->role() != Role::kLeader, "nobody starts as leader (KAFKA-10527)");
  ENSURE(this->role() != Role::kProspective, "nobody starts in the middle of a pre-vote");
  ENSURE(is_voter_ || is_for_observers(this->role()), "observers stand in no election");
}

bool QuorumState::grants(const Ballot& ballot) const {
  return std::visit([&](const auto& role) { return role.grants(ballot, data_); }, role_);
}

void QuorumState::move(Epoch epoch, RoleState next, std::optional<NodeId> leader_id,
                       std::optional<ReplicaKey> voted_key) {
  const auto to = static_cast<Role>(next.index());
  ENSURE(is_legal(kMoves[role_.index()][next.index()], data_.leader_epoch, epoch, pre_vote_),
         "no such transition");
  ENSURE(is_voter_ || is_for_observers(to), "observers stand in no election (KAFKA-17067)");
  ENSURE(pre_vote_ || to != Role::kProspective, "pre-vote is off");
  role_ = std::move(next);
  data_ = {.leader_epoch = epoch, .leader_id = leader_id, .voted_key = std::move(voted_key)};
}

void QuorumState::to_unattached(Epoch epoch, Time election_deadline) {
  ENSURE(role() != Role::kUnattached || epoch > data_.leader_epoch, "already unattached in this epoch");
  move(epoch, Unattached{.election_deadline = election_deadline}, std::nullopt, vote_in(epoch));
}

void QuorumState::to_voted(const ReplicaKey& candidate, const VoterSet& voters, Time election_deadline) {
  ENSURE(role() == Role::kUnattached || role() == Role::kProspective, "only these have a vote to give");
  ENSURE(!data_.voted_key.has_value(), "one vote an epoch (Raft §5.2)");
  ENSURE_NE(candidate.id, self_.id, "a vote for oneself is a candidacy");
  RoleState next = Unattached{.election_deadline = election_deadline};
  if (role() == Role::kProspective) {
    next = Prospective{.pre_votes = Tally(voters, self_.id), .election_deadline = election_deadline};
  }
  move(data_.leader_epoch, std::move(next), data_.leader_id, candidate);
}

void QuorumState::to_prospective(const VoterSet& voters, Time election_deadline) {
  ENSURE(role() != Role::kProspective, "already prospective");
  move(data_.leader_epoch, Prospective{.pre_votes = Tally(voters, self_.id), .election_deadline = election_deadline},
       data_.leader_id, data_.voted_key);
}

void QuorumState::to_candidate(const VoterSet& voters, Time election_deadline) {
  if (const auto* prospective = std::get_if<Prospective>(&role_)) {
    ENSURE(prospective->pre_votes.is_granted(), "a candidacy needs a majority of pre-votes (KIP-996)");
  }
  move(data_.leader_epoch + 1, Candidate{.votes = Tally(voters, self_.id), .election_deadline = election_deadline},
       std::nullopt, self_);
}

void QuorumState::to_leader(Leader leader) {
  ENSURE(as<Candidate>().votes.is_granted(), "a leader needs a majority of votes (Raft §5.2)");
  move(data_.leader_epoch, std::move(leader), self_.id, std::nullopt);
}

void QuorumState::to_resigned(Resigned resigned) {
  move(data_.leader_epoch, std::move(resigned), data_.leader_id, data_.voted_key);
}

void QuorumState::to_follower(Epoch epoch, NodeId leader_id, Follower follower) {
  ENSURE_NE(leader_id, self_.id, "nobody follows itself (KAFKA-18379)");
  ENSURE(epoch > data_.leader_epoch || !data_.leader_id || *data_.leader_id == leader_id,
         "an epoch has one leader (Raft §5.2)");
  move(epoch, std::move(follower), leader_id, vote_in(epoch));
}

}  // namespace kraft::raft
