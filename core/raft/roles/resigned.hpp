// Resigned: led this epoch and will not again. It tells the voters so, and keeps still until somebody opens a new epoch
// or its own time is up.
//
// An ex-leader that restarts comes back as this too: it must neither lead again in its epoch, where records it never
// synced may have been seen, nor vote in it (KAFKA-10527, KAFKA-10661). It leaves only for a larger epoch, so that it
// can never follow itself (KAFKA-18379).
#pragma once

#include <boost/container/small_vector.hpp>
#include <vector>

#include "core/base/time.hpp"
#include "core/raft/election.hpp"

namespace kraft::raft {

struct Resigned {
  std::vector<NodeId> preferred_successors;               // by descending fetch offset; empty after a restart
  boost::container::small_vector<NodeId, 7> unacknowledged;  // voters that have not answered EndQuorumEpoch
  Time election_deadline = kNever;

  [[nodiscard]] bool grants(const Ballot& ballot, const QuorumStateData&) const {
    return ballot.pre_vote && ballot.log_up_to_date;
  }
};

}  // namespace kraft::raft
