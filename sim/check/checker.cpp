// Builds the views, skips what did not change, and asks. Logs are pointed at, never copied.
#include "sim/check/checker.hpp"

#include <type_traits>
#include <utility>

#include "sim/kraft/kraft_payload.hpp"

namespace kraftsim::check {
namespace {

const kraft::records::Snapshot* latest(const std::vector<kraft::records::SnapshotRef>& snapshots) {
  return snapshots.empty() ? nullptr : snapshots.back().get();
}

/// When a timer of the live process is due, of its replica or of what is above it.
Time wake_at(const kraft_host::Host& host) {
  if (const auto* controller = host.controller()) return controller->wake_at();
  return host.broker()->wake_at();
}

/// In place, since a view is large and one is made at every event.
void look(const kraft_host::KraftCluster& cluster, const kraft_host::Host& host, NodeView& view) {
  view = {};
  view.id = host.id;
  view.voter = cluster::is_coordinator(host.id);
  view.incarnation = host.incarnation;
  const kraft::raft::Durable& disk = host.disk.contents();
  view.disk_number = host.disk.generation();
  view.directory = host.key().directory_id;
  view.disk_forgot = host.forgot(cluster.spec());
  view.disk_state = disk.quorum_state;
  view.disk_mark = LogMark::of(disk.log);
  view.synced_end = host.disk.synced_end();
  view.disk_snapshot = latest(disk.snapshots);
  view.disk_log = &disk.log;
  const kraft::raft::Replica* replica = host.replica();
  if (replica == nullptr) return;
  view.up = true;
  view.role = replica->role();
  view.epoch = replica->epoch();
  view.leader_id = replica->leader_id();
  view.high_watermark = replica->high_watermark();
  view.log_mark = LogMark::of(replica->log());
  view.snapshot = latest(replica->snapshots());
  // Blocked, or about to die of a write that failed.
  view.writing = host.writing.has_value() || cluster.world().process(host.id) == world::ProcessState::kDown;
  view.wake_at = wake_at(host);
  view.log = &replica->log();
  view.voter_set = &replica->voters();
  view.voter_history = &replica->voter_history();
  view.configured_voters = &replica->configured_voters();
  view.config = &replica->config();
  const auto* controller = host.controller();
  view.image = (controller != nullptr ? controller->committed_image() : host.broker()->image()).get();
  view.image_end = view.image->end_offset;
  view.image_history = view.image->history;
  if (controller == nullptr || !controller->is_active()) return;
  view.active = true;
  view.ahead_end = controller->latest_image()->end_offset;
  if (view.role == kraft::raft::Role::kLeader) {
    view.epoch_start = replica->epoch_start_offset();
    view.next_append = replica->next_append_offset();
  }
}

/// The process may be gone before the node is looked at again.
void forget_process(NodeView& view) {
  view.log = nullptr;
  view.voter_set = nullptr;
  view.voter_history = nullptr;
  view.configured_voters = nullptr;
  view.config = nullptr;
  view.image = nullptr;
}

/// Asks one invariant; true, and in `found`, if it is broken.
template <class Invariant, class... Facts>
bool breaks(Invariant& invariant, std::optional<Violation>& found, const Facts&... facts) {
  Broken broken = invariant.check(facts...);
  if (!broken) return false;
  found = Violation{Invariant::kCard.name, std::move(*broken)};
  return true;
}

}  // namespace

const std::vector<Card>& invariants() {
  // tidy: allow(static) because it is a constant table.
  static const std::vector<Card> kCards = {
      VoteOnce::kCard,
      ObserverOnlyFollows::kCard,
      VoteRepeated::kCard,
      VoteNeedsUpToDateLog::kCard,
      LiveFollowerDeniesPreVote::kCard,
      PreVoteChangesNothing::kCard,
      CandidacyNeedsPreVotes::kCard,
      HigherEpochHeeded::kCard,
      FetchAcknowledgesOnlyDurable::kCard,
      OneFetchInFlight::kCard,
      StaleResponseIgnored::kCard,
      SnapshotArrivesWhole::kCard,
      FetchWakesOnCommit::kCard,
      CheckQuorum::kCard,
      MajorityKeepsLeader::kCard,
      LeaderTellsVoters::kCard,
      NoBusyLoop::kCard,
      EpochMonotonic::kCard,
      VoteNotForgotten::kCard,
      RestartNeverLeads::kCard,
      LeadershipHeldOnce::kCard,
      LegalTransitions::kCard,
      WaitsAreDrawn::kCard,
      QuorumStateMatchesDisk::kCard,
      LeaderHasMajority::kCard,
      ElectionSafety::kCard,
      LeaderAppendOnly::kCard,
      EpochIndexMatchesLog::kCard,
      RecordsComeFromTheirLeader::kCard,
      EpochStartsWithLeaderChange::kCard,
      LogMatching::kCard,
      HighWatermarkWithinLog::kCard,
      HighWatermarkMonotonic::kCard,
      HighWatermarkNeedsOwnEpoch::kCard,
      CommittedNeverTruncated::kCard,
      CommitsComeFromLeaders::kCard,
      StateMachineSafety::kCard,
      LeaderCompleteness::kCard,
      CommittedIsDurable::kCard,
      ImagesAgree::kCard,
      ActiveControllerLeads::kCard,
      PartitionsSound::kCard,
      FencedBrokerLeadsNothing::kCard,
      BrokerEpochsRise::kCard,
      VotersMatchLog::kCard,
      SnapshotAtLogStart::kCard,
      SnapshotOfCommitted::kCard,
      VotersChangeOneByOne::kCard,
      OneVoterChangeInFlight::kCard,
      NoVoterChangeBeforeOwnCommit::kCard,
      RemovedLeaderResigns::kCard,
      SnapshotInLog::kCard,
      SnapshotTellsVoters::kCard,
      JoinsWithoutWaiting::kCard,
  };
  return kCards;
}

std::optional<Violation> Checker::after_event(const kraft_host::KraftCluster& cluster,
                                              const world::Happening& happening) {
  const kraft_host::Host* host = cluster.touched();
  if (host == nullptr) return {};
  look_at_all(cluster);
  const auto index = static_cast<std::size_t>(host - cluster.hosts().data());
  const NodeView before = nodes_[index];
  look(cluster, *host, nodes_[index]);
  Step step;
  step.now = happening.at;
  step.local = cluster.world().local_now(host->id);
  step.timer = std::holds_alternative<world::TimerFired>(happening.what);
  step.disconnected = std::holds_alternative<world::ConnectionLost>(happening.what) || cluster.dropped_connections();
  step.index = index;
  step.before = &before;
  step.after = &nodes_[index];
  step.nodes = nodes_;
  step.votes = cluster.votes_cast();
  step.sent = cluster.sent();
  if (const auto* arrived = std::get_if<world::Arrived>(&happening.what)) {
    step.received = std::get_if<Message>(&static_cast<const kraft_host::KraftPayload&>(*arrived->payload).message());
  }
  note_facets(step);
  auto violation = check(step);
  if (step.is_about(about::kProcess | about::kLog | about::kDisk | about::kSnapshots)) held_[index] = Held::by(*host);
  forget_process(nodes_[index]);
  return violation;
}

/// Makes the views of nodes that have not been looked at yet, and finds their disks again in a forked cluster.
void Checker::look_at_all(const kraft_host::KraftCluster& cluster) {
  const auto& hosts = cluster.hosts();
  if (!nodes_.empty() && nodes_.front().disk_log == &hosts.front().disk.contents().log) return;
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    if (i < nodes_.size()) {
      nodes_[i].disk_log = &hosts[i].disk.contents().log;
      continue;
    }
    NodeView& view = nodes_.emplace_back();
    look(cluster, hosts[i], view);
    view.up = false;  // nothing has been looked at yet
    view.incarnation = 0;
    view.log_mark = {};
    forget_process(view);
    held_.push_back(Held::by(hosts[i]));
  }
}

Checker::Held Checker::Held::by(const kraft_host::Host& host) {
  const auto last = [](const auto& list) { return list.empty() ? nullptr : list.back(); };
  const kraft::raft::Durable& disk = host.disk.contents();
  const kraft::raft::Replica* replica = host.replica();
  return {.disk_batch = last(disk.log.batches()),
          .disk_snapshot = last(disk.snapshots),
          .batch = replica == nullptr ? nullptr : last(replica->log().batches()),
          .snapshot = replica == nullptr ? nullptr : last(replica->snapshots())};
}

std::optional<Violation> Checker::check(const Step& step) {
  std::optional<Violation> found;
  const auto ask = [&](auto& invariant, const auto&... facts) {
    return step.is_about(std::remove_reference_t<decltype(invariant)>::kLooksAt) && breaks(invariant, found, facts...);
  };
  if (step.is_about(about::kTalk)) markers_.hear(step);
  static_cast<void>(ask(vote_once_, step) || ask(observer_only_follows_, step) || ask(vote_repeated_, step) ||
                    ask(vote_needs_up_to_date_log_, step) || ask(live_follower_denies_pre_vote_, step) ||
                    ask(pre_vote_changes_nothing_, step) || ask(candidacy_needs_pre_votes_, step) ||
                    ask(higher_epoch_heeded_, step) || ask(fetch_acknowledges_only_durable_, step) ||
                    ask(one_fetch_in_flight_, step) || ask(stale_response_ignored_, step) ||
                    ask(snapshot_arrives_whole_, step) || ask(fetch_wakes_on_commit_, step) ||
                    ask(check_quorum_, step) ||
                    ask(majority_keeps_leader_, step) || ask(leader_tells_voters_, step) ||
                    ask(joins_without_waiting_, step) || ask(no_busy_loop_, step));
  if (found || !step.is_about(about::kState)) return found;
  markers_.see(step);
  if (ask(epoch_monotonic_, step) || ask(vote_not_forgotten_, step) || ask(restart_never_leads_, step) ||
      ask(leadership_held_once_, step) || ask(legal_transitions_, step) || ask(waits_are_drawn_, step) ||
      ask(quorum_state_matches_disk_, step) || ask(leader_has_majority_, step, vote_once_) ||
      ask(election_safety_, step) || ask(leader_append_only_, step) ||
      ask(epoch_index_matches_log_, step) || ask(snapshot_tells_voters_, step) || ask(voters_match_log_, step) ||
      ask(snapshot_at_log_start_, step) ||
      ask(records_come_from_their_leader_, step) || ask(epoch_starts_with_leader_change_, step) ||
      ask(log_matching_, step) || ask(high_watermark_within_log_, step) || ask(high_watermark_monotonic_, step) ||
      ask(high_watermark_needs_own_epoch_, step) || ask(committed_never_truncated_, step, committed()) ||
      ask(commits_come_from_leaders_, step) || ask(state_machine_safety_, step) ||
      ask(no_voter_change_before_own_commit_, step) || ask(one_voter_change_in_flight_, step) ||
      ask(removed_leader_resigns_, step) || ask(snapshot_in_log_, step) ||
      ask(snapshot_of_committed_, step, committed()) || ask(voters_change_one_by_one_, step, committed().fresh()) ||
      ask(leader_completeness_, step, committed()) || ask(committed_is_durable_, step, committed()) ||
      ask(images_agree_, step) || ask(active_controller_leads_, step)) {
    return found;
  }
  // The image that the new part of the history made; whoever saw a commit first has applied it in the same event.
  const bool applied = committed().grew() && step.after->image != nullptr && step.after->image_end >= committed().end();
  if (!applied) return {};
  const auto fresh = committed().fresh();
  static_cast<void>(ask(partitions_sound_, step, fresh) || ask(fenced_broker_leads_nothing_, step, fresh) ||
                    ask(broker_epochs_rise_, fresh));
  return found;
}

}  // namespace kraftsim::check
