// What each clock fault does to what processes read, and to their timers.
#include "sim/world/clock.hpp"
#include "tests/fault/story.hpp"
#include "tests/sim/world/lab.hpp"

using namespace kraftsim::scenario;
using kraft::Time;
using kraftsim::world::at;
using kraftsim::world::Clock;
using kraftsim::world::Lab;
using kraftsim::world::Log;
using kraftsim::world::n;

namespace {

/// How far a node's clock is ahead.
kraft::Duration ahead(const Story& story, NodeId node) { return story.world().local_now(node) - story.world().now(); }

}  // namespace

TEST_CASE("clock set forward: timers are all due") {
  Lab lab(1);
  lab.world.set_timer(n(0), at(10s));
  lab.run(1s);
  lab.world.jump_clock(n(0), 5s);
  CHECK(lab.run(20s) == Log{"5s 0 timer"});
  Story story(R"({"at": "3s", "clock": {"node": "coordinator:leader", "forward": "5s", "for": "4s"}})");
  const NodeId leader = story.until(2s).leader();
  CHECK(ahead(story.until(4s), leader) == 5s);
  CHECK(ahead(story.until(13s), leader) == 0s);
}

TEST_CASE("clock set back: it stands still for the process until it has caught up") {
  Lab lab(1);
  lab.run(5s);
  lab.world.set_timer(n(0), at(6s));
  lab.world.jump_clock(n(0), -3s);
  CHECK(lab.world.local_now(n(0)) == at(5s));
  lab.run(7900ms);
  CHECK(lab.world.local_now(n(0)) == at(5s));
  CHECK(lab.run(20s) == Log{"9s 0 timer"});
  Story story(R"({"at": "6s", "clock": {"node": "controller:2", "back": "2s"}})");
  const Time before = story.until(5900ms).world().local_now(coordinator_id(2));
  CHECK(story.until(7900ms).world().local_now(coordinator_id(2)) < before + 200ms);
  CHECK(ahead(story.until(12s), coordinator_id(2)) == -2s);
}

TEST_CASE("clock that drifts") {
  Lab lab(1);
  lab.world.drift_clock(n(0), 250'000);
  lab.world.set_timer(n(0), at(10s));
  CHECK(lab.run(20s) == Log{"8s 0 timer"});
  lab.log.clear();
  lab.world.drift_clock(n(0), -200'000);  // reads 25 s at 20 s
  lab.world.set_timer(n(0), at(29s));
  CHECK(lab.run(40s) == Log{"25s 0 timer"});
  Story story(R"({"at": "2s", "clock": {"node": "brokers", "drift_ppm": -1000, "for": "10s"}})");
  CHECK(ahead(story.until(15s), broker_id(1)) == -10ms);
}

TEST_CASE("clock skew from the start") {
  Story story("", {.more = R"("nodes": {"controller:1": {"clock": {"ahead": "90s"}},
                                        "controller:2": {"clock": {"drift_ppm": 1000}}},)"});
  CHECK(ahead(story.until(2s), coordinator_id(1)) == 90s);
  CHECK(ahead(story, coordinator_id(2)) > 2ms);
  CHECK(story.end().result().verdict == Verdict::kHeld);
}

TEST_CASE("clock jumps do not reach ZooKeeper and drift does") {
  Story story(R"({"at": "2s", "clock": {"node": "coordinators", "forward": "1h"}},
                 {"at": "3s", "clock": {"node": "coordinators", "drift_ppm": 2000}})",
              {.coordination = "zookeeper"});
  CHECK(ahead(story.until(2500ms), coordinator_id(1)) == 0s);
  CHECK(ahead(story.until(13s), coordinator_id(1)) > 19ms);
  CHECK(story.executed().size() == 1);
}

TEST_CASE("a clock never goes back for its process and a timer is never early") {
  Clock clock;
  clock.jump(Time(10s), -4s);
  CHECK(clock.read(Time(10s)) == Time(10s));
  CHECK(clock.read(Time(13s)) == Time(10s));
  CHECK(clock.reads_at(Time(11s), Time(10s)) == Time(15s));
  CHECK(clock.reads_at(Time(10s), Time(12s)) == Time(12s));
  clock.forget_readings(Time(13s));
  CHECK(clock.read(Time(13s)) == Time(9s));  // a new process has read nothing
  clock.drift(Time(13s), 333);
  for (const auto local : {Time(9s + 1ns), Time(10s + 7ns), Time(3600s)}) {
    const Time moment = clock.reads_at(local, Time(13s));
    CHECK(clock.read(moment) >= local);
    CHECK(clock.read(moment - 2ns) < local);
  }
  clock.jump(Time(20s), -1h);
  clock.forget_readings(Time(20s));
  CHECK(clock.read(Time(20s)) == Time{});  // before the beginning there is nothing
  CHECK(clock.read(Time(21s)) > Time(1s));
}
