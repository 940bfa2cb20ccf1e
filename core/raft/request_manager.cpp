// Connections are few, so they are scanned and not indexed. Whoever changes the state of one opens it first: nothing of
// an earlier state survives.
#include "core/raft/request_manager.hpp"

#include <algorithm>

#include "core/base/check.hpp"

namespace kraft::raft {

RequestManager::RequestManager(const std::vector<NodeId>& bootstrap_servers, Duration request_timeout,
                               Duration retry_backoff, Time start)
    : request_timeout_(request_timeout), retry_backoff_(retry_backoff), last_id_(nanos(start)) {
  for (const NodeId peer : bootstrap_servers) connections_.push_back({.peer = peer, .is_bootstrap = true});
}

void RequestManager::reset_all() {
  for (Connection& connection : connections_) open(connection);
}

CorrelationId RequestManager::on_send(NodeId peer, Time now) {
  Connection* connection = find(peer);
  if (connection == nullptr) connection = &connections_.emplace_back(Connection{.peer = peer});
  ENSURE(connection->state == State::kReady, "one request in flight per destination");
  last_id_ += 1;
  connection->state = State::kAwaiting;
  connection->in_flight = last_id_;
  connection->until = now + request_timeout_;
  connection->last_asked = last_id_;
  connection->last_due = connection->until;
  connection->first_due = std::min(connection->first_due, connection->last_due);
  return last_id_;
}

bool RequestManager::on_answer(NodeId peer, CorrelationId id) {
  if (Connection* connection = find(peer); connection != nullptr && connection->first_due != kNever) {
    connection->first_due = id < connection->last_asked ? connection->last_due : kNever;
  }
  return is_expected(peer, id);
}

void RequestManager::on_response(NodeId peer, CorrelationId id, bool success, Time now) {
  if (!is_expected(peer, id)) return;
  Connection& connection = *find(peer);
  if (success) {
    open(connection);
  } else {
    back_off(connection, now);
  }
}

void RequestManager::on_disconnect(NodeId peer, Time now) {
  Connection* connection = find(peer);
  if (connection == nullptr) return;
  connection->first_due = kNever;
  if (connection->state == State::kAwaiting) back_off(*connection, now);
}

void RequestManager::expire(Time now, std::vector<NodeId>& timed_out) {
  for (Connection& connection : connections_) {
    if (std::min(connection.until, connection.first_due) > now) continue;
    if (connection.first_due <= now) {
      timed_out.push_back(connection.peer);
      connection.first_due = kNever;
    }
    open(connection);
  }
}

bool RequestManager::is_ready(NodeId peer) const {
  const Connection* connection = find(peer);
  return connection == nullptr || connection->state == State::kReady;
}

bool RequestManager::is_expected(NodeId peer, CorrelationId id) const {
  const Connection* connection = find(peer);
  return connection != nullptr && connection->state == State::kAwaiting && connection->in_flight == id;
}

bool RequestManager::is_bootstrap(NodeId peer) const {
  const Connection* connection = find(peer);
  return connection != nullptr && connection->is_bootstrap;
}

bool RequestManager::has_any_in_flight() const {
  return std::ranges::any_of(connections_, [](const Connection& c) { return c.state == State::kAwaiting; });
}

std::optional<NodeId> RequestManager::random_ready(Rng& rng, const std::vector<NodeId>& others) const {
  boost::container::small_vector<NodeId, 8> ready;
  for (const Connection& connection : connections_) {
    if (connection.is_bootstrap && connection.state == State::kReady) ready.push_back(connection.peer);
  }
  for (const NodeId peer : others) {
    if (!is_bootstrap(peer) && is_ready(peer)) ready.push_back(peer);
  }
  if (ready.empty()) return std::nullopt;
  return ready[static_cast<std::size_t>(rng.below(ready.size()))];
}

Time RequestManager::deadline() const {
  Time earliest = kNever;
  for (const Connection& connection : connections_) earliest = std::min(earliest, connection.until);
  return earliest;
}

const RequestManager::Connection* RequestManager::find(NodeId peer) const {
  const auto connection = std::ranges::find(connections_, peer, &Connection::peer);
  return connection == connections_.end() ? nullptr : &*connection;
}

RequestManager::Connection* RequestManager::find(NodeId peer) {
  const auto connection = std::ranges::find(connections_, peer, &Connection::peer);
  return connection == connections_.end() ? nullptr : &*connection;
}

void RequestManager::back_off(Connection& connection, Time now) {
  open(connection);
  connection.state = State::kBackingOff;
  connection.until = now + retry_backoff_;
}

}  // namespace kraft::raft
