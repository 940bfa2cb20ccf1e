// The names of the services, their default times and where these come from. "§" is of reference page
// metadata-and-zookeeper.md; "measured" is the 3-broker cluster on loopback of kafka-3.9.1-zookeeper.json.
#include "sim/zookeeper/service_costs.hpp"

#include "core/base/check.hpp"

namespace kraftsim::zookeeper {

const std::vector<cluster::ServiceName>& service_names() {
  // tidy: allow(static) because it is constant and of a type that cannot be constexpr
  static const std::vector<cluster::ServiceName> names{
      {"zookeeper.read", "a ZooKeeper server answers one read"},
      {"zookeeper.write", "a ZooKeeper server prepares, logs and applies one transaction"},
      {"zookeeper.ping", "a ZooKeeper server answers one ping of a client"},
      {"zookeeper.connect", "a ZooKeeper server accepts or re-attaches one client"},
      {"zookeeper.leader_start", "a newly elected ZooKeeper leader loads its data before it listens"},
      {"controller.partition", "the ZooKeeper-mode controller's state machines, per partition and pass"},
      {"broker.partition", "a broker applies LeaderAndIsr or UpdateMetadata, per partition"},
  };
  return names;
}

cluster::ServiceTimes default_service_times() {
  using engine::Quantiles;
  using namespace std::chrono_literals;
  return {
      // §D #7: 0.045 to 0.09 ms per read at depth 10 with 2018's pipelining; #5: 0.085; #8: 0.046. One ZooKeeper 3.8.0
      // on loopback answers 10,356 pipelined reads a second, client included.
      {"zookeeper.read", Quantiles(70us)},
      // §D #6: 20,000 mixed operations take 3 s at depth 10, 0.15 ms each; with 0.07 ms for the read, 0.1 ms of CPU and
      // a tenth of a round (two messages, two fsyncs) per write come to that.
      {"zookeeper.write", Quantiles(100us)},
      // No figure is published; a ping takes no lock and touches one session. Assumed a seventh of a read.
      {"zookeeper.ping", Quantiles(10us)},
      // Assumed: a socket accept, a session look-up and a reply, as dear as three reads.
      {"zookeeper.connect", Quantiles(200us)},
      // zookeeper-3.8.0-loopback.json: 0.58 to 0.65 s from SIGKILL to a new leader, of which 0.2 s finalizeWait and up
      // to 0.1 s between two dials of a follower.
      {"zookeeper.leader_start", Quantiles::uniform(200ms, 300ms)},
      // Measured: 128 ms for 1,201 partitions in ReplicaStateMachine.startup; §D #8 has 0.19 ms at 275,000.
      {"controller.partition", Quantiles(107us)},
      // Measured: LeaderAndIsr 45 to 80 ms, UpdateMetadata 16 to 33 ms for 1,201 partitions; §D #9: 40 s per million.
      {"broker.partition", Quantiles(40us)},
  };
}

ServiceCosts::ServiceCosts(const cluster::ServiceTimes& times, kraft::Rng rng) : rng_(rng) {
  for (std::size_t i = 0; i < times_.size(); ++i) {
    if (const auto it = times.find(service_names()[i].name); it != times.end()) times_[i] = it->second;
  }
}

kraft::Duration ServiceCosts::take(Service service, std::int64_t count) {
  const engine::Quantiles& time = times_[static_cast<std::size_t>(service)];
  if (time.is_constant()) return time.sample(rng_) * count;
  kraft::Duration total{};
  for (std::int64_t i = 0; i < count; ++i) total += time.sample(rng_);
  return total;
}

}  // namespace kraftsim::zookeeper
