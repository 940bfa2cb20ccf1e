// BrokerLifecycle: registration, heartbeats and controlled shutdown as a broker sees them (Kafka's
// BrokerLifecycleManager, KIP-631). It says which request is due when; a ControllerChannel carries it.
//
//   STARTING --caught up--> RECOVERY --unfenced--> RUNNING --shutdown--> PENDING_CONTROLLED_SHUTDOWN
//       any --shutdown granted, given up, or never registered--> SHUTTING_DOWN
//
// At most one request is under way. It must not know Raft, the controller's address or the image.
#pragma once

#include <optional>

#include "core/base/rng.hpp"
#include "core/node/config.hpp"
#include "core/node/message.hpp"
#include "core/node/step.hpp"

namespace kraft::node {

class BrokerLifecycle {
 public:
  BrokerLifecycle(const BrokerConfig& config, NodeId self, Uuid incarnation_id, Rng rng, Time now);

  /// The request that is due now, if any. `applied` is the last offset of the broker's image.
  [[nodiscard]] std::optional<Body> next_request(Time now, Offset applied);
  /// The end of the request under way.
  void responded(Time now, const Body& response);
  void failed(Time now);
  /// Asks for a controlled shutdown; a broker that does not run just stops.
  void shut_down(Time now);
  /// Gives up what has lasted too long: the first registration, the controlled shutdown.
  void expire(Time now);

  [[nodiscard]] BrokerState state() const { return state_; }
  /// None before the registration was accepted.
  [[nodiscard]] std::optional<BrokerEpoch> broker_epoch() const { return broker_epoch_; }
  /// As the controller last said.
  [[nodiscard]] bool is_fenced() const { return fenced_; }
  [[nodiscard]] Time wake_at() const;

 private:
  void on_response(Time now, const BrokerRegistrationResponse& response);
  void on_response(Time now, const BrokerHeartbeatResponse& response);
  void schedule(Time now, Duration delay);
  void schedule_now(Time now);

  BrokerConfig config_;
  NodeId self_;
  Uuid incarnation_id_;
  Rng rng_;
  BrokerState state_ = BrokerState::kStarting;
  std::optional<BrokerEpoch> broker_epoch_;
  bool fenced_ = true;
  bool under_way_ = false;           // a request is
  bool immediately_ = false;         // the next one follows at once, whatever the answer asks for
  bool ready_to_unfence_ = false;    // caught up once
  bool saw_shutdown_answer_ = false;
  int failures_ = 0;                 // in a row
  Time send_at_{};
  Time registration_deadline_ = kNever;
  Time shutdown_deadline_ = kNever;
};

}  // namespace kraft::node
