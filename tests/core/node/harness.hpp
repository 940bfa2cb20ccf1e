// A whole cluster in one value, driven by hand: messages take 1 ms, an fsync 2 ms, nothing else takes any time. It
// obeys the contract of step.hpp and no more: no bandwidth, no CPU, no connections but their loss.
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/base/check.hpp"
#include "core/base/overloaded.hpp"
#include "core/metadata/apply_cache.hpp"
#include "core/node/broker.hpp"
#include "core/node/controller.hpp"

namespace kraft::node::testing {

using namespace std::chrono_literals;

inline constexpr Duration kLatency = 1ms;
inline constexpr Duration kFsync = 2ms;
inline const NodeId kClient{1000};

class Cluster {
 public:
  /// Controllers 1.., brokers 101.., all started at time 0.
  Cluster(int controllers, int brokers, std::uint64_t seed = 1) : seed_(seed) {
    std::vector<raft::ReplicaKey> voters;
    for (int id = 1; id <= controllers; ++id) voters.push_back({NodeId(id), DirectoryId{9, std::uint64_t(id)}});
    voters_ = raft::VoterSet(voters);
    for (int id = 1; id <= controllers; ++id) start(NodeId(id));
    for (int id = 101; id <= 100 + brokers; ++id) start(NodeId(id));
  }

  // ---- faults ----
  void start(NodeId id) {
    Host& host = hosts_[id];
    ++host.life;
    const raft::ReplicaKey key{id, DirectoryId{9, static_cast<std::uint64_t>(id.value())}};
    const auto stream = [&](const char* purpose) { return Rng::stream(seed_ + host.life, id.value(), purpose); };
    if (id.value() < 100) {
      host.node.emplace(
          Controller(controller_config, key, voters_, host.disk, stream("raft"), stream("placement"), now_));
    } else {
      host.node.emplace(Broker(broker_config, key, voters_, host.disk, stream("raft"), stream("backoff"),
                               Uuid{host.life, static_cast<std::uint64_t>(id.value())}, now_));
    }
    give(id, Tick{});
  }
  /// The process is gone at once; its peers see their connections reset.
  void kill(NodeId id) {
    Host& host = hosts_.at(id);
    host.node.reset();
    host.persist.reset();
    host.waiting.clear();
    host.wake = kNever;
    ++host.life;
    for (auto& [peer, other] : hosts_) {
      if (other.node) at(now_ + kLatency, [p = peer, id](Cluster& c) { c.give(p, Disconnected{id}); });
    }
  }
  /// Silence in both directions; connections hang.
  void cut(NodeId id) { cut_.insert(id); }
  void heal(NodeId id) { cut_.erase(id); }
  void shut_down(NodeId id) { give(id, Shutdown{}); }

  /// A client's request; its answer will be in `answers`.
  CorrelationId request(NodeId to, Body body) {
    const CorrelationId id{++client_requests_};
    send(Rpc{.from = kClient, .to = to, .correlation_id = id, .body = std::move(body), .controller_id = {}});
    return id;
  }

  // ---- time ----
  void run_until(Time end) {
    while (true) {
      Time next = events_.empty() ? kNever : events_.begin()->first.first;
      for (const auto& [id, host] : hosts_) next = std::min(next, ready(host) ? host.wake : kNever);
      if (next > end) break;
      now_ = next;
      if (!events_.empty() && events_.begin()->first.first == now_) {
        const auto event = std::move(events_.begin()->second);
        events_.erase(events_.begin());
        event(*this);
        continue;
      }
      for (auto& [id, host] : hosts_) {
        if (ready(host) && host.wake == now_) {
          give(id, Tick{});
          break;
        }
      }
    }
    now_ = end;
  }
  void run_for(Duration d) { run_until(now_ + d); }
  bool run_until_true(Duration limit, const std::function<bool()>& condition) {
    const Time end = now_ + limit;
    while (!condition() && now_ < end) run_for(1ms);
    return condition();
  }

  // ---- views ----
  [[nodiscard]] Time now() const { return now_; }
  [[nodiscard]] bool is_up(NodeId id) const { return hosts_.at(id).node.has_value(); }
  [[nodiscard]] const Controller& controller(int id) const {
    return std::get<Controller>(*hosts_.at(NodeId(id)).node);
  }
  [[nodiscard]] const Broker& broker(int id) const { return std::get<Broker>(*hosts_.at(NodeId(id)).node); }
  [[nodiscard]] std::optional<int> active() const {
    for (const auto& [id, host] : hosts_) {
      if (host.node && std::holds_alternative<Controller>(*host.node) && std::get<Controller>(*host.node).is_active()) {
        return id.value();
      }
    }
    return std::nullopt;
  }
  /// When a notice or message whose line contains `text` was last seen at or after `since`; kNever if it was not.
  [[nodiscard]] Time last_seen(const std::string& text, Time since = Time{}) const {
    Time found = kNever;
    for (const auto& [when, line] : log) {
      if (when >= since && line.find(text) != std::string::npos) found = when;
    }
    return found;
  }
  [[nodiscard]] Time first_seen(const std::string& text, Time since = Time{}) const {
    for (const auto& [when, line] : log) {
      if (when >= since && line.find(text) != std::string::npos) return when;
    }
    return kNever;
  }

  ControllerConfig controller_config;
  BrokerConfig broker_config;
  std::vector<std::pair<Time, std::string>> log;  // notices as "1: active e1", messages as they print
  std::map<CorrelationId, Rpc> answers;           // to the client
  std::vector<BatchCommitted> batches;
  std::function<void(NodeId, const Controller&)> after_controller_step;

 private:
  struct Host {
    std::optional<std::variant<Controller, Broker>> node;
    raft::Durable disk;
    std::optional<Persist> persist;
    std::deque<Input> waiting;
    Time wake = kNever;
    std::uint64_t life = 0;
  };

  static bool ready(const Host& host) { return host.node && !host.persist; }

  /// Events get the cluster passed, and capture nothing of it: a copy of the cluster is a cluster.
  void at(Time when, std::function<void(Cluster&)> event) {
    events_.emplace(std::pair{when, ++sequence_}, std::move(event));
  }

  void give(NodeId id, Input input) {
    Host& host = hosts_.at(id);
    if (!host.node) return;
    if (host.persist && !std::holds_alternative<Persisted>(input)) {
      if (!std::holds_alternative<Tick>(input)) host.waiting.push_back(std::move(input));
      return;
    }
    if (std::holds_alternative<Persisted>(input)) host.persist.reset();
    Effects effects;
    std::visit([&](auto& node) { node.step(now_, std::move(input), cache_, effects); }, *host.node);
    obey(id, host, std::move(effects));
    while (ready(host) && !host.waiting.empty()) {
      Input next = std::move(host.waiting.front());
      host.waiting.pop_front();
      give(id, std::move(next));
    }
  }

  void obey(NodeId id, Host& host, Effects&& effects) {
    for (const Notice& notice : effects.notices) {
      log.emplace_back(now_, line(id) + ": " + line(notice));
      if (const auto* const batch = std::get_if<BatchCommitted>(&notice)) batches.push_back(*batch);
    }
    host.wake = effects.wake_at;
    for (Message& message : effects.sends) send(std::move(message));
    if (effects.persist) {
      host.persist = std::move(effects.persist);
      at(now_ + kFsync, [id, life = host.life](Cluster& c) { c.synced(id, life); });
    }
    for (const NodeId peer : effects.disconnects) at(now_, [id, peer](Cluster& c) { c.give(id, Disconnected{peer}); });
    if (const auto* const controller = std::get_if<Controller>(&*host.node); controller && after_controller_step) {
      after_controller_step(id, *controller);
    }
    if (effects.shutdown_complete) kill(id);
  }

  void synced(NodeId id, std::uint64_t life) {
    Host& host = hosts_.at(id);
    if (host.life != life) return;
    for (const raft::Write& write : host.persist->writes) raft::perform(host.disk, write);
    for (Message& message : host.persist->then) send(std::move(message));
    give(id, Persisted{});
  }

  void send(Message message) {
    at(now_ + kLatency, [message = std::move(message)](Cluster& c) { c.arrive(message); });
  }

  void arrive(const Message& message) {
    const NodeId sender = from(message);
    const NodeId receiver = to(message);
    if (cut_.contains(sender) || cut_.contains(receiver)) return;
    if (std::holds_alternative<Rpc>(message)) log.emplace_back(now_, line(message));
    if (receiver == kClient) {
      answers.insert({std::get<Rpc>(message).correlation_id, std::get<Rpc>(message)});
    } else if (is_up(receiver)) {
      give(receiver, Receive{message});
    } else if (sender != kClient) {
      at(now_ + kLatency, [sender, receiver](Cluster& c) { c.give(sender, Disconnected{receiver}); });
    }
  }

  std::uint64_t seed_;
  raft::VoterSet voters_;
  Time now_{};
  std::map<NodeId, Host> hosts_;
  std::map<std::pair<Time, std::uint64_t>, std::function<void(Cluster&)>> events_;
  std::uint64_t sequence_ = 0;
  std::set<NodeId> cut_;
  metadata::ApplyCache cache_;
  std::int64_t client_requests_ = 0;
};

}  // namespace kraft::node::testing
