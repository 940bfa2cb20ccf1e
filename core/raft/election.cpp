// Tally keeps counts beside the answers, so that asking whether an election is decided costs nothing. It must not know
// which kind of vote it counts.
#include "core/raft/election.hpp"

#include <algorithm>

namespace kraft::raft {

Tally::Tally(const VoterSet& voters, NodeId self) : majority_(voters.majority()) {
  for (const ReplicaKey& voter : voters.voters()) votes_.push_back({.voter = voter.id});
  record(self, true);
}

void Tally::record(NodeId voter, bool granted) {
  const auto vote = std::ranges::find(votes_, voter, &Vote::voter);
  if (vote == votes_.end() || vote->answer != Answer::kPending) return;
  vote->answer = granted ? Answer::kGranted : Answer::kRejected;
  ++(granted ? granted_ : rejected_);
}

bool Tally::is_pending(NodeId voter) const {
  const auto vote = std::ranges::find(votes_, voter, &Vote::voter);
  return vote != votes_.end() && vote->answer == Answer::kPending;
}

std::vector<NodeId> Tally::granting() const {
  std::vector<NodeId> ids;
  for (const Vote& vote : votes_) {
    if (vote.answer == Answer::kGranted) ids.push_back(vote.voter);
  }
  return ids;
}

}  // namespace kraft::raft
