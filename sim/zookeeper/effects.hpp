// Effects: what a protocol object wants of the world after one step, as plain data for the host to carry out.
//
// In order: the CPU is spent, then the acts happen, then the write begins. Whatever must be durable before it is said
// is held back by the object itself until it is told that the write is done.
#pragma once

#include <cstdint>
#include <utility>
#include <variant>
#include <vector>

#include "sim/cluster/observation.hpp"
#include "sim/zookeeper/packet.hpp"

namespace kraftsim::zookeeper {

/// On the node's own connection to `to`.
struct SendRequest {
  NodeId to;
  MessageRef message;
};
/// On the connection that `to` made to the node.
struct SendResponse {
  NodeId to;
  MessageRef message;
};
/// Ends the node's own connection to `peer`.
struct Disconnect {
  NodeId peer;
};
using Act = std::variant<SendRequest, SendResponse, Disconnect>;

/// A transaction that a leader knows to be committed, with its times at the leader (zero where it took no part).
struct Committed {
  TxnRef txn;
  Time queued{};
  Time proposed{};
  Time durable{};
};

struct Effects {
  Duration cpu{};
  std::vector<Act> acts;
  std::int64_t write_bytes = 0;  // more than zero: write and sync so much
  bool stop = false;             // the process has ended cleanly
  std::vector<Committed> committed;
  std::vector<SessionId> expired;
  std::vector<std::pair<NodeId, cluster::Fact>> facts;

  void request(NodeId to, Packet packet) { acts.push_back(SendRequest{to, kraft::share<Message>(std::move(packet))}); }
  void respond(NodeId to, Packet packet) { acts.push_back(SendResponse{to, kraft::share<Message>(std::move(packet))}); }
  void disconnect(NodeId peer) { acts.push_back(Disconnect{peer}); }
  void observe(NodeId node, cluster::Fact fact) { facts.emplace_back(node, std::move(fact)); }
};

}  // namespace kraftsim::zookeeper
