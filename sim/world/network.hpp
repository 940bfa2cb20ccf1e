// Network: the directed links between nodes and the TCP-like connections that run over them.
//
// A link has a latency, a bandwidth, a loss rate, a count of cuts, and streams of its own, so that what is drawn for
// one link moves no other. A connection belongs to an ordered pair (client, server), as Kafka's and ZooKeeper's clients
// have one each; every time it is made anew its generation grows. Its two ends close independently: a machine that
// vanishes leaves the other end open, as it does in TCP.
//
// The Network holds state and says when things arrive. What arrives, and what follows, is the World's affair.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "core/base/digest.hpp"
#include "core/base/rng.hpp"
#include "sim/world/event.hpp"
#include "sim/world/happening.hpp"
#include "sim/world/pair_table.hpp"
#include "sim/world/profile.hpp"

namespace kraftsim::world {

struct Link {
  std::uint32_t profile = 0;  // index into the network's profiles
  std::uint32_t cuts = 0;
  std::uint32_t damages = 0;
  Time free_at{};  // when the last byte handed to it is on the wire
  kraft::Rng latency;
  kraft::Rng loss;
};

/// Names a damage among those of its link.
using DamageId = std::uint32_t;

/// What faults have made of a link. Kept apart: hardly any link has one, and what it draws moves no other's draws.
struct DamagedLink {
  struct Damage {
    DamageId id;
    LinkDamage what;
  };
  kraft::Rng rng{0};
  Time free_at{};  // with the damage's bandwidth
  std::vector<Damage> damages{};
};

/// One direction of one incarnation of a connection.
struct Flow {
  Time last_arrival{};          // TCP delivers in order
  Duration rto{};               // until the next retransmission; zero: the first, nothing was lost lately
  std::vector<Deliver> stalled{};  // the head was lost; it and everything behind it waits for the retransmission
  std::size_t stalled_on_wire = 0;  // of these, how many had been sent when they stalled; the rest was written since

  void clear() {
    stalled.clear();
    stalled_on_wire = 0;
  }
};

struct Connection {
  enum class Client : std::uint8_t {
    kClosed,
    kConnecting,
    kEstablished,
    kLost,  // broken, but the process has not been told yet
  };

  NodeId client;
  NodeId server;
  Channel channel = 0;
  std::array<std::uint32_t, 2> links{};  // by direction
  Client state = Client::kClosed;
  std::uint32_t generation = 0;         // the client's end
  std::uint32_t server_generation = 0;  // the server's end; 0: closed
  std::uint32_t failures = 0;           // attempts and losses since it last stood
  Time retry_at{};                      // no new attempt before: the client's reconnect back-off
  std::uint32_t abandoned = 0;          // up to this generation, the client wants to hear nothing more
  std::array<Flow, 2> flows{};          // by direction
  std::vector<PayloadRef> waiting{};    // requests, while connecting
  kraft::Rng rng;                       // handshakes, negotiations, resets

  [[nodiscard]] NodeId sender(Direction direction) const {
    return direction == Direction::kToServer ? client : server;
  }
  [[nodiscard]] NodeId receiver(Direction direction) const { return sender(reverse(direction)); }
  [[nodiscard]] Flow& flow(Direction direction) { return flows[static_cast<std::size_t>(direction)]; }
  [[nodiscard]] bool client_open() const { return state == Client::kConnecting || state == Client::kEstablished; }
  [[nodiscard]] bool receiver_open(Direction direction, std::uint32_t of_generation) const {
    if (direction == Direction::kToServer) return server_generation == of_generation;
    return client_open() && generation == of_generation;
  }
  [[nodiscard]] bool sender_open(Direction direction, std::uint32_t of_generation) const {
    return receiver_open(reverse(direction), of_generation);
  }
  void close_client(Client into) {
    state = into;
    waiting.clear();
    flow(Direction::kToServer).clear();
  }
  void close_server() {
    server_generation = 0;
    flow(Direction::kToClient).clear();
  }
};

class Network {
 public:
  Network(std::uint64_t seed, const LinkProfile& link, const ConnectionProfile& connection);

  // ---- links ----
  void set_link(NodeId from, NodeId to, const LinkProfile& profile);
  void cut(NodeId from, NodeId to);
  void heal(NodeId from, NodeId to);
  /// Without any cut or damage, however many there were.
  void mend(NodeId from, NodeId to);
  [[nodiscard]] bool is_cut(NodeId from, NodeId to) const;
  [[nodiscard]] bool is_whole(NodeId from, NodeId to) const;
  DamageId damage(NodeId from, NodeId to, const LinkDamage& damage);
  void mend(NodeId from, NodeId to, DamageId damage);
  /// What the node had handed to its wires is gone with it.
  void clear_wires(NodeId from, Time now);

  // ---- connections ----
  [[nodiscard]] const ConnectionProfile& profile() const { return connection_profile_; }
  /// Made at first use; closed to begin with.
  std::uint32_t connection(NodeId client, NodeId server, Channel channel);
  [[nodiscard]] std::optional<std::uint32_t> find_connection(NodeId client, NodeId server, Channel channel) const;
  /// Counts a failure of the connection and puts its next attempt off.
  void back_off(Connection& connection, Time now) const;
  [[nodiscard]] Connection& operator[](std::uint32_t index) { return connections_[index]; }
  [[nodiscard]] const Connection& operator[](std::uint32_t index) const { return connections_[index]; }
  [[nodiscard]] std::uint32_t connection_count() const {
    return static_cast<std::uint32_t>(connections_.items().size());
  }
  [[nodiscard]] bool is_cut(const Connection& connection, Direction direction) const {
    return links_[link_index(connection, direction)].cuts > 0;
  }

  // ---- times ----
  struct Arrival {
    Time at{};
    std::optional<Time> copy_at{};  // the network delivers it twice
  };
  /// When a message of `bytes` that is handed to the wire at `departs` arrives, in order behind those before it.
  [[nodiscard]] Arrival transmit(Connection& connection, Direction direction, Time departs, std::int64_t bytes);
  /// The latency of a packet without content: SYN, SYN-ACK, FIN, RST.
  [[nodiscard]] Duration packet_latency(Connection& connection, Direction direction);
  /// How much later a FIN arrives for being lost and sent again; a RST is provoked again by what is sent again.
  [[nodiscard]] Duration loss_delay(Connection& connection, Direction direction);
  /// What an attempt to connect takes beyond a round trip.
  [[nodiscard]] Duration connect_delay(Connection& connection);
  /// This attempt to connect is not answered: its SYN or the SYN-ACK is lost, or the endpoint cannot be reached.
  [[nodiscard]] bool loses_handshake(Connection& connection);
  /// When the retransmission of what was sent at `sent` is due; each one doubles the time-out.
  [[nodiscard]] Time next_retransmission(Flow& flow, Time sent) const;

  void add_streams_to(kraft::Digest& digest) const;

 private:
  static std::uint32_t link_index(const Connection& connection, Direction direction) {
    return connection.links[static_cast<std::size_t>(direction)];
  }
  std::uint32_t link(NodeId from, NodeId to);
  /// Puts on top of a message's times what the link's damages do to it.
  void suffer(std::uint32_t link, std::int64_t bytes, Time& departs, Duration& latency, bool& twice);

  std::uint64_t seed_;
  ConnectionProfile connection_profile_;
  std::vector<LinkProfile> profiles_;  // the first is that of every link which was given none of its own
  PairTable<Link> links_;
  std::map<std::uint32_t, DamagedLink> damaged_;  // by the link's index; a stream outlives its damages
  DamageId damages_ = 0;
  PairTable<Connection> connections_;
};

}  // namespace kraftsim::world
