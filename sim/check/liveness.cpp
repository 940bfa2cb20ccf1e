// Looks at the newest leader that is awake, and at the core through its eyes.
#include "sim/check/liveness.hpp"

#include <algorithm>

#include "core/raft/voter_history.hpp"
#include "sim/kraft/config_keys.hpp"

namespace kraftsim::check {
namespace {

using kraft::Duration;
using kraft_host::Host;
using kraft_host::KraftCluster;

constexpr Card kLeaderElected{"LeaderElected", "A healed majority elects a leader in bounded time.",
                              "Raft §5.2; KIP-595; KIP-996", PromiseKind::kLiveness};
constexpr Card kCommitsResume{"CommitsResume", "The leader of a healed majority commits in bounded time.",
                              "Raft §5.3; KIP-595", PromiseKind::kLiveness};
constexpr Card kConverges{"Converges", "Everybody in the healed core follows that leader and has its high watermark.",
                          "KIP-595; KAFKA-10706; KAFKA-17030", PromiseKind::kLiveness};
constexpr Card kBrokersServed{"BrokersServed", "Brokers in the healed core run, unfenced, with that leader.",
                              "KIP-631", PromiseKind::kLiveness};

constexpr int kRounds = 20;

/// Log and snapshots that a controller has once it is healed: those of its process, or, if it has none or that will be
/// killed, what the next one will read. The voters are read from them and not asked of the process, which is judged.
kraft::raft::Durable goes_on_with(const KraftCluster& cluster, const Host& host) {
  kraft::raft::Durable own = host.disk.contents();
  if (const kraft::raft::Replica* replica = host.replica();
      replica != nullptr && !cluster.world().is_slowed(host.id)) {
    own.log = replica->log();
    own.snapshots = replica->snapshots();
    return own;
  }
  own.log.truncate_to(host.disk.synced_end());
  if (own.snapshots.empty()) return own;
  const kraft::raft::OffsetAndEpoch last = kraft::raft::id_of(*own.snapshots.back());
  if (!own.log.holds(last)) own.log.reset_to(last);
  return own;
}

bool linked(const KraftCluster& cluster, NodeId a, NodeId b) {
  return !cluster.world().is_cut(a, b) && !cluster.world().is_cut(b, a);
}

/// Of those that the core can hear: one that was cut off may still carry out what had reached it.
const Host* newest_leader(const KraftCluster& cluster, const std::vector<NodeId>& core) {
  const Host* leader = nullptr;
  for (const Host& host : cluster.hosts()) {
    if (std::ranges::none_of(core, [&](NodeId node) { return linked(cluster, node, host.id); })) continue;
    const kraft::raft::Replica* replica = host.replica();
    if (replica == nullptr || replica->role() != kraft::raft::Role::kLeader) continue;
    if (cluster.world().process(host.id) != world::ProcessState::kUp) continue;
    if (leader == nullptr || replica->epoch() > leader->replica()->epoch()) leader = &host;
  }
  return leader;
}

/// By its settings and its log it can ask nobody of the core: nothing in KRaft would tell it of them (KIP-853 leaves it
/// to people to name servers that stay). Who takes itself for a voter asks voters, and servers only while it waits to
/// stand; who was removed without hearing of it, and is answered by nobody, goes on standing.
bool knows_nobody_of(const std::vector<NodeId>& core, const kraft::raft::Replica& replica) {
  const auto in_core = [&](NodeId id) { return id != replica.self().id && std::ranges::binary_search(core, id); };
  const auto& named = replica.config().bootstrap_servers;
  const std::vector<NodeId> servers = named.empty() ? replica.configured_voters().ids() : named;
  return !(replica.leader_id() && in_core(*replica.leader_id())) &&
         (replica.is_voter() || std::ranges::none_of(servers, in_core)) &&
         std::ranges::none_of(replica.voters().ids(), in_core);
}

/// An observer that has heard of a later epoch than anybody of the core, from somebody who stands outside: it can tell
/// nobody. Its fetches are answered with UNKNOWN_LEADER_EPOCH, in Kafka too, until an election takes the others there.
/// A voter would stand itself.
bool is_ahead_for_itself(const kraft::raft::Replica& replica, kraft::Epoch epoch) {
  return !replica.is_voter() && replica.epoch() > epoch;
}

}  // namespace

const std::vector<Card>& liveness_demands() {
  // tidy: allow(static) because it is a constant table.
  static const std::vector<Card> kCards = {kLeaderElected, kCommitsResume, kConverges, kBrokersServed};
  return kCards;
}

Duration liveness_bound(const cluster::ClusterSpec& spec) {
  Duration notice{};
  Duration round{};
  Duration spread{};
  for (const cluster::NodeSpec& node : spec.coordinators) {
    const auto config = kraft_host::controller_config(spec, node);
    const auto& election = config.raft.election;
    notice = std::max({notice, election.follower_timeout.high, election.election_timeout.high,
                       election.check_quorum_timeout, config.shutdown_timeout});
    round = std::max(round, election.election_timeout.high + config.raft.request_timeout);
    spread = std::max(spread, 2 * election.begin_epoch_interval + config.raft.request_timeout);
  }
  Duration brokers{};
  for (const cluster::NodeSpec& node : spec.brokers) {
    brokers = std::max(brokers, 4 * kraft_host::broker_config(spec, node).session_timeout);
  }
  return spec.connection.setup_timeout + notice + kRounds * round + spread + brokers;
}

std::vector<Candidate> candidates(const KraftCluster& cluster, const CommittedHistory& committed) {
  std::vector<Candidate> all;
  const std::vector<NodeId> forgetful = cluster.forgetful();
  for (const Host& host : cluster.hosts()) {
    if (!cluster::is_coordinator(host.id)) continue;
    const kraft::raft::Durable own = goes_on_with(cluster, host);
    const kraft::records::Snapshot* snapshot = own.snapshots.empty() ? nullptr : own.snapshots.back().get();
    const kraft::raft::VoterHistory history(cluster.configured_voters(), snapshot, own.log);
    all.push_back({.key = host.key(),
                   .voters = history.latest().voters,
                   .end = own.log.end(),
                   .sound = std::ranges::find(forgetful, host.id) == forgetful.end() && !host.disk.is_damaged(),
                   .holds_committed = committed.is_held_by(own.log, own.log.end_offset())});
  }
  return all;
}

bool Liveness::lacks(const Card& card, std::string detail) {
  missing_ = {card.name, std::move(detail)};
  return false;
}

std::string Liveness::excuse(const std::vector<Candidate>& now) const {
  const bool same = std::ranges::equal(then_, now, {}, &Candidate::voters, &Candidate::voters);
  return same ? std::string() : why_stuck(core_, now);
}

bool Liveness::look(const KraftCluster& cluster) {
  const Host* leader = newest_leader(cluster, core_);
  if (leader == nullptr) return lacks(kLeaderElected, "nobody leads");
  const kraft::raft::Replica& led = *leader->replica();
  if (led.epoch() != epoch_) target_.reset();
  epoch_ = led.epoch();
  if (led.high_watermark() <= std::optional(committed_)) {
    return lacks(kCommitsResume, "n" + line(leader->id) + " leads epoch " + line(epoch_) +
                                     " and has committed nothing past " + line(committed_));
  }
  if (!target_) target_ = led.high_watermark();
  if (!leader->controller()->is_active()) return lacks(kBrokersServed, line(led) + " is not active");

  for (const Host& host : cluster.hosts()) {
    if (!std::ranges::binary_search(core_, host.id) || !linked(cluster, host.id, leader->id)) continue;
    const kraft::raft::Replica* replica = host.replica();
    const std::string who = "n" + line(host.id);
    if (replica == nullptr) return lacks(kConverges, who + " is down");
    if (knows_nobody_of(core_, *replica) || is_ahead_for_itself(*replica, epoch_)) continue;
    if (replica->epoch() != epoch_ || replica->leader_id() != leader->id) {
      return lacks(kConverges, who + " does not follow n" + line(leader->id) + " in epoch " + line(epoch_) + ": " +
                                   line(*replica));
    }
    if (replica->high_watermark() < target_) {
      return lacks(kConverges, who + " has not reached " + line(*target_) + ": " + line(*replica));
    }
    if (const auto* broker = host.broker();
        broker != nullptr && (broker->state() != kraft::node::BrokerState::kRunning || broker->is_fenced())) {
      return lacks(kBrokersServed, line(*broker) + (broker->is_fenced() ? " fenced" : ""));
    }
  }
  return true;
}

}  // namespace kraftsim::check
