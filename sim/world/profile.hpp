// The numbers of the physical world: how long wires, disks and connections take. A scenario states them, or names a
// profile that does, with its source. No protocol times here.
#pragma once

#include <cstdint>

#include "core/base/time.hpp"
#include "sim/engine/quantiles.hpp"

namespace kraftsim::world {

using engine::Quantiles;
using kraft::Duration;

/// How long `bytes` take at a rate, where 0 means that nothing limits it.
[[nodiscard]] constexpr Duration transfer_time(std::int64_t bytes, std::int64_t bytes_per_s) {
  if (bytes_per_s == 0) return Duration::zero();
  __extension__ using Wide = __int128;
  return Duration(static_cast<std::int64_t>(Wide{bytes} * 1'000'000'000 / bytes_per_s));
}

/// One direction of a link between two nodes.
struct LinkProfile {
  Quantiles latency{std::chrono::microseconds(250)};  // one way, per message
  std::int64_t bandwidth_bytes_per_s = 0;             // 0: no limit; messages queue behind each other otherwise
  std::uint32_t loss_millionths = 0;                  // of segments; TCP turns a loss into a retransmission delay
  friend bool operator==(const LinkProfile&, const LinkProfile&) = default;
};

/// What a fault does to one direction of a link, on top of the link's own numbers; several add up.
struct LinkDamage {
  Quantiles latency{};                     // extra, one way
  std::int64_t bandwidth_bytes_per_s = 0;  // 0: no limit but the link's own
  std::uint32_t loss_millionths = 0;       // of segments, SYNs included
  std::uint32_t duplicate_millionths = 0;  // of segments: the receiver's TCP drops the copy
  std::uint32_t reorder_millionths = 0;    // of segments: overtaken by later ones, for which TCP makes those wait
  Quantiles connect{};                     // extra, until an attempt to connect is answered
  bool unreachable = false;                // attempts to connect get no answer, connections that stand live on
  friend bool operator==(const LinkDamage&, const LinkDamage&) = default;
};

/// TCP and what Kafka does on top of a fresh connection.
struct ConnectionProfile {
  bool handshake = true;  // false: connections stand ready, as the Raft papers' simulators have it
  Quantiles negotiation;         // after the handshake: ApiVersions, SASL; the client's wait
  Duration reconnect_backoff{};  // before an attempt after a failure, ±20 %, doubles (reconnect.backoff.ms); 0: none
  Duration reconnect_backoff_max{};                                  // reconnect.backoff.max.ms
  Duration setup_timeout = std::chrono::seconds(10);                 // socket.connection.setup.timeout.ms
  Duration retransmission_timeout = std::chrono::milliseconds(200);  // first RTO; doubles
  Duration retransmission_timeout_max = std::chrono::seconds(120);
  Duration syn_retransmission_timeout = std::chrono::seconds(1);  // while connecting (RFC 6298 §2.1); doubles
  friend bool operator==(const ConnectionProfile&, const ConnectionProfile&) = default;
};

struct DiskProfile {
  Quantiles write;                        // handing a write to the kernel, per write
  Quantiles fsync{std::chrono::microseconds(160)};
  std::int64_t bandwidth_bytes_per_s = 0;  // 0: no limit
  friend bool operator==(const DiskProfile&, const DiskProfile&) = default;
};

}  // namespace kraftsim::world
