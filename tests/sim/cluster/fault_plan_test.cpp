// The fault plan against a control plane that coordinates nothing: three coordinators, three brokers, a real world.
#include <doctest/doctest.h>

#include <algorithm>

#include "sim/cluster/fault_plan.hpp"
#include "sim/cluster/spec.hpp"

namespace {

using namespace kraft::literals;
using namespace kraftsim::cluster;
using kraftsim::world::ProcessState;
using kraftsim::world::World;
using Nodes = std::vector<NodeId>;
using Kind = Target::Kind;

constexpr NodeId kC1{1}, kC2{2}, kC3{3}, kB1{101}, kB2{102}, kB3{103};

class FakePlane final : public ControlPlane {
 public:
  explicit FakePlane(Coordination coordination = Coordination::kKraft)
      : world_(kraftsim::world::WorldOptions{}), coordination_(coordination) {
    for (const NodeId node : all()) {
      world_.add_node(node, {});
      world_.start(node);
    }
    settle();
  }

  /// Lets everything due now happen.
  void settle() {
    while (world_.advance(world_.now()) != nullptr) {
    }
  }

  std::optional<NodeId> leader = kC1;
  std::optional<NodeId> active = kC1;
  Nodes stopping;

  [[nodiscard]] std::unique_ptr<ControlPlane> clone() const override { return std::make_unique<FakePlane>(*this); }
  [[nodiscard]] World& world() override { return world_; }
  [[nodiscard]] const World& world() const override { return world_; }
  void boot() override {}
  void handle(const kraftsim::world::Happening&) override {}
  void submit(const Operation&) override {}
  void stop_cleanly(NodeId node) override { stopping.push_back(node); }
  [[nodiscard]] bool ready() const override { return true; }
  void take_observations(std::vector<Observation>&) override {}
  [[nodiscard]] std::vector<std::string> describe() const override { return {}; }

  [[nodiscard]] Nodes resolve(const Target& target, kraft::Rng& rng) const override {
    const auto one = [](const std::optional<NodeId>& node) { return node ? Nodes{*node} : Nodes{}; };
    const bool kraft = coordination_ == Coordination::kKraft;
    switch (target.kind) {
      case Kind::kController: return kraft ? Nodes{coordinator_id(target.number)} : Nodes{};
      case Kind::kZookeeper: return kraft ? Nodes{} : Nodes{coordinator_id(target.number)};
      case Kind::kCoordinator: return {coordinator_id(target.number)};
      case Kind::kBroker: return {broker_id(target.number)};
      case Kind::kLeader: return one(leader);
      case Kind::kActiveController: return one(active);
      case Kind::kAnyFollower: {
        Nodes followers{kC1, kC2, kC3};
        if (leader) std::erase(followers, *leader);
        return {followers[rng.below(followers.size())]};
      }
      case Kind::kAnyController:
      case Kind::kAnyCoordinator: return {kC3};
      case Kind::kMajority: return draw({kC1, kC2, kC3}, 2, rng);
      case Kind::kMinority: return draw({kC1, kC2, kC3}, 1, rng);
      case Kind::kRack: return target.name == "a" ? Nodes{kC1, kB1} : Nodes{};
      case Kind::kAnyBroker: return {broker_id(1 + static_cast<std::int32_t>(rng.below(3)))};
      case Kind::kAllBrokers: return {kB1, kB2, kB3};
      case Kind::kAllCoordinators: return {kC1, kC2, kC3};
      case Kind::kEverything: return all();
    }
    return {};
  }

 private:
  static Nodes all() { return {kC1, kC2, kC3, kB1, kB2, kB3}; }

  World world_;
  Coordination coordination_;
};

Target to(Kind kind, std::int32_t number = 0) { return {.kind = kind, .number = number}; }

FaultAction crash(Target node, kraft::Duration restart_after = {}, bool machine = false) {
  return CrashFault{.node = node, .restart_after = restart_after, .machine = machine};
}

std::string cuts_of(const World& world) {
  std::string cuts;
  for (const NodeId from : {kC1, kC2, kC3, kB1, kB2, kB3}) {
    for (const NodeId node : {kC1, kC2, kC3, kB1, kB2, kB3}) {
      if (from != node && world.is_cut(from, node)) cuts += line(from) + ">" + line(node) + " ";
    }
  }
  return cuts;
}

TEST_CASE("a crash of a role is told with the name of the node that held it") {
  FakePlane plane;
  plane.leader = plane.active = kC2;
  kraft::Rng rng(1);
  const FaultAction active = crash(to(Kind::kActiveController), 20s);
  CHECK(line(active) == "crash active_controller restart after 20s");
  Injected injected = inject(plane, active, rng);
  CHECK(injected.text == "crash controller:2 restart after 20s");
  CHECK(injected.nodes == Nodes{kC2});
  CHECK(plane.world().process(kC2) == ProcessState::kDown);
  CHECK(plane.world().process(kC1) == ProcessState::kUp);
  CHECK(length(active) == 20s);

  plane.leader = kC1;  // who holds the role now does not matter any more
  revert(plane, injected);
  plane.settle();
  CHECK(plane.world().process(kC2) == ProcessState::kUp);
}

TEST_CASE("the same role is a ZooKeeper server or a broker under the other coordination") {
  FakePlane plane(Coordination::kZookeeper);
  plane.leader = kC3;
  plane.active = kB2;
  kraft::Rng rng(1);
  CHECK(inject(plane, PauseFault{.node = to(Kind::kLeader), .length = 8s}, rng).text == "pause zookeeper:3 for 8s");
  CHECK(inject(plane, crash(to(Kind::kActiveController)), rng).text == "crash broker:2");
  CHECK(inject(plane, crash(to(Kind::kCoordinator, 1), 0s, true), rng).text ==
        "crash machine of zookeeper:1");
}

TEST_CASE("a role that nobody holds: nothing happens, and it says so") {
  FakePlane plane;
  plane.active.reset();
  kraft::Rng rng(1);
  Injected injected = inject(plane, crash(to(Kind::kActiveController)), rng);
  CHECK(injected.nodes.empty());
  CHECK(injected.text == "crash active_controller (nobody to do it to)");
}

TEST_CASE("a node that is down is neither struck again nor started by the end of a fault that did not strike it") {
  FakePlane plane;
  kraft::Rng rng(1);
  (void)inject(plane, crash(to(Kind::kBroker, 1)), rng);
  const FaultAction all = crash(to(Kind::kAllBrokers), 1s);
  Injected injected = inject(plane, all, rng);
  CHECK(injected.nodes == Nodes{kB2, kB3});
  CHECK(injected.text == "crash brokers restart after 1s");
  revert(plane, injected);
  plane.settle();
  CHECK(plane.world().process(kB1) == ProcessState::kDown);
  CHECK(plane.world().process(kB2) == ProcessState::kUp);

  const FaultAction start = StartFault{.node = to(Kind::kAllBrokers)};
  CHECK(inject(plane, start, rng).nodes == Nodes{kB1});
  CHECK(length(start) == 0s);
}

struct Ping final : kraftsim::world::Payload {
  [[nodiscard]] std::string text() const override { return "ping"; }
  [[nodiscard]] std::int64_t size_bytes() const override { return 100; }
  [[nodiscard]] std::uint64_t fingerprint() const override { return 1; }
};

TEST_CASE("of a process that is killed its peers hear; of a machine that loses power they do not") {
  FakePlane plane;
  kraft::Rng rng(1);
  bool machine = false;
  SUBCASE("process") {}
  SUBCASE("machine") { machine = true; }
  plane.world().request(kB1, kC1, kraft::share<Ping>());
  while (plane.world().advance(Time(1s)) != nullptr) {
  }
  (void)inject(plane, crash(to(Kind::kController, 1), 0s, machine), rng);
  bool heard = false;
  while (const auto* happening = plane.world().advance(Time(2s))) {
    if (std::holds_alternative<kraftsim::world::ConnectionLost>(happening->what)) heard = true;
  }
  CHECK(heard == !machine);
}

TEST_CASE("a pause ends by itself") {
  FakePlane plane;
  kraft::Rng rng(1);
  const FaultAction pause = PauseFault{.node = to(Kind::kController, 2), .length = 3s};
  Injected injected = inject(plane, pause, rng);
  CHECK(plane.world().process(kC2) == ProcessState::kPaused);
  CHECK(length(pause) == 3s);
  while (plane.world().advance(Time(3s)) != nullptr) {
  }
  CHECK(plane.world().process(kC2) == ProcessState::kUp);
  revert(plane, injected);
  CHECK(plane.world().process(kC2) == ProcessState::kUp);
}

TEST_CASE("a clean stop is the plane's to carry out; what has not stopped when the restart is due is killed") {
  FakePlane plane;
  kraft::Rng rng(1);
  const FaultAction stop = StopFault{.node = to(Kind::kBroker, 1), .restart_after = 5s};
  Injected injected = inject(plane, stop, rng);
  CHECK(plane.stopping == Nodes{kB1});
  CHECK(plane.world().process(kB1) == ProcessState::kUp);  // the fake never stops
  SUBCASE("it hangs") {}
  SUBCASE("it stopped") { plane.world().stop(kB1); }
  revert(plane, injected);
  int started = 0;
  while (const auto* happening = plane.world().advance(plane.world().now())) {
    if (std::holds_alternative<kraftsim::world::Started>(happening->what)) ++started;
  }
  CHECK(started == 1);
  CHECK(plane.world().process(kB1) == ProcessState::kUp);
}

TEST_CASE("the end of an absence ends no other") {
  FakePlane plane;
  kraft::Rng rng(1);
  FaultAction first = crash(to(Kind::kBroker, 1), 4s);
  SUBCASE("after a crash") {}
  SUBCASE("after a stop") { first = StopFault{.node = to(Kind::kBroker, 1), .restart_after = 4s}; }
  Injected injected = inject(plane, first, rng);
  if (!plane.stopping.empty()) plane.world().stop(kB1);
  (void)inject(plane, StartFault{.node = to(Kind::kBroker, 1)}, rng);
  plane.settle();
  REQUIRE(plane.world().process(kB1) == ProcessState::kUp);
  Injected second = inject(plane, crash(to(Kind::kBroker, 1), 10s), rng);
  revert(plane, injected);
  plane.settle();
  CHECK(plane.world().process(kB1) == ProcessState::kDown);
  revert(plane, second);
  plane.settle();
  CHECK(plane.world().process(kB1) == ProcessState::kUp);
}

TEST_CASE("a partition: Everything is who is named nowhere else; all but the largest group are struck") {
  FakePlane plane;
  kraft::Rng rng(1);
  const FaultAction partition = PartitionFault{
      .groups = {{to(Kind::kBroker, 1), to(Kind::kLeader)}, {to(Kind::kEverything)}}, .length = 10s};
  Injected injected = inject(plane, partition, rng);
  CHECK(injected.text == "partition broker:1,controller:1 | * for 10s");
  CHECK(injected.nodes == Nodes{kC1, kB1});
  CHECK(injected.cuts.size() == 16);
  CHECK(cuts_of(plane.world()) ==
        "1>2 1>3 1>102 1>103 2>1 2>101 3>1 3>101 101>2 101>3 101>102 101>103 102>1 102>101 103>1 103>101 ");
  revert(plane, injected);
  CHECK(cuts_of(plane.world()).empty());
}

TEST_CASE("a partition leaves alone who is in no group, and counts a node named twice once") {
  FakePlane plane;
  kraft::Rng rng(1);
  const FaultAction partition = PartitionFault{
      .groups = {{to(Kind::kController, 1)}, {to(Kind::kController, 2), to(Kind::kController, 1)}}, .length = {}};
  Injected injected = inject(plane, partition, rng);
  CHECK(cuts_of(plane.world()) == "1>2 2>1 ");
  CHECK(injected.nodes == Nodes{kC1});  // equally large: the first is the one cut off
  CHECK(length(partition) == 0s);
}

TEST_CASE("cuts in one direction, in both, and from everybody") {
  FakePlane plane;
  kraft::Rng rng(1);
  CutFault cut{.from = {to(Kind::kLeader)}, .to = {to(Kind::kEverything)}, .both = false, .length = 4s};
  SUBCASE("what the leader sends") {
    Injected injected = inject(plane, cut, rng);
    CHECK(injected.text == "cut controller:1 -> * for 4s");
    CHECK(cuts_of(plane.world()) == "1>2 1>3 1>101 1>102 1>103 ");
    CHECK(injected.nodes == Nodes{kC1});
    revert(plane, injected);
    CHECK(cuts_of(plane.world()).empty());
  }
  SUBCASE("what the leader is sent") {
    std::swap(cut.from, cut.to);
    CHECK(inject(plane, cut, rng).nodes == Nodes{kC1});
    CHECK(cuts_of(plane.world()) == "2>1 3>1 101>1 102>1 103>1 ");
  }
  SUBCASE("both") {
    cut.both = true;
    cut.to = {to(Kind::kController, 2)};
    CHECK(inject(plane, cut, rng).text == "cut controller:1 <-> controller:2 for 4s");
    CHECK(cuts_of(plane.world()) == "1>2 2>1 ");
  }
  SUBCASE("among themselves, each link once") {
    cut.from = cut.to = {to(Kind::kAllCoordinators)};
    cut.both = true;
    Injected injected = inject(plane, cut, rng);
    CHECK(injected.cuts.size() == 6);
    revert(plane, injected);
    CHECK(cuts_of(plane.world()).empty());
  }
}

TEST_CASE("overlapping cuts of one link: each heals its own") {
  FakePlane plane;
  kraft::Rng rng(1);
  const FaultAction cut = CutFault{
      .from = {to(Kind::kController, 1)}, .to = {to(Kind::kController, 2)}, .both = false, .length = 1s};
  Injected first = inject(plane, cut, rng);
  Injected second = inject(plane, cut, rng);
  revert(plane, first);
  CHECK(cuts_of(plane.world()) == "1>2 ");
  revert(plane, second);
  CHECK(cuts_of(plane.world()).empty());
}

TEST_CASE("of overlapping faults of one kind on one machine the latest that stands counts") {
  FakePlane plane;
  kraft::Rng rng(1);
  const auto drift = [](std::int32_t ppm) {
    return FaultAction(ClockFault{.node = to(Kind::kController, 1), .drift_ppm = ppm, .length = 9s});
  };
  const auto gained = [&] {  // by the clock in ten seconds, in milliseconds
    World& world = plane.world();
    const auto ahead = world.local_now(kC1) - world.now();
    while (world.advance(world.now() + 10s) != nullptr) {
    }
    return (world.local_now(kC1) - world.now() - ahead) / 1ms;
  };
  plane.world().drift_clock(kC1, 1'000);
  Injected first = inject(plane, drift(20'000), rng);
  Injected second = inject(plane, drift(-40'000), rng);
  CHECK(gained() == -400);
  std::vector<const Injected*> standing;
  SUBCASE("the first to strike ends first") {
    standing = {&second};
    revert(plane, first, standing);
    CHECK(gained() == -400);
    revert(plane, second);
  }
  SUBCASE("the last to strike ends first") {
    standing = {&first};
    revert(plane, second, standing);
    CHECK(gained() == 200);
    revert(plane, first);
  }
  CHECK(gained() == 10);
}

TEST_CASE("a disk that two faults made refuse works again when both are over, and only then who died is started") {
  FakePlane plane;
  kraft::Rng rng(1);
  const auto fail = [](kraftsim::world::DiskError error) {
    return FaultAction(FailDiskFault{.node = to(Kind::kController, 1), .error = error, .length = 9s});
  };
  Injected full = inject(plane, fail(kraftsim::world::DiskError::kFull), rng);
  Injected broken = inject(plane, fail(kraftsim::world::DiskError::kWrite), rng);
  plane.world().die_of_disk(kC1);
  plane.settle();
  const std::vector<const Injected*> standing{&broken};
  revert(plane, full, standing);
  plane.settle();
  CHECK(plane.world().process(kC1) == ProcessState::kDown);
  CHECK(plane.world().refuses_write(kC1));
  revert(plane, broken);
  plane.settle();
  CHECK(plane.world().process(kC1) == ProcessState::kUp);
  CHECK_FALSE(plane.world().refuses_write(kC1));
}

TEST_CASE("who was asked to stop and has been started since is left alone when the restart is due") {
  FakePlane plane;
  kraft::Rng rng(1);
  Injected injected = inject(plane, StopFault{.node = to(Kind::kBroker, 1), .restart_after = 5s}, rng);
  plane.world().stop(kB1);
  plane.world().start(kB1);
  plane.settle();
  const std::size_t boot = plane.world().boot(kB1);
  revert(plane, injected);
  plane.settle();
  CHECK(plane.world().boot(kB1) == boot);
  CHECK(plane.world().process(kB1) == ProcessState::kUp);
}

TEST_CASE("a slow CPU takes its percentage of every time until it is restored") {
  FakePlane plane;
  kraft::Rng rng(1);
  const FaultAction slow = SlowCpuFault{.node = to(Kind::kLeader), .percent = 250, .length = 5s};
  const auto work_time = [&] {
    const Time before = plane.world().now();
    plane.world().occupy(kC1, 10ms);
    plane.world().write(kC1, 0, false);  // starts when the CPU is done
    while (plane.world().advance(before + 10s) != nullptr) {
      if (plane.world().now() > before) break;
    }
    return plane.world().now() - before;
  };
  const kraft::Duration normal = work_time();
  Injected injected = inject(plane, slow, rng);
  CHECK(injected.text == "slow CPU of controller:1 to 250 % for 5s");
  CHECK(work_time() == normal + 15ms);
  revert(plane, injected);
  CHECK(work_time() == normal);
}

TEST_CASE("a slow disk is slow until it is restored") {
  FakePlane plane;
  kraft::Rng rng(1);
  const FaultAction slow = SlowDiskFault{
      .node = to(Kind::kLeader),
      .disk = {.write = {}, .fsync = kraftsim::engine::Quantiles(500ms), .bandwidth_bytes_per_s = 0},
      .length = 5s};
  const auto write_time = [&](NodeId node) {
    const Time before = plane.world().now();
    plane.world().write(node, 100, true);
    while (plane.world().advance(before + 10s) != nullptr) {
      if (plane.world().now() > before) break;
    }
    return plane.world().now() - before;
  };
  const kraft::Duration normal = write_time(kC1);
  Injected injected = inject(plane, slow, rng);
  CHECK(injected.text == "slow disk of controller:1 for 5s");
  CHECK(injected.nodes == Nodes{kC1});
  CHECK(write_time(kC1) == normal + 500ms);
  CHECK(write_time(kC2) == normal);
  revert(plane, injected);
  CHECK(write_time(kC1) == normal);
}

TEST_CASE("chance is used once, and only where a target leaves a choice") {
  FakePlane plane;
  kraft::Rng rng(7);
  const kraft::Rng untouched = rng;
  (void)inject(plane, PauseFault{.node = to(Kind::kLeader), .length = 1s}, rng);
  CHECK(rng == untouched);

  kraft::Rng oracle = rng;
  const Nodes drawn = plane.resolve(to(Kind::kAnyBroker), oracle);
  Injected injected = inject(plane, PauseFault{.node = to(Kind::kAnyBroker), .length = 1s}, rng);
  CHECK(injected.nodes == drawn);
  CHECK(rng == oracle);
  CHECK(injected.text == "pause broker:" + std::to_string(drawn[0].value() - 100) + " for 1s");
}

}  // namespace
