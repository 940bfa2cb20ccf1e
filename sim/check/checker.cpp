// Builds the views, skips what did not change, and asks. Logs are pointed at, never copied.
#include "sim/check/checker.hpp"

namespace kraftsim::check {
namespace {

kraft::records::SnapshotRef latest(const std::vector<kraft::records::SnapshotRef>& snapshots) {
  return snapshots.empty() ? nullptr : snapshots.back();
}

bool is_latest(const kraft::records::SnapshotRef& seen, const std::vector<kraft::records::SnapshotRef>& snapshots) {
  return snapshots.empty() ? seen == nullptr : seen == snapshots.back();
}

NodeView view_of(const kraft_host::Host& host) {
  NodeView view;
  view.id = host.id;
  view.voter = cluster::is_coordinator(host.id);
  view.incarnation = host.incarnation;
  if (const kraft::raft::Replica* replica = host.replica()) {
    view.up = true;
    view.role = replica->role();
    view.epoch = replica->epoch();
    view.leader_id = replica->leader_id();
    view.high_watermark = replica->high_watermark();
    view.log = &replica->log();
    view.log_mark = LogMark::of(*view.log);
    view.snapshot = latest(replica->snapshots());
    view.voter_history = &replica->voter_history();
    view.configured_voters = &replica->configured_voters();
  }
  view.disk_state = host.disk.contents().quorum_state;
  view.disk_log = &host.disk.contents().log;
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
  return replica == nullptr || (replica->role() == view.role && replica->epoch() == view.epoch &&
                                replica->leader_id() == view.leader_id &&
                                replica->high_watermark() == view.high_watermark &&
                                view.log_mark.same(replica->log()) &&
                                is_latest(view.snapshot, replica->snapshots()));
}

}  // namespace

const std::vector<Card>& invariants() {
  // tidy: allow(static) because it is a constant table.
  static const std::vector<Card> kCards = {
      ElectionSafety::kCard,     VoteOnce::kCard,           LogMatching::kCard,
      StateMachineSafety::kCard, LeaderCompleteness::kCard, HighWatermarkMonotonic::kCard,
      CommittedIsDurable::kCard, NoBusyLoop::kCard,
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
  const bool timer = std::holds_alternative<world::TimerFired>(happening.what);
  NodeView& now = nodes_[static_cast<std::size_t>(host - cluster.hosts().data())];
  if (cluster.votes_cast().empty() && unchanged(*host, now)) {
    if (!timer) return {};
    const Step step{happening.at, true, &now, &now, nodes_, {}};
    if (Broken broken = no_busy_loop_.check(step)) return Violation{NoBusyLoop::kCard.name, *broken};
    return {};
  }
  const NodeView before = std::move(now);
  now = view_of(*host);
  // The others' logs may have moved with their hosts (a fork copies them), so point at where they are.
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    const kraft_host::Host& each = cluster.hosts()[i];
    nodes_[i].disk_log = &each.disk.contents().log;
    const kraft::raft::Replica* replica = each.replica();
    nodes_[i].log = replica == nullptr ? nullptr : &replica->log();
    nodes_[i].voter_history = replica == nullptr ? nullptr : &replica->voter_history();
    nodes_[i].configured_voters = replica == nullptr ? nullptr : &replica->configured_voters();
  }
  return check(Step{happening.at, timer, &before, &now, nodes_, cluster.votes_cast()});
}

std::optional<Violation> Checker::check(const Step& step) {
  const auto ask = [](const Card& card, Broken broken) -> std::optional<Violation> {
    if (!broken) return std::nullopt;
    return Violation{card.name, std::move(*broken)};
  };
  if (auto v = ask(ElectionSafety::kCard, election_safety_.check(step))) return v;
  if (auto v = ask(VoteOnce::kCard, vote_once_.check(step))) return v;
  if (auto v = ask(LogMatching::kCard, log_matching_.check(step))) return v;
  if (auto v = ask(StateMachineSafety::kCard, state_machine_safety_.check(step))) return v;
  if (auto v = ask(LeaderCompleteness::kCard, leader_completeness_.check(step, committed()))) return v;
  if (auto v = ask(HighWatermarkMonotonic::kCard, high_watermark_monotonic_.check(step))) return v;
  if (auto v = ask(CommittedIsDurable::kCard, committed_is_durable_.check(step, committed()))) return v;
  return ask(NoBusyLoop::kCard, no_busy_loop_.check(step));
}

}  // namespace kraftsim::check
