// The folding: facts first, in the order of the Fact variant; then how signals are read back into failovers; then the
// sums of what was not available.
#include "sim/measure/recorder.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

#include "core/base/check.hpp"

namespace kraftsim::measure {
namespace {

using cluster::Observation;

/// How a leadership begins to end, as against what belongs to the one that follows.
bool begins_failover(Phase phase) {
  switch (phase) {
    case Phase::kDetected:
    case Phase::kPreVote:
    case Phase::kCandidate:
    case Phase::kSessionExpired:
    case Phase::kEphemeralDeleted: return true;
    case Phase::kElected:
    case Phase::kEstablished:
    case Phase::kWritable:
    case Phase::kActive:
    case Phase::kBrokersServed:
    case Phase::kStateLoaded:
    case Phase::kLastBrokerTold: return false;
  }
  ENSURE(false, "a phase without a name");
  return false;
}

std::optional<Duration>& slot(Failover& failover, Phase phase) {
  return failover.phases[static_cast<std::size_t>(phase)];
}
const std::optional<Duration>& slot(const Failover& failover, Phase phase) {
  return failover.phases[static_cast<std::size_t>(phase)];
}

void reach(Failover& failover, Phase phase, Time at) {
  auto& reached = slot(failover, phase);
  if (!reached) reached = at - failover.fault_at;
}

/// Effects of a fault may come a minute later, or twice the longest time-out that the scenario sets.
Duration reach_of(const cluster::ClusterSpec& spec) {
  Duration longest = std::chrono::seconds(60);
  for (const auto* nodes : {&spec.coordinators, &spec.brokers}) {
    for (const cluster::NodeSpec& node : *nodes) {
      for (const auto& [key, value] : node.config) {
        if (key.ends_with("timeout.ms")) longest = std::max<Duration>(longest, std::chrono::milliseconds(2 * value));
      }
    }
  }
  return longest;
}

}  // namespace

Recorder::Recorder(const cluster::ClusterSpec& spec)
    : kraft_(spec.coordination == cluster::Coordination::kKraft),
      quorum_(spec.coordinators.size() > 1),
      reach_(reach_of(spec)) {
  for (const cluster::NodeSpec& broker : spec.brokers) brokers_up_.insert(broker.id);
}

void Recorder::begin(Time at) {
  measures_ = {};
  faults_.clear();
  signals_.clear();
  last_is_won_ = false;
  began_ = at;
  quiet_gap_ = Duration::zero();
  disturbed_ = false;
}

void Recorder::observe(const Observation& observation) {
  std::visit([&](const auto& fact) { on(observation, fact); }, observation.fact);
}

std::size_t Recorder::fault_started(std::string text, const std::vector<NodeId>& nodes, Time at) {
  const auto hits = [&](const std::optional<NodeId>& node) { return node && std::ranges::count(nodes, *node) > 0; };
  faults_.push_back(
      {.text = std::move(text), .at = at, .ended = {}, .struck_leader = hits(leader_) || hits(active_)});
  if (!disturbed_ && quiet_gap_ == Duration::zero()) quiet_gap_ = at - began_;  // it has been quiet for that long
  disturbed_ = true;
  return faults_.size() - 1;
}

void Recorder::fault_ended(std::size_t fault, Time at) {
  ENSURE_LT(fault, faults_.size());
  faults_[fault].ended = at;
}

void Recorder::node_down(NodeId node, Time at) {
  if (leader_ == node) leader_.reset();
  if (active_ == node) set_active(std::nullopt, at);
  brokers_up_.erase(node);
  served_.erase(node);
  settle_brokers();
}

void Recorder::node_up(NodeId node, Time) {
  if (cluster::is_broker(node)) brokers_up_.insert(node);
}

// ---- facts ----

void Recorder::on(const Observation& observation, const cluster::PhaseReached& reached) {
  if (reached.phase == Phase::kBrokersServed) return;  // folded from BrokerServed, for both coordinations alike
  if (reached.phase == Phase::kElected && reached.epoch > leader_epoch_) {
    leader_ = observation.node;
    leader_epoch_ = reached.epoch;
    served_.clear();
  }
  if (last_is_won_ && reached.epoch == won_ && !begins_failover(reached.phase)) {
    reach(measures_.failovers.back(), reached.phase, observation.at);
    return;
  }
  signals_.push_back({.phase = reached.phase,
                      .epoch = reached.epoch,
                      .node = observation.node,
                      .at = observation.at,
                      .cause = reached.cause});
  if (reached.phase == Phase::kActive) controller_is_active(observation.node, observation.at);
}

void Recorder::on(const Observation& observation, const cluster::ActiveControllerChanged& changed) {
  set_active(changed.controller, observation.at);
  if (changed.controller) controller_is_active(*changed.controller, observation.at);
}

void Recorder::on(const Observation& observation, const cluster::BrokerServed& served) {
  if (served.controller != leader_) return;
  served_.emplace(observation.node, observation.at);
  settle_brokers();
}

void Recorder::on(const Observation& observation, const cluster::BrokerFenceChanged& changed) {
  if (changed.fenced) {
    fenced_.insert(observation.node);
  } else {
    fenced_.erase(observation.node);
  }
  settle_brokers();
}

void Recorder::on(const Observation& observation, const cluster::BatchCommitted& batch) {
  if (observation.at < began_) return;
  measures_.commit.lingered_ns.push_back((batch.lingered - batch.queued).count());
  measures_.commit.leader_durable_ns.push_back((batch.leader_durable - batch.lingered).count());
  measures_.commit.replicated_ns.push_back((batch.committed - batch.leader_durable).count());
  measures_.commit.total_ns.push_back((batch.committed - batch.queued).count());
}

void Recorder::on(const Observation& observation, const cluster::OperationDone& done) {
  if (observation.at < began_) return;
  if (!done.ok) {
    ++measures_.operations.failed;
    return;
  }
  ++measures_.operations.ok;
  measures_.operations.latency_ns.push_back((observation.at - done.submitted).count());
}

void Recorder::on(const Observation& observation, const cluster::LeaderlessPartitions& partitions) {
  count_leaderless(measures_, observation.at);
  leaderless_ = partitions.leaderless;
  leaderless_since_ = observation.at;
}

void Recorder::on(const Observation& observation, const cluster::CommitAdvanced&) {
  if (disturbed_) {
    count_commit_gap(measures_, observation.at);
  } else if (last_commit_) {
    quiet_gap_ = std::max(quiet_gap_, observation.at - *last_commit_);
  }
  last_commit_ = observation.at;
  // A majority still follows the leader that some voter gave up: nothing came of it.
  if (kraft_ && observation.node == leader_ && last_elected(signals_) == nullptr) signals_.clear();
}

// ---- failovers ----

void Recorder::set_active(std::optional<NodeId> controller, Time at) {
  if (active_ && !controller) inactive_since_ = at;
  if (!active_ && controller) count_inactive(measures_, at);
  active_ = controller;
}

const Recorder::Signal* Recorder::last_elected(const Signals& signals) const {
  const auto last = std::find_if(signals.rbegin(), signals.rend(),
                                 [](const Signal& signal) { return signal.phase == Phase::kElected; });
  return last == signals.rend() ? nullptr : &*last;
}

/// The failover is decided: reads the signals back, and keeps those that are already about the next one.
void Recorder::controller_is_active(NodeId node, Time at) {
  const auto won = std::find_if(signals_.rbegin(), signals_.rend(), [&](const Signal& signal) {
    return signal.phase == Phase::kElected && signal.node == node;
  });
  if (won == signals_.rend()) return;  // told already, or elected before anyone looked
  const Signal elected = *won;
  std::vector<Failover> folded = fold(signals_, elected.epoch, elected.at);
  reach(folded.back(), Phase::kActive, at);
  std::ranges::move(folded, std::back_inserter(measures_.failovers));

  const auto later = static_cast<std::size_t>(signals_.rend() - won);
  Signals next;
  for (std::size_t i = later; i < signals_.size(); ++i) {
    const Signal& signal = signals_[i];
    const bool about_the_next = begins_failover(signal.phase) && signal.phase != Phase::kCandidate
                                    ? signal.epoch >= elected.epoch
                                    : signal.epoch > elected.epoch;
    if (about_the_next) next.push_back(signal);
  }
  signals_ = std::move(next);
  won_ = elected.epoch;
  won_at_ = elected.at;
  last_is_won_ = true;
  settle_brokers();
}

/// The latest fault that struck the leader of its moment; or the latest fault or end of one that comes before the first
/// signal and near it; or that signal.
Recorder::Origin Recorder::origin_of(const Signals& signals, Time until) const {
  const Time first = signals.empty() ? until : signals.front().at;
  const FaultSeen* struck = nullptr;
  for (const FaultSeen& fault : faults_) {
    if (!fault.struck_leader || fault.at < won_at_ || fault.at > until) continue;
    const auto next = std::ranges::find_if(signals, [&](const Signal& s) { return s.at >= fault.at; });
    const Time effect = next == signals.end() ? until : next->at;
    if (!fault.ended || effect <= *fault.ended + reach_) struck = &fault;
  }
  if (struck != nullptr) return {struck->text, struck->at};

  Origin nearest{.fault = {}, .at = first};
  Time latest = std::max(won_at_, first - reach_);
  for (const FaultSeen& fault : faults_) {
    if (fault.at >= latest && fault.at <= first) {
      nearest = {fault.text, fault.at};
      latest = fault.at;
    }
    if (fault.ended && *fault.ended >= latest && *fault.ended <= first) {
      nearest = {"end of: " + fault.text, *fault.ended};
      latest = *fault.ended;
    }
  }
  return nearest;
}

/// One failover that ends in the leadership of epoch `won`, if any; before it, those that it cut short.
std::vector<Failover> Recorder::fold(const Signals& signals, std::optional<std::int64_t> won, Time until) const {
  const Origin origin = origin_of(signals, until);
  const auto begin = std::ranges::find_if(signals, [&](const Signal& signal) { return signal.at >= origin.at; });

  std::vector<Failover> failovers;
  std::optional<std::int64_t> base = won_;
  const Signals earlier(signals.begin(), begin);
  if (const Signal* interrupted = last_elected(earlier)) {
    failovers = fold(earlier, interrupted->epoch, interrupted->at);
    base = interrupted->epoch;
  }

  Failover failover{.fault = origin.fault, .fault_at = origin.at, .cause = {}, .epochs = 0, .phases = {}};
  std::int64_t newest = won.value_or(base.value_or(0));
  for (auto signal = begin; signal != signals.end(); ++signal) {
    const bool beginning = begins_failover(signal->phase);
    if (beginning && signal->at > until) continue;  // about what comes after the election
    if (!beginning && signal->epoch != won) continue;
    if (beginning && failover.cause.empty()) failover.cause = signal->cause;
    if (!won) newest = std::max(newest, signal->epoch);
    if (!base && !beginning) base = signal->epoch - 1;
    reach(failover, signal->phase, signal->at);
  }
  failover.epochs = newest - base.value_or(newest);
  failovers.push_back(std::move(failover));
  return failovers;
}

void Recorder::settle_brokers() {
  if (!last_is_won_ || !leader_ || leader_epoch_ != won_) return;
  Failover& failover = measures_.failovers.back();
  const auto& active = slot(failover, Phase::kActive);
  ENSURE(active.has_value());
  Time last = failover.fault_at + *active;
  bool any = false;
  for (const NodeId broker : brokers_up_) {
    if (fenced_.contains(broker)) continue;
    any = true;
    if (broker == *leader_) continue;  // ZooKeeper: the controller is a broker too, and needs nobody to tell it
    const auto served = served_.find(broker);
    if (served == served_.end()) return;
    last = std::max(last, served->second);
  }
  if (any) reach(failover, Phase::kBrokersServed, last);
}

/// Somebody struck the leader that won last, or one on the way to the next.
bool Recorder::leader_is_struck() const {
  return std::ranges::any_of(faults_,
                             [&](const FaultSeen& fault) { return fault.struck_leader && fault.at >= won_at_; });
}

bool Recorder::settled() const {
  if (!active_ || !last_is_won_ || leader_epoch_ != won_ || leader_is_struck()) return false;
  const Failover& last = measures_.failovers.back();
  return (brokers_up_.empty() || slot(last, Phase::kBrokersServed)) &&
         (!kraft_ || !quorum_ || slot(last, Phase::kEstablished));
}

// ---- availability ----

void Recorder::count_inactive(Measures& measures, Time until) const {
  const Time since = std::max(inactive_since_, began_);
  if (until > since) measures.unavailable.controller += until - since;
}

void Recorder::count_commit_gap(Measures& measures, Time until) const {
  const Duration gap = until - last_commit_.value_or(began_);
  if (gap > quiet_gap_) measures.unavailable.commits += gap - quiet_gap_;
}

void Recorder::count_leaderless(Measures& measures, Time until) const {
  const Time since = std::max(leaderless_since_, began_);
  if (until <= since) return;
  __extension__ using Wide = __int128;
  const Wide so_far = measures.unavailable.partition_leaderless.count();
  const Wide sum = so_far + Wide{leaderless_} * (until - since).count();
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  measures.unavailable.partition_leaderless = Duration(sum > kMost ? kMost : static_cast<std::int64_t>(sum));
}

Measures Recorder::finish(Time end) const {
  Measures measures = measures_;
  if (!active_) count_inactive(measures, end);
  if (disturbed_) count_commit_gap(measures, end);
  count_leaderless(measures, end);

  // A failover that never ended is one if there is a new leader, or no controller, to show for it.
  const Signal* elected = last_elected(signals_);
  if (elected != nullptr) {
    std::ranges::move(fold(signals_, elected->epoch, elected->at), std::back_inserter(measures.failovers));
  } else if (!active_ && (leader_is_struck() || !signals_.empty())) {
    std::ranges::move(fold(signals_, std::nullopt, end), std::back_inserter(measures.failovers));
  }
  for (Failover& failover : measures.failovers) failover.fault_at -= began_.time_since_epoch();
  return measures;
}

}  // namespace kraftsim::measure
