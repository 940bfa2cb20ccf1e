// The host: between the world's happenings and the protocol objects' effects. Whatever could be asked of "the cluster"
// is answered from the truth or from the objects themselves; nothing is remembered twice.
#include "sim/zookeeper/cluster.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/check.hpp"
#include "core/base/overloaded.hpp"
#include "sim/zookeeper/initial_tree.hpp"

namespace kraftsim::zookeeper {

using namespace std::chrono_literals;
using kraft::kNever;
using kraft::overloaded;

namespace {

constexpr std::uint32_t kReleaseElections = cluster::kFirstCoordinationDue;
constexpr Duration kRegistrationPatience = 60s;  // with brokers that are down from the beginning

world::WorldOptions with_links(world::WorldOptions options, const cluster::ClusterSpec& spec) {
  options.link = spec.link;
  options.connection = spec.connection;
  return options;
}

std::vector<NodeId> ids(const std::vector<cluster::NodeSpec>& nodes) {
  std::vector<NodeId> result;
  for (const auto& node : nodes) result.push_back(node.id);
  return result;
}

/// Plain clients ask for what the brokers ask for.
Duration session_timeout(const cluster::ClusterSpec& spec) {
  return broker_config(spec.brokers.empty() ? cluster::ConfigValues{} : spec.brokers.front().config).session_timeout;
}

}  // namespace

ZookeeperCluster::ZookeeperCluster(const cluster::ClusterSpec& spec, world::WorldOptions options)
    : world_(with_links(options, spec)),
      sessions_(cluster::kClientNode, spec.workload.zookeeper_sessions, ids(spec.coordinators), session_timeout(spec),
                options.seed),
      admin_(cluster::kClientNode, ids(spec.brokers)),
      truth_(ZnodeTree(make_initial_tree(spec.topics, racks_of(spec.brokers)))),
      last_topic_(count_topics(spec.topics)) {
  ENSURE(!spec.coordinators.empty());
  ENSURE(!spec.brokers.empty());
  const std::uint64_t seed = options.seed;
  for (const auto& node : spec.coordinators) {
    world_.add_node(node.id, node.disk);
    servers_.try_emplace(node.id, node.id, ids(spec.coordinators), server_config(node.config), truth_.tree(),
                         ServiceCosts(node.service, kraft::Rng::stream(seed, node.id.value(), "zookeeper.service")),
                         kraft::Rng::stream(seed, node.id.value(), "zookeeper.phase"));
  }
  world_.add_node(cluster::kClientNode, {});
  for (const auto& node : spec.brokers) {
    world_.add_node(node.id, node.disk);
    brokers_.try_emplace(node.id, node.id, broker_config(node.config), ids(spec.coordinators), racks_of(spec.brokers),
                         node.service, seed);
  }
  for (const auto* nodes : {&spec.coordinators, &spec.brokers}) {
    for (const cluster::NodeSpec& node : *nodes) {
      if (node.rack) racks_[*node.rack].push_back(node.id);
      world_.drift_clock(node.id, node.clock_drift_ppm);  // a skew it would not notice: its timers are steady
    }
  }
  for (const auto& link : spec.links) world_.set_link(link.from, link.to, link.link);
}

std::unique_ptr<cluster::ControlPlane> ZookeeperCluster::clone() const {
  return std::make_unique<ZookeeperCluster>(*this);
}

void ZookeeperCluster::boot() {
  for (const auto& [node, server] : servers_) world_.start(node);
  world_.start(cluster::kClientNode);
  for (auto& [node, broker] : brokers_) {
    broker.hold_election();
    world_.start(node);
  }
  world_.schedule(world_.now() + kRegistrationPatience, kReleaseElections, 0);
  const ZnodeTree& tree = truth_.tree();
  observe(servers_.begin()->first, cluster::LeaderlessPartitions{tree.leaderless(), tree.partitions()});
}

// ---- happenings ----

void ZookeeperCluster::handle(const world::Happening& happening) {
  Effects fx;
  std::visit(overloaded{
                 [&](const world::Arrived& h) {
                   arrived(h.node, h.from, static_cast<const Message&>(*h.payload).packet(), fx);
                   carry_out(h.node, fx);
                 },
                 [&](const world::TimerFired& h) {
                   timers_[h.node] = kNever;
                   timer_fired(h.node, fx);
                   carry_out(h.node, fx);
                 },
                 [&](const world::WriteDone& h) {
                   servers_.at(h.node).write_done(world_.local_now(h.node), fx);
                   carry_out(h.node, fx);
                 },
                 [&](const world::ConnectionLost& h) {
                   connection_lost(h, fx);
                   carry_out(h.node, fx);
                 },
                 [&](const world::Crashed& h) { ended(h.node); },
                 [&](const world::Started& h) {
                   started(h.node, fx);
                   carry_out(h.node, fx);
                 },
                 [&](const world::Due& h) {
                   ENSURE_EQ(h.kind, kReleaseElections);
                   release_elections();
                 },
             },
             happening.what);
}

void ZookeeperCluster::started(NodeId node, Effects& fx) {
  const Time now = world_.local_now(node);
  if (const auto server = servers_.find(node); server != servers_.end()) {
    server->second.start(now, fx);
  } else if (node == cluster::kClientNode) {
    sessions_.start(now, fx);
  } else {
    brokers_.at(node).start(now, fx);
  }
}

/// The process is gone, one way or the other.
void ZookeeperCluster::ended(NodeId node) {
  timers_[node] = kNever;
  if (const auto server = servers_.find(node); server != servers_.end()) server->second.crash();
  if (const auto broker = brokers_.find(node); broker != brokers_.end()) broker->second.crash();
  if (active_controller_ == node) observe(node, cluster::ActiveControllerChanged{});
}

void ZookeeperCluster::arrived(NodeId node, NodeId from, const Packet& packet, Effects& fx) {
  const Time now = world_.local_now(node);
  if (const auto server = servers_.find(node); server != servers_.end()) {
    server->second.receive(now, from, packet, fx);
  } else if (const auto broker = brokers_.find(node); broker != brokers_.end()) {
    broker->second.receive(now, from, packet, fx);
  } else if (const auto* reply = std::get_if<AdminReply>(&packet)) {
    admin_.receive(now, *reply, fx);
  } else {
    const auto socket = std::visit(
        []<class P>(const P& p) -> std::int64_t {
          if constexpr (requires { p.socket; }) {
            return p.socket;
          } else {
            ENSURE(false, "no client gets such a packet");
            return 0;
          }
        },
        packet);
    sessions_.receive(now, packet, socket, fx);
  }
}

void ZookeeperCluster::connection_lost(const world::ConnectionLost& lost, Effects& fx) {
  const Time now = world_.local_now(lost.node);
  if (const auto server = servers_.find(lost.node); server != servers_.end()) {
    server->second.connection_lost(now, lost.peer, lost.as_client, fx);
  } else if (const auto broker = brokers_.find(lost.node); broker != brokers_.end()) {
    broker->second.connection_lost(now, lost.peer, lost.as_client, fx);
  } else if (lost.as_client) {
    sessions_.connection_lost(now, lost.peer, fx);
    admin_.connection_lost(now, lost.peer);
  }
}

void ZookeeperCluster::timer_fired(NodeId node, Effects& fx) {
  const Time now = world_.local_now(node);
  if (const auto server = servers_.find(node); server != servers_.end()) {
    server->second.timer(now, fx);
  } else if (const auto broker = brokers_.find(node); broker != brokers_.end()) {
    broker->second.timer(now, fx);
  } else {
    sessions_.timer(now, fx);
    admin_.timer(now, fx);
  }
}

void ZookeeperCluster::release_elections() {
  elections_released_ = true;
  for (auto& [node, broker] : brokers_) {
    if (world_.process(node) == world::ProcessState::kDown) continue;
    Effects fx;
    broker.release_election(world_.local_now(node), fx);
    carry_out(node, fx);
  }
}

// ---- effects ----

void ZookeeperCluster::carry_out(NodeId node, Effects& fx) {
  if (fx.cpu > Duration::zero()) world_.occupy(node, fx.cpu);
  for (Act& act : fx.acts) {
    std::visit(overloaded{
                   [&](SendRequest& a) { world_.request(node, a.to, std::move(a.message)); },
                   [&](SendResponse& a) { world_.respond(node, a.to, std::move(a.message)); },
                   [&](const Disconnect& a) { world_.disconnect(node, a.peer); },
               },
               act);
  }
  if (fx.write_bytes > 0) world_.write(node, fx.write_bytes, true);

  Truth::Facts facts;
  if (!fx.expired.empty() && leader() == node) {  // a deposed leader may think that sessions expire, too
    for (const SessionId session : fx.expired) truth_.session_expired(session, facts);
  }
  for (const Committed& committed : fx.committed) truth_.commit(world_.now(), node, committed, facts);
  if (!fx.committed.empty()) truth_.report_partitions(node, facts);
  for (auto& [who, fact] : facts) observe(who, std::move(fact));
  for (auto& [who, fact] : fx.facts) observe(who, std::move(fact));
  world_.note_digest(fingerprint(node));

  if (fx.stop) {
    world_.stop(node);
    ended(node);
    return;
  }
  const Time wake = wake_at(node);
  if (const auto timer = timers_.try_emplace(node, kNever).first; timer->second != wake) {
    timer->second = wake;
    world_.set_timer(node, wake);
  }
  if (!elections_released_ && !fx.committed.empty() && std::ranges::all_of(brokers_, [&](const auto& broker) {
        return truth_.is_registered(broker.first);
      })) {
    elections_released_ = true;
    world_.schedule(world_.now(), kReleaseElections, 0);
  }
}

void ZookeeperCluster::observe(NodeId node, cluster::Fact fact) {
  if (const auto* change = std::get_if<cluster::ActiveControllerChanged>(&fact)) {
    if (change->controller == active_controller_) return;
    active_controller_ = change->controller;
  }
  if (const auto* phase = std::get_if<cluster::PhaseReached>(&fact)) {
    if (phase->phase == cluster::Phase::kLastBrokerTold) ready_ = true;
  }
  observations_.push_back({world_.now(), world_.current_event(), node, std::move(fact)});
  if (world_.trace().enabled()) world_.note(node, line(observations_.back()));
}

void ZookeeperCluster::take_observations(std::vector<cluster::Observation>& out) {
  for (auto& observation : observations_) out.push_back(std::move(observation));
  observations_.clear();
}

Time ZookeeperCluster::wake_at(NodeId node) const {
  if (const auto server = servers_.find(node); server != servers_.end()) return server->second.wake_at();
  if (const auto broker = brokers_.find(node); broker != brokers_.end()) return broker->second.wake_at();
  return std::min(sessions_.wake_at(), admin_.wake_at());
}

std::uint64_t ZookeeperCluster::fingerprint(NodeId node) const {
  if (const auto server = servers_.find(node); server != servers_.end()) return server->second.fingerprint();
  if (const auto broker = brokers_.find(node); broker != brokers_.end()) return broker->second.fingerprint();
  return sessions_.connected();
}

// ---- the port's other half ----

TopicNumber ZookeeperCluster::number_of(const std::string& topic) {
  const auto [it, fresh] = topics_.try_emplace(topic);
  if (fresh) it->second = TopicNumber(++last_topic_);
  return it->second;
}

void ZookeeperCluster::submit(const cluster::Operation& operation) {
  const AdminRequest request{.operation = operation.id,
                             .create = operation.kind == cluster::Operation::Kind::kCreateTopic,
                             .topic = number_of(operation.topic),
                             .partitions = operation.partitions,
                             .replication = operation.replication};
  Effects fx;
  admin_.submit(world_.local_now(cluster::kClientNode), operation.via, request, fx);
  carry_out(cluster::kClientNode, fx);
}

std::optional<NodeId> ZookeeperCluster::leader() const {
  std::optional<NodeId> leader;
  for (const auto& [node, server] : servers_) {
    if (!server.is_leader() || world_.process(node) == world::ProcessState::kDown) continue;
    if (!leader || server.epoch() > servers_.at(*leader).epoch()) leader = node;
  }
  return leader;
}

std::vector<NodeId> ZookeeperCluster::resolve(const cluster::Target& target, kraft::Rng& rng) const {
  using Kind = cluster::Target::Kind;
  const auto if_known = [](const auto& nodes, NodeId node) {
    return nodes.contains(node) ? std::vector<NodeId>{node} : std::vector<NodeId>{};
  };
  const auto any_of = [&rng](const std::vector<NodeId>& nodes) {
    return nodes.empty() ? nodes : std::vector<NodeId>{nodes[static_cast<std::size_t>(rng.below(nodes.size()))]};
  };
  const auto all = [](const auto& nodes) {
    std::vector<NodeId> result;
    for (const auto& [node, object] : nodes) result.push_back(node);
    return result;
  };
  switch (target.kind) {
    case Kind::kController: return {};
    case Kind::kZookeeper:
    case Kind::kCoordinator: return if_known(servers_, cluster::coordinator_id(target.number));
    case Kind::kBroker: return if_known(brokers_, cluster::broker_id(target.number));
    case Kind::kLeader: {
      const auto node = leader();
      return node ? std::vector<NodeId>{*node} : std::vector<NodeId>{};
    }
    case Kind::kActiveController: {
      const auto node = truth_.controller();
      return node ? std::vector<NodeId>{*node} : std::vector<NodeId>{};
    }
    case Kind::kAnyFollower: {
      std::vector<NodeId> followers = all(servers_);
      std::erase_if(followers, [&](NodeId node) {
        return node == leader() || world_.process(node) == world::ProcessState::kDown;
      });
      return any_of(followers);
    }
    case Kind::kAnyBroker: return any_of(all(brokers_));
    case Kind::kAnyController: return {};
    case Kind::kAnyCoordinator: {
      std::vector<NodeId> running = all(servers_);
      std::erase_if(running, [&](NodeId node) { return world_.process(node) == world::ProcessState::kDown; });
      return any_of(running);
    }
    case Kind::kMajority: return cluster::draw(all(servers_), servers_.size() / 2 + 1, rng);
    case Kind::kMinority: return cluster::draw(all(servers_), (servers_.size() - 1) / 2, rng);
    case Kind::kRack: {
      const auto rack = racks_.find(target.name);
      return rack == racks_.end() ? std::vector<NodeId>{} : rack->second;
    }
    case Kind::kAllBrokers: return all(brokers_);
    case Kind::kAllCoordinators: return all(servers_);
    case Kind::kEverything: {
      std::vector<NodeId> everything = all(servers_);
      for (const auto& [node, broker] : brokers_) everything.push_back(node);
      return everything;
    }
  }
  return {};
}

void ZookeeperCluster::stop_cleanly(NodeId node) {
  if (world_.process(node) == world::ProcessState::kDown) return;
  Effects fx;
  if (const auto broker = brokers_.find(node); broker != brokers_.end()) {
    broker->second.shut_down(world_.local_now(node), fx);
  } else {
    fx.stop = true;  // a ZooKeeper server says goodbye to nobody: its kernel closes its sockets
  }
  carry_out(node, fx);
}

std::vector<std::string> ZookeeperCluster::describe() const {
  std::vector<std::string> lines;
  for (const auto& [node, server] : servers_) lines.push_back(server.describe());
  for (const auto& [node, broker] : brokers_) lines.push_back(broker.describe());
  lines.push_back(fmt::format("n{} sessions connected={} expired={}", cluster::kClientNode.value(),
                              sessions_.connected(), sessions_.expired()));
  return lines;
}

}  // namespace kraftsim::zookeeper
