// Unattached: knows an epoch but no leader of it. It may have voted in that epoch; it looks for a leader by fetching,
// at random, from bootstrap servers, voters and the leader that it last heard of; a voter that waits too long starts an
// election, an observer waits for ever.
#pragma once

#include "core/base/time.hpp"
#include "core/raft/election.hpp"
#include "core/raft/types.hpp"

namespace kraft::raft {

/// Raft §5.2 and §5.4.1 as Kafka's Unattached and Prospective replicas apply them. One vote an epoch, but the same
/// candidate may hear it again: its first answer may be lost. Its log is looked at again, too, as Raft has it and Kafka
/// has not: it may have come back with less than it had when it was voted for, if its disk was damaged. An epoch whose
/// leader is known needs no more votes.
[[nodiscard]] inline bool grants_unbound(const Ballot& ballot, const QuorumStateData& state) {
  if (ballot.pre_vote) return ballot.log_up_to_date;
  if (state.voted_key) return matches(*state.voted_key, ballot.candidate) && ballot.log_up_to_date;
  return !state.leader_id && ballot.log_up_to_date;
}

struct Unattached {
  Time election_deadline = kNever;

  [[nodiscard]] bool grants(const Ballot& ballot, const QuorumStateData& state) const {
    return grants_unbound(ballot, state);
  }
};

}  // namespace kraft::raft
