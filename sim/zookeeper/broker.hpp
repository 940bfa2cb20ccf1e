// Broker: what a Kafka broker in ZooKeeper mode does on the control plane. A value without a pointer to the world.
//
// It keeps a ZooKeeper session, registers as an ephemeral, runs for controller, and takes the controller's requests in
// order (one request handler that computes beside everything else). A follower that is told of a leader whose ISR it is
// not in catches up at once, since there is no data here, and the leader has the controller add it (AlterPartition).
// Client operations are dealt with by the broker that is the controller.
//
// A process that Kafka would have exit at start-up (ZooKeeper not reached in time, its id still registered) is started
// again a second later, as a supervisor does.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/base/rng.hpp"
#include "sim/zookeeper/client.hpp"
#include "sim/zookeeper/config.hpp"
#include "sim/zookeeper/controller.hpp"
#include "sim/zookeeper/effects.hpp"
#include "sim/zookeeper/requests.hpp"

namespace kraftsim::zookeeper {

class Broker {
 public:
  Broker(NodeId self, const BrokerConfig& config, std::vector<NodeId> servers, const Racks& racks,
         const cluster::ServiceTimes& times, std::uint64_t seed);

  void start(Time now, Effects& fx);
  void crash();
  void receive(Time now, NodeId from, const Packet& packet, Effects& fx);
  void connection_lost(Time now, NodeId peer, bool own, Effects& fx);
  void timer(Time now, Effects& fx);
  [[nodiscard]] Time wake_at() const;
  /// SIGTERM: controlled shutdown, then the session is closed and the process ends.
  void shut_down(Time now, Effects& fx);

  /// At the first start of a cluster nobody runs for controller until all brokers have registered.
  void hold_election() { election_held_ = true; }
  void release_election(Time now, Effects& fx);

  [[nodiscard]] bool is_registered() const { return life_ == Life::kRegistered; }
  [[nodiscard]] const Controller& controller() const { return controller_; }
  [[nodiscard]] std::uint64_t fingerprint() const;
  [[nodiscard]] std::string describe() const;

 private:
  enum class Life : std::uint8_t {
    kDown,
    kConnecting,    // for a new session
    kRegistered,    // /brokers/ids/<id> is this session's
    kUnregistered,  // lives, but another session owns its znode (KAFKA-14845)
    kClosing,       // the session, and with it the process
  };
  struct Registration {
    enum class Stage : std::uint8_t { kCreate, kInspect, kReplace } stage = Stage::kCreate;
  };
  struct ForController {};
  struct ForAdmin {
    std::uint64_t operation = 0;
  };
  using Purpose = std::variant<Registration, ForController, ForAdmin>;
  struct AdminOperation {
    NodeId client;
    AdminRequest request;
    enum class Stage : std::uint8_t { kLook, kConfigure, kWrite, kAwaitMetadata } stage = Stage::kLook;
  };

  // ---- broker.cpp ----
  void open_session(Time now, Effects& fx);
  void restart_later(Time now, Effects& fx);
  void forget_session();
  void absorb(Time now, ClientEffects& client, Effects& fx);
  void absorb(Time now, Controller::Output& out, Effects& fx);
  void handle(Time now, const ClientEvent& event, Effects& fx);
  void ask(Time now, std::vector<Request> requests, Purpose purpose, Effects& fx);
  void pump(Time now, Effects& fx);
  void answered(Time now, const Requests::Done& done, Effects& fx);
  void registration_answered(Time now, Registration::Stage stage, const std::vector<Result>& results, Effects& fx);
  void registered(Time now, Effects& fx);
  void send(NodeId to, Packet packet, Effects& fx);
  void ask_for_shutdown(Time now, Effects& fx);
  void close_session(Time now, Effects& fx);

  // ---- broker_requests.cpp ----
  void take_request(Time now, NodeId from, const ControllerRequest& request, Effects& fx);
  void begin_request(Time now);
  void finish_request(Time now, Effects& fx);
  void finish_admin(bool create, TopicNumber topic, Effects& fx);
  void ask_for_isrs(Time now, Effects& fx);
  void isrs_answered(Time now, bool accepted, Effects& fx);
  void administer(Time now, NodeId from, const AdminRequest& request, Effects& fx);
  void administration_answered(Time now, std::uint64_t operation, const Result& result, Effects& fx);
  void answer_admin(std::uint64_t operation, AdminError error, Effects& fx);
  void abandon_admin(Effects& fx);

  NodeId self_;
  BrokerConfig config_;
  std::vector<NodeId> servers_;
  ServiceCosts costs_;
  std::uint64_t seed_;
  bool election_held_ = false;

  // ---- the process ----
  Life life_ = Life::kDown;
  bool shutting_down_ = false;
  Time restart_at_ = kraft::kNever;
  Time connect_deadline_ = kraft::kNever;  // of a starting process
  std::int32_t shutdown_attempts_ = 0;
  Time shutdown_retry_at_ = kraft::kNever;
  std::int32_t sessions_opened_ = 0;  // over all incarnations
  std::optional<Client> client_;
  SessionId previous_session_ = kNoSession;  // of this incarnation
  Requests requests_;
  std::map<std::int64_t, Purpose> purposes_;  // of groups
  Controller controller_;
  std::deque<Packet> loopback_;  // to itself; read when what has arrived is dealt with

  // ---- the request handler ----
  NodeId known_controller_{-1};
  std::int64_t known_epoch_ = 0;
  std::deque<std::pair<NodeId, ControllerRequest>> handling_;  // the first is worked on
  Worker handler_;
  std::set<std::pair<PartitionKey, NodeId>> joined_;  // caught up, not yet in the ISR
  std::vector<std::pair<PartitionKey, NodeId>> asked_;  // those in the request in flight
  Time ask_again_at_ = kraft::kNever;
  std::map<std::uint64_t, AdminOperation> admin_;
};

}  // namespace kraftsim::zookeeper
