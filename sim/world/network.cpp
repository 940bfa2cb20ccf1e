// Links and connections: look-up, cuts, and the arithmetic of arrival times. The only place where the network draws
// random numbers: each from the stream of the link or the connection it is for.
#include "sim/world/network.hpp"

#include <algorithm>

#include "core/base/check.hpp"

namespace kraftsim::world {
namespace {

constexpr std::uint32_t kMillion = 1'000'000;

/// The number of a directed pair, for naming its streams.
std::int64_t pair_number(NodeId from, NodeId to) { return (std::int64_t{from.value()} << 32U) | to.value(); }

/// Where a server's connections of one channel stand in the table of pairs.
NodeId column(NodeId server, Channel channel) {
  ENSURE_LT(channel, kChannels);
  return NodeId(server.value() * kChannels + channel);
}

constexpr const char* kLosesAll = "a link that loses everything is a cut";

void check(const LinkProfile& profile) {
  ENSURE_LT(profile.loss_millionths, kMillion, kLosesAll);
  ENSURE_GE(profile.bandwidth_bytes_per_s, 0);
}

void add_stream(kraft::Digest& digest, const kraft::Rng& rng) {
  for (const std::uint64_t word : rng.state()) digest.add(word);
}

}  // namespace

Network::Network(std::uint64_t seed, const LinkProfile& link, const ConnectionProfile& connection)
    : seed_(seed), connection_profile_(connection), profiles_{link} {
  check(link);
}

// ---- links ----------------------------------------------------------------------------------------------------------

std::uint32_t Network::link(NodeId from, NodeId to) {
  const std::uint32_t found = links_.find(from, to);
  if (found != PairTable<Link>::kNone) return found;
  const std::int64_t number = pair_number(from, to);
  return links_.add(from, to,
                    Link{.latency = kraft::Rng::stream(seed_, number, "net.latency"),
                         .loss = kraft::Rng::stream(seed_, number, "net.loss")});
}

void Network::set_link(NodeId from, NodeId to, const LinkProfile& profile) {
  check(profile);
  auto known = std::find(profiles_.begin(), profiles_.end(), profile);
  if (known == profiles_.end()) known = profiles_.insert(known, profile);
  links_[link(from, to)].profile = static_cast<std::uint32_t>(known - profiles_.begin());
}

void Network::cut(NodeId from, NodeId to) { ++links_[link(from, to)].cuts; }

void Network::heal(NodeId from, NodeId to) {
  Link& healed = links_[link(from, to)];
  ENSURE_GT(healed.cuts, 0U, "healed without a cut");
  --healed.cuts;
}

void Network::mend(NodeId from, NodeId to) {
  const std::uint32_t index = link(from, to);
  links_[index].cuts = 0;
  if (links_[index].damages == 0) return;
  links_[index].damages = 0;
  damaged_[index].damages.clear();
  damaged_[index].free_at = {};
}

bool Network::is_cut(NodeId from, NodeId to) const {
  const std::uint32_t index = links_.find(from, to);
  return index != PairTable<Link>::kNone && links_[index].cuts > 0;
}

bool Network::is_whole(NodeId from, NodeId to) const {
  const std::uint32_t index = links_.find(from, to);
  return index == PairTable<Link>::kNone || (links_[index].cuts == 0 && links_[index].damages == 0);
}

DamageId Network::damage(NodeId from, NodeId to, const LinkDamage& damage) {
  ENSURE_LT(damage.loss_millionths, kMillion, kLosesAll);
  const std::uint32_t index = link(from, to);
  auto [damaged, added] = damaged_.try_emplace(index);
  if (added) damaged->second.rng = kraft::Rng::stream(seed_, pair_number(from, to), "net.damage");
  damaged->second.damages.push_back({++damages_, damage});
  ++links_[index].damages;
  return damages_;
}

void Network::mend(NodeId from, NodeId to, DamageId damage) {
  const std::uint32_t index = link(from, to);
  DamagedLink& mended = damaged_[index];
  ENSURE_EQ(std::erase_if(mended.damages, [&](const DamagedLink::Damage& d) { return d.id == damage; }), 1U);
  --links_[index].damages;
  if (std::ranges::none_of(mended.damages, [](const auto& d) { return d.what.bandwidth_bytes_per_s != 0; })) {
    mended.free_at = {};  // what queued for it is past the narrow place
  }
}

void Network::clear_wires(NodeId from, Time now) {
  for (const Connection& each : connections_.items()) {
    for (const Direction direction : {Direction::kToServer, Direction::kToClient}) {
      if (each.sender(direction) != from) continue;
      const std::uint32_t index = link_index(each, direction);
      links_[index].free_at = std::min(links_[index].free_at, now);
      if (links_[index].damages != 0) damaged_[index].free_at = std::min(damaged_[index].free_at, now);
    }
  }
}

// ---- connections ----------------------------------------------------------------------------------------------------

std::uint32_t Network::connection(NodeId client, NodeId server, Channel channel) {
  const std::uint32_t found = connections_.find(client, column(server, channel));
  if (found != PairTable<Connection>::kNone) return found;
  const std::uint32_t to_server = link(client, server);
  const std::uint32_t to_client = link(server, client);
  const char* const stream = channel == 0 ? "net.connect" : "net.connect.1";
  return connections_.add(client, column(server, channel),
                          Connection{.client = client,
                                     .server = server,
                                     .channel = channel,
                                     .links = {to_server, to_client},
                                     .rng = kraft::Rng::stream(seed_, pair_number(client, server), stream)});
}

std::optional<std::uint32_t> Network::find_connection(NodeId client, NodeId server, Channel channel) const {
  const std::uint32_t found = connections_.find(client, column(server, channel));
  if (found == PairTable<Connection>::kNone) return std::nullopt;
  return found;
}

void Network::back_off(Connection& connection, Time now) const {
  const Duration first = connection_profile_.reconnect_backoff;
  if (first == Duration{}) return;
  const std::uint32_t doublings = std::min(connection.failures, 20U);
  ++connection.failures;
  const Duration longest = std::min(first * (std::int64_t{1} << doublings), connection_profile_.reconnect_backoff_max);
  connection.retry_at = now + connection.rng.between(longest * 4 / 5, longest * 6 / 5);
}

// ---- times ----------------------------------------------------------------------------------------------------------

Network::Arrival Network::transmit(Connection& connection, Direction direction, Time departs, std::int64_t bytes) {
  const std::uint32_t index = link_index(connection, direction);
  Link& wire = links_[index];
  const LinkProfile& profile = profiles_[wire.profile];
  if (profile.bandwidth_bytes_per_s != 0) {
    departs = std::max(departs, wire.free_at) + transfer_time(bytes, profile.bandwidth_bytes_per_s);
    wire.free_at = departs;
  }
  // A lost segment comes again after the retransmission time-out, which doubles if that one is lost too (RFC 6298
  // §5.5); fast retransmission needs more data behind it than a control plane sends.
  Duration rto = connection_profile_.retransmission_timeout;
  while (wire.loss.chance(profile.loss_millionths, kMillion)) {
    departs += rto;
    rto = std::min(rto * 2, connection_profile_.retransmission_timeout_max);
  }
  Duration latency = profile.latency.sample(wire.latency);
  bool twice = false;
  if (wire.damages != 0) suffer(index, bytes, departs, latency, twice);
  // A nanosecond apart, so that order within a connection survives a shuffling of ties.
  Flow& flow = connection.flow(direction);
  flow.last_arrival = std::max(departs + latency, flow.last_arrival + Duration(1));
  return {flow.last_arrival, twice ? std::optional(flow.last_arrival + latency) : std::nullopt};
}

void Network::suffer(std::uint32_t link, std::int64_t bytes, Time& departs, Duration& latency, bool& twice) {
  DamagedLink& damaged = damaged_[link];
  for (const auto& [id, damage] : damaged.damages) {
    const bool copied = damaged.rng.chance(damage.duplicate_millionths, kMillion);
    if (damage.bandwidth_bytes_per_s != 0) {
      departs = std::max(departs, damaged.free_at) +
                transfer_time(copied ? bytes * 2 : bytes, damage.bandwidth_bytes_per_s);
      damaged.free_at = departs;
    }
    Duration rto = connection_profile_.retransmission_timeout;
    while (damaged.rng.chance(damage.loss_millionths, kMillion)) {
      departs += rto;
      rto = std::min(rto * 2, connection_profile_.retransmission_timeout_max);
    }
    latency += damage.latency.sample(damaged.rng);
    // Overtaken: it takes the way three times as long, and what would have overtaken it waits (head of line).
    if (damaged.rng.chance(damage.reorder_millionths, kMillion)) latency *= 3;
    twice = twice || copied;
  }
}

Duration Network::packet_latency(Connection& connection, Direction direction) {
  const std::uint32_t index = link_index(connection, direction);
  Duration latency = profiles_[links_[index].profile].latency.sample(connection.rng);
  if (links_[index].damages != 0) {
    for (const auto& [id, damage] : damaged_[index].damages) latency += damage.latency.sample(damaged_[index].rng);
  }
  return latency;
}

Duration Network::loss_delay(Connection& connection, Direction direction) {
  const std::uint32_t index = link_index(connection, direction);
  Duration delay{};
  if (links_[index].damages == 0) return delay;
  DamagedLink& damaged = damaged_[index];
  for (const auto& [id, damage] : damaged.damages) {
    Duration rto = connection_profile_.retransmission_timeout;
    while (damaged.rng.chance(damage.loss_millionths, kMillion)) {
      delay += rto;
      rto = std::min(rto * 2, connection_profile_.retransmission_timeout_max);
    }
  }
  return delay;
}

Duration Network::connect_delay(Connection& connection) {
  const std::uint32_t index = link_index(connection, Direction::kToServer);
  Duration delay{};
  if (links_[index].damages == 0) return delay;
  for (const auto& [id, damage] : damaged_[index].damages) delay += damage.connect.sample(damaged_[index].rng);
  return delay;
}

bool Network::loses_handshake(Connection& connection) {
  bool lost = false;
  for (const Direction direction : {Direction::kToServer, Direction::kToClient}) {
    const std::uint32_t index = link_index(connection, direction);
    if (links_[index].damages == 0) continue;
    for (const auto& [id, damage] : damaged_[index].damages) {
      const bool this_one = damaged_[index].rng.chance(damage.loss_millionths, kMillion);
      lost = lost || this_one || (damage.unreachable && direction == Direction::kToServer);
    }
  }
  return lost;
}

Time Network::next_retransmission(Flow& flow, Time sent) const {
  if (flow.rto == Duration::zero()) flow.rto = connection_profile_.retransmission_timeout;
  const Time due = sent + flow.rto;
  flow.rto = std::min(flow.rto * 2, connection_profile_.retransmission_timeout_max);
  return due;
}

void Network::add_streams_to(kraft::Digest& digest) const {
  for (const Link& each : links_.items()) {
    add_stream(digest, each.latency);
    add_stream(digest, each.loss);
  }
  for (const auto& [index, damaged] : damaged_) add_stream(digest, damaged.rng);
  for (const Connection& each : connections_.items()) add_stream(digest, each.rng);
}

}  // namespace kraftsim::world
