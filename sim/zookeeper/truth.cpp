// Phases carry the controller epoch that the failover leads to: the one that the next /controller will have. So all
// phases of one failover carry the same.
#include "sim/zookeeper/truth.hpp"

namespace kraftsim::zookeeper {

using cluster::Phase;
using cluster::PhaseReached;

std::optional<NodeId> Truth::controller() const {
  const Znode* znode = tree_.find(path(Path::Kind::kController));
  if (znode == nullptr) return std::nullopt;
  return as<ControllerData>(znode->data).broker;
}

std::int64_t Truth::controller_epoch() const {
  return as<ControllerEpochData>(tree_.find(path(Path::Kind::kControllerEpoch))->data).epoch;
}

void Truth::session_expired(SessionId session, Facts& facts) const {
  const Znode* znode = tree_.find(path(Path::Kind::kController));
  if (znode == nullptr || znode->owner != session) return;
  facts.emplace_back(*controller(), PhaseReached{.phase = Phase::kSessionExpired,
                                                 .epoch = controller_epoch() + 1,
                                                 .cause = "session timeout"});
}

void Truth::commit(Time now, NodeId leader, const Committed& committed, Facts& facts) {
  if (committed.txn->zxid <= tree_.last_zxid()) return;
  const auto controller_before = controller();
  std::vector<Path> touched;
  tree_.apply(*committed.txn, touched);

  facts.emplace_back(leader, cluster::CommitAdvanced{});
  if (committed.proposed != Time{}) {
    facts.emplace_back(leader, cluster::BatchCommitted{.queued = committed.queued,
                                                       .lingered = committed.proposed,
                                                       .leader_durable = committed.durable,
                                                       .committed = now});
  }
  for (const Path& path : touched) observe(path, controller_before, facts);
}

void Truth::report_partitions(NodeId leader, Facts& facts) {
  const std::pair now{tree_.leaderless(), tree_.partitions()};
  if (now == reported_) return;
  reported_ = now;
  facts.emplace_back(leader, cluster::LeaderlessPartitions{now.first, now.second});
}

void Truth::observe(const Path& touched, std::optional<NodeId> controller_before, Facts& facts) const {
  const bool exists = tree_.find(touched) != nullptr;
  if (touched.kind == Path::Kind::kBroker) {
    facts.emplace_back(NodeId(touched.first), cluster::BrokerFenceChanged{.fenced = !exists});
  }
  if (touched.kind != Path::Kind::kController) return;
  if (exists) {
    // The same transaction has counted the epoch up.
    facts.emplace_back(*controller(), PhaseReached{.phase = Phase::kElected, .epoch = controller_epoch(), .cause = {}});
  } else {
    const NodeId gone = controller_before.value_or(NodeId(-1));
    facts.emplace_back(
        gone, PhaseReached{.phase = Phase::kEphemeralDeleted, .epoch = controller_epoch() + 1, .cause = {}});
    facts.emplace_back(gone, cluster::ActiveControllerChanged{});
  }
}

}  // namespace kraftsim::zookeeper
