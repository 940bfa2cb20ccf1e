// Candidate: has voted for itself in a new epoch, durably, and asks the others.
//
// A candidate that a majority refused stays what it is until its time is up: the random time-out is what parts rivals
// (Raft §5.2; Kafka dropped its exponential back-off here, KAFKA-18345).
#pragma once

#include "core/base/time.hpp"
#include "core/raft/election.hpp"

namespace kraft::raft {

struct Candidate {
  Tally votes;
  Time election_deadline = kNever;

  /// Its one vote of this epoch is its own; a pre-vote binds nobody.
  [[nodiscard]] bool grants(const Ballot& ballot, const QuorumStateData&) const {
    return ballot.pre_vote && ballot.log_up_to_date;
  }
};

}  // namespace kraft::raft
