// Builds the views, skips what did not change, and asks. Logs are pointed at, never copied.
#include "sim/check/checker.hpp"

#include "sim/kraft/kraft_payload.hpp"

namespace kraftsim::check {
namespace {

kraft::records::SnapshotRef latest(const std::vector<kraft::records::SnapshotRef>& snapshots) {
  return snapshots.empty() ? nullptr : snapshots.back();
}

bool is_latest(const kraft::records::SnapshotRef& seen, const std::vector<kraft::records::SnapshotRef>& snapshots) {
  return snapshots.empty() ? seen == nullptr : seen == snapshots.back();
}

/// Where the node's present state is to be read. It moves with the host, which a fork copies.
void point(NodeView& view, const kraft_host::Host& host) {
  const kraft::raft::Replica* replica = host.replica();
  view.disk_log = &host.disk.contents().log;
  view.log = replica == nullptr ? nullptr : &replica->log();
  view.voter_set = replica == nullptr ? nullptr : &replica->voters();
  view.voter_history = replica == nullptr ? nullptr : &replica->voter_history();
  view.configured_voters = replica == nullptr ? nullptr : &replica->configured_voters();
  view.config = replica == nullptr ? nullptr : &replica->config();
  view.image = nullptr;
  if (const auto* controller = host.controller()) view.image = controller->committed_image().get();
  if (const auto* broker = host.broker()) view.image = broker->image().get();
}

/// When a timer of the live process is due, of its replica or of what is above it.
Time wake_at(const kraft_host::Host& host) {
  if (const auto* controller = host.controller()) return controller->wake_at();
  return host.broker()->wake_at();
}

NodeView view_of(const kraft_host::Host& host) {
  NodeView view;
  view.id = host.id;
  view.voter = cluster::is_coordinator(host.id);
  view.incarnation = host.incarnation;
  point(view, host);
  if (const kraft::raft::Replica* replica = host.replica()) {
    view.up = true;
    view.role = replica->role();
    view.epoch = replica->epoch();
    view.leader_id = replica->leader_id();
    view.high_watermark = replica->high_watermark();
    view.log_mark = LogMark::of(*view.log);
    view.snapshot = latest(replica->snapshots());
    view.writing = host.writing.has_value();
    view.wake_at = wake_at(host);
    view.image_end = view.image->end_offset;
    view.image_history = view.image->history;
  }
  if (const auto* controller = host.controller(); controller != nullptr && controller->is_active()) {
    view.active = true;
    view.ahead_end = controller->latest_image()->end_offset;
    if (view.role == kraft::raft::Role::kLeader) {
      view.epoch_start = controller->replica().epoch_start_offset();
      view.next_append = controller->replica().next_append_offset();
    }
  }
  view.disk_number = host.disk.generation();
  view.disk_state = host.disk.contents().quorum_state;
  view.disk_mark = LogMark::of(*view.disk_log);
  view.synced_end = host.disk.synced_end();
  view.disk_snapshot = latest(host.disk.contents().snapshots);
  return view;
}

/// True if nothing that an invariant looks at differs from `view`, but for the places of the logs.
bool unchanged(const kraft_host::Host& host, const NodeView& view) {
  const kraft::raft::Replica* replica = host.replica();
  if ((replica != nullptr) != view.up || host.incarnation != view.incarnation) return false;
  if (host.disk.synced_end() != view.synced_end || !view.disk_mark.same(host.disk.contents().log) ||
      host.disk.contents().quorum_state != view.disk_state ||
      !is_latest(view.disk_snapshot, host.disk.contents().snapshots)) {
    return false;
  }
  return replica == nullptr ||
         (replica->role() == view.role && replica->epoch() == view.epoch && replica->leader_id() == view.leader_id &&
          replica->high_watermark() == view.high_watermark && view.log_mark.same(replica->log()) &&
          is_latest(view.snapshot, replica->snapshots()));
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
      VoteNeedsUpToDateLog::kCard,
      LiveFollowerDeniesPreVote::kCard,
      PreVoteChangesNothing::kCard,
      CandidacyNeedsPreVotes::kCard,
      HigherEpochHeeded::kCard,
      FetchAcknowledgesOnlyDurable::kCard,
      OneFetchInFlight::kCard,
      StaleResponseIgnored::kCard,
      FetchWakesOnCommit::kCard,
      CheckQuorum::kCard,
      NoBusyLoop::kCard,
      EpochMonotonic::kCard,
      VoteNotForgotten::kCard,
      RestartNeverLeads::kCard,
      LeadershipHeldOnce::kCard,
      LegalTransitions::kCard,
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
  };
  return kCards;
}

std::optional<Violation> Checker::after_event(const kraft_host::KraftCluster& cluster,
                                              const world::Happening& happening) {
  const kraft_host::Host* host = cluster.touched();
  if (host == nullptr) return {};
  if (nodes_.empty()) {
    for (const kraft_host::Host& each : cluster.hosts()) {
      NodeView view = view_of(each);
      view.up = false;  // nothing has been looked at yet
      view.incarnation = 0;
      view.log_mark = {};
      nodes_.push_back(std::move(view));
    }
  }
  const auto index = static_cast<std::size_t>(host - cluster.hosts().data());
  NodeView& now = nodes_[index];
  Step step;
  step.now = happening.at;
  step.local = cluster.world().local_now(host->id);
  step.timer = std::holds_alternative<world::TimerFired>(happening.what);
  step.disconnected = std::holds_alternative<world::ConnectionLost>(happening.what) || cluster.dropped_connections();
  step.index = index;
  step.before = &now;
  step.after = &now;
  step.nodes = nodes_;
  step.votes = cluster.votes_cast();
  step.sent = cluster.sent();
  if (const auto* arrived = std::get_if<world::Arrived>(&happening.what)) {
    step.received = std::get_if<Message>(&static_cast<const kraft_host::KraftPayload&>(*arrived->payload).message());
  }
  if (unchanged(*host, now)) {
    point(now, *host);
    if (host->replica() != nullptr) {
      now.writing = host->writing.has_value();
      now.wake_at = wake_at(*host);
    }
    return check_talk(step);
  }
  const NodeView before = std::move(now);
  now = view_of(*host);
  for (std::size_t i = 0; i < nodes_.size(); ++i) point(nodes_[i], cluster.hosts()[i]);
  step.before = &before;
  return check(step);
}

std::optional<Violation> Checker::check(const Step& step) {
  if (auto violation = check_talk(step)) return violation;
  return check_state(step);
}

std::optional<Violation> Checker::check_talk(const Step& step) {
  markers_.hear(step);
  std::optional<Violation> found;
  const auto ask = [&](auto& invariant, const auto&... facts) { return breaks(invariant, found, facts...); };
  static_cast<void>(ask(vote_once_, step) || ask(observer_only_follows_, step) ||
                    ask(vote_needs_up_to_date_log_, step) || ask(live_follower_denies_pre_vote_, step) ||
                    ask(pre_vote_changes_nothing_, step) || ask(candidacy_needs_pre_votes_, step) ||
                    ask(higher_epoch_heeded_, step) || ask(fetch_acknowledges_only_durable_, step) ||
                    ask(one_fetch_in_flight_, step) || ask(stale_response_ignored_, step) ||
                    ask(fetch_wakes_on_commit_, step) || ask(check_quorum_, step) || ask(no_busy_loop_, step));
  return found;
}

std::optional<Violation> Checker::check_state(const Step& step) {
  markers_.see(step);
  std::optional<Violation> found;
  const auto ask = [&](auto& invariant, const auto&... facts) { return breaks(invariant, found, facts...); };
  if (ask(epoch_monotonic_, step) || ask(vote_not_forgotten_, step) || ask(restart_never_leads_, step) ||
      ask(leadership_held_once_, step) || ask(legal_transitions_, step) || ask(quorum_state_matches_disk_, step) ||
      ask(leader_has_majority_, step, vote_once_) || ask(election_safety_, step) || ask(leader_append_only_, step) ||
      ask(epoch_index_matches_log_, step) || ask(voters_match_log_, step) || ask(snapshot_at_log_start_, step) ||
      ask(records_come_from_their_leader_, step) || ask(epoch_starts_with_leader_change_, step) ||
      ask(log_matching_, step) || ask(high_watermark_within_log_, step) || ask(high_watermark_monotonic_, step) ||
      ask(high_watermark_needs_own_epoch_, step) || ask(committed_never_truncated_, step, committed()) ||
      ask(commits_come_from_leaders_, step) || ask(state_machine_safety_, step) ||
      ask(snapshot_of_committed_, step, committed()) || ask(voters_change_one_by_one_, committed().fresh()) ||
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
