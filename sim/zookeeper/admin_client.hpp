// AdminClient: Kafka's administration client, as far as it creates and deletes topics.
//
// It asks one broker, goes where that says the controller is, tries another when it gets no answer, and gives up after
// default.api.timeout.ms.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sim/zookeeper/effects.hpp"

namespace kraftsim::zookeeper {

class AdminClient {
 public:
  AdminClient(NodeId node, std::vector<NodeId> brokers) : node_(node), brokers_(std::move(brokers)) {}

  void submit(Time now, NodeId via, const AdminRequest& request, Effects& fx);
  void receive(Time now, const AdminReply& reply, Effects& fx);
  void connection_lost(Time now, NodeId broker);
  void timer(Time now, Effects& fx);
  [[nodiscard]] Time wake_at() const;

 private:
  struct Operation {
    AdminRequest request;
    Time submitted{};
    NodeId broker{};
    bool sent = false;  // and not answered
    Time retry_at{};    // while sent: given up at the broker
  };
  void ask(Time now, Operation& operation, Effects& fx) const;
  void finish(std::uint64_t id, const std::string& error, Effects& fx);
  [[nodiscard]] NodeId after(NodeId broker) const;

  NodeId node_;
  std::vector<NodeId> brokers_;
  std::map<std::uint64_t, Operation> operations_;
};

}  // namespace kraftsim::zookeeper
