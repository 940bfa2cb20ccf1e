// The broker's step: its replica, its own conversation with the controller, and its clients'. Whatever came in, a step
// ends by doing all that time has made due. It must not know what the records it applies mean.
#include "core/node/broker.hpp"

#include <algorithm>
#include <utility>

#include "core/base/check.hpp"
#include "core/base/overloaded.hpp"

namespace kraft::node {
namespace {

using namespace std::chrono_literals;

// BrokerServer's forwarding channel: retryTimeoutMs, and the default of controller.socket.timeout.ms.
constexpr Duration kForwardTimeout = 60s;
constexpr Duration kForwardAttempt = 30s;
// Kafka's Raft driver gives a replica so long to leave; an observer has nothing to wait for.
constexpr Duration kRaftShutdown = 5s;

}  // namespace

Broker::Broker(const BrokerConfig& config, raft::ReplicaKey self, raft::VoterSet voters, raft::Durable durable,
               Rng raft_rng, Rng backoff_rng, Uuid incarnation_id, Time now)
    : log_(config.raft, config.snapshot, self, std::move(voters), std::move(durable), raft_rng, now),
      lifecycle_(config, self.id, incarnation_id, backoff_rng, now),
      // Half a session, so that a request stuck at a dead controller does not cost the session (KAFKA-14392).
      own_(self.id, config.session_timeout / 2, config.session_timeout / 2),
      forward_(self.id, kForwardTimeout, kForwardAttempt),
      // As the replica's (RequestManager): a controller may owe an earlier life of this broker an answer, and it is not
      // for the request of this one that would have its number.
      next_correlation_id_(nanos(now) + 1) {
  ENSURE(!replica().is_voter(), "a broker observes");
}

void Broker::step(Time now, Input&& input, metadata::ApplyCache& cache, Effects& effects) {
  const BrokerState before = state();
  std::visit(overloaded{[&](Receive&& in) {
                          std::visit(overloaded{[&](raft::Message&& m) {
                                                  raft_step(now,
                                                            raft::Input(std::in_place_type<raft::Receive>,
                                                                        std::move(m)),
                                                            cache, effects);
                                                },
                                                [&](Rpc&& rpc) { receive(now, std::move(rpc), effects); }},
                                     std::move(in.message));
                        },
                        [&](Tick&&) { raft_step(now, raft::Tick{}, cache, effects); },
                        [&](Persisted&&) { raft_step(now, raft::Persisted{}, cache, effects); },
                        [&](Disconnected&& in) {
                          raft_step(now, raft::Disconnected{in.peer}, cache, effects);
                          own_.disconnected(now, in.peer);
                          forward_.disconnected(now, in.peer);
                        },
                        [&](Shutdown&&) { lifecycle_.shut_down(now); }},
             std::move(input));
  converse(now, effects);
  if (state() != before) effects.notices.emplace_back(BrokerStateChanged{state()});
  if (state() == BrokerState::kShuttingDown && !raft_stopped_ && !effects.persist) {
    raft_stopped_ = true;
    raft_step(now, raft::Shutdown{kRaftShutdown}, cache, effects);
  }
  effects.wake_at = wake_at();
}

Time Broker::wake_at() const {
  if (state() == BrokerState::kShuttingDown) return replica().wake_at();
  return std::min({replica().wake_at(), lifecycle_.wake_at(), own_.wake_at(), forward_.wake_at()});
}

void Broker::raft_step(Time now, raft::Input&& input, metadata::ApplyCache& cache, Effects& effects) {
  const Offset applied = image()->end_offset;
  log_.step(now, std::move(input), cache, effects);
  for (const raft::Notice& notice : log_.notices()) {
    if (std::holds_alternative<raft::ShutdownComplete>(notice)) effects.shutdown_complete = true;
  }
  if (image()->end_offset != applied) effects.notices.emplace_back(MetadataApplied{image()->last_offset()});
}

void Broker::receive(Time now, Rpc&& rpc, Effects& effects) {
  if (is_request(rpc)) {
    forward_.enqueue({.body = std::move(rpc.body),
                      .created = now,
                      .client = ControllerChannel::Client{.id = rpc.from, .correlation_id = rpc.correlation_id}});
    return;
  }
  const NodeId sender = rpc.from;
  if (const auto own = own_.receive(now, rpc)) {
    lifecycle_.responded(now, *own->response);
    if (error_of(*own->response) == Error::kNone && found_controller_ != sender) {
      found_controller_ = sender;
      effects.notices.emplace_back(ControllerFound{sender});
    }
  } else if (const auto forwarded = forward_.receive(now, rpc)) {
    answer(*forwarded, effects);
  }
}

void Broker::answer(const ControllerChannel::Result& result, Effects& effects) const {
  effects.sends.emplace_back(
      Rpc{.from = replica().self().id,
          .to = result.request.client->id,
          .correlation_id = result.request.client->correlation_id,
          .body = result.response ? *result.response : refusal(result.request.body, Error::kRequestTimedOut),
          .controller_id = std::nullopt});
}

/// Everything that time has made due: what took too long ends, what waits is sent.
void Broker::converse(Time now, Effects& effects) {
  lifecycle_.expire(now);
  if (state() == BrokerState::kShuttingDown) return;  // with the process goes whatever waits
  std::vector<ControllerChannel::Result> failed;
  own_.expire(now, effects, failed);
  if (!failed.empty()) lifecycle_.failed(now);  // there is one request at most
  if (auto request = lifecycle_.next_request(now, image()->last_offset())) {
    own_.enqueue({.body = std::move(*request), .created = now, .client = std::nullopt});
  }
  own_.send(now, replica().leader_id(), next_correlation_id_, effects);
  failed.clear();
  forward_.expire(now, effects, failed);
  for (const ControllerChannel::Result& result : failed) answer(result, effects);
  forward_.send(now, replica().leader_id(), next_correlation_id_, effects);
}

std::string line(const Broker& broker) {
  std::string text = line(broker.replica()) + " " + line(broker.state());
  if (broker.broker_epoch()) text += " e" + line(*broker.broker_epoch());
  return text;
}

}  // namespace kraft::node
