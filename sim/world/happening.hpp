// Happening: what the world tells whoever hosts the nodes, one at a time.
//
// The world does the physics (latency, queues, fsync, pauses); a host does the protocol. Each happening is one entry
// taken from the event queue and finds its process free to deal with it *now*; what had to wait in the process's queue
// is told when its turn comes.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "core/base/ids.hpp"
#include "core/base/time.hpp"
#include "sim/engine/queue.hpp"
#include "sim/world/payload.hpp"

namespace kraftsim::world {

using engine::EventId;
using kraft::Duration;
using kraft::NodeId;
using kraft::Time;

/// A process may keep several connections to one peer, each its own channel (Kafka's clients have one for the peer's
/// bootstrap address beside the one for its node id).
using Channel = std::uint8_t;
inline constexpr Channel kChannels = 2;

/// A message reached the process.
struct Arrived {
  NodeId node;
  NodeId from;
  PayloadRef payload;
  Channel channel = 0;
  std::uint32_t generation = 0;  // which of the connections that the two had on that channel, one after another
};
/// The node's timer (`World::set_timer`).
struct TimerFired {
  NodeId node;
};
/// The write that the process was blocked on is done (and durable, if it was synced).
struct WriteDone {
  NodeId node;
};
/// A connection between the node and `peer` was reset, refused, or could not be made in time. `as_client`: it was the
/// node's own connection, on which it sends requests.
struct ConnectionLost {
  NodeId node;
  NodeId peer;
  bool as_client = true;
};
/// The process is gone; whatever it had not synced is gone with it.
struct Crashed {
  NodeId node;
};
/// A new process starts on what the disk holds.
struct Started {
  NodeId node;
};
/// Something that the host scheduled for itself (`World::schedule`): workload, faults.
struct Due {
  std::uint32_t kind;
  std::uint64_t value;
};

using What = std::variant<Arrived, TimerFired, WriteDone, ConnectionLost, Crashed, Started, Due>;

struct Happening {
  Time at{};
  EventId event = 0;
  What what;
};
[[nodiscard]] std::string line(const Happening& happening);

}  // namespace kraftsim::world
