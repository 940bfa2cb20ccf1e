// A broker's session with ZooKeeper, its registration, and its end.
//
// Client, Requests and Controller each say what they want; here it becomes effects, and their events go round.
#include "sim/zookeeper/broker.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/check.hpp"
#include "core/base/overloaded.hpp"

namespace kraftsim::zookeeper {

using namespace std::chrono_literals;
using kraft::kNever;
using kraft::overloaded;

namespace {

constexpr Duration kRestartPause = 1s;           // of a supervisor
constexpr std::int32_t kShutdownAttempts = 3;    // controlled.shutdown.max.retries
constexpr Duration kShutdownBackoff = 5s;        // controlled.shutdown.retry.backoff.ms
constexpr Duration kShutdownTimeout = 30s;       // controller.socket.timeout.ms

ServiceCosts costs(const cluster::ServiceTimes& times, std::uint64_t seed, NodeId self, std::string_view purpose) {
  return {times, kraft::Rng::stream(seed, self.value(), purpose)};
}

}  // namespace

Broker::Broker(NodeId self, const BrokerConfig& config, std::vector<NodeId> servers, const Racks& racks,
               const cluster::ServiceTimes& times, std::uint64_t seed)
    : self_(self),
      config_(config),
      servers_(std::move(servers)),
      costs_(costs(times, seed, self, "zookeeper.broker")),
      seed_(seed),
      requests_(config.max_in_flight),
      controller_(self, racks, costs(times, seed, self, "zookeeper.controller")) {}

// ---- life ----

void Broker::start(Time now, Effects& fx) {
  ENSURE(life_ == Life::kDown);
  connect_deadline_ = now + config_.connection_timeout;
  open_session(now, fx);
}

void Broker::crash() {
  forget_session();
  client_.reset();
  life_ = Life::kDown;
  shutting_down_ = false;
  shutdown_attempts_ = 0;
  election_held_ = false;
  restart_at_ = connect_deadline_ = shutdown_retry_at_ = ask_again_at_ = kNever;
  previous_session_ = kNoSession;
  loopback_.clear();
  known_controller_ = NodeId(-1);
  known_epoch_ = 0;
  handling_.clear();
  handler_.stop();
  joined_.clear();
  asked_.clear();
}

void Broker::forget_session() {
  requests_.clear();
  purposes_.clear();
  controller_.session_expired();
  admin_.clear();
}

void Broker::open_session(Time now, Effects& fx) {
  life_ = Life::kConnecting;
  ++sessions_opened_;
  client_.emplace(sessions_opened_, servers_, config_.session_timeout,
                  kraft::Rng::stream(seed_, self_.value() * 1'000'000LL + sessions_opened_, "zookeeper.client"));
  ClientEffects client;
  client_->start(now, client);
  absorb(now, client, fx);
}

void Broker::restart_later(Time now, Effects& fx) {
  if (client_->server() != NodeId(-1)) fx.disconnect(client_->server());
  const bool held = election_held_;
  crash();
  election_held_ = held;
  restart_at_ = now + kRestartPause;
}

void Broker::release_election(Time now, Effects& fx) {
  if (!election_held_) return;
  election_held_ = false;
  if (is_registered()) registered(now, fx);
}

// ---- the session ----

void Broker::absorb(Time now, ClientEffects& client, Effects& fx) {
  for (auto& [server, packet] : client.sends) fx.request(server, std::move(packet));
  for (const auto& [server, socket] : client.closed) fx.disconnect(server);
  for (const ClientEvent& event : client.events) handle(now, event, fx);
}

void Broker::handle(Time now, const ClientEvent& event, Effects& fx) {
  std::visit(overloaded{
                 [&](const ClientConnected& e) {
                   if (e.new_session) {
                     connect_deadline_ = kNever;
                     ask(now, {Write{{Create{broker_path(self_), kraft::share<Data>(NoData{}), true}}}},
                         Registration{}, fx);
                   }
                   pump(now, fx);
                 },
                 [&](const ClientDisconnected&) {
                   if (life_ == Life::kClosing) fx.stop = true;
                 },
                 [&](const ClientExpired&) {
                   const bool first = life_ == Life::kConnecting && previous_session_ == kNoSession;
                   ENSURE(!first, "a session that was never given cannot expire");
                   abandon_admin(fx);
                   forget_session();
                   if (shutting_down_) {
                     fx.stop = true;
                   } else {
                     open_session(now, fx);
                   }
                 },
                 [&](const ClientClosed&) { fx.stop = true; },
                 [&](const ClientReplied& e) {
                   if (e.result.error == Error::kSessionExpired) {
                     requests_.lost(e.xid);  // the socket will be closed, and the reconnect say the same
                     return;
                   }
                   if (const auto done = requests_.replied(e.xid, e.result)) answered(now, *done, fx);
                   pump(now, fx);
                 },
                 [&](const ClientLost& e) { requests_.lost(e.xid); },
                 [&](const ClientWatched& e) {
                   if (election_held_ || !is_registered()) return;
                   Controller::Output out;
                   controller_.watch_fired(now, e.watch, out);
                   absorb(now, out, fx);
                 },
             },
             event);
}

void Broker::ask(Time now, std::vector<Request> requests, Purpose purpose, Effects& fx) {
  purposes_[requests_.add(std::move(requests))] = purpose;
  pump(now, fx);
}

void Broker::pump(Time now, Effects& fx) {
  if (!client_ || !client_->is_connected() || life_ == Life::kClosing) return;
  ClientEffects client;
  requests_.pump(now, *client_, client);
  absorb(now, client, fx);
}

void Broker::answered(Time now, const Requests::Done& done, Effects& fx) {
  const auto purpose = purposes_.extract(done.group);
  std::visit(overloaded{
                 [&](const Registration& r) { registration_answered(now, r.stage, done.results, fx); },
                 [&](const ForController&) {
                   Controller::Output out;
                   controller_.results(now, done.results, out);
                   absorb(now, out, fx);
                 },
                 [&](const ForAdmin& a) { administration_answered(now, a.operation, done.results.front(), fx); },
             },
             purpose.mapped());
}

/// KafkaZkClient.registerBroker and its CheckedEphemeral.
void Broker::registration_answered(Time now, Registration::Stage stage, const std::vector<Result>& results,
                                   Effects& fx) {
  using Stage = Registration::Stage;
  const Result& result = results.back();
  if (stage != Stage::kInspect && result.error == Error::kNone) {
    registered(now, fx);
  } else if (stage != Stage::kInspect) {
    ask(now, {get(broker_path(self_))}, Registration{Stage::kInspect}, fx);
  } else if (result.error == Error::kNoNode) {
    ask(now, {Write{{Create{broker_path(self_), kraft::share<Data>(NoData{}), true}}}}, Registration{}, fx);
  } else if (result.owner == client_->session()) {
    registered(now, fx);
  } else if (result.owner == previous_session_) {
    ask(now, {Write{{Delete{broker_path(self_)}}},
              Write{{Create{broker_path(self_), kraft::share<Data>(NoData{}), true}}}},
        Registration{Stage::kReplace}, fx);
  } else if (previous_session_ == kNoSession) {
    restart_later(now, fx);  // NodeExists ends a start-up
  } else {
    life_ = Life::kUnregistered;
  }
}

void Broker::registered(Time now, Effects& fx) {
  life_ = Life::kRegistered;
  previous_session_ = client_->session();
  if (election_held_) return;
  Controller::Output out;
  controller_.elect(now, client_->session(), out);
  absorb(now, out, fx);
}

// ---- packets ----

void Broker::send(NodeId to, Packet packet, Effects& fx) {
  if (to == self_) {
    loopback_.push_back(std::move(packet));
    return;
  }
  const bool is_answer = std::holds_alternative<ControllerReply>(packet) ||
                         std::holds_alternative<AlterPartitionReply>(packet) ||
                         std::holds_alternative<ControlledShutdownReply>(packet) ||
                         std::holds_alternative<AdminReply>(packet);
  if (is_answer) {
    fx.respond(to, std::move(packet));
  } else {
    fx.request(to, std::move(packet));
  }
}

void Broker::absorb(Time now, Controller::Output& out, Effects& fx) {
  for (auto& [node, fact] : out.facts) fx.observe(node, std::move(fact));
  for (auto& [to, packet] : out.sends) send(to, std::move(packet), fx);
  if (!controller_.is_active()) abandon_admin(fx);
  if (!out.group.empty()) ask(now, std::move(out.group), ForController{}, fx);
}

void Broker::receive(Time now, NodeId from, const Packet& packet, Effects& fx) {
  const auto to_client = [&](const auto&) {
    if (!client_) return;
    ClientEffects client;
    client_->receive(now, packet, client);
    absorb(now, client, fx);
  };
  const auto with_controller = [&](auto&& call) {
    Controller::Output out;
    call(out);
    absorb(now, out, fx);
  };
  const auto not_for_brokers = [](const auto&) { ENSURE(false, "no broker gets such a packet"); };
  std::visit(
      overloaded{
          [&](const ConnectResponse& p) { to_client(p); },
          [&](const SocketClosed& p) { to_client(p); },
          [&](const Pong& p) { to_client(p); },
          [&](const ClientReply& p) { to_client(p); },
          [&](const WatchEvent& p) { to_client(p); },
          [&](const ControllerRequest& p) { take_request(now, from, p, fx); },
          [&](const ControllerReply& p) {
            with_controller([&](auto& out) { controller_.broker_replied(now, from, p.number, out); });
          },
          [&](const AlterPartition& p) {
            with_controller([&](auto& out) { controller_.alter_partition(now, from, p, out); });
          },
          [&](const ControlledShutdown&) {
            with_controller([&](auto& out) { controller_.shutdown_requested(now, from, out); });
          },
          [&](const CaughtUp& p) {
            for (const PartitionKey& key : p.partitions) joined_.emplace(key, from);
            ask_for_isrs(now, fx);
          },
          [&](const AlterPartitionReply& p) { isrs_answered(now, p.accepted, fx); },
          [&](const ControlledShutdownReply& p) {
            if (!shutting_down_ || life_ == Life::kClosing) return;
            if (p.done) {
              close_session(now, fx);
            } else {
              shutdown_retry_at_ = now + kShutdownBackoff;
            }
          },
          [&](const AdminRequest& p) { administer(now, from, p, fx); },
          [&](const Notification& p) { not_for_brokers(p); },
          [&](const FollowerInfo& p) { not_for_brokers(p); },
          [&](const NotLeading& p) { not_for_brokers(p); },
          [&](const LeaderInfo& p) { not_for_brokers(p); },
          [&](const AckEpoch& p) { not_for_brokers(p); },
          [&](const Sync& p) { not_for_brokers(p); },
          [&](const AckNewLeader& p) { not_for_brokers(p); },
          [&](const UpToDate& p) { not_for_brokers(p); },
          [&](const Proposal& p) { not_for_brokers(p); },
          [&](const Ack& p) { not_for_brokers(p); },
          [&](const Commit& p) { not_for_brokers(p); },
          [&](const QuorumPing& p) { not_for_brokers(p); },
          [&](const QuorumPong& p) { not_for_brokers(p); },
          [&](const Forward& p) { not_for_brokers(p); },
          [&](const Revalidate& p) { not_for_brokers(p); },
          [&](const Revalidated& p) { not_for_brokers(p); },
          [&](const LeaderGone& p) { not_for_brokers(p); },
          [&](const ConnectRequest& p) { not_for_brokers(p); },
          [&](const Ping& p) { not_for_brokers(p); },
          [&](const ClientRequest& p) { not_for_brokers(p); },
          [&](const SetWatches& p) { not_for_brokers(p); },
          [&](const AdminReply& p) { not_for_brokers(p); },
      },
      packet);
}

void Broker::connection_lost(Time now, NodeId peer, bool own, Effects& fx) {
  if (!own) return;
  if (client_) {
    ClientEffects client;
    client_->connection_lost(now, peer, client);
    absorb(now, client, fx);
  }
  controller_.broker_connection_lost(now, peer);
  if (peer != known_controller_) return;
  if (!asked_.empty()) isrs_answered(now, false, fx);
  if (shutting_down_ && life_ != Life::kClosing) shutdown_retry_at_ = now + kShutdownBackoff;
}

// ---- timers ----

void Broker::timer(Time now, Effects& fx) {
  if (restart_at_ <= now) {
    restart_at_ = kNever;
    start(now, fx);
    return;
  }
  for (std::size_t i = loopback_.size(); i > 0; --i) {
    const Packet packet = std::move(loopback_.front());
    loopback_.pop_front();
    receive(now, self_, packet, fx);
  }
  if (connect_deadline_ <= now) {
    restart_later(now, fx);
    return;
  }
  if (client_ && client_->wake_at() <= now) {
    ClientEffects client;
    client_->timer(now, client);
    absorb(now, client, fx);
  }
  if (controller_.wake_at() <= now) {
    Controller::Output out;
    controller_.timer(now, out);
    absorb(now, out, fx);
  }
  if (handler_.run(now)) finish_request(now, fx);
  if (ask_again_at_ <= now) ask_for_isrs(now, fx);
  if (shutdown_retry_at_ <= now) ask_for_shutdown(now, fx);
}

Time Broker::wake_at() const {
  if (!loopback_.empty()) return Time{};
  return std::min({restart_at_, connect_deadline_, client_ ? client_->wake_at() : kNever, controller_.wake_at(),
                   handler_.wake_at(), ask_again_at_, shutdown_retry_at_});
}

// ---- the end ----

void Broker::shut_down(Time now, Effects& fx) {
  if (shutting_down_) return;
  shutting_down_ = true;
  if (is_registered()) {
    ask_for_shutdown(now, fx);
  } else {
    close_session(now, fx);
  }
}

/// KafkaServer.controlledShutdown: so many attempts, then without.
void Broker::ask_for_shutdown(Time now, Effects& fx) {
  if (++shutdown_attempts_ > kShutdownAttempts) {
    close_session(now, fx);
    return;
  }
  shutdown_retry_at_ = now + (known_controller_ == NodeId(-1) ? kShutdownBackoff : kShutdownTimeout);
  if (known_controller_ != NodeId(-1)) send(known_controller_, ControlledShutdown{}, fx);
}

void Broker::close_session(Time now, Effects& fx) {
  life_ = Life::kClosing;
  shutdown_retry_at_ = kNever;
  if (!client_ || !client_->is_connected()) {
    fx.stop = true;
    return;
  }
  ClientEffects client;
  client_->submit(now, CloseSession{}, client);
  absorb(now, client, fx);
}

// ---- looking in ----

std::uint64_t Broker::fingerprint() const {
  std::uint64_t hash = static_cast<std::uint64_t>(life_);
  hash = hash * 31 + static_cast<std::uint64_t>(known_epoch_);
  hash = hash * 31 + (controller_.is_active() ? static_cast<std::uint64_t>(controller_.epoch()) : 0);
  return hash * 31 + (client_ ? static_cast<std::uint64_t>(client_->session().value()) : 0);
}

std::string Broker::describe() const {
  const auto life = [&]() -> std::string {
    switch (life_) {
      case Life::kDown: return "down";
      case Life::kConnecting: return "connecting";
      case Life::kRegistered: return "registered";
      case Life::kUnregistered: return "unregistered";
      case Life::kClosing: return "closing";
    }
    return {};
  };
  return fmt::format("n{} {} session={:x} via=n{} controller=n{} e{} {}", self_.value(), life(),
                     client_ ? client_->session().value() : 0, client_ ? client_->server().value() : -1,
                     known_controller_.value(), known_epoch_, controller_.describe());
}

}  // namespace kraftsim::zookeeper
