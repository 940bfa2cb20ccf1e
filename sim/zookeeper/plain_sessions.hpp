// PlainSessions: ZooKeeper clients that are no brokers (consumers of old, tools, other systems), all on one node.
//
// Each has a session, sockets and pings of its own; they share the node's connections to the servers, so that some
// hundred sessions stay cheap. They ask for nothing: they only keep their sessions, and open new ones when they expire.
#pragma once

#include <vector>

#include "sim/zookeeper/client.hpp"
#include "sim/zookeeper/effects.hpp"

namespace kraftsim::zookeeper {

class PlainSessions {
 public:
  PlainSessions(NodeId node, std::int32_t count, std::vector<NodeId> servers, Duration session_timeout,
                std::uint64_t seed);

  void start(Time now, Effects& fx);
  void receive(Time now, const Packet& packet, std::int64_t socket, Effects& fx);
  void connection_lost(Time now, NodeId server, Effects& fx);
  void timer(Time now, Effects& fx);
  [[nodiscard]] Time wake_at() const;
  [[nodiscard]] std::size_t connected() const;
  /// How often a session has expired so far.
  [[nodiscard]] std::int64_t expired() const { return expired_; }

 private:
  void open(Time now, std::size_t index, Effects& fx);
  void absorb(Time now, std::size_t index, ClientEffects& client, Effects& fx);

  NodeId node_;
  std::vector<NodeId> servers_;
  Duration session_timeout_;
  std::uint64_t seed_;
  std::vector<Client> clients_;
  std::vector<std::int32_t> opened_;  // sessions so far, by client
  std::int64_t expired_ = 0;
};

}  // namespace kraftsim::zookeeper
