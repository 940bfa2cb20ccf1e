// Checker: every invariant, after every event, incrementally; a value, so that a forked run goes on being checked.
//
// It looks only at the node that the event concerned, compares it with what it was, and asks the invariants that look
// at what differs, or at what the node heard and said. Under ZooKeeper there is no Raft to judge and nothing to do
// here.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/check/active_controller_leads.hpp"
#include "sim/check/broker_epochs_rise.hpp"
#include "sim/check/candidacy_needs_pre_votes.hpp"
#include "sim/check/check_quorum.hpp"
#include "sim/check/commits_come_from_leaders.hpp"
#include "sim/check/committed_is_durable.hpp"
#include "sim/check/committed_never_truncated.hpp"
#include "sim/check/election_safety.hpp"
#include "sim/check/epoch_index_matches_log.hpp"
#include "sim/check/epoch_monotonic.hpp"
#include "sim/check/epoch_starts_with_leader_change.hpp"
#include "sim/check/fenced_broker_leads_nothing.hpp"
#include "sim/check/fetch_acknowledges_only_durable.hpp"
#include "sim/check/fetch_wakes_on_commit.hpp"
#include "sim/check/high_watermark_monotonic.hpp"
#include "sim/check/high_watermark_needs_own_epoch.hpp"
#include "sim/check/high_watermark_within_log.hpp"
#include "sim/check/higher_epoch_heeded.hpp"
#include "sim/check/images_agree.hpp"
#include "sim/check/joins_without_waiting.hpp"
#include "sim/check/leader_append_only.hpp"
#include "sim/check/leader_completeness.hpp"
#include "sim/check/leader_has_majority.hpp"
#include "sim/check/leader_tells_voters.hpp"
#include "sim/check/leadership_held_once.hpp"
#include "sim/check/legal_transitions.hpp"
#include "sim/check/live_follower_denies_pre_vote.hpp"
#include "sim/check/log_matching.hpp"
#include "sim/check/majority_keeps_leader.hpp"
#include "sim/check/markers.hpp"
#include "sim/check/no_busy_loop.hpp"
#include "sim/check/observer_only_follows.hpp"
#include "sim/check/one_fetch_in_flight.hpp"
#include "sim/check/partitions_sound.hpp"
#include "sim/check/pre_vote_changes_nothing.hpp"
#include "sim/check/quorum_state_matches_disk.hpp"
#include "sim/check/records_come_from_their_leader.hpp"
#include "sim/check/removed_leader_resigns.hpp"
#include "sim/check/restart_never_leads.hpp"
#include "sim/check/snapshot_arrives_whole.hpp"
#include "sim/check/snapshot_at_log_start.hpp"
#include "sim/check/snapshot_in_log.hpp"
#include "sim/check/snapshot_of_committed.hpp"
#include "sim/check/snapshot_tells_voters.hpp"
#include "sim/check/stale_response_ignored.hpp"
#include "sim/check/state_machine_safety.hpp"
#include "sim/check/view.hpp"
#include "sim/check/vote_needs_up_to_date_log.hpp"
#include "sim/check/vote_not_forgotten.hpp"
#include "sim/check/vote_once.hpp"
#include "sim/check/vote_repeated.hpp"
#include "sim/check/voter_change_preconditions.hpp"
#include "sim/check/voters_change_one_by_one.hpp"
#include "sim/check/voters_match_log.hpp"
#include "sim/check/waits_are_drawn.hpp"
#include "sim/kraft/kraft_cluster.hpp"

namespace kraftsim::check {

/// The cards of all invariants, in the order in which they are asked.
[[nodiscard]] const std::vector<Card>& invariants();

class Checker {
 public:
  /// To be called after each event that the cluster handled.
  [[nodiscard]] std::optional<Violation> after_event(const kraft_host::KraftCluster& cluster,
                                                     const world::Happening& happening);
  [[nodiscard]] const MarkerCounts& markers() const { return markers_.counts(); }
  [[nodiscard]] const CommittedHistory& committed() const { return state_machine_safety_.history(); }

 private:
  /// Those of a node that the marks in its view point to.
  struct Held {
    kraft::records::BatchRef disk_batch;
    kraft::records::SnapshotRef disk_snapshot;
    kraft::records::BatchRef batch;
    kraft::records::SnapshotRef snapshot;
    [[nodiscard]] static Held by(const kraft_host::Host& host);
  };
  void look_at_all(const kraft_host::KraftCluster& cluster);
  /// All invariants that look at what the step was about, in order; the first that is broken.
  [[nodiscard]] std::optional<Violation> check(const Step& step);

  Markers markers_;
  std::vector<NodeView> nodes_;  // in the order of the cluster's hosts
  std::vector<Held> held_;

  // of what a node says and hears
  VoteOnce vote_once_;
  ObserverOnlyFollows observer_only_follows_;
  VoteRepeated vote_repeated_;
  VoteNeedsUpToDateLog vote_needs_up_to_date_log_;
  LiveFollowerDeniesPreVote live_follower_denies_pre_vote_;
  PreVoteChangesNothing pre_vote_changes_nothing_;
  CandidacyNeedsPreVotes candidacy_needs_pre_votes_;
  HigherEpochHeeded higher_epoch_heeded_;
  FetchAcknowledgesOnlyDurable fetch_acknowledges_only_durable_;
  OneFetchInFlight one_fetch_in_flight_;
  StaleResponseIgnored stale_response_ignored_;
  SnapshotArrivesWhole snapshot_arrives_whole_;
  FetchWakesOnCommit fetch_wakes_on_commit_;
  CheckQuorum check_quorum_;
  MajorityKeepsLeader majority_keeps_leader_;
  LeaderTellsVoters leader_tells_voters_;
  NoBusyLoop no_busy_loop_;
  // of what it is
  EpochMonotonic epoch_monotonic_;
  VoteNotForgotten vote_not_forgotten_;
  RestartNeverLeads restart_never_leads_;
  LeadershipHeldOnce leadership_held_once_;
  LegalTransitions legal_transitions_;
  WaitsAreDrawn waits_are_drawn_;
  QuorumStateMatchesDisk quorum_state_matches_disk_;
  LeaderHasMajority leader_has_majority_;
  ElectionSafety election_safety_;
  LeaderAppendOnly leader_append_only_;
  EpochIndexMatchesLog epoch_index_matches_log_;
  RecordsComeFromTheirLeader records_come_from_their_leader_;
  EpochStartsWithLeaderChange epoch_starts_with_leader_change_;
  LogMatching log_matching_;
  HighWatermarkWithinLog high_watermark_within_log_;
  HighWatermarkMonotonic high_watermark_monotonic_;
  HighWatermarkNeedsOwnEpoch high_watermark_needs_own_epoch_;
  CommittedNeverTruncated committed_never_truncated_;
  CommitsComeFromLeaders commits_come_from_leaders_;
  StateMachineSafety state_machine_safety_;
  LeaderCompleteness leader_completeness_;
  CommittedIsDurable committed_is_durable_;
  ImagesAgree images_agree_;
  ActiveControllerLeads active_controller_leads_;
  PartitionsSound partitions_sound_;
  FencedBrokerLeadsNothing fenced_broker_leads_nothing_;
  BrokerEpochsRise broker_epochs_rise_;
  // of snapshots and voters
  VotersMatchLog voters_match_log_;
  SnapshotAtLogStart snapshot_at_log_start_;
  SnapshotOfCommitted snapshot_of_committed_;
  VotersChangeOneByOne voters_change_one_by_one_;
  OneVoterChangeInFlight one_voter_change_in_flight_;
  NoVoterChangeBeforeOwnCommit no_voter_change_before_own_commit_;
  RemovedLeaderResigns removed_leader_resigns_;
  SnapshotInLog snapshot_in_log_;
  SnapshotTellsVoters snapshot_tells_voters_;
  JoinsWithoutWaiting joins_without_waiting_;
};

}  // namespace kraftsim::check
