// What controllers, brokers and clients say to each other besides Raft: Kafka's control-plane RPCs as plain values.
//
// All of them are requests to the active controller. A controller that is not active answers NOT_CONTROLLER and names
// the one it knows. Answers to writes leave only once the records are committed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/time.hpp"
#include "core/metadata/request.hpp"
#include "core/raft/message.hpp"

namespace kraft::node {

// The bodies belong to the decisions that they ask for.
using metadata::AlterPartitionRequest;
using metadata::AlterPartitionResponse;
using metadata::BrokerHeartbeatRequest;
using metadata::BrokerHeartbeatResponse;
using metadata::BrokerRegistrationRequest;
using metadata::BrokerRegistrationResponse;
using metadata::CreateTopicsRequest;
using metadata::CreateTopicsResponse;
using metadata::DeleteTopicsRequest;
using metadata::DeleteTopicsResponse;
using metadata::Error;
using metadata::NewTopic;
using metadata::line;

using Body = std::variant<BrokerRegistrationRequest, BrokerRegistrationResponse, BrokerHeartbeatRequest,
                          BrokerHeartbeatResponse, CreateTopicsRequest, CreateTopicsResponse, DeleteTopicsRequest,
                          DeleteTopicsResponse, AlterPartitionRequest, AlterPartitionResponse>;

/// One control-plane RPC. `controller_id` is filled in responses: the active controller as the responder knows it.
struct Rpc {
  NodeId from;
  NodeId to;
  CorrelationId correlation_id;
  Body body;
  std::optional<NodeId> controller_id;
};

/// Everything that travels between the nodes of a KRaft cluster.
using Message = std::variant<raft::Message, Rpc>;

[[nodiscard]] std::string line(const Rpc& rpc);
[[nodiscard]] std::string line(const Message& message);
[[nodiscard]] std::int64_t size_bytes(const Message& message);
[[nodiscard]] NodeId from(const Message& message);
[[nodiscard]] NodeId to(const Message& message);
[[nodiscard]] bool is_request(const Rpc& rpc);

/// NONE for a request.
[[nodiscard]] Error error_of(const Body& body);
/// The response that says nothing but `error`: to a request, or in place of another response.
[[nodiscard]] Body refusal(const Body& body, Error error);

}  // namespace kraft::node
