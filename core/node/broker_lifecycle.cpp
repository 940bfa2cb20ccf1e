// The timing of a broker's conversation with the controller (metadata-and-zookeeper.md A2). All intervals are Kafka's
// configuration or hard-coded in its BrokerLifecycleManager; none is ours.
#include "core/node/broker_lifecycle.hpp"

#include <algorithm>

#include "core/base/check.hpp"
#include "core/base/overloaded.hpp"

namespace kraft::node {
namespace {

using namespace std::chrono_literals;

// Hard-coded in BrokerLifecycleManager.
constexpr Duration kStartingInterval = 10ms;
constexpr Duration kFirstShutdownInterval = 50ms;
constexpr Duration kInitialBackoff = 100ms;  // resendExponentialBackoff: doubles, +-2 %, up to the session time-out

Duration backoff(int failures, Duration most, Rng& rng) {
  constexpr int kMaxDoublings = 20;  // beyond any session time-out
  const Duration base = std::min(most, kInitialBackoff * (std::int64_t{1} << std::min(failures, kMaxDoublings)));
  return std::min(most, rng.between(base / 100 * 98, base / 100 * 102));
}

}  // namespace

BrokerLifecycle::BrokerLifecycle(const BrokerConfig& config, NodeId self, Uuid incarnation_id, Rng rng, Time now)
    : config_(config),
      self_(self),
      incarnation_id_(incarnation_id),
      rng_(rng),
      send_at_(now),
      registration_deadline_(now + config.initial_registration_timeout) {}

std::optional<Body> BrokerLifecycle::next_request(Time now, Offset applied) {
  if (under_way_ || state_ == BrokerState::kShuttingDown || now < send_at_) return std::nullopt;
  under_way_ = true;
  if (!broker_epoch_) {
    return BrokerRegistrationRequest{.broker_id = self_, .incarnation_id = incarnation_id_, .rack = config_.rack};
  }
  return BrokerHeartbeatRequest{.broker_id = self_,
                                .broker_epoch = *broker_epoch_,
                                .current_metadata_offset = applied,
                                .want_fence = !ready_to_unfence_,
                                .want_shut_down = state_ == BrokerState::kPendingControlledShutdown};
}

void BrokerLifecycle::responded(Time now, const Body& response) {
  if (error_of(response) != Error::kNone) {
    failed(now);
    return;
  }
  under_way_ = false;
  failures_ = 0;
  const auto unasked = [] { ENSURE(false, "a broker sends registrations and heartbeats only"); };
  std::visit(overloaded{[&](const BrokerRegistrationResponse& r) { on_response(now, r); },
                        [&](const BrokerHeartbeatResponse& r) { on_response(now, r); },
                        [&](const BrokerRegistrationRequest&) { unasked(); },
                        [&](const BrokerHeartbeatRequest&) { unasked(); },
                        [&](const CreateTopicsRequest&) { unasked(); },
                        [&](const CreateTopicsResponse&) { unasked(); },
                        [&](const DeleteTopicsRequest&) { unasked(); },
                        [&](const DeleteTopicsResponse&) { unasked(); },
                        [&](const AlterPartitionRequest&) { unasked(); },
                        [&](const AlterPartitionResponse&) { unasked(); }},
             response);
}

void BrokerLifecycle::on_response(Time now, const BrokerRegistrationResponse& response) {
  broker_epoch_ = response.broker_epoch;
  registration_deadline_ = kNever;
  schedule_now(now);
}

void BrokerLifecycle::on_response(Time now, const BrokerHeartbeatResponse& response) {
  fenced_ = response.is_fenced;
  switch (state_) {
    case BrokerState::kStarting:
      schedule(now, kStartingInterval);
      if (!response.is_caught_up) return;
      state_ = BrokerState::kRecovery;
      ready_to_unfence_ = true;  // there is no log to recover here
      schedule_now(now);
      return;
    case BrokerState::kRecovery:
      if (!response.is_fenced) state_ = BrokerState::kRunning;
      schedule(now, config_.heartbeat_interval);
      return;
    case BrokerState::kRunning: schedule(now, config_.heartbeat_interval); return;
    case BrokerState::kPendingControlledShutdown:
      if (response.should_shut_down) {
        state_ = BrokerState::kShuttingDown;
        return;
      }
      // The first answer comes before the partitions have moved: ask again soon.
      schedule(now, saw_shutdown_answer_ ? config_.heartbeat_interval : kFirstShutdownInterval);
      saw_shutdown_answer_ = true;
      return;
    case BrokerState::kShuttingDown: return;
  }
}

void BrokerLifecycle::failed(Time now) {
  under_way_ = false;
  schedule(now, backoff(failures_++, config_.session_timeout, rng_));
}

void BrokerLifecycle::shut_down(Time now) {
  if (state_ == BrokerState::kRunning) {
    state_ = BrokerState::kPendingControlledShutdown;
    shutdown_deadline_ = now + config_.controlled_shutdown_timeout;
    schedule_now(now);
  } else if (state_ != BrokerState::kPendingControlledShutdown) {
    state_ = BrokerState::kShuttingDown;
  }
}

void BrokerLifecycle::expire(Time now) {
  if (std::min(registration_deadline_, shutdown_deadline_) <= now) state_ = BrokerState::kShuttingDown;
}

Time BrokerLifecycle::wake_at() const {
  const Time deadline = std::min(registration_deadline_, shutdown_deadline_);
  return under_way_ ? deadline : std::min(deadline, send_at_);
}

void BrokerLifecycle::schedule(Time now, Duration delay) {
  send_at_ = immediately_ ? now : now + delay;
  immediately_ = false;
}

/// Right away, or right after the request that is under way.
void BrokerLifecycle::schedule_now(Time now) {
  if (under_way_) {
    immediately_ = true;
  } else {
    schedule(now, Duration::zero());
  }
}

}  // namespace kraft::node
