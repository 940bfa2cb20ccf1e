// Client: ZooKeeper's client library (ClientCnxn and its SendThread), one session of it.
//
// Pings, time-outs and reconnects follow SendThread's loop: it looks at the clock when something arrives or when the
// sleep that it computed is over, and at no other time. So an idle client of time-out T pings every T/3, not earlier,
// though the formula lets a loop that is woken in its last second do so then. A session is never declared expired on
// this side: only a server says so, at a reconnect. It must not know what the requests are for.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <utility>
#include <variant>
#include <vector>

#include "core/base/rng.hpp"
#include "sim/zookeeper/packet.hpp"

namespace kraftsim::zookeeper {

struct ClientConnected {
  bool new_session = false;
};
struct ClientDisconnected {};
/// The end of this client; its owner makes another.
struct ClientExpired {};
struct ClientClosed {};
struct ClientReplied {
  std::int64_t xid = 0;
  Result result;
};
/// CONNECTIONLOSS: nobody knows whether the request was carried out.
struct ClientLost {
  std::int64_t xid = 0;
};
struct ClientWatched {
  Watch watch;
};
using ClientEvent = std::variant<ClientConnected, ClientDisconnected, ClientExpired, ClientClosed, ClientReplied,
                                 ClientLost, ClientWatched>;

struct ClientEffects {
  std::vector<std::pair<NodeId, Packet>> sends;
  std::vector<std::pair<NodeId, std::int64_t>> closed;  // sockets that the client itself has closed
  std::vector<ClientEvent> events;
};

class Client {
 public:
  /// `slot` tells the clients of one node apart. The hosts are shuffled, as StaticHostProvider does.
  Client(std::int32_t slot, std::vector<NodeId> hosts, Duration session_timeout, kraft::Rng rng);

  void start(Time now, ClientEffects& fx);
  /// Packets for other sockets are ignored.
  void receive(Time now, const Packet& packet, ClientEffects& fx);
  void connection_lost(Time now, NodeId server, ClientEffects& fx);
  void timer(Time now, ClientEffects& fx);
  /// While connected. Returns the request's xid.
  std::int64_t submit(Time now, Request request, ClientEffects& fx);

  [[nodiscard]] Time wake_at() const { return wake_at_; }
  [[nodiscard]] bool is_connected() const { return state_ == State::kConnected; }
  [[nodiscard]] SessionId session() const { return session_; }
  /// The server that the present socket is to, or is being made to; -1: none.
  [[nodiscard]] NodeId server() const;
  [[nodiscard]] std::int64_t socket() const { return socket_; }

 private:
  enum class State : std::uint8_t { kIdle, kSleeping, kConnecting, kConnected };
  struct Pending {
    std::int64_t xid = 0;
    Request request;
  };

  void sleep_before_connect(Time now);
  void connect(Time now, ClientEffects& fx);
  void connected(Time now, const ConnectResponse& response, ClientEffects& fx);
  void replied(Time now, const ClientReply& reply, ClientEffects& fx);
  void lose_socket(Time now, bool close, ClientEffects& fx);
  void end();
  void loop(Time now, ClientEffects& fx);
  void send(Time now, Packet packet, ClientEffects& fx);

  std::int32_t slot_;
  std::vector<NodeId> hosts_;
  Duration timeout_;  // asked for; negotiated, once connected
  kraft::Rng rng_;

  State state_ = State::kIdle;
  std::size_t host_ = 0;       // in hosts_
  std::size_t last_host_ = 0;  // that a connection succeeded with; a full round ends there
  std::int64_t socket_ = 0;
  SessionId session_ = kNoSession;
  Zxid last_zxid_{};
  Time last_sent_{};
  Time last_heard_{};
  Time wake_at_ = kraft::kNever;
  std::int64_t next_xid_ = 1;
  std::deque<Pending> pending_;
  std::map<Watch, bool> watches_;  // and whether the znode existed
};

}  // namespace kraftsim::zookeeper
