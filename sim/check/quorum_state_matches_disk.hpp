// QuorumStateMatchesDisk: whenever a voter is not blocked on a write, its disk knows its epoch, a candidate's vote
// for itself, and the leader that it follows or is. Otherwise a crash would take back what others were told (KIP-595:
// the quorum-state file is written before the transition is acted on).
#pragma once

#include "sim/check/view.hpp"

namespace kraftsim::check {

class QuorumStateMatchesDisk {
 public:
  static constexpr Card kCard{"QuorumStateMatchesDisk",
                              "A voter that acts in a role has what that role rests on in its quorum-state file.",
                              "KIP-595; Raft §5.2", kBasic, kOfOneProcess};
  static constexpr Facets kLooksAt = about::kProcess | about::kStanding | about::kQuorumState | about::kWriting;

  [[nodiscard]] Broken check(const Step& step) const {
    const NodeView& now = *step.after;
    if (!now.up || !now.voter || now.writing) return {};
    const auto& disk = now.disk_state;
    const bool vote = now.role != Role::kCandidate || (disk.voted_key && disk.voted_key->id == now.id);
    const bool leader = (now.role != Role::kLeader && now.role != Role::kFollower) || disk.leader_id == now.leader_id;
    // After a start the log may be ahead of the file (KafkaRaftClient.initialize); nothing was promised in its epoch.
    const bool epoch = disk.leader_epoch == now.epoch ||
                       (now.role == Role::kUnattached && now.epoch == now.log->last_epoch() && !now.leader_id);
    if (epoch && vote && leader) return {};
    return "n" + line(now.id) + " is " + line(now.role) + " of epoch " + line(now.epoch) + ", its disk says " +
           line(disk);
  }

 private:
  using Role = kraft::raft::Role;
};

}  // namespace kraftsim::check
