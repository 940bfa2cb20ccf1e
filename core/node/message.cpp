// Text and sizes of the control-plane RPCs, one overload per body: a body without one does not compile. It must not
// know who sends which when.
#include "core/node/message.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/base/overloaded.hpp"

namespace kraft::node {
namespace {

std::string outcome(Error error, std::string success) {
  return error == Error::kNone ? std::move(success) : " " + line(error);
}

std::string text(const BrokerRegistrationRequest& r) {
  return fmt::format("BrokerRegistration incarnation={}{}", line(r.incarnation_id),
                     r.rack ? " rack=" + *r.rack : std::string());
}
std::string text(const BrokerRegistrationResponse& r) {
  return "BrokerRegistrationResponse" + outcome(r.error, fmt::format(" e{}", r.broker_epoch.value()));
}
std::string text(const BrokerHeartbeatRequest& r) {
  return fmt::format("BrokerHeartbeat e{} off={}{}{}", r.broker_epoch.value(), r.current_metadata_offset.value(),
                     r.want_fence ? " want-fence" : "", r.want_shut_down ? " want-shutdown" : "");
}
std::string text(const BrokerHeartbeatResponse& r) {
  const std::string state = fmt::format("{}{}{}", r.is_caught_up ? " caught-up" : "",
                                        r.is_fenced ? " fenced" : " unfenced", r.should_shut_down ? " shut-down" : "");
  return "BrokerHeartbeatResponse" + outcome(r.error, state);
}
std::string text(const CreateTopicsRequest& r) {
  std::string result = "CreateTopics";
  for (const NewTopic& topic : r.topics) {
    result += fmt::format(" {}:{}x{}", topic.name, topic.partitions, topic.replication_factor);
  }
  return result;
}
std::string text(const CreateTopicsResponse& r) {
  return "CreateTopicsResponse" + outcome(r.error, fmt::format(" created={}", r.topic_ids.size()));
}
std::string text(const DeleteTopicsRequest& r) { return fmt::format("DeleteTopics {}", fmt::join(r.names, " ")); }
std::string text(const DeleteTopicsResponse& r) { return "DeleteTopicsResponse" + outcome(r.error, " ok"); }
std::string text(const AlterPartitionRequest& r) {
  std::vector<std::int32_t> isr;
  for (const NodeId id : r.new_isr) isr.push_back(id.value());
  return fmt::format("AlterPartition e{} {}-{} le={} pe={} isr=({})", r.broker_epoch.value(), line(r.topic_id),
                     r.partition_id.value(), r.leader_epoch.value(), r.partition_epoch.value(), fmt::join(isr, ","));
}
std::string text(const AlterPartitionResponse& r) { return "AlterPartitionResponse" + outcome(r.error, " ok"); }

// Sizes of the fields; strings and arrays carry a length byte, headers are counted once per message.
std::int64_t bytes(const BrokerRegistrationRequest& r) {
  return 20 + (r.rack ? static_cast<std::int64_t>(r.rack->size()) + 1 : 1);
}
std::int64_t bytes(const BrokerRegistrationResponse&) { return 14; }
std::int64_t bytes(const BrokerHeartbeatRequest&) { return 22; }
std::int64_t bytes(const BrokerHeartbeatResponse&) { return 9; }
std::int64_t bytes(const CreateTopicsRequest& r) {
  std::int64_t sum = 6;
  for (const NewTopic& topic : r.topics) sum += 9 + static_cast<std::int64_t>(topic.name.size());
  return sum;
}
std::int64_t bytes(const CreateTopicsResponse& r) { return 6 + 18 * static_cast<std::int64_t>(r.topic_ids.size()); }
std::int64_t bytes(const DeleteTopicsRequest& r) {
  std::int64_t sum = 5;
  for (const std::string& name : r.names) sum += 1 + static_cast<std::int64_t>(name.size());
  return sum;
}
std::int64_t bytes(const DeleteTopicsResponse&) { return 6; }
std::int64_t bytes(const AlterPartitionRequest& r) { return 41 + 12 * static_cast<std::int64_t>(r.new_isr.size()); }
std::int64_t bytes(const AlterPartitionResponse&) { return 6; }

constexpr std::int64_t kHeaderBytes = 24;  // length, api key and version, correlation id, client id

}  // namespace

std::string line(const Rpc& rpc) {
  const std::string body = std::visit([](const auto& b) { return text(b); }, rpc.body);
  const std::string controller =
      rpc.controller_id ? fmt::format(" controller={}", rpc.controller_id->value()) : std::string();
  return fmt::format("{}->{} {}{} #{}", rpc.from.value(), rpc.to.value(), body, controller, rpc.correlation_id.value());
}

std::string line(const Message& message) {
  return std::visit(overloaded{[](const raft::Message& m) { return raft::line(m); },  //
                               [](const Rpc& rpc) { return line(rpc); }},
                    message);
}

std::int64_t size_bytes(const Message& message) {
  return std::visit(
      overloaded{[](const raft::Message& m) { return raft::size_bytes(m); },
                 [](const Rpc& rpc) {
                   return kHeaderBytes + std::visit([](const auto& b) { return bytes(b); }, rpc.body);
                 }},
      message);
}

NodeId from(const Message& message) {
  return std::visit([](const auto& m) { return m.from; }, message);
}
NodeId to(const Message& message) {
  return std::visit([](const auto& m) { return m.to; }, message);
}

bool is_request(const Rpc& rpc) {
  return std::visit(overloaded{[](const BrokerRegistrationRequest&) { return true; },
                               [](const BrokerHeartbeatRequest&) { return true; },
                               [](const CreateTopicsRequest&) { return true; },
                               [](const DeleteTopicsRequest&) { return true; },
                               [](const AlterPartitionRequest&) { return true; },
                               [](const BrokerRegistrationResponse&) { return false; },
                               [](const BrokerHeartbeatResponse&) { return false; },
                               [](const CreateTopicsResponse&) { return false; },
                               [](const DeleteTopicsResponse&) { return false; },
                               [](const AlterPartitionResponse&) { return false; }},
                    rpc.body);
}

Error error_of(const Body& body) {
  return std::visit(
      [](const auto& b) {
        if constexpr (requires { b.error; }) {
          return b.error;
        } else {
          return Error::kNone;
        }
      },
      body);
}

Body refusal(const Body& body, Error error) {
  return std::visit(
      overloaded{[&](const BrokerRegistrationRequest&) -> Body { return BrokerRegistrationResponse{error, {}}; },
                 [&](const BrokerRegistrationResponse&) -> Body { return BrokerRegistrationResponse{error, {}}; },
                 [&](const BrokerHeartbeatRequest&) -> Body { return BrokerHeartbeatResponse{.error = error}; },
                 [&](const BrokerHeartbeatResponse&) -> Body { return BrokerHeartbeatResponse{.error = error}; },
                 [&](const CreateTopicsRequest&) -> Body { return CreateTopicsResponse{error, {}}; },
                 [&](const CreateTopicsResponse&) -> Body { return CreateTopicsResponse{error, {}}; },
                 [&](const DeleteTopicsRequest&) -> Body { return DeleteTopicsResponse{error}; },
                 [&](const DeleteTopicsResponse&) -> Body { return DeleteTopicsResponse{error}; },
                 [&](const AlterPartitionRequest&) -> Body { return AlterPartitionResponse{error}; },
                 [&](const AlterPartitionResponse&) -> Body { return AlterPartitionResponse{error}; }},
      body);
}

}  // namespace kraft::node
