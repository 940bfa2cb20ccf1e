// Replica: one member of a KRaft quorum, or an observer of one. A value: copyable, without clock, thread, file, socket.
//
// One entry, `step`. The state is QuorumState (the role and what is persisted of it), the Log and the snapshots, the
// connection states of the RequestManager, and the accumulator of records that linger. Everything else is a view; so is
// the VoterHistory, which snapshots and log determine.
//
// Sources: KIP-595 (the protocol), KIP-630 (snapshots), KIP-853 (voters in the log), KIP-996 (pre-vote), Raft §5;
// behaviour of KafkaRaftClient in 4.x.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/rng.hpp"
#include "core/base/time.hpp"
#include "core/raft/config.hpp"
#include "core/raft/durable.hpp"
#include "core/raft/log.hpp"
#include "core/raft/quorum_state.hpp"
#include "core/raft/request_manager.hpp"
#include "core/raft/step.hpp"
#include "core/raft/types.hpp"
#include "core/raft/voter_history.hpp"
#include "core/records/snapshot.hpp"

namespace kraft::raft {

class Replica {
 public:
  /// A replica that starts, or restarts, at `now` from what its disk holds (kraft.md §1, "Restart mapping").
  /// `configured` is controller.quorum.voters: the voters as long as disk and log know no others, and empty if they
  /// must. `self` is a voter if the voters have its key, an observer otherwise. `rng` draws its election time-outs.
  /// Call `step(now, Tick{}, effects)` right after: it yields the first sends and `wake_at`.
  Replica(const Config& config, ReplicaKey self, VoterSet configured, Durable durable, Rng rng, Time now);
  /// Consumes one input. `effects` must be clear; see step.hpp for what the host then owes.
  void step(Time now, Input&& input, Effects& effects);

  // ---- views ----
  [[nodiscard]] const Config& config() const { return config_; }
  [[nodiscard]] const ReplicaKey& self() const { return self_; }
  /// In force: those of the last record in the log, committed or not.
  [[nodiscard]] const VoterSet& voters() const { return history_.latest().voters; }
  [[nodiscard]] KRaftVersion kraft_version() const { return history_.latest().kraft_version; }
  [[nodiscard]] const VoterHistory& voter_history() const { return history_; }
  [[nodiscard]] const VoterSet& configured_voters() const { return configured_; }
  [[nodiscard]] bool is_voter() const { return is_voter_; }
  [[nodiscard]] Role role() const { return quorum_.role(); }
  [[nodiscard]] Epoch epoch() const { return quorum_.epoch(); }
  [[nodiscard]] std::optional<NodeId> leader_id() const { return quorum_.leader_id(); }
  /// What the quorum-state file holds once the last Persist is durable.
  [[nodiscard]] const QuorumStateData& persistent_state() const { return quorum_.data(); }
  [[nodiscard]] const Log& log() const { return log_; }
  [[nodiscard]] const std::vector<records::SnapshotRef>& snapshots() const { return snapshots_; }
  /// nullptr if there is none but for the one that a node is formatted with.
  [[nodiscard]] const records::Snapshot* latest_snapshot() const {
    return snapshots_.empty() || snapshots_.back()->is_bootstrap() ? nullptr : snapshots_.back().get();
  }
  /// None until known: after a start, and on a leader that has not yet committed in its epoch (KIP-595).
  [[nodiscard]] std::optional<Offset> high_watermark() const {
    return role() == Role::kLeader ? quorum_.as<Leader>().high_watermark : committed_;
  }
  /// Leader only: the offset that the next appended record will get (log end plus what lingers).
  [[nodiscard]] Offset next_append_offset() const {
    return log_.end_offset() + quorum_.as<Leader>().accumulator.count();
  }
  /// Leader only: where its epoch starts in the log.
  [[nodiscard]] Offset epoch_start_offset() const { return quorum_.as<Leader>().epoch_start_offset; }
  [[nodiscard]] Time wake_at() const { return wake_at_; }

 private:
  /// One step under way: when it is, what it yields, and whether the role changed since the last look.
  struct Turn {
    Time now;
    Effects& out;
    bool transitioned = false;
  };

  /// What a response is worth before its own content is looked at.
  enum class Verdict : std::uint8_t { kGoOn, kDone, kFailed };

  // replica.cpp: dispatch, deadlines, and how a step says, writes and commits
  void handle(Turn& turn, Input&& input);
  void receive(Turn& turn, Message&& message);
  void poll(Turn& turn);
  void poll_unattached(Turn& turn);
  void poll_prospective(Turn& turn);
  void poll_candidate(Turn& turn);
  void poll_leader(Turn& turn);
  void poll_resigned(Turn& turn);
  void poll_follower(Turn& turn);
  void announce_leader(Turn& turn);
  [[nodiscard]] bool is_shutdown_done(Time now) const;
  [[nodiscard]] bool has_expired(Time election_deadline, Time now) const;
  [[nodiscard]] Time role_deadline() const;
  void say(Turn& turn, NodeId to, CorrelationId id, Body&& body);
  void ask(Turn& turn, NodeId to, Body&& request);
  void persist(Turn& turn, Write&& write, bool sync);
  void commit(Turn& turn, Offset high_watermark);

  // replica_snapshot.cpp: KIP-630, both ends of FetchSnapshot and the cleaning of the log
  void keep_snapshot(Turn& turn, records::SnapshotRef snapshot);
  void clean_log(Turn& turn);
  void skip_cleanings_until(Time now);
  [[nodiscard]] bool exceeds_retention(Time now) const;
  [[nodiscard]] std::optional<OffsetAndEpoch> snapshot_instead(const FetchRequest& request) const;
  FetchSnapshotResponse answer(Turn& turn, const FetchSnapshotRequest& request);
  void fetch_snapshot(Turn& turn, NodeId from);
  bool accept(Turn& turn, FetchSnapshotResponse&& response);
  void install(Turn& turn, records::SnapshotRef snapshot);

  // replica_voters.cpp: KIP-853, changes of the voter set and of kraft.version
  void answer_change(Turn& turn, NodeId from, CorrelationId id, const AddRaftVoterRequest& request);
  void answer_change(Turn& turn, NodeId from, CorrelationId id, const RemoveRaftVoterRequest& request);
  void answer_change(Turn& turn, NodeId from, CorrelationId id, const UpdateRaftVoterRequest& request);
  void answer_change(Turn& turn, NodeId from, CorrelationId id, const UpdateFeaturesRequest& request);
  [[nodiscard]] ApiVersionsResponse answer_api_versions() const;
  void accept(Turn& turn, NodeId from, const ApiVersionsResponse& response);
  [[nodiscard]] Error refuse_change() const;
  void say_change(Turn& turn, const Leader::PendingChange& change, Error error);
  void change(Turn& turn, Leader::PendingChange pending, bool wait, records::ControlRecords&& records);
  void settle_change(Turn& turn);
  [[nodiscard]] bool is_removed_for_good() const;
  void on_voters_changed(Turn& turn);
  bool put_right(Turn& turn, NodeId leader);
  bool accept(Turn& turn, const UpdateRaftVoterResponse& response);

  // replica_transition.cpp: moves between roles, with all that they entail, and what messages teach about the quorum
  template <class Change>
  void transition(Turn& turn, Reason reason, Change&& change);
  void become_unattached(Turn& turn, Epoch epoch, Reason reason);
  void become_voted(Turn& turn, const ReplicaKey& candidate);
  void become_nominee(Turn& turn, Reason reason);
  void become_candidate(Turn& turn, Reason reason);
  void become_leader(Turn& turn);
  void become_resigned(Turn& turn, Reason reason);
  void become_follower(Turn& turn, Epoch epoch, NodeId leader, Reason reason);
  void write_quorum_state(Turn& turn);
  [[nodiscard]] Time unattached_deadline(Time now, Epoch epoch);
  [[nodiscard]] Time draw_election_deadline(Time now);
  [[nodiscard]] Time draw_fetch_deadline(Time now);
  bool learn(Turn& turn, const LeaderAndEpoch& told);
  [[nodiscard]] Verdict judge(Turn& turn, Error error, const LeaderAndEpoch& told);

  // replica_election.cpp: Vote, BeginQuorumEpoch, EndQuorumEpoch, both ends
  VoteResponse answer(Turn& turn, const VoteRequest& request);
  BeginQuorumEpochResponse answer(Turn& turn, const BeginQuorumEpochRequest& request);
  EndQuorumEpochResponse answer(Turn& turn, const EndQuorumEpochRequest& request);
  bool accept(Turn& turn, NodeId from, const VoteResponse& response);
  bool accept(Turn& turn, NodeId from, const BeginQuorumEpochResponse& response);
  bool accept(Turn& turn, NodeId from, const EndQuorumEpochResponse& response);
  void solicit(Turn& turn, const Tally& tally, bool pre_vote);
  void begin_quorum_epoch(Turn& turn);
  void end_quorum_epoch(Turn& turn);

  // replica_leader.cpp: the leader's log and its end of Fetch
  void append_records(Turn& turn, Append&& append);
  void drain_accumulator(Turn& turn);
  void append_as_leader(Turn& turn, std::vector<records::BatchRef>&& batches);
  void append_control_as_leader(Turn& turn, records::ControlRecords&& records);
  void on_persisted(Turn& turn);
  void update_high_watermark(Turn& turn);
  void answer_fetch(Turn& turn, NodeId from, CorrelationId id, const FetchRequest& request);
  [[nodiscard]] Error check(const FetchRequest& request) const;
  [[nodiscard]] Error check_leader_request(Epoch epoch) const;
  [[nodiscard]] std::optional<DivergingEpoch> divergence(const FetchRequest& request) const;
  [[nodiscard]] FetchResponse read(Offset offset) const;
  void complete_parked_fetches(Turn& turn);

  // replica_fetch.cpp: the follower's end of Fetch
  void fetch(Turn& turn, NodeId from);
  void fetch_from_any(Turn& turn);
  bool accept(Turn& turn, FetchResponse&& response);
  void truncate(Turn& turn, const DivergingEpoch& diverging);
  /// Nothing before this may go: it is committed.
  [[nodiscard]] Offset known_committed() const {
    const Offset in_snapshot = snapshots_.empty() ? Offset(0) : snapshots_.back()->header.end_offset;
    return std::max({committed_.value_or(Offset(0)), log_.start_offset(), in_snapshot});
  }
  void append_as_follower(Turn& turn, std::vector<records::BatchRef>&& batches);

  Config config_;
  ReplicaKey self_;
  VoterSet configured_;
  /// Set from the start until its first step: a crash left a fetched snapshot beside the log that it was to replace.
  std::optional<OffsetAndEpoch> superseded_by_;
  Log log_;
  std::vector<records::SnapshotRef> snapshots_;
  VoterHistory history_;
  bool is_voter_;
  Rng rng_;
  QuorumState quorum_;
  RequestManager requests_;
  std::optional<Offset> committed_;  // the largest high watermark that this replica ever knew
  LeaderAndEpoch announced_;         // by the last LeaderChanged
  bool leader_may_be_news_ = true;   // not compared with `announced_` since the last transition
  QuorumStateData written_;          // what the quorum-state file holds, once what is pending is durable
  bool persisting_ = false;          // between a Persist and its Persisted
  Time next_clean_;                  // nobody wakes up for it while there is one snapshot at most
  std::optional<Time> shutdown_deadline_;
  bool stopped_ = false;
  Time wake_at_ = kNever;
};

/// "n2 follower e4 leader=1 end=120@4 hw=118".
[[nodiscard]] std::string line(const Replica& replica);

}  // namespace kraft::raft
