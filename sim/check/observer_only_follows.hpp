// ObserverOnlyFollows: a broker counts for nothing in the quorum: it is Unattached or a Follower, and it casts no
// vote (kraft.md §1; KAFKA-17067).
#pragma once

#include "sim/check/view.hpp"

namespace kraftsim::check {

class ObserverOnlyFollows {
 public:
  static constexpr Card kCard{"ObserverOnlyFollows", "A broker never votes, campaigns or leads.",
                              "KIP-595; KAFKA-17067", kDelta, kOfOneProcess};
  static constexpr Facets kLooksAt = about::kElections | about::kProcess | about::kStanding;

  [[nodiscard]] Broken check(const Step& step) const {
    const NodeView& now = *step.after;
    if (!cluster::is_broker(now.id)) return {};
    for (const VoteCast& vote : step.votes) {
      return "n" + line(vote.voter) + " voted for n" + line(vote.candidate) + " in epoch " + line(vote.epoch);
    }
    if (!now.up || now.role == kraft::raft::Role::kUnattached || now.role == kraft::raft::Role::kFollower) return {};
    return "n" + line(now.id) + " is " + line(now.role) + " of epoch " + line(now.epoch);
  }
};

}  // namespace kraftsim::check
