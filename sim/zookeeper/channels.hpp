// Channels: how the controller talks to the brokers (ControllerChannelManager): one queue and one request in flight per
// broker, sent again every 100 ms until the broker answers or is removed.
#pragma once

#include <deque>
#include <map>
#include <utility>
#include <variant>
#include <vector>

#include "sim/zookeeper/packet.hpp"

namespace kraftsim::zookeeper {

class Channels {
 public:
  using Sends = std::vector<std::pair<NodeId, Packet>>;
  using Body = std::variant<LeaderAndIsr, UpdateMetadata, StopReplica>;

  void open(NodeId broker) { brokers_[broker]; }
  void close(NodeId broker) { brokers_.erase(broker); }
  void clear() { brokers_.clear(); }

  /// Behind what is queued for that broker; nothing if its channel is closed.
  void send(NodeId broker, NodeId controller, std::int64_t epoch, Body body, Sends& out);
  /// The broker has answered what it was sent.
  void answered(NodeId broker, std::int64_t number, Sends& out);
  void connection_lost(Time now, NodeId broker);
  void timer(Time now, Sends& out);
  [[nodiscard]] Time wake_at() const;

  /// The number of the last request queued for the broker, and whether everything up to a number is answered.
  [[nodiscard]] std::int64_t last_number() const { return last_number_; }
  [[nodiscard]] bool has_answered(NodeId broker, std::int64_t up_to) const;

 private:
  struct Channel {
    std::deque<ControllerRequest> queue;  // the first is in flight
    Time retry_at = kraft::kNever;
  };
  std::map<NodeId, Channel> brokers_;
  std::int64_t last_number_ = 0;
};

}  // namespace kraftsim::zookeeper
