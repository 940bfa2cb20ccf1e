// A small cluster under test: built from few numbers, driven by predicates, with everything it observed.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <vector>

#include "sim/zookeeper/cluster.hpp"

namespace kraftsim::zookeeper::testing {

using namespace std::chrono_literals;

struct Shape {
  std::int32_t servers = 3;
  std::int32_t brokers = 5;
  std::int32_t topics = 10;
  std::int32_t partitions = 10;
  std::int32_t sessions = 0;
  std::int64_t session_timeout_ms = 6000;
  std::int64_t tick_ms = 2000;
  std::uint64_t seed = 1;
};

inline cluster::ClusterSpec make_spec(const Shape& shape) {
  cluster::ClusterSpec spec;
  spec.coordination = cluster::Coordination::kZookeeper;
  for (std::int32_t i = 1; i <= shape.servers; ++i) {
    cluster::NodeSpec node;
    node.id = cluster::coordinator_id(i);
    node.config["tickTime"] = shape.tick_ms;
    node.service = default_service_times();
    spec.coordinators.push_back(node);
  }
  for (std::int32_t i = 1; i <= shape.brokers; ++i) {
    cluster::NodeSpec node;
    node.id = cluster::broker_id(i);
    node.config["zookeeper.session.timeout.ms"] = shape.session_timeout_ms;
    node.service = default_service_times();
    spec.brokers.push_back(node);
  }
  spec.topics.push_back(
      {.count = shape.topics, .partitions = shape.partitions, .replication = std::min(3, shape.brokers)});
  spec.workload.zookeeper_sessions = shape.sessions;
  return spec;
}

inline world::WorldOptions options(std::uint64_t seed) {
  world::WorldOptions options;
  options.seed = seed;
  return options;
}

/// A ZookeeperCluster with its own clock hand.
struct Run {
  ZookeeperCluster cluster;
  std::vector<cluster::Observation> seen;

  explicit Run(const Shape& shape) : Run(make_spec(shape), shape.seed) {}
  Run(const cluster::ClusterSpec& spec, std::uint64_t seed) : cluster(spec, options(seed)) { cluster.boot(); }

  [[nodiscard]] Time now() const { return cluster.world().now(); }
  void until(Time time) {
    while (const auto* happening = cluster.world().advance(time)) cluster.handle(*happening);
    cluster.take_observations(seen);
  }
  void for_(Duration time) { until(now() + time); }
  /// Until the condition holds; fails the test if it does not in time.
  void until(const std::function<bool()>& condition, Duration patience = 60s) {
    const Time limit = now() + patience;
    while (!condition()) {
      const auto* happening = cluster.world().advance(limit);
      REQUIRE_MESSAGE(happening != nullptr, "it never happened");
      cluster.handle(*happening);
    }
    cluster.take_observations(seen);
  }
  void until_ready() {
    until([&] { return cluster.ready(); });
  }
  [[nodiscard]] NodeId who(std::string_view target) const {
    kraft::Rng rng(1);
    const auto nodes = cluster.resolve(*cluster::parse_target(target), rng);
    REQUIRE(nodes.size() == 1);
    return nodes.front();
  }
  /// When the phase was first reached after `since`.
  [[nodiscard]] std::optional<Time> reached(cluster::Phase phase, Time since) const {
    for (const auto& o : seen) {
      const auto* fact = std::get_if<cluster::PhaseReached>(&o.fact);
      if (fact != nullptr && fact->phase == phase && o.at > since) return o.at;
    }
    return std::nullopt;
  }
  /// The partition states as committed.
  [[nodiscard]] PartitionState state(std::int32_t topic, std::int32_t partition) const {
    return as<PartitionState>(cluster.truth().tree().find(state_path({TopicNumber(topic), partition}))->data);
  }
};

}  // namespace kraftsim::zookeeper::testing
