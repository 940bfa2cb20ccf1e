// Whole clusters on the simulated world: elections of the ensemble, failovers of the controller, brokers that go and
// come, topics, and that a run is a function of its seed.
#include "sim/zookeeper/cluster.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "tests/sim/zookeeper/harness.hpp"

using namespace kraftsim;
using namespace kraftsim::zookeeper;
using namespace kraftsim::zookeeper::testing;
using cluster::Phase;

namespace {

void check_full_isrs(const Run& run, const Shape& shape) {
  for (std::int32_t t = 1; t <= shape.topics; ++t) {
    for (std::int32_t p = 0; p < shape.partitions; ++p) {
      const PartitionState state = run.state(t, p);
      CHECK(state.isr.size() == 3);
      CHECK(std::ranges::find(state.isr, state.leader) != state.isr.end());
    }
  }
}

}  // namespace

TEST_CASE("a cluster boots: one leader, all brokers registered, one controller, every partition led") {
  const Shape shape{.sessions = 20};
  Run run(shape);
  run.until_ready();
  CHECK(run.now() < Time(5s));
  CHECK(run.cluster.leader().has_value());
  CHECK(run.cluster.truth().tree().children(path(Path::Kind::kBrokerIds)).size() == 5);
  CHECK(run.cluster.truth().controller() == run.who("active_controller"));
  CHECK(run.cluster.truth().controller_epoch() == 1);
  CHECK(run.cluster.truth().tree().leaderless() == 0);
  run.for_(30s);
  CHECK(run.cluster.sessions().connected() == 20);
  CHECK(run.cluster.sessions().expired() == 0);
  CHECK(run.cluster.truth().tree().sessions().size() == 25);
}

TEST_CASE("the ensemble elects anew after finalizeWait and some messages, and no session expires") {
  const bool ok = rc::check("leader kill", [] {
    Run run(Shape{.sessions = 10, .seed = *rc::gen::arbitrary<std::uint64_t>()});
    run.until_ready();
    run.for_(std::chrono::milliseconds(*rc::gen::inRange(0, 8000)));
    const NodeId old = *run.cluster.leader();
    const Time killed = run.now();
    run.cluster.world().crash(old);
    run.for_(20ms);
    for (std::int32_t i = 1; i <= 3; ++i) {  // who has lost its leader has closed its clients' sockets
      RC_ASSERT(!run.cluster.server(NodeId(i)).is_serving());
      RC_ASSERT(run.cluster.server(NodeId(i)).sockets() == 0U);
    }
    run.until([&] { return run.cluster.leader() && *run.cluster.leader() != old; });
    // finalizeWait 200 ms + leader_start 200..300 ms + at most one refused dial + epochs and syncs.
    RC_ASSERT(run.now() - killed > 400ms);
    RC_ASSERT(run.now() - killed < 750ms);
    run.for_(20s);
    RC_ASSERT(run.cluster.truth().controller_epoch() == 1);
    RC_ASSERT(run.cluster.sessions().expired() == 0);
    RC_ASSERT(run.cluster.sessions().connected() == 10U);
    run.cluster.world().start(old);
    run.for_(5s);
    RC_ASSERT(run.cluster.server(old).is_serving());
    for (std::int32_t i = 1; i <= 3; ++i) {
      RC_ASSERT(run.cluster.server(NodeId(i)).tree().last_zxid() == run.cluster.truth().tree().last_zxid());
    }
  });
  CHECK(ok);
}

TEST_CASE("a controller that crashed is replaced when its session has expired, not before") {
  const bool ok = rc::check("controller kill", [] {
    Run run(Shape{.seed = *rc::gen::arbitrary<std::uint64_t>()});
    run.until_ready();
    run.for_(5s + std::chrono::milliseconds(*rc::gen::inRange(0, 8000)));
    const NodeId old = run.who("active_controller");
    const Time killed = run.now();
    run.cluster.world().crash(old);
    run.for_(12s);
    const Time expired = run.reached(Phase::kSessionExpired, killed).value();
    // The last ping was up to T/3 before the crash, and was recorded at the leader up to half a tick and a round later.
    RC_ASSERT(expired - killed > 4s);
    RC_ASSERT(expired - killed <= 6s + 1s + 10ms + 2s);
    const Time deleted = run.reached(Phase::kEphemeralDeleted, killed).value();
    const Time elected = run.reached(Phase::kElected, killed).value();
    const Time loaded = run.reached(Phase::kStateLoaded, killed).value();
    const Time told = run.reached(Phase::kLastBrokerTold, killed).value();
    RC_ASSERT(expired < deleted);
    RC_ASSERT(deleted < elected);
    RC_ASSERT(elected - deleted < 50ms);
    RC_ASSERT(elected < loaded);
    RC_ASSERT(loaded < told);
    RC_ASSERT(run.cluster.truth().controller() != old);
    RC_ASSERT(run.cluster.truth().controller_epoch() == 2);
    RC_ASSERT(run.cluster.truth().tree().leaderless() == 0);
  });
  CHECK(ok);
}

TEST_CASE("what a new controller reads takes time in proportion to the partitions") {
  const auto load_time = [](std::int32_t topics) {
    Run run(Shape{.topics = topics});
    run.until_ready();
    return *run.reached(Phase::kStateLoaded, Time{}) - *run.reached(Phase::kElected, Time{});
  };
  const Duration few = load_time(100);    // 1,000 partitions, 1,100 reads
  const Duration many = load_time(1000);  // ten times as many
  CHECK(many > 9 * few);
  CHECK(many < 11 * few);
  CHECK(many > 11'000 * 60us);
  CHECK(many < 11'000 * 100us);
}

TEST_CASE("a dead broker's partitions get leaders once its session expires; when it returns it joins every ISR again") {
  const Shape shape;
  Run run(shape);
  run.until_ready();
  run.for_(1s);
  const NodeId dead = run.who("active_controller") == NodeId(102) ? NodeId(103) : NodeId(102);
  run.cluster.world().crash(dead);
  run.for_(15s);
  CHECK(run.cluster.truth().tree().leaderless() == 0);
  for (std::int32_t t = 1; t <= shape.topics; ++t) {
    for (std::int32_t p = 0; p < shape.partitions; ++p) {
      const PartitionState state = run.state(t, p);
      CHECK(state.leader != dead);
      CHECK(std::ranges::find(state.isr, dead) == state.isr.end());
    }
  }
  run.cluster.world().start(dead);
  run.for_(5s);
  CHECK(run.cluster.broker(dead).is_registered());
  check_full_isrs(run, shape);
}

TEST_CASE("a broker restarted before its old session has expired registers once that is gone") {
  Run run(Shape{.session_timeout_ms = 18000});
  run.until_ready();
  run.for_(1s);
  const NodeId node = run.who("active_controller") == NodeId(102) ? NodeId(103) : NodeId(102);
  run.cluster.world().crash(node);
  run.for_(1s);
  run.cluster.world().start(node);
  run.for_(5s);
  CHECK(!run.cluster.broker(node).is_registered());
  run.for_(20s);
  CHECK(run.cluster.broker(node).is_registered());
}

TEST_CASE("leader changes give every session its whole timeout afresh") {
  Run run(Shape{});
  run.until_ready();
  run.for_(1s);
  const NodeId dead = run.who("active_controller") == NodeId(102) ? NodeId(103) : NodeId(102);
  const NodeId old_leader = *run.cluster.leader();
  run.cluster.world().crash(dead);
  run.for_(3500ms);
  run.cluster.world().crash(old_leader);
  run.until([&] { return run.cluster.leader() && *run.cluster.leader() != old_leader; });
  const Time leads = run.now();
  run.until([&] { return !run.cluster.truth().is_registered(dead); });
  CHECK(run.now() - leads > 6s);
  CHECK(run.now() - leads < 8s + 50ms);
}

TEST_CASE("a leader paused beyond syncLimit is replaced; one paused for less stays, and lets sessions expire") {
  Run brief(Shape{.sessions = 40});
  brief.until_ready();
  brief.for_(3s);
  const NodeId leader = *brief.cluster.leader();
  Run lengthy = brief;

  brief.cluster.world().pause(leader, 8500ms);
  brief.for_(30s);
  CHECK(brief.cluster.leader() == leader);
  CHECK(brief.cluster.sessions().expired() > 10);
  CHECK(brief.cluster.sessions().connected() == 40);

  lengthy.cluster.world().pause(leader, 12s);
  lengthy.for_(11s);
  CHECK(lengthy.cluster.leader() != leader);
  lengthy.for_(30s);
  CHECK(lengthy.cluster.leader() != leader);
  CHECK(lengthy.cluster.server(leader).is_serving());  // as a follower now
}

TEST_CASE("a leader cut off from its followers stops serving, and joins them again when the cut heals") {
  Run run(Shape{});
  run.until_ready();
  run.for_(1s);
  const NodeId leader = *run.cluster.leader();
  const auto each_follower = [&](auto&& act) {
    for (std::int32_t i = 1; i <= 3; ++i) {
      if (NodeId(i) != leader) act(NodeId(i));
    }
  };
  each_follower([&](NodeId other) {
    run.cluster.world().cut(leader, other);
    run.cluster.world().cut(other, leader);
  });
  run.for_(5 * 2s + 2 * 2s + 1s);  // syncLimit ticks, and a check once per tick
  CHECK(!run.cluster.server(leader).is_serving());
  REQUIRE(run.cluster.leader().has_value());
  CHECK(run.cluster.leader() != leader);
  each_follower([&](NodeId other) {
    run.cluster.world().heal(leader, other);
    run.cluster.world().heal(other, leader);
  });
  run.for_(60s);
  CHECK(run.cluster.server(leader).is_serving());
  CHECK(run.cluster.leader() != leader);
}

TEST_CASE("a controller that was paused beyond its session finds itself replaced and writes nothing more") {
  const Shape shape;
  Run run(shape);
  run.until_ready();
  run.for_(1s);
  const NodeId old = run.who("active_controller");
  run.cluster.world().pause(old, 15s);
  run.for_(14s);
  CHECK(run.cluster.truth().controller_epoch() == 2);
  CHECK(run.cluster.truth().controller() != old);
  run.for_(20s);
  CHECK(!run.cluster.broker(old).controller().is_active());
  CHECK(run.cluster.broker(old).is_registered());
  CHECK(run.cluster.truth().controller_epoch() == 2);
  check_full_isrs(run, shape);
}

TEST_CASE("a broker cut off from ZooKeeper keeps its session if the cut is short, and registers again if it is not") {
  for (const auto& [length, lost] : {std::pair{3s, false}, {20s, true}}) {
    Run run(Shape{});
    run.until_ready();
    run.for_(1s);
    const NodeId node = run.who("active_controller") == NodeId(102) ? NodeId(103) : NodeId(102);
    const auto znode = [&] { return *run.cluster.truth().tree().find(broker_path(node)); };
    const Zxid before = znode().created;
    for (std::int32_t i = 1; i <= 3; ++i) {
      run.cluster.world().cut(node, NodeId(i));
      run.cluster.world().cut(NodeId(i), node);
    }
    run.for_(length);
    CHECK(run.cluster.truth().is_registered(node) == !lost);
    for (std::int32_t i = 1; i <= 3; ++i) {
      run.cluster.world().heal(node, NodeId(i));
      run.cluster.world().heal(NodeId(i), node);
    }
    run.for_(40s);
    REQUIRE(run.cluster.truth().is_registered(node));
    CHECK((znode().created != before) == lost);
  }
}

TEST_CASE("a follower's clients move to other servers, with their sessions") {
  Run run(Shape{.sessions = 30, .session_timeout_ms = 18000});
  run.until_ready();
  run.for_(2s);
  const NodeId follower = run.cluster.leader() == NodeId(1) ? NodeId(2) : NodeId(1);
  REQUIRE(run.cluster.server(follower).sockets() > 0);
  run.cluster.world().crash(follower);
  run.for_(40s);
  CHECK(run.cluster.sessions().connected() == 30);
  CHECK(run.cluster.sessions().expired() == 0);
  CHECK(run.cluster.truth().controller_epoch() == 1);
}

TEST_CASE("without a quorum nothing is served; with one again, everything is as it was") {
  Run run(Shape{.session_timeout_ms = 18000});
  run.until_ready();
  run.for_(1s);
  run.cluster.world().crash(NodeId(1));
  run.cluster.world().crash(NodeId(2));
  run.for_(15s);
  CHECK(!run.cluster.leader().has_value());
  CHECK(!run.cluster.server(NodeId(3)).is_serving());
  run.cluster.world().start(NodeId(1));
  run.for_(90s);  // by then the survivor sends its vote once a minute
  CHECK(run.cluster.leader().has_value());
  CHECK(run.cluster.truth().tree().children(path(Path::Kind::kBrokerIds)).size() == 5);
  CHECK(run.cluster.truth().tree().leaderless() == 0);
}

TEST_CASE("a clean stop moves the leaders away first and waits for no timeout") {
  const Shape shape;
  Run run(shape);
  run.until_ready();
  run.for_(1s);
  for (const NodeId node : {run.who("active_controller") == NodeId(102) ? NodeId(103) : NodeId(102),
                            run.who("active_controller")}) {
    const Time asked = run.now();
    run.cluster.stop_cleanly(node);
    run.until([&] { return run.cluster.world().process(node) == world::ProcessState::kDown; }, 3s);
    CHECK(run.now() - asked < 1s);
    run.for_(1s);
    CHECK(run.cluster.truth().tree().leaderless() == 0);
    for (std::int32_t t = 1; t <= shape.topics; ++t) {
      for (std::int32_t p = 0; p < shape.partitions; ++p) CHECK(run.state(t, p).leader != node);
    }
  }
  CHECK(run.cluster.truth().controller_epoch() == 2);
  CHECK(run.cluster.truth().controller().has_value());
}

TEST_CASE("topics are created and deleted through the controller, whomever the client asks") {
  Run run(Shape{});
  run.until_ready();
  using Kind = cluster::Operation::Kind;
  const auto submit = [&](std::uint64_t id, Kind kind, const char* topic, std::int32_t replication) {
    run.seen.clear();
    run.cluster.submit({.id = id,
                        .kind = kind,
                        .topic = topic,
                        .partitions = 7,
                        .replication = replication,
                        .via = cluster::broker_id(static_cast<std::int32_t>(id % 5) + 1)});
    run.for_(2s);
    for (const auto& o : run.seen) {
      if (const auto* done = std::get_if<cluster::OperationDone>(&o.fact)) return done->ok ? "ok" : done->error;
    }
    return std::string("pending");
  };
  for (std::uint64_t id = 0; id < 5; ++id) {
    const std::string name = "topic" + std::to_string(id);
    CHECK(submit(10 * id + id, Kind::kCreateTopic, name.c_str(), 3) == "ok");
  }
  CHECK(run.cluster.truth().tree().partitions() == 135);
  CHECK(submit(100, Kind::kCreateTopic, "topic1", 3) == "TOPIC_ALREADY_EXISTS");
  CHECK(submit(101, Kind::kCreateTopic, "wide", 6) == "INVALID_REPLICATION_FACTOR");
  CHECK(submit(102, Kind::kDeleteTopic, "topic1", 3) == "ok");
  CHECK(submit(103, Kind::kDeleteTopic, "topic1", 3) == "UNKNOWN_TOPIC_OR_PARTITION");
  CHECK(run.cluster.truth().tree().partitions() == 128);
  CHECK(submit(104, Kind::kCreateTopic, "topic1", 2) == "ok");
}

TEST_CASE("an operation that finds no controller ends with a timeout") {
  Run run(Shape{.brokers = 3});
  run.until_ready();
  for (std::int32_t i = 1; i <= 3; ++i) run.cluster.world().crash(cluster::broker_id(i));
  run.seen.clear();
  run.cluster.submit({.id = 1, .topic = "x", .partitions = 1, .replication = 1, .via = cluster::broker_id(1)});
  run.for_(70s);
  std::vector<cluster::OperationDone> done;
  for (const auto& o : run.seen) {
    if (const auto* fact = std::get_if<cluster::OperationDone>(&o.fact)) done.push_back(*fact);
  }
  REQUIRE(done.size() == 1);
  CHECK(done.front().error == "REQUEST_TIMED_OUT");
}

TEST_CASE("targets mean whoever holds the role") {
  Run run(Shape{});
  run.until_ready();
  kraft::Rng rng(5);
  const auto resolve = [&](const char* text) { return run.cluster.resolve(*cluster::parse_target(text), rng); };
  CHECK(resolve("controller:1").empty());
  CHECK(resolve("zookeeper:2") == std::vector{NodeId(2)});
  CHECK(resolve("coordinator:4").empty());
  CHECK(resolve("coordinator:leader") == std::vector{*run.cluster.leader()});
  CHECK(resolve("follower:any").front() != *run.cluster.leader());
  CHECK(resolve("broker:5") == std::vector{NodeId(105)});
  CHECK(resolve("*").size() == 8);
  run.cluster.world().crash(*run.cluster.leader());
  run.for_(10ms);
  CHECK(resolve("coordinator:leader").empty());
}

TEST_CASE("the same seed gives the same run, another seed another, and a fork its parent's") {
  const auto digest = [](std::uint64_t seed, std::optional<Duration> fork_at) {
    auto run = std::make_unique<Run>(Shape{.sessions = 5, .seed = seed});
    const auto go_to = [&](Time time) {
      if (fork_at && run->now() < Time(*fork_at) && Time(*fork_at) <= time) {
        run->until(Time(*fork_at));
        run = std::make_unique<Run>(Run(*run));
      }
      run->until(time);
    };
    go_to(Time(5s));
    run->cluster.world().crash(run->who("active_controller"));
    go_to(Time(12s));
    run->cluster.world().pause(*run->cluster.leader(), 3s);
    go_to(Time(30s));
    return run->cluster.world().digest();
  };
  const std::uint64_t once = digest(3, std::nullopt);
  CHECK(digest(3, std::nullopt) == once);
  CHECK(digest(4, std::nullopt) != once);
  for (const Duration at : {Duration(1ms), Duration(700ms), Duration(6s), Duration(11500ms), Duration(13s)})
    CHECK(digest(3, at) == once);
}
