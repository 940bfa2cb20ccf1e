// A socket's number names its client: slot = session number * clients + index. So an answer to a session that has
// since expired finds its client, which ignores it.
#include "sim/zookeeper/plain_sessions.hpp"

#include <algorithm>

#include "core/base/overloaded.hpp"

namespace kraftsim::zookeeper {

namespace {

Client make_client(NodeId node, std::int32_t slot, const std::vector<NodeId>& servers, Duration timeout,
                   std::uint64_t seed) {
  const auto stream = kraft::Rng::stream(seed, node.value() * 1'000'000LL + slot, "zookeeper.client");
  return {slot, servers, timeout, stream};
}

}  // namespace

PlainSessions::PlainSessions(NodeId node, std::int32_t count, std::vector<NodeId> servers, Duration session_timeout,
                             std::uint64_t seed)
    : node_(node), servers_(std::move(servers)), session_timeout_(session_timeout), seed_(seed) {
  for (std::int32_t i = 0; i < count; ++i) clients_.push_back(make_client(node_, i, servers_, session_timeout_, seed_));
  opened_.resize(clients_.size());
}

void PlainSessions::start(Time now, Effects& fx) {
  for (std::size_t i = 0; i < clients_.size(); ++i) open(now, i, fx);
}

void PlainSessions::open(Time now, std::size_t index, Effects& fx) {
  const auto slot = opened_[index]++ * static_cast<std::int32_t>(clients_.size()) + static_cast<std::int32_t>(index);
  clients_[index] = make_client(node_, slot, servers_, session_timeout_, seed_);
  ClientEffects client;
  clients_[index].start(now, client);
  absorb(now, index, client, fx);
}

void PlainSessions::absorb(Time now, std::size_t index, ClientEffects& client, Effects& fx) {
  for (auto& [server, packet] : client.sends) fx.request(server, std::move(packet));
  for (const auto& [server, socket] : client.closed) {
    // The shared connection is closed with the last socket on it.
    if (std::ranges::any_of(clients_, [&, s = server](const Client& other) { return other.server() == s; })) {
      fx.request(server, SocketClosed{socket});
    } else {
      fx.disconnect(server);
    }
  }
  for (const ClientEvent& event : client.events) {
    if (!std::holds_alternative<ClientExpired>(event)) continue;
    ++expired_;
    open(now, index, fx);
  }
}

void PlainSessions::receive(Time now, const Packet& packet, std::int64_t socket, Effects& fx) {
  const auto index = static_cast<std::size_t>(socket >> 32U) % clients_.size();
  ClientEffects client;
  clients_[index].receive(now, packet, client);
  absorb(now, index, client, fx);
}

void PlainSessions::connection_lost(Time now, NodeId server, Effects& fx) {
  for (std::size_t i = 0; i < clients_.size(); ++i) {
    ClientEffects client;
    clients_[i].connection_lost(now, server, client);
    absorb(now, i, client, fx);
  }
}

void PlainSessions::timer(Time now, Effects& fx) {
  for (std::size_t i = 0; i < clients_.size(); ++i) {
    if (clients_[i].wake_at() > now) continue;
    ClientEffects client;
    clients_[i].timer(now, client);
    absorb(now, i, client, fx);
  }
}

Time PlainSessions::wake_at() const {
  Time earliest = kraft::kNever;
  for (const Client& client : clients_) earliest = std::min(earliest, client.wake_at());
  return earliest;
}

std::size_t PlainSessions::connected() const {
  return static_cast<std::size_t>(std::ranges::count_if(clients_, &Client::is_connected));
}

}  // namespace kraftsim::zookeeper
