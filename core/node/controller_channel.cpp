// The channel's queue and its retries: one attempt at a time, and every failure ends in a new look-up of the
// controller. It must not know what its requests mean.
#include "core/node/controller_channel.hpp"

#include <algorithm>
#include <utility>

namespace kraft::node {
namespace {

// NodeToControllerChannelManager: the pause between look-ups while no leader is known, and the reconnect back-off that
// it gives its NetworkClient.
constexpr Duration kLookUpInterval = std::chrono::milliseconds(100);
constexpr Duration kReconnectBackoff = std::chrono::milliseconds(50);

}  // namespace

std::optional<ControllerChannel::Result> ControllerChannel::receive(Time now, Rpc& response) {
  if (!in_flight_ || in_flight_->correlation_id != response.correlation_id) return std::nullopt;
  if (error_of(response.body) == Error::kNotController) {
    retry(now);
    return std::nullopt;
  }
  Result result{.request = std::move(in_flight_->request), .response = std::move(response.body)};
  in_flight_.reset();
  return result;
}

void ControllerChannel::disconnected(Time now, NodeId peer) {
  if (in_flight_ && in_flight_->to == peer) retry(now);
}

void ControllerChannel::expire(Time now, Effects& effects, std::vector<Result>& failed) {
  if (in_flight_ && in_flight_->deadline <= now) {
    effects.disconnects.push_back(in_flight_->to);
    retry(now);
  }
  while (!queue_.empty() && queue_.front().created + give_up_after_ <= now) {
    failed.push_back({.request = std::move(queue_.front()), .response = std::nullopt});
    queue_.pop_front();
  }
}

void ControllerChannel::send(Time now, std::optional<NodeId> leader, CorrelationId& next_correlation_id,
                             Effects& effects) {
  if (in_flight_ || queue_.empty() || now < send_at_) return;
  if (!controller_) {
    if (!leader) {
      send_at_ = now + kLookUpInterval;
      return;
    }
    controller_ = leader;
    if (controller_ == lost_ && now < reconnect_at_) {
      send_at_ = reconnect_at_;
      return;
    }
  }
  in_flight_ = InFlight{.request = std::move(queue_.front()),
                        .to = *controller_,
                        .correlation_id = next_correlation_id,
                        .deadline = now + request_timeout_};
  next_correlation_id += 1;
  queue_.pop_front();
  effects.sends.emplace_back(Rpc{.from = self_,
                                 .to = in_flight_->to,
                                 .correlation_id = in_flight_->correlation_id,
                                 .body = in_flight_->request.body,
                                 .controller_id = std::nullopt});
}

Time ControllerChannel::wake_at() const {
  Time wake = in_flight_ ? in_flight_->deadline : kNever;
  if (queue_.empty()) return wake;
  wake = std::min(wake, queue_.front().created + give_up_after_);
  return in_flight_ ? wake : std::min(wake, send_at_);
}

/// Drops the connection and looks the controller up anew.
void ControllerChannel::retry(Time now) {
  queue_.push_front(std::move(in_flight_->request));
  lost_ = in_flight_->to;
  reconnect_at_ = now + kReconnectBackoff;
  in_flight_.reset();
  controller_.reset();
  send_at_ = now;
}

}  // namespace kraft::node
