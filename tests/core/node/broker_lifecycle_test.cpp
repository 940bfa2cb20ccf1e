// The broker's half of the conversation, by itself: what it asks when (BrokerLifecycleManager), and how its channel
// finds whom to ask (NodeToControllerChannelManager).
#include "core/node/broker_lifecycle.hpp"

#include <doctest/doctest.h>

#include "core/node/controller_channel.hpp"

namespace kraft::node {
namespace {

using namespace std::chrono_literals;

constexpr Time at(Duration d) { return Time{} + d; }

BrokerLifecycle fresh(BrokerConfig config = {}) { return {config, NodeId(101), Uuid{1, 1}, Rng(3), at(0s)}; }

Body heartbeat_answer(bool caught_up, bool fenced, bool shut_down = false) {
  return BrokerHeartbeatResponse{Error::kNone, caught_up, fenced, shut_down};
}

/// Registered at 0 s and in `state`, with the next heartbeat due at `due`.
BrokerLifecycle running(Time& due) {
  BrokerLifecycle lifecycle = fresh();
  (void)lifecycle.next_request(at(0s), Offset(-1));
  lifecycle.responded(at(0s), BrokerRegistrationResponse{Error::kNone, BrokerEpoch(7)});
  (void)lifecycle.next_request(at(0s), Offset(9));
  lifecycle.responded(at(0s), heartbeat_answer(true, true));
  (void)lifecycle.next_request(at(0s), Offset(9));
  lifecycle.responded(at(0s), heartbeat_answer(true, false));
  due = at(2s);
  REQUIRE(lifecycle.state() == BrokerState::kRunning);
  return lifecycle;
}

TEST_CASE("the way up: register, heartbeat at once, 10 ms until caught up, at once again, then every 2 s") {
  BrokerLifecycle lifecycle = fresh();
  auto request = lifecycle.next_request(at(0s), Offset(-1));
  REQUIRE(request);
  CHECK(std::holds_alternative<BrokerRegistrationRequest>(*request));
  CHECK_FALSE(lifecycle.next_request(at(1s), Offset(-1)));  // one at a time
  lifecycle.responded(at(1s), BrokerRegistrationResponse{Error::kNone, BrokerEpoch(7)});
  request = lifecycle.next_request(at(1s), Offset(3));
  REQUIRE(request);
  auto heartbeat = std::get<BrokerHeartbeatRequest>(*request);
  CHECK(heartbeat.broker_epoch == BrokerEpoch(7));
  CHECK(heartbeat.current_metadata_offset == Offset(3));
  CHECK(heartbeat.want_fence);

  lifecycle.responded(at(1s), heartbeat_answer(false, true));
  CHECK(lifecycle.state() == BrokerState::kStarting);
  CHECK(lifecycle.wake_at() == at(1010ms));
  CHECK_FALSE(lifecycle.next_request(at(1009ms), Offset(8)));
  REQUIRE(lifecycle.next_request(at(1010ms), Offset(8)));
  lifecycle.responded(at(1011ms), heartbeat_answer(true, true));
  CHECK(lifecycle.state() == BrokerState::kRecovery);
  request = lifecycle.next_request(at(1011ms), Offset(8));
  REQUIRE(request);
  CHECK_FALSE(std::get<BrokerHeartbeatRequest>(*request).want_fence);
  lifecycle.responded(at(1012ms), heartbeat_answer(true, true));
  CHECK(lifecycle.state() == BrokerState::kRecovery);
  CHECK(lifecycle.wake_at() == at(3012ms));
  REQUIRE(lifecycle.next_request(at(3012ms), Offset(8)));
  lifecycle.responded(at(3013ms), heartbeat_answer(true, false));
  CHECK(lifecycle.state() == BrokerState::kRunning);
  CHECK_FALSE(lifecycle.is_fenced());
  CHECK(lifecycle.wake_at() == at(5013ms));
}

TEST_CASE("failures back off by doubling, within 2 %, up to the session time-out, and success forgets them") {
  BrokerLifecycle lifecycle = fresh();
  Time now = at(0s);
  for (std::int64_t expected_ms : {100, 200, 400, 800, 1600, 3200, 6400, 9000, 9000}) {
    REQUIRE(lifecycle.next_request(now, Offset(-1)));
    if (expected_ms == 400) {
      lifecycle.responded(now, BrokerRegistrationResponse{Error::kDuplicateBrokerRegistration, {}});
    } else {
      lifecycle.failed(now);
    }
    const Duration delay = lifecycle.wake_at() - now;
    CHECK(delay >= std::chrono::milliseconds(expected_ms) * 98 / 100);
    CHECK(delay <= std::min<Duration>(9s, std::chrono::milliseconds(expected_ms) * 102 / 100));
    now += delay;
  }
  REQUIRE(lifecycle.next_request(now, Offset(-1)));
  lifecycle.responded(now, BrokerRegistrationResponse{Error::kNone, BrokerEpoch(7)});
  REQUIRE(lifecycle.next_request(now, Offset(-1)));
  lifecycle.failed(now);
  CHECK(lifecycle.wake_at() - now <= 102ms);
}

TEST_CASE("shutdown: at once, then after 50 ms, then every 2 s, until it may go") {
  Time due;
  BrokerLifecycle lifecycle = running(due);
  lifecycle.shut_down(at(1s));
  CHECK(lifecycle.state() == BrokerState::kPendingControlledShutdown);
  auto request = lifecycle.next_request(at(1s), Offset(9));
  REQUIRE(request);
  CHECK(std::get<BrokerHeartbeatRequest>(*request).want_shut_down);
  lifecycle.responded(at(1s), heartbeat_answer(true, false));
  CHECK(lifecycle.wake_at() == at(1050ms));
  REQUIRE(lifecycle.next_request(at(1050ms), Offset(9)));
  lifecycle.responded(at(1050ms), heartbeat_answer(true, false));
  CHECK(lifecycle.wake_at() == at(3050ms));
  REQUIRE(lifecycle.next_request(at(3050ms), Offset(9)));
  lifecycle.responded(at(3050ms), heartbeat_answer(true, true, true));
  CHECK(lifecycle.state() == BrokerState::kShuttingDown);
  CHECK_FALSE(lifecycle.next_request(at(100s), Offset(9)));
}

TEST_CASE("a shutdown asked for while a heartbeat is under way follows right after it") {
  Time due;
  BrokerLifecycle lifecycle = running(due);
  REQUIRE(lifecycle.next_request(due, Offset(9)));
  lifecycle.shut_down(due);
  CHECK_FALSE(lifecycle.next_request(due, Offset(9)));
  lifecycle.responded(due + 3ms, heartbeat_answer(true, false));
  const auto request = lifecycle.next_request(due + 3ms, Offset(9));
  REQUIRE(request);
  CHECK(std::get<BrokerHeartbeatRequest>(*request).want_shut_down);
}

TEST_CASE("what lasts too long is given up: shutdown after 5 min, registration after 60 s") {
  Time due;
  BrokerLifecycle lifecycle = running(due);
  lifecycle.shut_down(at(1s));
  lifecycle.expire(at(5min));
  CHECK(lifecycle.state() == BrokerState::kPendingControlledShutdown);
  lifecycle.expire(at(5min + 1s));
  CHECK(lifecycle.state() == BrokerState::kShuttingDown);

  BrokerLifecycle unregistered = fresh();
  unregistered.expire(at(60s) - 1ns);
  CHECK(unregistered.state() == BrokerState::kStarting);
  unregistered.expire(at(60s));
  CHECK(unregistered.state() == BrokerState::kShuttingDown);

  BrokerLifecycle starting = fresh();
  starting.shut_down(at(1s));  // nothing to hand over yet
  CHECK(starting.state() == BrokerState::kShuttingDown);
}

/// A channel and what came out of it.
struct Line {
  ControllerChannel channel{NodeId(101), 4500ms, 4500ms};
  CorrelationId next{1};
  Effects effects;
  std::vector<ControllerChannel::Result> failed;

  void enqueue(Time now) { channel.enqueue({.body = BrokerHeartbeatRequest{}, .created = now, .client = {}}); }
  /// Whom a request was sent to now, if one was.
  std::optional<NodeId> send(Time now, std::optional<NodeId> leader) {
    effects.clear();
    channel.send(now, leader, next, effects);
    if (effects.sends.empty()) return std::nullopt;
    return to(effects.sends.front());
  }
  std::optional<ControllerChannel::Result> answer(Time now, NodeId from, CorrelationId id, Error error) {
    Rpc rpc{from, NodeId(101), id, BrokerHeartbeatResponse{.error = error}, std::nullopt};
    return channel.receive(now, rpc);
  }
};

TEST_CASE("the channel: NOT_CONTROLLER sends it to the leader known now, at once or after the reconnect back-off") {
  Line line;
  line.enqueue(at(0s));
  CHECK(line.send(at(0s), NodeId(1)) == NodeId(1));
  CHECK(line.send(at(0s), NodeId(1)) == std::nullopt);  // one in flight
  CHECK_FALSE(line.answer(at(1ms), NodeId(1), CorrelationId(1), Error::kNotController));
  CHECK(line.send(at(1ms), NodeId(2)) == NodeId(2));
  CHECK_FALSE(line.answer(at(2ms), NodeId(1), CorrelationId(1), Error::kNone));  // stale
  CHECK_FALSE(line.answer(at(3ms), NodeId(2), CorrelationId(2), Error::kNotController));
  CHECK(line.send(at(3ms), NodeId(2)) == std::nullopt);
  CHECK(line.channel.wake_at() == at(53ms));
  CHECK(line.send(at(53ms), NodeId(2)) == NodeId(2));
  const auto result = line.answer(at(54ms), NodeId(2), CorrelationId(3), Error::kStaleBrokerEpoch);
  REQUIRE(result);
  CHECK(error_of(*result->response) == Error::kStaleBrokerEpoch);
  CHECK(line.channel.wake_at() == kNever);
}

TEST_CASE("the channel: a lost connection is retried; without a leader it looks again every 100 ms") {
  Line line;
  line.enqueue(at(0s));
  CHECK(line.send(at(0s), NodeId(1)) == NodeId(1));
  line.channel.disconnected(at(10ms), NodeId(3));  // somebody else's
  CHECK(line.send(at(10ms), std::nullopt) == std::nullopt);
  line.channel.disconnected(at(10ms), NodeId(1));
  CHECK(line.send(at(10ms), std::nullopt) == std::nullopt);
  CHECK(line.channel.wake_at() == at(110ms));
  CHECK(line.send(at(109ms), NodeId(2)) == std::nullopt);
  CHECK(line.send(at(110ms), NodeId(2)) == NodeId(2));
}

TEST_CASE("the channel: silence ends the attempt, age the request") {
  Line line;
  line.enqueue(at(0s));
  CHECK(line.send(at(1s), NodeId(1)) == NodeId(1));
  CHECK(line.channel.wake_at() == at(5500ms));
  line.effects.clear();
  line.channel.expire(at(5500ms), line.effects, line.failed);
  CHECK(line.effects.disconnects == std::vector<NodeId>{NodeId(1)});
  CHECK(line.failed.size() == 1);
  CHECK_FALSE(line.failed.front().response);
  CHECK(line.channel.wake_at() == kNever);
}

}  // namespace
}  // namespace kraft::node
