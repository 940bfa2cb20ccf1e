// What a broker does with the controller's requests, and as the controller's host with those of clients.
//
// Requests of one controller come one at a time and are worked on in order; a stale controller's are not worked on.
#include <algorithm>

#include "core/base/check.hpp"
#include "core/base/overloaded.hpp"
#include "sim/zookeeper/broker.hpp"

namespace kraftsim::zookeeper {

using kraft::kNever;
using kraft::overloaded;

namespace {
constexpr Duration kAlterPartitionBackoff = std::chrono::milliseconds(50);  // AlterPartitionManager
}

// ---- the controller's requests ----

void Broker::take_request(Time now, NodeId from, const ControllerRequest& request, Effects& fx) {
  if (request.controller_epoch < known_epoch_) {  // STALE_CONTROLLER_EPOCH
    send(from, ControllerReply{request.number}, fx);
    return;
  }
  if (request.controller_epoch > known_epoch_) {
    known_epoch_ = request.controller_epoch;
    known_controller_ = request.controller;
    asked_.clear();  // whoever was asked no longer answers
    if (!joined_.empty()) ask_again_at_ = now;
  }
  handling_.emplace_back(from, request);
  if (handling_.size() == 1) begin_request(now);
}

void Broker::begin_request(Time now) {
  const auto partitions = std::visit([](const auto& body) { return body.partitions; }, handling_.front().second.body);
  handler_.start(now, costs_.take(Service::kBrokerPartition, partitions));
}

void Broker::finish_request(Time now, Effects& fx) {
  const auto [from, request] = std::move(handling_.front());
  handling_.pop_front();
  if (!handling_.empty()) begin_request(now);
  std::visit(overloaded{
                 [&](const LeaderAndIsr& body) {
                   std::map<NodeId, CaughtUp> by_leader;
                   for (const auto& [leader, key] : body.joining) by_leader[leader].partitions.push_back(key);
                   for (auto& [leader, caught_up] : by_leader) send(leader, std::move(caught_up), fx);
                 },
                 [&](const UpdateMetadata& body) {
                   for (const TopicNumber topic : body.created) finish_admin(true, topic, fx);
                   for (const TopicNumber topic : body.deleted) finish_admin(false, topic, fx);
                 },
                 [](const StopReplica&) {},
             },
             request.body);
  send(from, ControllerReply{request.number}, fx);
}

// ---- in-sync replicas ----

void Broker::ask_for_isrs(Time, Effects& fx) {
  ask_again_at_ = kNever;
  if (!asked_.empty() || joined_.empty() || known_controller_ == NodeId(-1)) return;
  asked_.assign(joined_.begin(), joined_.end());
  send(known_controller_, AlterPartition{asked_}, fx);
}

void Broker::isrs_answered(Time now, bool accepted, Effects& fx) {
  if (accepted) {
    for (const auto& item : asked_) joined_.erase(item);
    asked_.clear();
    ask_for_isrs(now, fx);
  } else {
    asked_.clear();
    ask_again_at_ = now + kAlterPartitionBackoff;
  }
}

// ---- clients' operations ----

void Broker::administer(Time now, NodeId from, const AdminRequest& request, Effects& fx) {
  if (!controller_.is_ready()) {
    const NodeId hint = known_controller_ == self_ ? NodeId(-1) : known_controller_;
    send(from, AdminReply{request.operation, AdminError::kNotController, hint}, fx);
    return;
  }
  admin_[request.operation] = {.client = from, .request = request};
  if (request.create && controller_.assign(request.topic, request.partitions, request.replication).empty()) {
    answer_admin(request.operation, AdminError::kInvalidReplicationFactor, fx);
    return;
  }
  ask(now, {exists(topic_path(request.topic))}, ForAdmin{request.operation}, fx);
}

/// AdminZkClient.createTopicWithAssignment and deleteTopic: one synchronous request after the other.
void Broker::administration_answered(Time now, std::uint64_t operation, const Result& result, Effects& fx) {
  using Stage = AdminOperation::Stage;
  const auto found = admin_.find(operation);
  if (found == admin_.end()) return;
  AdminOperation& op = found->second;
  const AdminRequest& request = op.request;
  using Kind = Path::Kind;
  switch (op.stage) {
    case Stage::kLook:
      if (request.create == (result.error == Error::kNone)) {
        answer_admin(operation, request.create ? AdminError::kTopicExists : AdminError::kUnknownTopic, fx);
        return;
      }
      op.stage = request.create ? Stage::kConfigure : Stage::kAwaitMetadata;
      ask(now, {Write{{Create{topic_path(request.create ? Kind::kTopicConfig : Kind::kDeleteTopic, request.topic),
                              kraft::share<Data>(NoData{})}}}},
          ForAdmin{operation}, fx);
      return;
    case Stage::kConfigure: {
      op.stage = Stage::kWrite;
      auto assignment = controller_.assign(request.topic, request.partitions, request.replication);
      if (assignment.empty()) {
        answer_admin(operation, AdminError::kInvalidReplicationFactor, fx);
        return;
      }
      const auto data = kraft::share<Data>(AssignmentData{std::move(assignment)});
      ask(now, {Write{{Create{topic_path(request.topic), data}}}}, ForAdmin{operation}, fx);
      return;
    }
    case Stage::kWrite:
      op.stage = Stage::kAwaitMetadata;
      if (result.error != Error::kNone) answer_admin(operation, AdminError::kTopicExists, fx);
      return;
    case Stage::kAwaitMetadata: return;  // of a deletion: the mark is set, or was there already
  }
}

void Broker::finish_admin(bool create, TopicNumber topic, Effects& fx) {
  for (auto it = admin_.begin(); it != admin_.end();) {
    const auto& [operation, op] = *it++;
    if (op.request.create == create && op.request.topic == topic) answer_admin(operation, AdminError::kNone, fx);
  }
}

void Broker::answer_admin(std::uint64_t operation, AdminError error, Effects& fx) {
  const auto op = admin_.extract(operation);
  ENSURE(!op.empty());
  send(op.mapped().client, AdminReply{operation, error, NodeId(-1)}, fx);
}

void Broker::abandon_admin(Effects& fx) {
  while (!admin_.empty()) answer_admin(admin_.begin()->first, AdminError::kNotController, fx);
}

}  // namespace kraftsim::zookeeper
