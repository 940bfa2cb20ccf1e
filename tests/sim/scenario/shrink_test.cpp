// Shrinking, on what fails without a planted bug: an expectation that cannot be met. Planted bugs are shrunk by
// `make mutants`.
#include "sim/scenario/shrink.hpp"

#include <doctest/doctest.h>

#include "core/base/digest.hpp"
#include "sim/scenario/swarm.hpp"

using namespace kraftsim::scenario;

namespace {

/// Of five controllers and two brokers; a leader's death breaks what is expected, the other faults are too short.
Document failing() {
  return Document::parse(R"({"version": 1, "name": "failing", "description": "d", "duration": "20s", "warm_up": "1s",
    "network": {"latency": {"p50": "1ms", "p99": "5ms"}},
    "cluster": {"controllers": {"count": 5, "config": {"controller.quorum.append.linger.ms": 5}},
                "brokers": {"count": 2}, "topics": [{"count": 2, "partitions": 2, "replication": 2}]},
    "workload": [{"create_topics": {"every": "500ms", "replication": 2}}],
    "faults": [
      {"at": "1s", "pause": {"node": "controller:5", "for": "10ms"}},
      {"at": "2s", "cut": {"from": ["broker:2"], "to": ["controller:4"], "for": "100ms"}},
      {"at": "3123ms", "crash": {"node": "coordinator:leader", "restart_after": "10s"}},
      {"at": "4s", "partition": {"groups": [["controller:4", "broker:1"], ["*"]], "for": "50ms"}},
      {"at": "5s", "slow_cpu": {"node": "broker:1", "percent": 200, "for": "1s"}}],
    "expect": [{"metric": "unavailable_commits", "max": {"below": "1500ms"}}],
    "replay": {"seed": "3"}})");
}

}  // namespace

TEST_CASE("what has nothing to do with the failure goes: one fault on two nodes is left") {
  const ShrinkResult result = shrink(failing(), "failing.json", {});
  REQUIRE(result.run.verdict == Verdict::kViolated);
  CHECK(result.minimal);
  CHECK(result.before.faults == 5);
  CHECK(result.before.nodes == 7);
  CHECK(result.before.load == 2);
  CHECK(result.after.faults == 1);
  CHECK(result.after.nodes <= 3);
  CHECK(result.after.load == 0);
  const Document& fault = result.document["faults"][0];
  CHECK((fault.contains("crash") || fault.contains("pause") || fault.contains("partition")));
  CHECK_FALSE(result.document.contains("network"));
  // What is written is what was run.
  const RunResult again = run_document(result.document, "shrunk.json", {});
  CHECK(again.invariant == "Expectation");
  CHECK(kraft::hex(again.digest) == result.document["replay"]["digest"].get<std::string>());
  // And again it comes out the same.
  CHECK(shrink(failing(), "failing.json", {}).document == result.document);
  CHECK(shrink(result.document, "failing.json", {}).after.faults == 1);
}

TEST_CASE("a failure of liveness is shrunk like one of safety") {
  Document document = failing();
  document["faults"][2]["at"] = "19s";
  document["expect"].clear();
  document["liveness"] = Document::parse(R"({"bound": "1ms"})");  // nobody can elect a leader so soon
  const ShrinkResult result = shrink(document, "liveness.json", {});
  REQUIRE(result.run.verdict == Verdict::kViolated);
  CHECK(result.run.invariant == "LeaderElected");
  CHECK(result.minimal);
  CHECK(result.after.faults == 1);
  CHECK(result.after.nodes <= 3);
  CHECK(result.after.load == 0);
  CHECK(run_document(result.document, "shrunk.json", {}).invariant == "LeaderElected");
}

TEST_CASE("a fault whose time is drawn is written with the time that it had, and shrunk like others") {
  Document document = failing();
  document["faults"][2] = Document::parse(
      R"({"between": ["2s", "4s"], "crash": {"node": "coordinator:leader", "restart_after": "10s"}})");
  const ShrinkResult result = shrink(document, "drawn.json", {});
  REQUIRE(result.run.verdict == Verdict::kViolated);
  REQUIRE(result.after.faults == 1);
  const Document& fault = result.document["faults"][0];
  CHECK(fault.contains("at"));
  CHECK_FALSE(fault.contains("between"));
}

TEST_CASE("changes of the voters go with the controllers that they are about") {
  Document document = failing();
  document["cluster"]["controllers"]["observers"] = 2;
  document["cluster"]["controllers"]["kraft_version"] = 1;
  document["workload"].push_back(Document::parse(R"({"add_voter": {"at": "6s", "controller": 7}})"));
  document["workload"].push_back(Document::parse(R"({"remove_voter": {"at": "8s", "controller": 5}})"));
  const ShrinkResult result = shrink(document, "voters.json", {});
  CHECK(result.before.nodes == 9);
  CHECK(result.after.faults == 1);
  CHECK(result.after.nodes <= 3);
  CHECK(result.after.load == 0);
}

TEST_CASE("a load that is needed becomes lighter") {
  Document document = failing();
  document["expect"] = Document::parse(R"([{"metric": "operation_latency", "max": {"below": "1us"}}])");
  document["workload"][0]["create_topics"]["every"] = "20ms";
  const ShrinkResult result = shrink(document, "loaded.json", {});
  REQUIRE(result.run.verdict == Verdict::kViolated);
  REQUIRE(result.after.load == 1);
  CHECK(result.document["workload"][0]["create_topics"]["every"] == "640ms");
  CHECK(result.after.faults == 0);
}

TEST_CASE("without the fault that is left nothing fails") {
  Document document = shrink(failing(), "failing.json", {}).document;
  document["faults"].erase(0);
  for (std::uint64_t seed = 1; seed <= 16; ++seed) {
    document["replay"]["seed"] = std::to_string(seed);
    CHECK(run_document(document, "none.json", {}).verdict != Verdict::kViolated);
  }
}

TEST_CASE("a scenario that holds is left alone") {
  Document document = failing();
  document["faults"].clear();
  document["expect"].clear();
  const ShrinkResult result = shrink(document, "holds.json", {});
  CHECK(result.run.verdict == Verdict::kHeld);
  CHECK(result.runs == 1);
  CHECK_FALSE(result.minimal);
  CHECK(result.after.nodes == 7);
}

TEST_CASE("told to stop, it keeps the smallest so far") {
  int asked = 0;
  const ShrinkResult result = shrink(failing(), "failing.json", {.keep_going = [&] { return ++asked < 20; }});
  CHECK_FALSE(result.minimal);
  CHECK(result.run.verdict == Verdict::kViolated);
  CHECK(run_document(result.document, "some.json", {}).verdict == Verdict::kViolated);
}
