// The liveness phase of a run: what it heals, what it leaves broken, and what it says of a cluster that stays stuck.
#include <doctest/doctest.h>

#include <string>

#include "sim/scenario/reader.hpp"
#include "sim/scenario/runner.hpp"

using namespace kraftsim::scenario;
using kraft::NodeId;

namespace {

Scenario with(const std::string& faults, const std::string& liveness, int controllers = 3, int brokers = 1) {
  return read_text(R"({"version": 1, "description": "d", "duration": "8s", "warm_up": "1s", "profile": "lan",
    "cluster": {"controllers": {"count": )" + std::to_string(controllers) + R"(}, "brokers": {"count": )" +
                       std::to_string(brokers) + R"(}}, "faults": )" + faults + R"(, "liveness": )" + liveness + "}",
                   "liveness.json");
}

RunResult result(const Scenario& scenario, std::uint64_t seed = 1) {
  return run(scenario, Coordination::kKraft, seed, {});
}

constexpr const char* kEverybodyDown = R"([{"at": "1s", "crash": {"node": "*", "machine": true}}])";

}  // namespace

TEST_CASE("who is down for good comes back when it belongs to the core") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const RunResult done = result(with(kEverybodyDown, "{}"), seed);
    CAPTURE(done.detail);
    CHECK(done.verdict == Verdict::kHeld);
    REQUIRE(done.liveness);
    REQUIRE(done.liveness->took);
    CHECK(*done.liveness->took < std::chrono::seconds(30));
    CHECK(done.liveness->core.size() >= 3);
  }
}

TEST_CASE("cuts among the core end, all others stay for good") {
  const Scenario scenario =
      with(R"([{"at": "1s", "partition": {"groups": [["controller:1"], ["controller:2"], ["*"]], "for": "1h"}}])",
           R"({"core": "majority"})");
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Run run(scenario, Coordination::kKraft, seed, {});
    while (run.step()) {
    }
    const RunResult done = run.result();
    CAPTURE(done.detail);
    CHECK(done.verdict == Verdict::kHeld);
    REQUIRE(done.liveness);
    const auto& core = done.liveness->core;
    for (int a = 1; a <= 3; ++a) {
      for (int b = 1; b <= 3; ++b) {
        const bool healed = std::ranges::binary_search(core, NodeId(a)) && std::ranges::binary_search(core, NodeId(b));
        if (a != b) CHECK(run.plane().world().is_cut(NodeId(a), NodeId(b)) != healed);
      }
    }
  }
}

TEST_CASE("a pause ends for the core and lasts for everybody else") {
  const Scenario scenario = with(R"([{"at": "1s", "pause": {"node": "coordinators", "for": "1h"}}])",
                                 R"({"core": "majority"})", 5);
  Run run(scenario, Coordination::kKraft, 3, {});
  while (run.step()) {
  }
  CHECK(run.result().verdict == Verdict::kHeld);
  const auto core = run.result().liveness.value().core;
  int paused = 0;
  for (int id = 1; id <= 5; ++id) {
    const bool is = run.plane().world().process(NodeId(id)) == kraftsim::world::ProcessState::kPaused;
    CHECK(is != std::ranges::binary_search(core, NodeId(id)));
    if (is) ++paused;
  }
  CHECK(paused == 2);
}

TEST_CASE("a node that limps is mended in the core and stopped outside it") {
  const Scenario scenario = with(R"([{"at": "1s", "slow_cpu": {"node": "coordinators", "percent": 100000, "for": "1h"}},
    {"at": "2s", "slow_disk": {"node": "brokers", "fsync": "30s", "for": "1h"}}])", R"({"core": "majority"})");
  Run run(scenario, Coordination::kKraft, 3, {});
  while (run.step()) {
  }
  CAPTURE(run.result().detail);
  CHECK(run.result().verdict == Verdict::kHeld);
  const auto core = run.result().liveness.value().core;
  for (int id = 1; id <= 3; ++id) {
    const bool down = run.plane().world().process(NodeId(id)) == kraftsim::world::ProcessState::kDown;
    CHECK(down != std::ranges::binary_search(core, NodeId(id)));
  }
}

TEST_CASE("the phase begins after the last fault if that is asked for, or at the end of the duration") {
  const RunResult early = result(with(kEverybodyDown, R"({"after": "last_fault"})"));
  const RunResult late = result(with(kEverybodyDown, R"({"after": "duration"})"));
  CHECK(late.liveness.value().began - early.liveness.value().began == std::chrono::seconds(7));
}

TEST_CASE("a cluster that does not come back within the bound is reported by what is missing") {
  const RunResult stuck = result(with(kEverybodyDown, R"({"bound": "50ms"})"));
  CHECK(stuck.verdict == Verdict::kViolated);
  CHECK(stuck.invariant == "LeaderElected");
  CHECK_FALSE(stuck.liveness.value().took);
  // With a leader that stays, commits come every 500 ms and brokers restart in seconds.
  const RunResult silent = result(with("[]", R"({"bound": "1ms"})"));
  CHECK(silent.invariant == "CommitsResume");
  const RunResult unserved =
      result(with(R"([{"at": "1s", "crash": {"node": "brokers"}}])", R"({"bound": "800ms", "core": "all"})"));
  CHECK((unserved.invariant == "BrokersServed" || unserved.invariant == "Converges"));
}

TEST_CASE("a copy of a run in its liveness phase ends as its original does") {
  const Scenario scenario = with(kEverybodyDown, "{}");
  Run original(scenario, Coordination::kKraft, 5, {});
  while (!original.result().liveness) REQUIRE(original.step());
  Run copy(original);
  while (original.step()) {
  }
  while (copy.step()) {
  }
  CHECK(copy.result().digest == original.result().digest);
  CHECK(copy.result().liveness.value().took == original.result().liveness.value().took);
}

TEST_CASE("without the field there is no such phase") {
  const Scenario scenario = read_text(
      R"({"version": 1, "description": "d", "duration": "2s", "cluster": {"brokers": {"count": 0}}})", "plain.json");
  CHECK_FALSE(result(scenario).liveness);
}
