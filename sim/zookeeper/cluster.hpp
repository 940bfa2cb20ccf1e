// ZookeeperCluster: the same Kafka cluster coordinated by ZooKeeper, on the same world, behind the same port.
//
// It owns the world and all nodes, hands each happening to the protocol object it concerns, and carries out that
// object's effects. It decides nothing of the protocol itself, but two things about the beginning of a run: the initial
// topics lie in ZooKeeper already, and no broker runs for controller before all have registered, since a controller
// that found most of them missing would move every leader to the first few.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/cluster/control_plane.hpp"
#include "sim/zookeeper/admin_client.hpp"
#include "sim/zookeeper/broker.hpp"
#include "sim/zookeeper/plain_sessions.hpp"
#include "sim/zookeeper/server.hpp"
#include "sim/zookeeper/truth.hpp"

namespace kraftsim::zookeeper {

class ZookeeperCluster final : public cluster::ControlPlane {
 public:
  /// The links and connections of `options` are taken from the spec.
  ZookeeperCluster(const cluster::ClusterSpec& spec, world::WorldOptions options);

  [[nodiscard]] std::unique_ptr<ControlPlane> clone() const override;
  [[nodiscard]] world::World& world() override { return world_; }
  [[nodiscard]] const world::World& world() const override { return world_; }
  void boot() override;
  void handle(const world::Happening& happening) override;
  void submit(const cluster::Operation& operation) override;
  [[nodiscard]] std::vector<NodeId> resolve(const cluster::Target& target, kraft::Rng& rng) const override;
  void stop_cleanly(NodeId node) override;
  [[nodiscard]] bool ready() const override { return ready_; }
  void take_observations(std::vector<cluster::Observation>& out) override;
  [[nodiscard]] std::vector<std::string> describe() const override;

  // ---- for tests and invariants ----
  [[nodiscard]] const Server& server(NodeId node) const { return servers_.at(node); }
  [[nodiscard]] const Broker& broker(NodeId node) const { return brokers_.at(node); }
  [[nodiscard]] const PlainSessions& sessions() const { return sessions_; }
  [[nodiscard]] const Truth& truth() const { return truth_; }
  /// The server that leads the ensemble, if one does.
  [[nodiscard]] std::optional<NodeId> leader() const;

 private:
  void started(NodeId node, Effects& fx);
  void ended(NodeId node);
  void arrived(NodeId node, NodeId from, const Packet& packet, Effects& fx);
  void connection_lost(const world::ConnectionLost& lost, Effects& fx);
  void timer_fired(NodeId node, Effects& fx);
  void release_elections();
  /// What a node did in one step.
  void carry_out(NodeId node, Effects& fx);
  void observe(NodeId node, cluster::Fact fact);
  [[nodiscard]] Time wake_at(NodeId node) const;
  [[nodiscard]] std::uint64_t fingerprint(NodeId node) const;
  [[nodiscard]] TopicNumber number_of(const std::string& topic);

  world::World world_;
  std::map<NodeId, Server> servers_;
  std::map<NodeId, Broker> brokers_;
  std::map<std::string, std::vector<NodeId>> racks_;
  PlainSessions sessions_;
  AdminClient admin_;
  Truth truth_;
  std::map<NodeId, Time> timers_;  // as the world has them
  std::map<std::string, TopicNumber> topics_;
  std::int32_t last_topic_ = 0;
  bool elections_released_ = false;
  bool ready_ = false;
  std::optional<NodeId> active_controller_;
  std::vector<cluster::Observation> observations_;
};

}  // namespace kraftsim::zookeeper
