// Leader: what it knows of its voters, and what follows from that: the high watermark, whether a majority still
// listens, who should succeed it. It also holds what only a leader has: lingering records and parked fetches.
//
// Replication is pulled, so there is no nextIndex: a voter's fetch offset says what it has, durably (KIP-595). The
// leader counts itself like any other, by what its own disk has synced and not by its log's end; Kafka counts the end,
// which is sound only because a second voter exists (kraft.md §4).
//
// The voters may change under a leader, and it may cease to be one of them: it then leads on without counting itself
// until the change is committed (KIP-853; thesis §4.2.2).
#pragma once

#include <boost/container/small_vector.hpp>
#include <map>
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
    /// kraft.version 0: what its UpdateRaftVoter told, for the upgrade. Its key has no directory then: any is its own.
    std::optional<Voter> told{};
  };
  /// Anybody else that fetches, under kraft.version 1: one of them may be asked in.
  struct Observer {
    Offset end_offset;
    Time last_fetch{};
    Offset log_end_at_last_fetch;  // the leader's
    bool caught_up = false;        // had once all that the leader had, in this epoch
  };
  /// Somebody who may become a voter, once its ApiVersions has told whether it can.
  struct Newcomer {
    ReplicaKey key;
    bool ack_when_committed = true;
  };
  /// A change of the voters or of kraft.version whose asker waits: for the newcomer, and then for the commit.
  struct PendingChange {
    enum class Kind : std::uint8_t { kAddVoter, kRemoveVoter, kUpdateVoter, kUpgrade } kind{};
    NodeId from;
    CorrelationId correlation_id;
    std::optional<Newcomer> newcomer{};  // until it has told; nothing is in the log so far
    Offset end{};                        // after that: answered once the high watermark is here
    Time deadline = kNever;
  };

  Leader(const Config& config, const VoterSet& voter_set, const ReplicaKey& self_key, Offset log_end, Time now);

  ReplicaKey self;
  boost::container::small_vector<Progress, 5> voters;
  std::map<ReplicaKey, Observer> observers;
  std::optional<PendingChange> pending_change;
  Offset epoch_start_offset;
  std::optional<Offset> high_watermark;
  bool check_quorum;
  Duration check_quorum_timeout;
  Duration caught_up_window;
  Time check_quorum_deadline = kNever;
  Time begin_epoch_deadline = kNever;
  Accumulator accumulator;
  FetchPurgatory purgatory;

  /// From now on these count. What is known of a voter that stays one, or was an observer, stays known.
  void set_voters(const VoterSet& voter_set, Time now);
  /// The voter with this key, or nullptr: observers and wiped disks do not count.
  [[nodiscard]] Progress* find(const ReplicaKey& key);
  [[nodiscard]] bool is_voter() const;
  /// A fetch by somebody that is no voter. With another directory than it had, what it had is forgotten: it is gone.
  void on_observer_fetch(const ReplicaKey& key, Offset fetch_offset, Offset log_end, Time now);
  /// Had all there was at some time in this epoch, and fetched lately (LeaderState.isReplicaCaughtUp).
  [[nodiscard]] bool is_caught_up(const ReplicaKey& key, Time now) const;
  [[nodiscard]] bool is_recent(const Observer& observer, Time now) const;
  /// A sign of life at a voter; enough of them re-arm check-quorum.
  void on_contact(Progress& voter, Time now);
  void on_synced(Offset log_end) {
    if (Progress* own = find(self)) own->end_offset = log_end;
  }
  /// True if the high watermark rose. It is the largest offset that a majority has, but only past the epoch's start:
  /// records of earlier epochs commit with a record of this one, never by being counted (Raft §5.4.2; the record is the
  /// LeaderChange, hence "past" and not "at", KAFKA-12619).
  [[nodiscard]] bool update_high_watermark();
  /// The other voters by descending fetch offset, for EndQuorumEpoch.
  [[nodiscard]] std::vector<NodeId> successors() const;

  /// A leader's one vote of its epoch was for itself, and it knows that the quorum has a leader.
  [[nodiscard]] static bool grants(const Ballot&, const QuorumStateData&) { return false; }
};

}  // namespace kraft::raft
