// SendThread.run as `loop`, and the transitions between its states. Every entry ends in `loop`, as every wake-up of the
// thread does.
#include "sim/zookeeper/client.hpp"

#include <algorithm>

#include "core/base/check.hpp"
#include "core/base/overloaded.hpp"

namespace kraftsim::zookeeper {

using namespace std::chrono_literals;
using kraft::kNever;

namespace {

constexpr Duration kMaxSendPingInterval = 10s;
constexpr Duration kReconnectSleep = 1000ms;  // at most, before every connect but the first
constexpr Duration kSpinDelay = 1000ms;       // after a full round of the hosts

}  // namespace

Client::Client(std::int32_t slot, std::vector<NodeId> hosts, Duration session_timeout, kraft::Rng rng)
    : slot_(slot), hosts_(std::move(hosts)), timeout_(session_timeout), rng_(rng) {
  ENSURE(!hosts_.empty());
  rng_.shuffle(hosts_);
}

void Client::start(Time now, ClientEffects& fx) {
  ENSURE(state_ == State::kIdle);
  connect(now, fx);
}

NodeId Client::server() const {
  return state_ == State::kConnecting || state_ == State::kConnected ? hosts_[host_] : NodeId(-1);
}

// ---- connecting ----

void Client::sleep_before_connect(Time now) {
  host_ = (host_ + 1) % hosts_.size();
  state_ = State::kSleeping;
  wake_at_ = now + rng_.between(Duration::zero(), kReconnectSleep);
  if (host_ == last_host_) wake_at_ += kSpinDelay;
}

void Client::connect(Time now, ClientEffects& fx) {
  state_ = State::kConnecting;
  socket_ = (std::int64_t{slot_} << 32U) | ((socket_ + 1) & 0xffffffff);
  last_heard_ = now;
  send(now, ConnectRequest{socket_, session_, timeout_, last_zxid_}, fx);
  loop(now, fx);
}

void Client::connected(Time now, const ConnectResponse& response, ClientEffects& fx) {
  if (response.timeout == Duration::zero()) {
    end();
    fx.events.push_back(ClientExpired{});
    return;
  }
  const bool new_session = session_ == kNoSession;
  state_ = State::kConnected;
  session_ = response.session;
  timeout_ = response.timeout;
  last_host_ = host_;
  if (!watches_.empty()) {
    SetWatches again{.socket = socket_, .since = last_zxid_};
    for (const auto& [watch, existed] : watches_) again.watches.push_back({watch, existed});
    send(now, std::move(again), fx);
  }
  fx.events.push_back(ClientConnected{new_session});
}

void Client::lose_socket(Time now, bool close, ClientEffects& fx) {
  if (close) fx.closed.emplace_back(hosts_[host_], socket_);
  const bool was_connected = state_ == State::kConnected;
  std::deque<Pending> lost;
  lost.swap(pending_);
  sleep_before_connect(now);
  if (was_connected) fx.events.push_back(ClientDisconnected{});
  for (const Pending& request : lost) fx.events.push_back(ClientLost{request.xid});
}

void Client::end() {
  state_ = State::kIdle;
  wake_at_ = kNever;
  pending_.clear();
  watches_.clear();
}

// ---- what happens ----

void Client::receive(Time now, const Packet& packet, ClientEffects& fx) {
  if (server() == NodeId(-1)) return;
  if (const auto* response = std::get_if<ConnectResponse>(&packet)) {
    if (response->socket != socket_ || state_ != State::kConnecting) return;
    last_heard_ = now;
    connected(now, *response, fx);
  } else if (const auto* closed = std::get_if<SocketClosed>(&packet)) {
    if (closed->socket == socket_) lose_socket(now, false, fx);
  } else if (const auto* pong = std::get_if<Pong>(&packet)) {
    if (pong->socket != socket_) return;
    last_heard_ = now;
  } else if (const auto* event = std::get_if<WatchEvent>(&packet)) {
    if (event->socket != socket_) return;
    last_heard_ = now;
    if (watches_.erase(event->watch) > 0) fx.events.push_back(ClientWatched{event->watch});
  } else if (const auto* reply = std::get_if<ClientReply>(&packet)) {
    if (reply->socket != socket_) return;
    last_heard_ = now;
    replied(now, *reply, fx);
  } else {
    ENSURE(false, "no client gets such a packet");
  }
  loop(now, fx);
}

void Client::replied(Time now, const ClientReply& reply, ClientEffects& fx) {
  ENSURE(!pending_.empty());
  const Pending request = std::move(pending_.front());
  pending_.pop_front();
  ENSURE_EQ(request.xid, reply.xid, "answers come in the order of requests");
  last_zxid_ = std::max(last_zxid_, reply.zxid);
  if (const auto* read = std::get_if<Read>(&request.request); read != nullptr && read->watch) {
    const bool existed = reply.result.error == Error::kNone;
    const WatchKind kind = read->what == Read::What::kChildren ? WatchKind::kChildren : WatchKind::kNode;
    if (existed || read->what == Read::What::kExists) watches_[{kind, read->path}] = existed;
  }
  if (std::holds_alternative<CloseSession>(request.request)) {
    end();
    fx.events.push_back(ClientClosed{});
  } else if (reply.result.error == Error::kSessionMoved) {
    lose_socket(now, true, fx);
  } else {
    fx.events.push_back(ClientReplied{request.xid, reply.result});
  }
}

void Client::connection_lost(Time now, NodeId server, ClientEffects& fx) {
  if (this->server() == server) lose_socket(now, false, fx);
}

void Client::timer(Time now, ClientEffects& fx) {
  if (wake_at_ > now) return;
  if (state_ == State::kSleeping) {
    connect(now, fx);
  } else {
    loop(now, fx);
  }
}

std::int64_t Client::submit(Time now, Request request, ClientEffects& fx) {
  ENSURE(is_connected());
  const std::int64_t xid = next_xid_++;
  pending_.push_back({xid, request});
  send(now, ClientRequest{socket_, xid, std::move(request)}, fx);
  loop(now, fx);
  return xid;
}

void Client::send(Time now, Packet packet, ClientEffects& fx) {
  last_sent_ = now;
  fx.sends.emplace_back(hosts_[host_], std::move(packet));
}

void Client::loop(Time now, ClientEffects& fx) {
  if (server() == NodeId(-1)) return;
  const auto hosts = static_cast<std::int64_t>(hosts_.size());
  const Duration patience = is_connected() ? timeout_ * 2 / 3 : timeout_ / hosts;
  Duration sleep = patience - (now - last_heard_);
  if (sleep <= Duration::zero()) {
    lose_socket(now, true, fx);
    return;
  }
  if (is_connected()) {
    const Duration idle = now - last_sent_;
    // The second less is there so that a ping is not missed by a hair (ClientCnxn's comment: a race).
    const Duration to_next_ping = patience / 2 - idle - (idle > 1000ms ? 1000ms : 0ms);
    if (to_next_ping <= Duration::zero() || idle > kMaxSendPingInterval) {
      send(now, Ping{socket_}, fx);
    } else {
      sleep = std::min(sleep, to_next_ping);
    }
  }
  wake_at_ = now + sleep;
}

}  // namespace kraftsim::zookeeper
