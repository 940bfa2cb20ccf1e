// The swarm: what it draws is a scenario, every time and the same every time; its result does not depend on threads.
#include "sim/scenario/swarm.hpp"

#include <doctest/doctest.h>

#include <fmt/format.h>

#include <set>
#include <string>
#include <string_view>

#include "sim/kraft/config_keys.hpp"
#include "sim/scenario/draw.hpp"
#include "sim/scenario/duration_text.hpp"
#include "sim/scenario/fault_fields.hpp"
#include "sim/scenario/materialise.hpp"
#include "sim/scenario/reader.hpp"

using namespace kraftsim::scenario;
using std::chrono::nanoseconds;

TEST_CASE("a duration is written exactly, in the largest unit that keeps it whole") {
  CHECK(duration_value(std::chrono::seconds(90)) == "90s");
  CHECK(duration_value(std::chrono::milliseconds(1500)) == "1500ms");
  CHECK(duration_value(nanoseconds(1'000'001)) == "1000001ns");
  CHECK(duration_value(nanoseconds(0)) == "0s");
  CHECK(*parse_duration(duration_value(nanoseconds(12'345'678))).value == nanoseconds(12'345'678));
}

TEST_CASE("a document is laid out as people do it: what fits on a line stands on one") {
  Document document{{"version", 1}, {"cluster", {{"brokers", {{"count", 0}}}}}, {"faults", Document::array()}};
  for (int i = 0; i < 3; ++i) {
    document["faults"].push_back({{"at", "1s"}, {"pause", {{"node", "coordinator:leader"}, {"for", "2s"}}}});
  }
  const std::string fault = R"(    {"at": "1s", "pause": {"node": "coordinator:leader", "for": "2s"}})";
  CHECK(text_of(document) == "{\n  \"version\": 1,\n  \"cluster\": {\"brokers\": {\"count\": 0}},\n  \"faults\": [\n" +
                                 fault + ",\n" + fault + ",\n" + fault + "\n  ]\n}\n");
  CHECK(Document::parse(text_of(document)) == document);
}

TEST_CASE("every seed draws a scenario that the reader takes; all kinds of fault and sizes of cluster occur") {
  std::set<std::string> kinds;
  std::set<std::int64_t> controllers;
  std::set<std::string> texts;
  std::size_t without_faults = 0;
  for (std::uint64_t seed = 1; seed <= 1'000; ++seed) {
    const Document document = draw_scenario(seed);
    const std::string text = text_of(document);
    CHECK(text == text_of(draw_scenario(seed)));
    const Scenario scenario = read_text(text, "drawn.json");
    CHECK(scenario.replay.seed == seed);
    texts.insert(text);
    controllers.insert(document["cluster"]["controllers"]["count"].get<std::int64_t>());
    if (scenario.faults.empty()) ++without_faults;
    for (const Document& fault : document["faults"]) {
      for (const auto& member : fault.items()) {
        kinds.insert(member.key());
        if (member.value().is_object() && member.value().value("wipe", false)) kinds.insert("wipe");
      }
    }
    for (const Document& load : document.value("workload", Document::array())) {
      for (const auto& member : load.items()) kinds.insert(member.key());
    }
    const Document& configured = document["cluster"]["controllers"];
    if (configured["config"].contains("controller.quorum.auto.join.enable")) kinds.insert("auto-join");
    if (configured["config"].contains("metadata.max.retention.bytes")) kinds.insert("snapshots");
    if (document.contains("liveness")) kinds.insert("liveness");
  }
  CHECK(texts.size() == 1'000);
  CHECK(controllers == std::set<std::int64_t>{1, 2, 3, 4, 5, 6, 7});
  CHECK(without_faults < 100);
  for (const char* kind : {"crash", "pause", "stop", "partition", "cut", "flaky", "bad_link", "clock", "slow_disk",
                           "stall_disk", "fail_disk", "slow_cpu", "add_voter", "remove_voter", "finalize", "wipe",
                           "lying_fsync", "bit_rot", "lost_write", "misdirected_write", "auto-join", "snapshots",
                           "liveness"}) {
    CHECK_MESSAGE(kinds.contains(kind), kind);
  }
}

namespace {

/// "crash.wipe" for each field that some act states, and "pause.gc=zgc" for each word.
void note_fields(const std::string& path, const Document& value, std::set<std::string>& seen) {
  seen.insert(path);
  if (value.is_string()) seen.insert(path + "=" + value.get<std::string>());
  if (!value.is_object()) return;
  for (const auto& member : value.items()) note_fields(path + "." + member.key(), member.value(), seen);
}

}  // namespace

TEST_CASE("whatever the table of faults can state, some seed draws") {
  std::set<std::string> seen;
  std::set<std::string> keys;
  for (std::uint64_t seed = 1; seed <= 4'000; ++seed) {
    const Document document = draw_scenario(seed);
    for (const Document& fault : document["faults"]) {
      for (const auto& member : fault.items()) note_fields(member.key(), member.value(), seen);
    }
    for (const char* role : {"controllers", "brokers"}) {
      for (const auto& member : document["cluster"][role]["config"].items()) keys.insert(member.key());
    }
    for (const Document& node : document["cluster"].value("nodes", Document::object())) {
      if (node.contains("clock")) keys.insert("nodes.clock");
      const Document config = node.value("config", Document::object());
      for (const auto& member : config.items()) keys.insert(member.key());
    }
  }
  // What is drawn has its time, and leaves to the run's own draws what is damaged.
  const std::set<std::string> left_out{"subset", "offsets"};
  std::size_t fields = 0;
  for (const ObjectType& act : fault_objects()) {
    if (act.name == "fault") continue;
    for (const Field& field : act.fields) {
      if (left_out.contains(std::string(field.name))) continue;
      const std::string path = fmt::format("{}.{}", act.name, field.name);
      ++fields;
      CHECK_MESSAGE(seen.contains(path), path);
      for (const auto choice : field.choices) {
        const std::string word = fmt::format("{}={}", path, choice);
        CHECK_MESSAGE(seen.contains(word), word);
      }
    }
  }
  CHECK(fields > 60);
  for (const char* node : {"coordinator:leader", "active_controller", "follower:any", "broker:any", "majority",
                           "minority", "coordinators", "brokers", "*"}) {
    CHECK_MESSAGE(seen.contains(fmt::format("crash.node={}", node)), node);
  }
  // Of a key that this table does not know, no seed shows what it does.
  const std::set<std::string_view> never{"initial.broker.registration.timeout.ms"};
  for (const auto& key : kraftsim::kraft_host::config_keys()) {
    if (!never.contains(key.name)) CHECK_MESSAGE(keys.contains(std::string(key.name)), key.name);
  }
  CHECK(keys.contains("nodes.clock"));
}

TEST_CASE("the result does not depend on the number of jobs, and all runs are counted") {
  const SwarmResult one = swarm({1, 12}, 1, {});
  const SwarmResult two = swarm({1, 12}, 2, {});
  CHECK(one.runs() == 12);
  CHECK(one.violated == 0);
  CHECK(one.failures.empty());
  CHECK(one.digest == two.digest);
  CHECK(one.events == two.events);
  CHECK(one.faults == two.faults);
  CHECK(one.markers == two.markers);
  CHECK(swarm({13, 24}, 1, {}).digest != one.digest);
}

TEST_CASE("what is drawn of voters and snapshots comes about; only a large swarm must have met every marker") {
  using kraftsim::check::Marker;
  const SwarmResult some = swarm({1, 60}, 2, {});
  for (const Marker marker : {Marker::kVotersChanged, Marker::kLogCut, Marker::kSnapshotFetched}) {
    CHECK_MESSAGE(some.markers[static_cast<std::size_t>(marker)] > 0, line(marker));
    CHECK(some.markers[static_cast<std::size_t>(marker)] < some.runs());
  }
  CHECK(some.unmet().empty());
  SwarmResult large;
  large.held = kRunsThatMeetAll;
  large.markers.fill(1);
  large.markers[static_cast<std::size_t>(Marker::kTruncation)] = 0;
  CHECK(large.unmet() == std::vector{Marker::kTruncation});
}

TEST_CASE("a swarm that is stopped keeps what has ended and says so") {
  int asked = 0;
  SwarmOptions options;
  options.keep_going = [&] { return ++asked <= 4; };
  const SwarmResult some = swarm({1, 1'000}, 1, options);
  CHECK(some.interrupted);
  CHECK(some.runs() >= 1);
  CHECK(some.runs() < 10);
}

TEST_CASE("what is materialised has no roles and no chances left, and does the same faults again") {
  const Document document = Document::parse(R"({"version": 1, "description": "d", "duration": "8s", "warm_up": "1s",
    "cluster": {"brokers": {"count": 1}}, "replay": {"seed": "4"},
    "faults": [{"between": ["1s", "2s"], "pause": {"node": "follower:any", "for": "300ms"}},
               {"at": "3s", "crash": {"node": "coordinator:leader", "restart_after": "1s"}}]})");
  const Materialised once = materialise(document, "roles.json", {});
  REQUIRE(once.document["faults"].size() == 2);
  for (const Document& fault : once.document["faults"]) {
    CHECK(fault.contains("at"));
    CHECK_FALSE(fault.contains("between"));
    const Document& act = fault.contains("pause") ? fault["pause"] : fault["crash"];
    CHECK(act["node"].get<std::string>().starts_with("controller:"));
  }
  CHECK(materialise(once.document, "explicit.json", {}).document["faults"] == once.document["faults"]);
}
