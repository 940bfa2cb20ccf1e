// Event: what lies in the world's event queue, as tagged data.
//
// A variant of small aggregates: copying the queue copies the future. Connections are named by their index in the
// Network and by a generation, nodes by id and, where it matters, by boot: an event that outlives its connection or its
// process finds another number there and does nothing.
#pragma once

#include <cstdint>
#include <variant>

#include "core/base/ids.hpp"
#include "core/base/time.hpp"
#include "sim/world/payload.hpp"

namespace kraftsim::world {

using kraft::Duration;
using kraft::NodeId;
using kraft::Time;

/// Of a connection; also the index of what there is one of per direction.
enum class Direction : std::uint8_t { kToServer, kToClient };
[[nodiscard]] constexpr Direction reverse(Direction direction) {
  return direction == Direction::kToServer ? Direction::kToClient : Direction::kToServer;
}

/// One incarnation of a connection.
struct ConnectionRef {
  std::uint32_t index = 0;
  std::uint32_t generation = 0;
};

/// What a cancelled event leaves behind.
struct Nothing {};
/// A message is at the receiver's network card, unless the sender crashed before `departs`.
struct Deliver {
  ConnectionRef connection;
  Direction direction{};
  bool duplicate = false;  // the network made a copy
  std::uint32_t boot = 0;  // the sender's
  Time departs{};
  PayloadRef payload;
};
/// The SYN-ACK of an attempt to connect is due at the client.
struct Handshake {
  ConnectionRef connection;
  Time sent{};
  Duration retry_after{};
  Time deadline{};
};
/// The client has negotiated what it needs; requests can go.
struct ConnectDone {
  ConnectionRef connection;
};
struct ConnectTimedOut {
  ConnectionRef connection;
};
/// One end of a connection learns that the other is gone: a FIN or a RST, travelling in `direction`.
struct Reset {
  ConnectionRef connection;
  Direction direction{};
};
/// The retransmission timer of a stalled direction.
struct Retransmit {
  ConnectionRef connection;
  Direction direction{};
};
/// The process can deal with what waits.
struct CpuFree {
  NodeId node;
  std::uint32_t boot = 0;
};
struct TimerDue {
  NodeId node;
};
struct WriteCompleted {
  NodeId node;
  std::uint32_t boot = 0;
};
struct PauseEnd {
  NodeId node;
};
struct CrashDue {
  NodeId node;
};
struct StartDue {
  NodeId node;
};
/// Scheduled by a host.
struct HostDue {
  std::uint32_t kind = 0;
  std::uint64_t value = 0;
};

using Event = std::variant<Nothing, Deliver, Handshake, ConnectDone, ConnectTimedOut, Reset, Retransmit, CpuFree,
                           TimerDue, WriteCompleted, PauseEnd, CrashDue, StartDue, HostDue>;

}  // namespace kraftsim::world
