// VoteOnce: a node casts at most one vote per epoch, restarts or not, and casts none that its disk does not hold
// (Raft §5.2, §5.4.1; KIP-595). On a new disk it is another voter (KIP-853). Votes are counted where they leave for the
// network.
#pragma once

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "sim/check/view.hpp"

namespace kraftsim::check {

class VoteOnce {
 public:
  static constexpr Card kCard{"VoteOnce", "A node votes for one candidate per epoch, and only once that is on disk.",
                              "Raft §5.2; KIP-595", kDelta};
  static constexpr Facets kLooksAt = about::kElections;
  [[nodiscard]] Broken check(const Step& step);
  /// Whether this voter voted for the candidate in that epoch; one without a directory, on whichever disk.
  [[nodiscard]] bool has_voted(const kraft::raft::ReplicaKey& voter, Epoch epoch, NodeId candidate) const {
    const auto is_it = [&](const Vote& vote) {
      return matches(voter, {voter.id, vote.directory}) && vote.candidate == candidate;
    };
    const auto found = cast_.find({voter.id, epoch});
    return found != cast_.end() && std::ranges::any_of(found->second, is_it);
  }

 private:
  struct Vote {
    kraft::DirectoryId directory;
    NodeId candidate;
  };
  std::map<std::pair<NodeId, Epoch>, std::vector<Vote>> cast_;  // one per disk; nearly always one
};

}  // namespace kraftsim::check
