// Leader: what it knows of its voters, and what follows from that: the high watermark, whether a majority
// still listens, who should succeed it. It also holds what only a leader has: lingering records and parked
// fetches.
//
// Replication is pulled, so there is no nextIndex: a voter's fetch offset says what it has, durably
// (KIP-595). The leader counts itself like any other, by what its own disk has synced and not by its log's
// end; Kafka counts the end, which is sound only because a second voter exists (kraft.md §4).
#pragma once

#include <boost/container/small_vector.hpp>
#include <optional>
#include <vector>

#include "core/base/time.hpp"
#include "core/raft/accumulator.hpp"
#include "core/raft/config.hpp"
#include "core/raft/election.hpp"
#include "core/raft/fetch_purgatory.hpp"
#include "core/raft/types.hpp"

namespace kraft::raft {

struct Leader {
  /// A voter as its leader sees it.
  struct Progress {
    ReplicaKey key;
    std::optional<Offset> end_offset;  // durable there; for the leader itself, synced here
    std::optional<Time> last_fetch;
    bool heard = false;                // since check-quorum was last satisfied
  };

  Leader(const Config& config, const VoterSet& voter_set, NodeId self_id, Offset log_end, Time now);

  NodeId self;
  boost::container::small_vector<Progress, 5> voters;
  Offset epoch_start_offset;
  std::optional<Offset> high_watermark;
  Duration check_quorum_timeout;
  Time check_quorum_deadline = kNever;
  Time begin_epoch_deadline = kNever;
  Accumulator accumulator;
  FetchPurgatory purgatory;

  /// The voter with this key, or nullptr: observers and wiped disks do not count.
  [[nodiscard]] Progress* find(const ReplicaKey& key);
  /// A sign of life at a voter; enough of them re-arm check-quorum.
  void on_contact(Progress& voter, Time now);
  void on_synced(Offset log_end) { find({.id = self, .directory_id = {}})->end_offset = log_end; }
  /// True if the high watermark rose. It is the largest offset that a majority has, but only past the epoch's
  /// start: records of earlier epochs commit with a record of this one, never by being counted (Raft §5.4.2;
  /// the record is the LeaderChange, hence "past" and not "at", KAFKA-12619).
  [[nodiscard]] bool update_high_watermark();
  /// The other voters by descending fetch offset, for EndQuorumEpoch.
  [[nodiscard]] std::vector<NodeId> successors() const;

  /// A leader's one vote of its epoch was for itself, and it knows that the quorum has a leader.
  [[nodiscard]] static bool grants(const Ballot&, const QuorumStateData&) { return false; }
};

}  // namespace kraft::raft
