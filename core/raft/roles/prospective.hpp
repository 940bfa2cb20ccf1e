// Prospective: asks whether it could win before it disturbs anybody with a new epoch (KIP-996, thesis §9.6).
//
// It keeps the epoch, its vote and, if it came from Follower, the leader it lost; nothing of it is written to disk.
#pragma once

#include "core/base/time.hpp"
#include "core/raft/election.hpp"
#include "core/raft/roles/unattached.hpp"

namespace kraft::raft {

struct Prospective {
  Tally pre_votes;
  Time election_deadline = kNever;

  [[nodiscard]] bool grants(const Ballot& ballot, const QuorumStateData& state) const {
    return grants_unbound(ballot, state);
  }
};

}  // namespace kraft::raft
