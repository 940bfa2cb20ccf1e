// Requests: Kafka's ZooKeeperClient above one session: groups of requests in a pipeline.
//
// At most zookeeper.max.in.flight.requests are outstanding; a group is done when all of it is answered; what a lost
// connection left unanswered is sent again once there is one (KafkaZkClient.retryRequestsUntilConnected).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "sim/zookeeper/client.hpp"

namespace kraftsim::zookeeper {

class Requests {
 public:
  struct Done {
    std::int64_t group = 0;
    std::vector<Result> results;  // in the order of the requests
  };

  explicit Requests(std::int32_t max_in_flight) : max_in_flight_(max_in_flight) {}

  /// Not empty. Returns the group's number.
  std::int64_t add(std::vector<Request> requests);
  /// Sends what the window allows.
  void pump(Time now, Client& client, ClientEffects& fx);
  /// The group, if this was its last answer.
  std::optional<Done> replied(std::int64_t xid, const Result& result);
  void lost(std::int64_t xid);
  /// With the session, everything is given up.
  void clear();
  [[nodiscard]] std::size_t in_flight() const { return in_flight_.size(); }

 private:
  struct Group {
    std::vector<Request> requests;
    std::vector<Result> results;
    std::vector<std::size_t> again;  // lost, to be sent first
    std::size_t next = 0;
    std::size_t answered = 0;
  };

  std::int32_t max_in_flight_;
  std::int64_t last_group_ = 0;
  std::map<std::int64_t, Group> groups_;
  std::map<std::int64_t, std::pair<std::int64_t, std::size_t>> in_flight_;  // xid -> group, index
};

}  // namespace kraftsim::zookeeper
