// The World's connections: TCP as far as a control plane can tell.
//
// What is modelled: a handshake that costs a round trip and is tried again (RFC 6298), a refusal by a machine without
// the process, silence from a machine that is gone, order, bandwidth, retransmission with back-off for loss and cuts,
// FIN and RST after one latency, and an end that stays open because it was never told. Acknowledgements, windows and
// the kernel's own giving up (minutes) are not: a request times out long before.
//
// A cut swallows what would arrive while it lasts.
#include <algorithm>
#include <utility>

#include "core/base/check.hpp"
#include "sim/world/world.hpp"

namespace kraftsim::world {

// ---- what a process asks for ----------------------------------------------------------------------------------------

void World::request(NodeId from, NodeId to, PayloadRef payload, Channel channel) {
  const Process& client = running(from);
  const std::uint32_t index = network_.connection(from, to, channel);
  Connection& connection = network_[index];
  switch (connection.state) {
    case Connection::Client::kClosed:
      ++connection.generation;
      connection.state = Connection::Client::kConnecting;
      connection.flow(Direction::kToServer) = Flow{};
      connection.waiting.push_back(std::move(payload));
      if (!network_.profile().handshake) {
        const bool answers = at(to).state != ProcessState::kDown;
        connection.flow(Direction::kToClient) = Flow{};
        connection.server_generation = answers ? connection.generation : 0;
        connected({index, connection.generation});
        break;
      }
      connect({index, connection.generation}, std::max(client.ready_at(now_), connection.retry_at));
      break;
    case Connection::Client::kConnecting: connection.waiting.push_back(std::move(payload)); break;
    case Connection::Client::kEstablished:
      send({index, connection.generation}, Direction::kToServer, std::move(payload));
      break;
    case Connection::Client::kLost: break;  // written into a dead socket, as the process is about to hear
  }
}

void World::respond(NodeId from, NodeId to, PayloadRef payload, Channel channel, std::uint32_t generation) {
  running(from);
  const auto index = network_.find_connection(to, from, channel);
  if (!index) return;
  const std::uint32_t stands = network_[*index].server_generation;
  if (stands == 0 || (generation != 0 && generation != stands)) return;
  send({*index, stands}, Direction::kToClient, std::move(payload));
}

void World::disconnect(NodeId node, NodeId peer) {
  for (Channel channel = 0; channel < kChannels; ++channel) {
    if (const auto index = network_.find_connection(node, peer, channel)) disconnect(*index);
  }
}

void World::disconnect(std::uint32_t index) {
  Connection& connection = network_[index];
  const Time departs = running(connection.client).ready_at(now_);
  if (connection.client_open() && connection.server_generation == connection.generation) {
    send_reset({index, connection.generation}, Direction::kToServer, departs);
  }
  connection.abandoned = connection.generation;
  connection.close_client(Connection::Client::kClosed);
}

// ---- making a connection --------------------------------------------------------------------------------------------

void World::connect(ConnectionRef ref, Time departs) {
  const ConnectionProfile& profile = network_.profile();
  attempt_handshake({.connection = ref,
                     .sent = departs,
                     .retry_after = profile.syn_retransmission_timeout,
                     .deadline = departs + profile.setup_timeout});
}

void World::attempt_handshake(Handshake attempt) {
  Connection& connection = network_[attempt.connection.index];
  const Duration there = network_.packet_latency(connection, Direction::kToServer);
  const Duration back = network_.packet_latency(connection, Direction::kToClient);
  const Time answered = attempt.sent + there + back + network_.connect_delay(connection);
  if (answered <= attempt.deadline) {
    push(answered, attempt);
  } else {
    push(attempt.deadline, ConnectTimedOut{attempt.connection});
  }
}

bool World::is_connecting(ConnectionRef ref) const {
  const Connection& connection = network_[ref.index];
  return connection.state == Connection::Client::kConnecting && connection.generation == ref.generation;
}

bool World::handle(Handshake& attempt) {
  if (!is_connecting(attempt.connection)) return false;
  Connection& connection = network_[attempt.connection.index];
  const Process& server = at(connection.server);
  if (network_.is_cut(connection, Direction::kToServer) || network_.is_cut(connection, Direction::kToClient) ||
      !server.machine_up || network_.loses_handshake(connection)) {
    remark("no answer");
    attempt.sent = std::max(now_, attempt.sent + attempt.retry_after);
    attempt.retry_after *= 2;
    attempt_handshake(attempt);
    return false;
  }
  if (server.state == ProcessState::kDown) {
    remark("refused");
    return lose_client(attempt.connection);
  }
  // The kernel of a paused process accepts; what comes after that is the process's own work.
  connection.close_server();
  connection.server_generation = attempt.connection.generation;
  connection.flow(Direction::kToClient) = Flow{};
  const Time ready = server.state == ProcessState::kPaused ? server.paused_until : now_;
  const Duration negotiation = network_.profile().negotiation.sample(connection.rng);
  if (ready + negotiation == now_) return connected(attempt.connection);
  push(ready + negotiation, ConnectDone{attempt.connection});
  return false;
}

bool World::handle(ConnectDone& done) {
  if (!is_connecting(done.connection)) return false;
  const Connection& connection = network_[done.connection.index];
  const Process& server = at(connection.server);
  if (connection.server_generation != done.connection.generation) {
    // The server died meanwhile. If it left a kernel behind, a reset is under way; otherwise nobody will ever answer.
    remark("no answer");
    push(now_ + network_.profile().setup_timeout, ConnectTimedOut{done.connection});
    return false;
  }
  if (server.state == ProcessState::kPaused) {
    remark("waits");
    push(server.paused_until, done);
    return false;
  }
  return connected(done.connection);
}

bool World::handle(ConnectTimedOut& attempt) {
  return is_connecting(attempt.connection) && lose_client(attempt.connection);
}

bool World::connected(ConnectionRef ref) {
  Connection& connection = network_[ref.index];
  connection.state = Connection::Client::kEstablished;
  connection.failures = 0;
  for (PayloadRef& payload : std::exchange(connection.waiting, {})) send(ref, Direction::kToServer, std::move(payload));
  return false;
}

// ---- messages -------------------------------------------------------------------------------------------------------

void World::send(ConnectionRef ref, Direction direction, PayloadRef payload) {
  Connection& connection = network_[ref.index];
  const Process& sender = at(connection.sender(direction));
  Deliver message{.connection = ref,
                  .direction = direction,
                  .boot = sender.boot(),
                  .departs = sender.ready_at(now_),
                  .payload = std::move(payload)};
  if (Flow& flow = connection.flow(direction); !flow.stalled.empty()) {
    flow.stalled.push_back(std::move(message));
  } else {
    transmit(std::move(message));
  }
}

void World::transmit(Deliver message) {
  const Network::Arrival arrival = network_.transmit(network_[message.connection.index], message.direction,
                                                     message.departs, message.payload->size_bytes());
  if (arrival.copy_at) {
    Deliver copy = message;
    copy.duplicate = true;
    push(*arrival.copy_at, std::move(copy));
  }
  push(arrival.at, std::move(message));
}

bool World::is_silent(ConnectionRef ref, Direction direction) const {
  const Connection& connection = network_[ref.index];
  return network_.is_cut(connection, direction) || !at(connection.receiver(direction)).machine_up ||
         (!connection.receiver_open(direction, ref.generation) && network_.is_cut(connection, reverse(direction)));
}

bool World::handle(Deliver& message) {
  if (message.duplicate) {
    remark("a duplicate, dropped");
    return false;
  }
  Connection& connection = network_[message.connection.index];
  const NodeId from = connection.sender(message.direction);
  if (!at(from).departed(message.boot, message.departs)) {
    remark("never sent");
    return false;
  }
  const bool sender_open = connection.sender_open(message.direction, message.connection.generation);
  Flow& flow = connection.flow(message.direction);
  if (is_silent(message.connection, message.direction) || (sender_open && !flow.stalled.empty())) {
    remark(sender_open ? "stalls" : "lost");
    if (sender_open) stall(std::move(message));
    return false;
  }
  if (!connection.receiver_open(message.direction, message.connection.generation)) {
    remark("no such connection");
    if (sender_open) send_reset(message.connection, reverse(message.direction), now_);
    return false;
  }
  if (sender_open) flow.rto = Duration::zero();
  Waiting item{.event = current_,
               .what = Arrived{connection.receiver(message.direction), from, std::move(message.payload),
                               connection.channel, message.connection.generation}};
  if (message.direction == Direction::kToClient) item.connection = message.connection;
  return offer(at(connection.receiver(message.direction)), std::move(item));
}

void World::stall(Deliver message) {
  Flow& flow = network_[message.connection.index].flow(message.direction);
  if (flow.stalled.empty()) {
    // What is in flight behind it must have joined the queue before any of it is sent again.
    const Time due = std::max(network_.next_retransmission(flow, message.departs), flow.last_arrival + Duration(1));
    push(std::max(due, now_), Retransmit{message.connection, message.direction});
  }
  // It was sent before anything that was written while the head was missing.
  flow.stalled.insert(flow.stalled.begin() + static_cast<std::ptrdiff_t>(flow.stalled_on_wire++), std::move(message));
}

bool World::handle(Retransmit& due) {
  Connection& connection = network_[due.connection.index];
  Flow& flow = connection.flow(due.direction);
  if (!connection.sender_open(due.direction, due.connection.generation) || flow.stalled.empty()) return false;
  if (is_silent(due.connection, due.direction)) {
    remark("no answer");
    push(network_.next_retransmission(flow, now_), due);
    return false;
  }
  flow.stalled_on_wire = 0;
  for (Deliver& message : std::exchange(flow.stalled, {})) {
    message.departs = std::max(message.departs, now_);
    transmit(std::move(message));
  }
  return false;
}

// ---- losing a connection --------------------------------------------------------------------------------------------

void World::send_reset(ConnectionRef ref, Direction direction, Time departs) {
  Connection& connection = network_[ref.index];
  const Time behind_data = connection.flow(direction).last_arrival + Duration(1);
  const Time arrives =
      departs + network_.packet_latency(connection, direction) + network_.loss_delay(connection, direction);
  push(std::max(arrives, behind_data), Reset{ref, direction});
}

bool World::handle(Reset& reset) {
  Connection& connection = network_[reset.connection.index];
  if (network_.is_cut(connection, reset.direction) || !at(connection.receiver(reset.direction)).machine_up ||
      !connection.receiver_open(reset.direction, reset.connection.generation)) {
    remark("lost");
    return false;
  }
  if (reset.direction == Direction::kToClient) return lose_client(reset.connection);
  connection.close_server();
  return offer(at(connection.server),
               {.event = current_, .what = ConnectionLost{connection.server, connection.client, /*as_client=*/false}});
}

bool World::lose_client(ConnectionRef ref) {
  Connection& connection = network_[ref.index];
  connection.close_client(Connection::Client::kLost);
  network_.back_off(connection, now_);
  return offer(at(connection.client), {.event = current_,
                                       .what = ConnectionLost{connection.client, connection.server},
                                       .connection = ref});
}

void World::close_connections(NodeId node, bool silently, Time departs) {
  for (std::uint32_t index = 0; index < network_.connection_count(); ++index) {
    Connection& connection = network_[index];
    const ConnectionRef client_end{index, connection.generation};
    const ConnectionRef server_end{index, connection.server_generation};
    if (connection.client == node && connection.state != Connection::Client::kClosed) {
      const bool server_knows = connection.client_open() && connection.server_generation == connection.generation;
      if (server_knows && !silently) send_reset(client_end, Direction::kToServer, departs);
      connection.abandoned = connection.generation;
      connection.close_client(Connection::Client::kClosed);
      connection.failures = 0;
      connection.retry_at = Time{};
    }
    if (connection.server == node && server_end.generation != 0) {
      if (!silently) send_reset(server_end, Direction::kToClient, departs);
      connection.close_server();
    }
  }
}

}  // namespace kraftsim::world
