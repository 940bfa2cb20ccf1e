// The hosted cluster as a whole: it starts, serves, survives its leader, and is a value.
#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "sim/check/checker.hpp"
#include "sim/kraft/kraft_cluster.hpp"

namespace kraftsim::kraft_host {
namespace {

using namespace std::chrono_literals;
using cluster::Phase;

ClusterSpec spec_of(int controllers, int brokers) {
  ClusterSpec spec;
  for (int i = 1; i <= controllers; ++i) {
    cluster::NodeSpec node;
    node.id = cluster::coordinator_id(i);
    spec.coordinators.push_back(node);
  }
  for (int i = 1; i <= brokers; ++i) {
    cluster::NodeSpec node;
    node.id = cluster::broker_id(i);
    spec.brokers.push_back(node);
  }
  if (brokers > 0) spec.topics.push_back({.count = 2, .partitions = 3, .replication = std::min(brokers, 3)});
  spec.link.latency = engine::Quantiles::uniform(200us, 400us);
  return spec;
}

/// A cluster with everything that a run would do to it but faults.
struct Driver {
  explicit Driver(const ClusterSpec& spec, std::uint64_t seed = 1) : cluster(spec, {.seed = seed}) { cluster.boot(); }

  void run_until(Time until) {
    while (const world::Happening* h = cluster.world().advance(until)) {
      cluster.handle(*h);
      const auto violation = checker.after_event(cluster, *h);
      REQUIRE_MESSAGE(!violation, (violation ? violation->invariant + ": " + violation->detail : ""));
      cluster.take_observations(seen);
    }
  }
  void run_for(kraft::Duration length) { run_until(cluster.world().now() + length); }
  template <class Fact>
  [[nodiscard]] std::size_t count() const {
    std::size_t n = 0;
    for (const auto& o : seen) n += std::holds_alternative<Fact>(o.fact) ? 1 : 0;
    return n;
  }
  [[nodiscard]] std::vector<Phase> phases(std::int64_t epoch) const {
    std::vector<Phase> found;
    for (const auto& o : seen) {
      if (const auto* p = std::get_if<cluster::PhaseReached>(&o.fact); p != nullptr && p->epoch == epoch) {
        found.push_back(p->phase);
      }
    }
    return found;
  }
  [[nodiscard]] NodeId only(cluster::Target::Kind kind) const {
    kraft::Rng rng(1);
    const auto nodes = cluster.resolve({kind, 0}, rng);
    REQUIRE(nodes.size() == 1);
    return nodes.front();
  }

  KraftCluster cluster;
  check::Checker checker;
  std::vector<cluster::Observation> seen;
};

}  // namespace

TEST_CASE("a cluster of 3 controllers and 5 brokers becomes ready and creates its topics") {
  Driver driver(spec_of(3, 5));
  driver.run_for(20s);
  CHECK(driver.cluster.ready());
  const Host& active = driver.cluster.hosts()[static_cast<std::size_t>(
      driver.only(cluster::Target::Kind::kActiveController).value() - 1)];
  CHECK(active.controller()->committed_image()->topics.size() == 2);
  CHECK(active.controller()->committed_image()->leaderless.empty());
}

TEST_CASE("when the active controller is killed another becomes active and serves every broker") {
  Driver driver(spec_of(3, 5));
  driver.run_for(20s);
  const NodeId killed = driver.only(cluster::Target::Kind::kActiveController);
  driver.seen.clear();
  driver.cluster.world().crash(killed);
  driver.run_for(20s);
  const NodeId now_active = driver.only(cluster::Target::Kind::kActiveController);
  CHECK(now_active != killed);
  const Host& host = driver.cluster.hosts()[static_cast<std::size_t>(now_active.value() - 1)];
  const auto phases = driver.phases(host.replica()->epoch().value());
  CHECK(phases == std::vector<Phase>{Phase::kCandidate, Phase::kElected, Phase::kEstablished, Phase::kWritable,
                                     Phase::kActive, Phase::kBrokersServed});
}

TEST_CASE("a controller that is stopped cleanly hands over at once and keeps nothing unsynced") {
  Driver driver(spec_of(3, 1));
  driver.run_for(20s);
  const NodeId stopped = driver.only(cluster::Target::Kind::kActiveController);
  const Time asked = driver.cluster.world().now();
  driver.seen.clear();
  driver.cluster.stop_cleanly(stopped);
  driver.run_for(10s);
  Time active_at{};
  for (const auto& o : driver.seen) {
    if (const auto* p = std::get_if<cluster::PhaseReached>(&o.fact); p != nullptr && p->phase == Phase::kActive)
      active_at = o.at;
  }
  CHECK(active_at > asked);
  CHECK(active_at - asked < 1s);
  const Host& host = driver.cluster.hosts()[static_cast<std::size_t>(stopped.value() - 1)];
  CHECK(host.replica() == nullptr);
  CHECK(host.disk.synced_end() == host.disk.contents().log.end_offset());
  CHECK(driver.cluster.world().process(stopped) == world::ProcessState::kDown);
}

TEST_CASE("a client's topic is created through any broker and reported when it is committed") {
  Driver driver(spec_of(3, 3));
  driver.run_for(20s);
  driver.seen.clear();
  driver.cluster.submit({.id = 7, .topic = "orders", .partitions = 3, .replication = 3, .via = cluster::broker_id(2)});
  driver.run_for(2s);
  CHECK(driver.count<cluster::OperationDone>() == 1);
  for (const auto& o : driver.seen) {
    if (const auto* done = std::get_if<cluster::OperationDone>(&o.fact)) CHECK(done->ok);
  }
}

TEST_CASE("a copy goes on as the original does, and apart from it") {
  Driver driver(spec_of(3, 2));
  driver.run_for(5s);
  std::unique_ptr<cluster::ControlPlane> copy = driver.cluster.clone();
  driver.run_for(5s);
  const auto digest = driver.cluster.world().digest();
  while (const world::Happening* h = copy->world().advance(driver.cluster.world().now())) copy->handle(*h);
  CHECK(copy->world().digest() == digest);
  copy->world().crash(cluster::coordinator_id(1));
  while (const world::Happening* h = copy->world().advance(copy->world().now() + 5s)) {
    copy->handle(*h);
    if (copy->world().now() > driver.cluster.world().now() + 5s) break;
  }
  driver.run_for(5s);
  CHECK(copy->world().digest() != driver.cluster.world().digest());
}

TEST_CASE("an administrator adds and removes voters, and the observers of the start become voters") {
  ClusterSpec spec = spec_of(5, 1);
  spec.observers = 2;
  spec.kraft_version = 1;
  Driver driver(spec);
  driver.run_for(20s);
  const auto voters = [&] {
    const NodeId leader = driver.only(cluster::Target::Kind::kLeader);
    return driver.cluster.hosts()[static_cast<std::size_t>(leader.value() - 1)].replica()->voters().ids();
  };
  CHECK(voters() == std::vector{NodeId(1), NodeId(2), NodeId(3)});
  std::uint64_t id = 0;
  const auto change = [&](cluster::QuorumChange::Kind kind, int controller) {
    driver.seen.clear();
    driver.cluster.submit({.id = ++id,
                           .kind = cluster::Operation::Kind::kChangeQuorum,
                           .topic = {},
                           .change = {.kind = kind, .at = {}, .controller = NodeId(controller)}});
    driver.run_for(5s);
    for (const auto& o : driver.seen) {
      if (const auto* done = std::get_if<cluster::OperationDone>(&o.fact)) return done->ok ? "done" : done->error;
    }
    return std::string("silence");
  };
  using Change = cluster::QuorumChange::Kind;
  CHECK(change(Change::kAddVoter, 4) == "done");
  CHECK(change(Change::kAddVoter, 5) == "done");
  CHECK(change(Change::kAddVoter, 5) == "DUPLICATE_VOTER");
  const NodeId leader = driver.only(cluster::Target::Kind::kLeader);
  CHECK(change(Change::kRemoveVoter, leader.value()) == "done");
  CHECK(voters().size() == 4);
  CHECK(driver.only(cluster::Target::Kind::kActiveController) != leader);
}

TEST_CASE("the voters of a paper study start with the logs that the study asks for") {
  ClusterSpec spec = spec_of(5, 0);
  spec.raft_paper = cluster::RaftPaperPolicy{.timeout_low = 300ms, .timeout_high = 600ms, .shorter_logs = 2};
  KraftCluster cluster(spec, {.seed = 1});
  std::vector<std::int64_t> ends;
  for (const Host& host : cluster.hosts()) ends.push_back(host.disk.contents().log.end_offset().value());
  CHECK(ends == std::vector<std::int64_t>{0, 1, 2, 2, 2});
}

}  // namespace kraftsim::kraft_host
