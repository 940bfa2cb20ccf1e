// From what nodes notice to what people measure: the phases of a failover, who is active, who is served, what is
// committed. Facts only; every phase is reported when the nodes' own states say so.
#include <algorithm>

#include "core/base/overloaded.hpp"
#include "sim/kraft/kraft_cluster.hpp"

namespace kraftsim::kraft_host {

namespace node = kraft::node;
namespace raft = kraft::raft;
using cluster::Phase;
using cluster::PhaseReached;

void KraftCluster::emit(NodeId id, cluster::Fact fact) {
  observations_.push_back({.at = world_.now(), .event = world_.current_event(), .node = id, .fact = std::move(fact)});
}

void KraftCluster::observe(Host& host, const node::Notice& notice) {
  const bool voter = cluster::is_coordinator(host.id);
  std::visit(
      kraft::overloaded{
          [&](const raft::Notice& raft_notice) {
            if (!voter) return;
            if (const auto* transition = std::get_if<raft::Transitioned>(&raft_notice)) {
              observe_transition(host, *transition);
            } else if (const auto* committed = std::get_if<raft::Committed>(&raft_notice)) {
              const raft::Replica& replica = *host.replica();
              if (replica.role() != raft::Role::kLeader) return;
              emit(host.id, cluster::CommitAdvanced{});
              if (replica.epoch() > writable_epoch_ && committed->high_watermark > replica.epoch_start_offset()) {
                writable_epoch_ = replica.epoch();
                emit(host.id, PhaseReached{Phase::kWritable, replica.epoch().value(), {}});
              }
            }
          },
          [&](const node::BecameActive& active) {
            world_.occupy(host.id, host.service.sample(Service::kActivate));
            emit(host.id, PhaseReached{Phase::kActive, active.epoch.value(), {}});
            if (active.epoch > active_epoch_) {
              active_epoch_ = active.epoch;
              set_active(host.id);
            }
          },
          [&](const node::Renounced&) {
            if (active_ == host.id) set_active(std::nullopt);
          },
          [&](const node::BrokerFenced& fenced) { emit(fenced.broker_id, cluster::BrokerFenceChanged{true}); },
          [&](const node::BrokerUnfenced& unfenced) { emit(unfenced.broker_id, cluster::BrokerFenceChanged{false}); },
          [&](const node::MetadataApplied&) {},  // a broker keeps up: nothing to measure yet
          [&](const node::ControllerFound& found) {
            emit(host.id, cluster::BrokerServed{found.controller_id});
            if (active_ == found.controller_id) host.served_epoch = active_epoch_;
            note_served();
          },
          [&](const node::BrokerStateChanged&) { create_initial_topics(); },
          [&](const node::BatchCommitted& batch) {
            emit(host.id, cluster::BatchCommitted{.queued = batch.queued,
                                                  .lingered = batch.appended,
                                                  .leader_durable = batch.durable,
                                                  .committed = world_.local_now(host.id)});
          },
      },
      notice);
  if (const auto* controller = host.controller(); controller != nullptr && active_ == host.id) {
    const auto& image = *controller->committed_image();
    const auto leaderless = static_cast<std::int64_t>(image.leaderless.size());
    if (leaderless != leaderless_) {
      leaderless_ = leaderless;
      emit(host.id, cluster::LeaderlessPartitions{.leaderless = leaderless, .total = 0});
    }
  }
}

void KraftCluster::observe_transition(Host& host, const raft::Transitioned& transition) {
  const std::int64_t epoch = transition.epoch.value();
  const std::string cause = line(transition.reason);
  switch (transition.to) {
    case raft::Role::kProspective:
      emit(host.id, PhaseReached{Phase::kDetected, epoch, cause});
      emit(host.id, PhaseReached{Phase::kPreVote, epoch, cause});
      break;
    case raft::Role::kCandidate:
      // Without pre-vote the time-out and the candidacy are one.
      if (transition.from != raft::Role::kProspective) emit(host.id, PhaseReached{Phase::kDetected, epoch, cause});
      emit(host.id, PhaseReached{Phase::kCandidate, epoch, cause});
      break;
    case raft::Role::kLeader:
      // Elected means durably so: told when the quorum-state write is done.
      host.when_durable.push_back(PhaseReached{Phase::kElected, epoch, cause});
      break;
    case raft::Role::kFollower:
      note_established(transition);
      break;
    case raft::Role::kUnattached:
    case raft::Role::kResigned:
      break;
  }
}

/// Established: every voter that is up and that the leader can reach follows it.
void KraftCluster::note_established(const raft::Transitioned& transition) {
  if (transition.epoch <= established_epoch_ || !transition.leader_id) return;
  const NodeId leader = *transition.leader_id;
  for (const Host& host : hosts_) {
    const auto* controller = host.controller();
    if (controller == nullptr || world_.process(host.id) != world::ProcessState::kUp) continue;
    if (world_.is_cut(host.id, leader) || world_.is_cut(leader, host.id)) continue;
    const raft::Replica& replica = controller->replica();
    if (!replica.is_voter()) continue;
    if (replica.epoch() != transition.epoch || replica.leader_id() != leader) return;
  }
  established_epoch_ = transition.epoch;
  emit(leader, PhaseReached{Phase::kEstablished, transition.epoch.value(), {}});
}

/// Brokers served: every broker that is up was answered by the active controller.
void KraftCluster::note_served() {
  if (!active_ || served_epoch_ >= active_epoch_) return;
  bool any = false;
  for (const Host& host : hosts_) {
    if (host.broker() == nullptr) continue;
    if (host.served_epoch != active_epoch_) return;
    any = true;
  }
  if (!any) return;
  served_epoch_ = active_epoch_;
  emit(*active_, PhaseReached{Phase::kBrokersServed, active_epoch_.value(), {}});
}

void KraftCluster::set_active(std::optional<NodeId> controller) {
  if (active_ == controller) return;
  active_ = controller;
  emit(controller.value_or(NodeId(-1)), cluster::ActiveControllerChanged{controller});
  note_served();
}

}  // namespace kraftsim::kraft_host
