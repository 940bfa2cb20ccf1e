// The recorder against observation sequences written by hand, each a story with a known moral.
#include <doctest/doctest.h>

#include "sim/measure/recorder.hpp"

namespace {

using namespace kraft::literals;
using namespace kraftsim;
using cluster::Phase;
using kraft::Duration;
using kraft::NodeId;
using kraft::Time;
using measure::Failover;
using measure::Measures;
using measure::Recorder;

cluster::ClusterSpec spec(cluster::Coordination coordination, std::int32_t coordinators, std::int32_t brokers) {
  cluster::ClusterSpec spec;
  spec.coordination = coordination;
  for (std::int32_t i = 1; i <= coordinators; ++i) spec.coordinators.emplace_back().id = cluster::coordinator_id(i);
  for (std::int32_t i = 1; i <= brokers; ++i) spec.brokers.emplace_back().id = cluster::broker_id(i);
  return spec;
}

/// Tells a recorder what happens, in words short enough to read a story at a glance.
struct Story {
  Recorder recorder;
  Time now{};

  explicit Story(const cluster::ClusterSpec& of) : recorder(of) {}

  Story& at(Duration time) {
    now = Time(time);
    return *this;
  }
  Story& phase(Phase phase, int node, std::int64_t epoch, std::string cause = {}) {
    return tell(node, cluster::PhaseReached{phase, epoch, std::move(cause)});
  }
  Story& active(int node) { return tell(node, cluster::ActiveControllerChanged{NodeId(node)}); }
  Story& nobody_active() { return tell(-1, cluster::ActiveControllerChanged{std::nullopt}); }
  Story& served(int broker, int by) { return tell(broker, cluster::BrokerServed{NodeId(by)}); }
  Story& commit(int node) { return tell(node, cluster::CommitAdvanced{}); }
  Story& tell(int node, cluster::Fact fact) {
    recorder.observe({.at = now, .event = 0, .node = NodeId(node), .fact = std::move(fact)});
    return *this;
  }
  Story& crash(int node) {
    recorder.fault_started("crash " + std::to_string(node), {NodeId(node)}, now);
    recorder.node_down(NodeId(node), now);
    return *this;
  }
  std::size_t fault(std::string text, std::vector<NodeId> nodes) {
    return recorder.fault_started(std::move(text), nodes, now);
  }

  /// Node 1 leads in epoch 1; measuring begins at 10 s.
  Story& start() {
    at(1s).phase(Phase::kElected, 1, 1).phase(Phase::kActive, 1, 1).active(1);
    at(9s).commit(1);
    recorder.begin(Time(10s));
    return at(10s);
  }
  /// A KRaft election by the book: the winner signals, wins, and acts, each step 10 ms after the one before.
  Story& elect(int node, std::int64_t epoch, Duration from) {
    at(from).phase(Phase::kDetected, node, epoch - 1, "fetch timeout").phase(Phase::kPreVote, node, epoch - 1);
    at(from + 10ms).phase(Phase::kCandidate, node, epoch);
    at(from + 20ms).phase(Phase::kElected, node, epoch);
    at(from + 30ms).phase(Phase::kEstablished, node, epoch);
    at(from + 40ms).commit(node).phase(Phase::kWritable, node, epoch);
    return at(from + 50ms).phase(Phase::kActive, node, epoch).active(node);
  }
};

std::optional<Duration> phase(const Failover& failover, Phase phase) {
  return failover.phases[static_cast<std::size_t>(phase)];
}

const cluster::ClusterSpec kKraft = spec(cluster::Coordination::kKraft, 3, 2);
const cluster::ClusterSpec kZookeeper = spec(cluster::Coordination::kZookeeper, 3, 3);

TEST_CASE("a clean failover: every phase counts from the fault") {
  Story story(kKraft);
  story.start().at(40s).crash(1).nobody_active();
  story.elect(2, 2, 42s);
  story.at(42200ms).served(101, 2);
  story.at(42300ms).served(102, 2);

  const Measures measures = story.recorder.finish(Time(70s));
  REQUIRE(measures.failovers.size() == 1);
  const Failover& failover = measures.failovers[0];
  CHECK(failover.fault == "crash 1");
  CHECK(failover.fault_at == Time(30s));  // since measuring began
  CHECK(failover.cause == "fetch timeout");
  CHECK(failover.epochs == 1);
  CHECK(phase(failover, Phase::kDetected) == 2s);
  CHECK(phase(failover, Phase::kPreVote) == 2s);
  CHECK(phase(failover, Phase::kCandidate) == 2010ms);
  CHECK(phase(failover, Phase::kElected) == 2020ms);
  CHECK(phase(failover, Phase::kEstablished) == 2030ms);
  CHECK(phase(failover, Phase::kWritable) == 2040ms);
  CHECK(phase(failover, Phase::kActive) == 2050ms);
  CHECK(phase(failover, Phase::kBrokersServed) == 2300ms);
  CHECK_FALSE(phase(failover, Phase::kSessionExpired));
  CHECK(measures.unavailable.controller == 2050ms);
  CHECK(story.recorder.settled());
}

TEST_CASE("a split vote: detected is the first of the failover, elected the leadership that lasted") {
  Story story(kKraft);
  story.start().at(40s).crash(1).nobody_active();
  story.at(41990ms).phase(Phase::kDetected, 2, 1, "fetch timeout").phase(Phase::kPreVote, 2, 1);
  story.at(41998ms).phase(Phase::kDetected, 3, 1, "fetch timeout").phase(Phase::kPreVote, 3, 1);
  story.at(42015ms).phase(Phase::kCandidate, 2, 2);
  story.at(42016ms).phase(Phase::kCandidate, 3, 2);
  story.elect(3, 3, 43200ms);

  const Measures measures = story.recorder.finish(Time(70s));
  REQUIRE(measures.failovers.size() == 1);
  const Failover& failover = measures.failovers[0];
  CHECK(failover.epochs == 2);
  CHECK(phase(failover, Phase::kDetected) == 1990ms);
  CHECK(phase(failover, Phase::kCandidate) == 2015ms);
  CHECK(phase(failover, Phase::kElected) == 3220ms);
  CHECK(phase(failover, Phase::kActive) == 3250ms);
}

TEST_CASE("a leadership that is lost before it acts does not count as elected") {
  Story story(kKraft);
  story.start().at(40s).crash(1).nobody_active();
  story.at(42s).phase(Phase::kDetected, 2, 1, "fetch timeout");
  story.at(42020ms).phase(Phase::kElected, 2, 2).phase(Phase::kEstablished, 2, 2);
  story.elect(3, 3, 45s);

  const Measures measures = story.recorder.finish(Time(70s));
  REQUIRE(measures.failovers.size() == 1);
  CHECK(phase(measures.failovers[0], Phase::kDetected) == 2s);
  CHECK(phase(measures.failovers[0], Phase::kElected) == 5020ms);
  CHECK(phase(measures.failovers[0], Phase::kEstablished) == 5030ms);
  CHECK(measures.failovers[0].epochs == 2);
}

TEST_CASE("a pause that causes no election is no failover, and its commit gap is seen") {
  Story story(kKraft);
  story.start();
  for (Duration time = 10s; time <= 40s; time += 500ms) story.at(time).commit(1);
  const std::size_t pause = story.fault("pause 1 for 1s", {NodeId(1)});
  story.at(41s).recorder.fault_ended(pause, Time(41s));
  story.at(41100ms).commit(1);

  const Measures measures = story.recorder.finish(Time(41200ms));
  CHECK(measures.failovers.empty());
  CHECK(measures.unavailable.controller == 0ns);
  // The quiet cluster's longest gap was the one from 9 s, before measuring began, to 10 s.
  CHECK(measures.unavailable.commits == 100ms);
}

TEST_CASE("a follower that wakes up and is told that the leader lives is no failover, nor part of the next") {
  Story story(kKraft);
  story.start().at(30s);
  const std::size_t pause = story.fault("pause 3 for 3s", {NodeId(3)});
  story.at(33s).recorder.fault_ended(pause, Time(33s));
  story.at(33001ms).phase(Phase::kDetected, 3, 1, "fetch timeout").phase(Phase::kPreVote, 3, 1);
  story.at(33400ms).commit(1);

  SUBCASE("alone") { CHECK(story.recorder.finish(Time(60s)).failovers.empty()); }
  SUBCASE("and then the leader dies") {
    story.at(50s).crash(1).nobody_active();
    story.elect(2, 2, 52s);
    const Measures measures = story.recorder.finish(Time(60s));
    REQUIRE(measures.failovers.size() == 1);
    CHECK(measures.failovers[0].fault == "crash 1");
    CHECK(phase(measures.failovers[0], Phase::kDetected) == 2s);
  }
  SUBCASE("and then, much later, there is an election without a fault") {
    story.elect(2, 2, 100s);
    const Measures measures = story.recorder.finish(Time(110s));
    REQUIRE(measures.failovers.size() == 1);
    CHECK(measures.failovers[0].fault.empty());
    CHECK(measures.failovers[0].fault_at == Time(90s));
    CHECK(phase(measures.failovers[0], Phase::kDetected) == 0s);
  }
}

TEST_CASE("two faults, one after the other: each failover counts from its own") {
  Story story(kKraft);
  story.start().at(40s).crash(1).nobody_active();
  story.elect(2, 2, 42s);
  story.recorder.node_up(NodeId(1), Time(50s));
  story.at(60s).crash(2).nobody_active();
  CHECK_FALSE(story.recorder.settled());
  story.elect(3, 3, 61s);

  const Measures measures = story.recorder.finish(Time(70s));
  REQUIRE(measures.failovers.size() == 2);
  CHECK(measures.failovers[0].fault == "crash 1");
  CHECK(phase(measures.failovers[0], Phase::kActive) == 2050ms);
  CHECK(measures.failovers[1].fault == "crash 2");
  CHECK(measures.failovers[1].epochs == 1);
  CHECK(phase(measures.failovers[1], Phase::kActive) == 1050ms);
  CHECK(measures.unavailable.controller == 3100ms);
}

TEST_CASE("a fault has its effect once: a later election without one counts from its own first signal") {
  Story story(kKraft);
  story.start().at(40s).crash(1).nobody_active();
  story.elect(2, 2, 42s);
  story.elect(3, 3, 50s);
  const Measures measures = story.recorder.finish(Time(70s));
  REQUIRE(measures.failovers.size() == 2);
  CHECK(measures.failovers[1].fault.empty());
  CHECK(measures.failovers[1].fault_at == Time(40s));
  CHECK(phase(measures.failovers[1], Phase::kActive) == 50ms);
}

TEST_CASE("a voter that comes late to an election that is over belongs neither to it nor to the next") {
  Story story(kKraft);
  story.start().at(40s).crash(1).nobody_active();
  story.at(42s).phase(Phase::kDetected, 2, 1, "fetch timeout");
  story.at(42020ms).phase(Phase::kElected, 2, 2);
  story.at(42030ms).phase(Phase::kPreVote, 3, 1, "fetch timeout");
  story.at(42050ms).phase(Phase::kActive, 2, 2).active(2);
  story.elect(3, 3, 50s);
  const Measures measures = story.recorder.finish(Time(70s));
  REQUIRE(measures.failovers.size() == 2);
  CHECK_FALSE(phase(measures.failovers[0], Phase::kPreVote));
  CHECK(measures.failovers[1].fault_at == Time(40s));
}

TEST_CASE("brokers served: by the leader there is now, and again after a restart") {
  Story story(kKraft);
  story.start().at(40s).crash(1);
  story.elect(2, 2, 42s);
  story.at(42200ms).served(101, 2);
  SUBCASE("a broker that restarts must find the controller again") {
    story.at(42250ms).recorder.node_down(NodeId(101), story.now);
    story.recorder.node_up(NodeId(101), story.now);
    story.at(42300ms).served(102, 2);
    CHECK_FALSE(phase(story.recorder.finish(Time(70s)).failovers.at(0), Phase::kBrokersServed));
    story.at(45s).served(101, 2);
    CHECK(phase(story.recorder.finish(Time(70s)).failovers.at(0), Phase::kBrokersServed) == 5s);
  }
  SUBCASE("having been served by the one before does not count") {
    story.at(42300ms).served(102, 2);
    story.at(60s).crash(2);
    story.elect(3, 3, 61s);
    const Measures measures = story.recorder.finish(Time(70s));
    CHECK(phase(measures.failovers.at(0), Phase::kBrokersServed) == 2300ms);
    CHECK_FALSE(phase(measures.failovers.at(1), Phase::kBrokersServed));
    CHECK(measures.unavailable.controller == 3100ms);  // of crashes alone, without being told that nobody is active
  }
}

TEST_CASE("a leader of an older epoch that is told late is not the leader") {
  Story story(kKraft);
  story.start().at(40s).crash(1);
  story.elect(2, 3, 42s);
  story.at(42100ms).phase(Phase::kElected, 3, 2);
  story.at(42200ms).served(101, 2).served(102, 2);
  CHECK(phase(story.recorder.finish(Time(70s)).failovers.at(0), Phase::kBrokersServed) == 2200ms);
}

TEST_CASE("elected in turn before either acts: each acts in its own epoch") {
  Story story(kKraft);
  story.start().at(40s).crash(1);
  story.at(42020ms).phase(Phase::kElected, 2, 2);
  story.at(42040ms).phase(Phase::kElected, 3, 3);
  story.at(42050ms).phase(Phase::kActive, 2, 2).active(2);
  story.at(42100ms).phase(Phase::kActive, 3, 3).active(3);
  const Measures measures = story.recorder.finish(Time(70s));
  REQUIRE(measures.failovers.size() == 2);
  CHECK(phase(measures.failovers[0], Phase::kElected) == 2020ms);
  CHECK(phase(measures.failovers[0], Phase::kActive) == 2050ms);
  CHECK(phase(measures.failovers[1], Phase::kActive) == 60ms);
}

TEST_CASE("a node that led and is gone is not struck by what happens to it later") {
  Story story(kKraft);
  story.start().at(40s).crash(1);
  story.at(41s).fault("slow disk of 1", {NodeId(1)});
  story.elect(2, 2, 42s);
  CHECK(story.recorder.finish(Time(70s)).failovers.at(0).fault == "crash 1");
}

TEST_CASE("not settled while a leader that was struck has yet to be replaced") {
  Story story(spec(cluster::Coordination::kKraft, 3, 0));
  story.start().at(40s).crash(1);
  CHECK_FALSE(story.recorder.settled());
  story.elect(2, 2, 42s);
  CHECK(story.recorder.settled());
  story.at(50s).fault("pause 2 for 3s", {NodeId(2)});
  CHECK_FALSE(story.recorder.settled());
}

TEST_CASE("overlapping faults: a fault elsewhere does not take the failover from the one that struck the leader") {
  Story story(kKraft);
  story.start().at(40s).crash(1).nobody_active();
  story.at(41s).crash(101);
  story.elect(2, 2, 42s);
  const Measures measures = story.recorder.finish(Time(70s));
  REQUIRE(measures.failovers.size() == 1);
  CHECK(measures.failovers[0].fault == "crash 1");
}

TEST_CASE("a new leader that dies before it acts: one failover unfinished, one to the end") {
  Story story(spec(cluster::Coordination::kKraft, 5, 0));
  story.start().at(40s).crash(1).nobody_active();
  story.at(42s).phase(Phase::kDetected, 2, 1, "fetch timeout");
  story.at(42020ms).phase(Phase::kElected, 2, 2);
  story.at(42030ms).crash(2);
  story.elect(3, 3, 44s);

  const Measures measures = story.recorder.finish(Time(70s));
  REQUIRE(measures.failovers.size() == 2);
  CHECK(measures.failovers[0].fault == "crash 1");
  CHECK(phase(measures.failovers[0], Phase::kElected) == 2020ms);
  CHECK_FALSE(phase(measures.failovers[0], Phase::kActive));
  CHECK(measures.failovers[0].epochs == 1);
  CHECK(measures.failovers[1].fault == "crash 2");
  CHECK(phase(measures.failovers[1], Phase::kActive) == 2020ms);
  CHECK(measures.failovers[1].epochs == 1);
}

TEST_CASE("leader cut off, two leaders at once: the newer one is the controller, the old one's commits clear nothing") {
  Story story(kKraft);
  story.start().at(40s);
  story.fault("partition controller:1 | *", {NodeId(1)});
  story.at(41s).phase(Phase::kDetected, 2, 1, "fetch timeout").phase(Phase::kPreVote, 2, 1);
  story.at(41020ms).phase(Phase::kElected, 2, 2);
  story.at(41030ms).commit(1);  // it does not know yet
  story.at(41050ms).phase(Phase::kActive, 2, 2).active(2);
  story.at(41060ms).served(101, 1).served(102, 2);
  story.at(41100ms).phase(Phase::kActive, 1, 1);  // believes it is
  story.at(41500ms).served(101, 2);

  const Measures measures = story.recorder.finish(Time(70s));
  REQUIRE(measures.failovers.size() == 1);
  CHECK(measures.failovers[0].fault == "partition controller:1 | *");
  CHECK(phase(measures.failovers[0], Phase::kActive) == 1050ms);
  CHECK(phase(measures.failovers[0], Phase::kBrokersServed) == 1500ms);
  CHECK(measures.unavailable.controller == 0ns);
}

TEST_CASE("brokers served waits for the live ones only") {
  Story story(kKraft);
  story.start().at(40s).crash(1).nobody_active();
  story.elect(2, 2, 42s);
  story.at(42200ms).served(101, 2);
  SUBCASE("one is down by the time the others have it") {
    story.at(43s).recorder.node_down(NodeId(102), story.now);
    CHECK(phase(story.recorder.finish(Time(70s)).failovers.at(0), Phase::kBrokersServed) == 2200ms);
  }
  SUBCASE("one is fenced") {
    story.at(51s).tell(102, cluster::BrokerFenceChanged{true});
    CHECK(phase(story.recorder.finish(Time(70s)).failovers.at(0), Phase::kBrokersServed) == 2200ms);
  }
  SUBCASE("one lives and is never served") {
    CHECK_FALSE(phase(story.recorder.finish(Time(70s)).failovers.at(0), Phase::kBrokersServed));
    CHECK_FALSE(story.recorder.settled());
  }
}

TEST_CASE("a quorum that never comes back: a failover without an end") {
  Story story(kKraft);
  story.start().at(40s).crash(1).crash(2).nobody_active();
  SUBCASE("somebody tries") {
    story.at(42s).phase(Phase::kDetected, 3, 1, "fetch timeout").phase(Phase::kPreVote, 3, 1);
    const Measures measures = story.recorder.finish(Time(70s));
    REQUIRE(measures.failovers.size() == 1);
    CHECK(measures.failovers[0].fault == "crash 1");
    CHECK(phase(measures.failovers[0], Phase::kPreVote) == 2s);
    CHECK_FALSE(phase(measures.failovers[0], Phase::kElected));
    CHECK(measures.failovers[0].epochs == 0);
    CHECK(measures.unavailable.controller == 30s);
  }
  SUBCASE("nobody is left to try") {
    const Measures measures = story.recorder.finish(Time(70s));
    REQUIRE(measures.failovers.size() == 1);
    CHECK_FALSE(phase(measures.failovers[0], Phase::kDetected));
  }
}

TEST_CASE("ZooKeeper: the same folding over its own phases; the controller, a broker, needs not be told") {
  Story story(kZookeeper);
  story.at(1s).phase(Phase::kElected, 101, 1).active(101);
  story.recorder.begin(Time(10s));
  story.at(40s).crash(101).nobody_active();
  story.at(46500ms).phase(Phase::kSessionExpired, 101, 1, "session timeout");
  story.at(46510ms).phase(Phase::kEphemeralDeleted, 101, 1);
  story.at(46520ms).phase(Phase::kElected, 103, 2);
  story.at(46900ms).phase(Phase::kStateLoaded, 103, 2).active(103);
  story.at(46950ms).served(102, 103);
  story.at(46960ms).phase(Phase::kLastBrokerTold, 103, 2);

  const Measures measures = story.recorder.finish(Time(70s));
  REQUIRE(measures.failovers.size() == 1);
  const Failover& failover = measures.failovers[0];
  CHECK(failover.cause == "session timeout");
  CHECK(phase(failover, Phase::kSessionExpired) == 6500ms);
  CHECK(phase(failover, Phase::kEphemeralDeleted) == 6510ms);
  CHECK(phase(failover, Phase::kElected) == 6520ms);
  CHECK(phase(failover, Phase::kStateLoaded) == 6900ms);
  CHECK(phase(failover, Phase::kActive) == 6900ms);
  CHECK(phase(failover, Phase::kLastBrokerTold) == 6960ms);
  CHECK(phase(failover, Phase::kBrokersServed) == 6950ms);
  CHECK(failover.epochs == 1);
  CHECK(story.recorder.settled());
}

TEST_CASE("ZooKeeper: a fault of the ensemble's leader, which leads nothing here, is the latest before the expiry") {
  Story story(kZookeeper);
  story.at(1s).phase(Phase::kElected, 101, 1).active(101);
  story.recorder.begin(Time(10s));
  const std::size_t pause = story.at(40s).fault("pause zookeeper:1 for 8s", {NodeId(1)});
  story.at(46s).phase(Phase::kSessionExpired, 101, 1, "session timeout").nobody_active();
  story.at(47s).phase(Phase::kElected, 102, 2);
  story.at(48s).recorder.fault_ended(pause, story.now);
  story.phase(Phase::kStateLoaded, 102, 2).active(102);
  const Measures measures = story.recorder.finish(Time(70s));
  REQUIRE(measures.failovers.size() == 1);
  CHECK(measures.failovers[0].fault == "pause zookeeper:1 for 8s");
  CHECK(phase(measures.failovers[0], Phase::kActive) == 8s);
}

TEST_CASE("a fault reaches as far as the time-outs that the scenario sets") {
  cluster::ClusterSpec patient = kZookeeper;
  patient.brokers[0].config["zookeeper.session.timeout.ms"] = 90'000;
  Story story(patient);
  story.at(1s).phase(Phase::kElected, 101, 1).active(101);
  story.recorder.begin(Time(10s));
  const std::size_t crash = story.at(40s).fault("crash broker:1 restart after 5s", {NodeId(101)});
  story.recorder.node_down(NodeId(101), story.now);
  story.at(45s).recorder.fault_ended(crash, story.now);
  story.at(130s).phase(Phase::kSessionExpired, 101, 1).phase(Phase::kElected, 102, 2).active(102);
  CHECK(story.recorder.finish(Time(200s)).failovers.at(0).fault == "crash broker:1 restart after 5s");
}

TEST_CASE("an election that the end of a fault brings on counts from that end") {
  Story story(kKraft);
  story.start().at(20s);
  const std::size_t cut = story.fault("cut follower", {NodeId(3)});
  story.at(30s).recorder.fault_ended(cut, story.now);
  story.elect(3, 5, 30100ms);
  const Measures measures = story.recorder.finish(Time(70s));
  REQUIRE(measures.failovers.size() == 1);
  CHECK(measures.failovers[0].fault == "end of: cut follower");
  CHECK(phase(measures.failovers[0], Phase::kDetected) == 100ms);
  CHECK(measures.failovers[0].epochs == 4);
}

TEST_CASE("what happens before measuring begins does not count, even when that is yet to come") {
  Story story(kKraft);
  story.at(1s).phase(Phase::kElected, 1, 1).phase(Phase::kActive, 1, 1).active(1);
  story.recorder.begin(Time(10s));
  const cluster::BatchCommitted batch{
      .queued = Time(5s), .lingered = Time(5025ms), .leader_durable = Time(5026ms), .committed = Time(5030ms)};
  const cluster::OperationDone done{.operation = 1, .submitted = Time(4s), .ok = true, .error = {}};
  story.at(5s).tell(1, batch).tell(101, done).tell(1, cluster::LeaderlessPartitions{.leaderless = 2, .total = 9});
  story.at(8s).nobody_active();
  story.at(12s).tell(1, batch).tell(101, done).tell(1, cluster::LeaderlessPartitions{.leaderless = 0, .total = 9});
  story.at(13s).active(1);

  const Measures measures = story.recorder.finish(Time(20s));
  CHECK(measures.failovers.empty());
  CHECK(measures.commit.lingered_ns == std::vector<std::int64_t>{25'000'000});
  CHECK(measures.commit.leader_durable_ns == std::vector<std::int64_t>{1'000'000});
  CHECK(measures.commit.replicated_ns == std::vector<std::int64_t>{4'000'000});
  CHECK(measures.commit.total_ns == std::vector<std::int64_t>{30'000'000});
  CHECK(measures.operations.ok == 1);
  CHECK(measures.operations.latency_ns == std::vector<std::int64_t>{8'000'000'000});
  CHECK(measures.unavailable.controller == 3s);
  CHECK(measures.unavailable.partition_leaderless == 4s);
}

TEST_CASE("commits: only what exceeds the quiet gap, only after the first fault") {
  Story story(kKraft);
  story.start();
  story.at(10s).commit(1).at(14s).commit(1);
  story.fault("slow disk", {NodeId(2)});
  story.at(17s).commit(1).at(23s).commit(1);
  CHECK(story.recorder.finish(Time(24s)).unavailable.commits == 2s);
  CHECK(story.recorder.finish(Time(30s)).unavailable.commits == 5s);  // the gap that the run ends in counts too
}

TEST_CASE("a day of two million partitions without a leader does not overflow") {
  Story story(kKraft);
  story.start().tell(1, cluster::LeaderlessPartitions{.leaderless = 2'000'000, .total = 2'000'000});
  CHECK(story.recorder.finish(Time(86'400s)).unavailable.partition_leaderless == Duration::max());
}

TEST_CASE("a copy goes its own way") {
  Story story(kKraft);
  story.start().at(40s).crash(1).nobody_active();
  Story fork = story;
  story.elect(2, 2, 42s);
  fork.elect(3, 2, 43s);
  CHECK(phase(story.recorder.finish(Time(70s)).failovers.at(0), Phase::kDetected) == 2s);
  CHECK(phase(fork.recorder.finish(Time(70s)).failovers.at(0), Phase::kDetected) == 3s);
}

}  // namespace
