// What each process fault does to processes, and how faults are timed and aimed.
#include "tests/fault/story.hpp"

#include <algorithm>
#include <set>

using namespace kraftsim::scenario;

TEST_CASE("crash and restart") {
  Story story(R"({"at": "2s", "crash": {"node": "controller:any", "restart_after": "3s"}})");
  story.until(3s);
  int down = 0;
  for (int i = 1; i <= 3; ++i) down += story.process(coordinator_id(i)) == ProcessState::kDown ? 1 : 0;
  CHECK(down == 1);
  story.until(6s);
  for (int i = 1; i <= 3; ++i) CHECK(story.process(coordinator_id(i)) == ProcessState::kUp);
}

TEST_CASE("stop and start") {
  Story story(R"({"at": "2s", "stop": {"node": "broker:2"}}, {"at": "8s", "start": {"node": "broker:2"}})");
  CHECK(story.until(7s).process(broker_id(2)) == ProcessState::kDown);
  CHECK(story.until(9s).process(broker_id(2)) == ProcessState::kUp);
}

TEST_CASE("kill in a loop") {
  Story story(R"({"at": "2s", "every": "3s", "times": 4,
                 "crash": {"node": "controller:2", "restart_after": "500ms"}})");
  for (const auto time : {2s, 5s, 8s, 11s}) {
    CHECK(story.until(time + 250ms).process(coordinator_id(2)) == ProcessState::kDown);
    CHECK(story.until(time + 1s).process(coordinator_id(2)) == ProcessState::kUp);
  }
  CHECK(story.until(15s).executed().size() == 4);
}

TEST_CASE("rack power") {
  Story story(R"({"at": "2s", "crash": {"node": "rack:b", "machine": true, "restart_after": "4s"}})");
  story.until(3s);
  CHECK(story.process(coordinator_id(2)) == ProcessState::kDown);
  CHECK(story.process(broker_id(2)) == ProcessState::kDown);
  CHECK(story.process(coordinator_id(1)) == ProcessState::kUp);
  CHECK(story.process(broker_id(3)) == ProcessState::kUp);
  CHECK(story.until(7s).process(broker_id(2)) == ProcessState::kUp);
}

TEST_CASE("pause of a fixed length") {
  Story story(R"({"at": "2s", "pause": {"node": "coordinator:leader", "for": "3s"}})");
  const NodeId leader = story.until(1s).leader();
  CHECK(story.until(4900ms).process(leader) == ProcessState::kPaused);
  CHECK(story.until(5100ms).process(leader) == ProcessState::kUp);
}

TEST_CASE("pauses drawn from a mixture") {
  Story story(R"({"at": "1s", "every": {"uniform": ["50ms", "150ms"]}, "until": "18s",
                 "pause": {"node": "broker:1", "gc": "mixture"}})");
  story.end();
  std::set<std::string> lengths;
  for (const std::string& each : story.executed()) lengths.insert(each.substr(each.find("\"for\"")));
  CHECK(story.executed().size() > 100);
  CHECK(lengths.size() > 90);
  CHECK(story.traced("pause ends") == story.executed().size());
}

TEST_CASE("slow CPU") {
  const auto median = [](std::string_view faults) {
    Story story(faults);
    auto times = story.end().result().measures.commit.total_ns;
    std::ranges::sort(times);
    return times.at(times.size() / 2);
  };
  const auto normal = median(R"({"at": "1s", "start": {"node": "broker:1"}})");
  CHECK(median(R"({"at": "1s", "slow_cpu": {"node": "coordinators", "percent": 1000, "for": "18s"}})") >
        normal + 500'000);
}

TEST_CASE("restart with a wiped disk") {
  Story story(R"({"at": "4s", "crash": {"node": "controller:1", "wipe": true, "restart_after": "2s"}})");
  CHECK(story.until(5s).host(coordinator_id(1)).disk.contents().log.end_offset() == kraft::Offset(0));
  CHECK(story.until(7s).host(coordinator_id(1)).disk.contents().log.end_offset() > kraft::Offset(0));  // fetched anew
  CHECK(story.run().plane().forgetful() == std::vector{coordinator_id(1)});
}

TEST_CASE("times drawn between two and over by until") {
  Story story(R"({"between": ["2s", "9s"], "until": "10s", "partition": {"isolate": "controller:1"}},
                 {"at": "3s", "until": "5s", "pause": {"node": "broker:1", "for": "60s"}})");
  CHECK(story.until(4s).process(broker_id(1)) == ProcessState::kPaused);
  CHECK(story.until(5100ms).process(broker_id(1)) == ProcessState::kUp);
  CHECK(story.until(9900ms).reaches(1, 2) == false);
  CHECK(story.until(10100ms).reaches(1, 2));
  const auto drawn = story.run().executed().back().at;
  CHECK(drawn > kraft::Time(2s));
  CHECK(drawn < kraft::Time(9s));
}

TEST_CASE("lengths drawn from a range") {
  Story story(R"({"at": "2s", "pause": {"node": "broker:any", "for": {"uniform": ["1s", "2s"]}}})");
  story.end();
  const auto length = kraftsim::cluster::length(story.run().executed().at(0).action);
  CHECK(length > 1s);
  CHECK(length < 2s);
}

TEST_CASE("majority and minority") {
  Story story(R"({"at": "2s", "pause": {"node": "majority", "for": "1s"}},
                 {"at": "4s", "pause": {"node": "minority", "for": "1s"}})", {.controllers = 5});
  const auto paused = [&] {
    int count = 0;
    for (int i = 1; i <= 5; ++i) count += story.process(coordinator_id(i)) == ProcessState::kPaused ? 1 : 0;
    return count;
  };
  story.until(2500ms);
  CHECK(paused() == 3);
  story.until(4500ms);
  CHECK(paused() == 2);
}

TEST_CASE("the same faults under ZooKeeper") {
  Story story(R"({"at": "2s", "crash": {"node": "rack:b", "machine": true, "restart_after": "4s"}},
                 {"at": "4s", "bad_link": {"from": "*", "to": "*", "loss": 0.2, "for": "2s"}},
                 {"at": "9s", "fail_disk": {"node": "coordinator:leader", "error": "full", "for": "3s"}})",
              {.coordination = "zookeeper"});
  story.until(3s);
  CHECK(story.process(coordinator_id(2)) == ProcessState::kDown);
  CHECK(story.process(broker_id(2)) == ProcessState::kDown);
  story.end();
  CHECK(story.executed().size() == 3);
  CHECK(story.traced("[the disk refuses]") >= 1);
}
