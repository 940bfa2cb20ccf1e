// ControllerChannel: a broker's way to the active controller (Kafka's NodeToControllerChannelManager): a queue, one
// request in flight, and persistence.
//
// The controller is whoever the broker's own Raft replica takes for the leader, looked up only when the one in use has
// proved wrong: it answered NOT_CONTROLLER, or the connection broke, or it was silent for too long. The request goes
// back to the head of the queue and is sent again until it is answered or too old.
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/time.hpp"
#include "core/node/message.hpp"
#include "core/node/step.hpp"

namespace kraft::node {

class ControllerChannel {
 public:
  /// On whose behalf a request is sent, if not the broker's own.
  struct Client {
    NodeId id;
    CorrelationId correlation_id;
  };
  struct Request {
    Body body;
    Time created{};
    std::optional<Client> client;
  };
  struct Result {
    Request request;
    std::optional<Body> response;  // none: it grew too old
  };

  /// `give_up_after`: the age at which a request has failed. `request_timeout`: how long one attempt waits.
  ControllerChannel(NodeId self, Duration give_up_after, Duration request_timeout)
      : self_(self), give_up_after_(give_up_after), request_timeout_(request_timeout) {}

  void enqueue(Request request) { queue_.push_back(std::move(request)); }
  /// The end of a request, if `response` is that (its body is then taken); stale and retriable answers are none.
  [[nodiscard]] std::optional<Result> receive(Time now, Rpc& response);
  void disconnected(Time now, NodeId peer);
  /// Ends attempts, and then requests, that took too long.
  void expire(Time now, Effects& effects, std::vector<Result>& failed);
  /// Sends the head of the queue if nothing is in flight and somebody to send it to is known.
  void send(Time now, std::optional<NodeId> leader, CorrelationId& next_correlation_id, Effects& effects);

  /// Whom requests go to; none while that is being looked up.
  [[nodiscard]] std::optional<NodeId> controller() const { return controller_; }
  [[nodiscard]] Time wake_at() const;

 private:
  struct InFlight {
    Request request;
    NodeId to;
    CorrelationId correlation_id;
    Time deadline{};
  };
  void retry(Time now);

  NodeId self_;
  Duration give_up_after_;
  Duration request_timeout_;
  std::deque<Request> queue_;  // oldest first
  std::optional<InFlight> in_flight_;
  std::optional<NodeId> controller_;
  std::optional<NodeId> lost_;  // the controller whose connection was last dropped
  Time reconnect_at_{};         // not to that one before
  Time send_at_{};              // nothing before
};

}  // namespace kraft::node
