// Broker: a broker's control half. It follows the metadata log as an observer, keeps the image, stays registered and
// unfenced with the active controller, and carries its clients' requests there.
//
// Its data plane (partitions' logs, producers, consumers) is elsewhere and reads `image()`. It must not decide anything
// about metadata: it asks.
#pragma once

#include <optional>

#include "core/base/rng.hpp"
#include "core/node/broker_lifecycle.hpp"
#include "core/node/config.hpp"
#include "core/node/controller_channel.hpp"
#include "core/node/replicated_image.hpp"
#include "core/node/step.hpp"

namespace kraft::node {

class Broker {
 public:
  /// Starts a new process of a broker at `now`; step `Tick` right after. `incarnation_id` is new at every start.
  Broker(const BrokerConfig& config, raft::ReplicaKey self, raft::VoterSet voters, raft::Durable durable, Rng raft_rng,
         Rng backoff_rng, Uuid incarnation_id, Time now);

  /// Consumes one input; `effects` must be clear. See step.hpp for what the host then owes. A request received is a
  /// client's: it is forwarded, and the controller's answer given back.
  void step(Time now, Input&& input, metadata::ApplyCache& cache, Effects& effects);

  // ---- views ----
  [[nodiscard]] const raft::Replica& replica() const { return log_.replica(); }
  [[nodiscard]] const Ref<metadata::Image>& image() const { return log_.image(); }
  [[nodiscard]] BrokerState state() const { return lifecycle_.state(); }
  /// None before the registration was accepted.
  [[nodiscard]] std::optional<BrokerEpoch> broker_epoch() const { return lifecycle_.broker_epoch(); }
  /// As the controller last said.
  [[nodiscard]] bool is_fenced() const { return lifecycle_.is_fenced(); }
  [[nodiscard]] Time wake_at() const;

 private:
  void raft_step(Time now, raft::Input&& input, metadata::ApplyCache& cache, Effects& effects);
  void receive(Time now, Rpc&& rpc, Effects& effects);
  void answer(const ControllerChannel::Result& result, Effects& effects) const;
  void converse(Time now, Effects& effects);

  ReplicatedImage log_;
  BrokerLifecycle lifecycle_;
  ControllerChannel own_;      // registration and heartbeats
  ControllerChannel forward_;  // clients' requests
  CorrelationId next_correlation_id_;
  std::optional<NodeId> found_controller_;  // the last that accepted a request of ours
  bool raft_stopped_ = false;
};

/// "n101 follower e4 leader=1 end=120@4 hw=118 RUNNING e57".
[[nodiscard]] std::string line(const Broker& broker);

}  // namespace kraft::node
