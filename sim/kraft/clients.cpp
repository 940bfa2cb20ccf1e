// The clients' side: topics that are created and deleted, an administrator who changes the quorum, and the initial
// topics, which make the cluster ready. It must not know what nodes do with what they are asked.
#include "sim/kraft/kraft_cluster.hpp"

#include <algorithm>

#include "core/base/overloaded.hpp"
#include "sim/kraft/kraft_payload.hpp"

namespace kraftsim::kraft_host {

namespace node = kraft::node;
namespace raft = kraft::raft;
using cluster::Operation;
using kraft::Duration;

namespace {

constexpr Duration kAskAgain = std::chrono::milliseconds(100);  // retry.backoff.ms of Kafka's clients
constexpr Duration kRequestTimeout = std::chrono::seconds(30);  // request.timeout.ms of Kafka's clients
constexpr std::uint64_t kFirstInitialTopics = std::uint64_t{1} << 40;  // operation ids of the initial topics
constexpr std::int64_t kInitialRecordsPerRequest = 5000;               // well below Kafka's 10,000 per operation

}  // namespace

void KraftCluster::submit(const Operation& operation) {
  if (operation.kind == Operation::Kind::kChangeQuorum) {
    PendingOperation& pending = operations_[operation.id];
    pending.operation = operation;
    pending.submitted = world_.now();
    pending.timeout = world_.schedule(world_.now() + kRequestTimeout, kDueOperationTimeout, operation.id);
    ask_quorum(operation.id);
    return;
  }
  node::Rpc rpc{.from = cluster::kClientNode,
                .to = operation.via,
                .correlation_id = kraft::CorrelationId(static_cast<std::int64_t>(operation.id)),
                .body = node::CreateTopicsRequest{},
                .controller_id = std::nullopt};
  if (operation.id >= kFirstInitialTopics) {
    rpc.body = initial_topics_[operation.id - kFirstInitialTopics];
  } else if (operation.kind == Operation::Kind::kCreateTopic) {
    rpc.body = node::CreateTopicsRequest{
        .topics = {{.name = operation.topic,
                    .partitions = operation.partitions,
                    .replication_factor = static_cast<std::int16_t>(operation.replication)}}};
  } else {
    rpc.body = node::DeleteTopicsRequest{.names = {operation.topic}};
  }
  PendingOperation& pending = operations_[operation.id];
  pending.operation = operation;
  pending.submitted = world_.now();
  pending.timeout = world_.schedule(world_.now() + kRequestTimeout, kDueOperationTimeout, operation.id);
  send_from_client(rpc);
}

void KraftCluster::client_handle(const world::Happening& happening) {
  if (const auto* arrived = std::get_if<world::Arrived>(&happening.what)) {
    const auto& message = static_cast<const KraftPayload&>(*arrived->payload).message();
    if (const auto* answer = std::get_if<raft::Message>(&message)) return hear_quorum(*answer);
    const auto& rpc = std::get<node::Rpc>(message);
    const auto error = [&] {
      if (const auto* created = std::get_if<node::CreateTopicsResponse>(&rpc.body)) return created->error;
      if (const auto* deleted = std::get_if<node::DeleteTopicsResponse>(&rpc.body)) return deleted->error;
      return node::Error::kInvalidRequest;
    }();
    finish_operation(static_cast<std::uint64_t>(rpc.correlation_id.value()), error);
  } else if (const auto* lost = std::get_if<world::ConnectionLost>(&happening.what)) {
    std::vector<std::uint64_t> failed;
    for (const auto& [id, pending] : operations_) {
      if (pending.operation.via == lost->peer) failed.push_back(id);
    }
    for (const std::uint64_t id : failed) {
      if (operations_.at(id).operation.kind == Operation::Kind::kChangeQuorum) {
        world_.schedule(world_.now() + kAskAgain, kDueAskQuorum, id);
      } else {
        finish_operation(id, node::Error::kRequestTimedOut);
      }
    }
  }
}

void KraftCluster::finish_operation(std::uint64_t id, node::Error error) {
  const auto found = operations_.find(id);
  if (found == operations_.end()) return;  // answered after its timeout
  PendingOperation pending = std::move(found->second);
  operations_.erase(found);
  world_.cancel(pending.timeout);
  if (id >= kFirstInitialTopics) {
    if (error == node::Error::kNone || error == node::Error::kTopicAlreadyExists) ++initial_topics_done_;
    else --initial_topics_sent_;  // tried again
    create_initial_topics();
    return;
  }
  emit(cluster::kClientNode, cluster::OperationDone{.operation = id,
                                                    .submitted = pending.submitted,
                                                    .ok = error == node::Error::kNone,
                                                    .error = error == node::Error::kNone ? "" : line(error)});
}

// ---- an administrator and the quorum ----

/// The tool looks for the leader first, which any controller names; then it asks, with the voters' keys as the leader
/// describes them (DescribeQuorum).
void KraftCluster::ask_quorum(std::uint64_t id) {
  const auto found = operations_.find(id);
  if (found == operations_.end()) return;  // given up
  PendingOperation& pending = found->second;
  const raft::Replica* replica = leader();
  if (replica == nullptr) {
    world_.schedule(world_.now() + kAskAgain, kDueAskQuorum, id);
    return;
  }
  ++pending.attempts;
  pending.operation.via = replica->self().id;
  const cluster::QuorumChange& change = pending.operation.change;
  raft::Message request{.from = cluster::kClientNode,
                        .to = replica->self().id,
                        .correlation_id = kraft::CorrelationId(static_cast<std::int64_t>(id)),
                        .body = raft::UpdateFeaturesRequest{.kraft_version = change.kraft_version}};
  if (change.kind == cluster::QuorumChange::Kind::kAddVoter) {
    request.body = raft::AddRaftVoterRequest{.voter = find(change.controller)->key()};
  } else if (change.kind == cluster::QuorumChange::Kind::kRemoveVoter) {
    const raft::ReplicaKey* voter = replica->voters().find(change.controller);
    request.body = raft::RemoveRaftVoterRequest{.voter = voter != nullptr ? *voter : find(change.controller)->key()};
  }
  world_.request(cluster::kClientNode, request.to, world::PayloadRef(new KraftPayload(request)));
}

void KraftCluster::hear_quorum(const raft::Message& answer) {
  const auto id = static_cast<std::uint64_t>(answer.correlation_id.value());
  const auto found = operations_.find(id);
  if (found == operations_.end()) return;
  const raft::Error error = std::visit(kraft::overloaded{[](const raft::AddRaftVoterResponse& r) { return r.error; },
                                                         [](const raft::RemoveRaftVoterResponse& r) { return r.error; },
                                                         [](const raft::UpdateFeaturesResponse& r) { return r.error; },
                                                         [](const auto&) { return raft::Error::kInvalidRequest; }},
                                       answer.body);
  // The last passes when every voter has told this leader what it can run.
  if (error == raft::Error::kRequestTimedOut || error == raft::Error::kNotLeaderOrFollower ||
      error == raft::Error::kInvalidUpdateVersion) {
    world_.schedule(world_.now() + kAskAgain, kDueAskQuorum, id);
    return;
  }
  // What was asked before may have been done though its answer said otherwise.
  const bool was_done = found->second.attempts > 1 &&
                        (error == raft::Error::kDuplicateVoter || error == raft::Error::kVoterNotFound);
  const bool ok = error == raft::Error::kNone || was_done;
  world_.cancel(found->second.timeout);
  emit(cluster::kClientNode, cluster::OperationDone{.operation = id,
                                                    .submitted = found->second.submitted,
                                                    .ok = ok,
                                                    .error = ok ? "" : line(error)});
  operations_.erase(found);
}

// ---- the initial topics, created by the first client as soon as every broker serves ----

std::vector<node::CreateTopicsRequest> KraftCluster::requests_for(const ClusterSpec& spec) {
  std::vector<node::CreateTopicsRequest> requests;
  std::int64_t records = 0;
  for (std::size_t kind = 0; kind < spec.topics.size(); ++kind) {
    const cluster::TopicSpec& topics = spec.topics[kind];
    for (std::int32_t i = 0; i < topics.count; ++i) {
      if (requests.empty() || records + topics.partitions + 1 > kInitialRecordsPerRequest) {
        requests.emplace_back();
        records = 0;
      }
      requests.back().topics.push_back({.name = "t" + std::to_string(kind) + "-" + std::to_string(i),
                                        .partitions = topics.partitions,
                                        .replication_factor = static_cast<std::int16_t>(topics.replication)});
      records += topics.partitions + 1;
    }
  }
  return requests;
}

bool KraftCluster::ready() const {
  if (spec_->raft_paper) return true;
  if (spec_->brokers.empty()) return active_.has_value();
  return initial_topics_done_ == initial_topics_.size() &&
         std::all_of(hosts_.begin(), hosts_.end(), [](const Host& host) {
           return host.broker() == nullptr || host.broker()->state() == node::BrokerState::kRunning;
         });
}

void KraftCluster::create_initial_topics() {
  if (initial_topics_sent_ >= initial_topics_.size() || initial_topics_sent_ > initial_topics_done_) return;
  for (const Host& host : hosts_) {
    if (cluster::is_broker(host.id) &&
        (host.broker() == nullptr || host.broker()->state() != node::BrokerState::kRunning)) {
      return;
    }
  }
  const std::optional<NodeId> via = a_running_broker();
  if (!via) return;
  Operation operation;
  operation.id = kFirstInitialTopics + initial_topics_sent_;
  operation.via = *via;
  ++initial_topics_sent_;
  submit(operation);
}

std::optional<NodeId> KraftCluster::a_running_broker() const {
  for (const Host& host : hosts_) {
    if (const auto* broker = host.broker(); broker != nullptr && broker->state() == node::BrokerState::kRunning) {
      return host.id;
    }
  }
  return std::nullopt;
}

}  // namespace kraftsim::kraft_host
