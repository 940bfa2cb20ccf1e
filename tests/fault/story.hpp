// Story: a small cluster to which the items of a "faults" list happen, with a look at its world at any time.
//
// Every story also checks that its faults survive the way to text and back, and that what a run has carried out,
// written out and put in the faults' place, is carried out again to the letter and ends in the same states.
#pragma once

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/kraft/kraft_cluster.hpp"
#include "sim/scenario/fault_text.hpp"
#include "sim/scenario/reader.hpp"
#include "sim/scenario/runner.hpp"

namespace kraftsim::scenario {

using namespace std::chrono_literals;
using cluster::broker_id;
using cluster::coordinator_id;
using kraft::NodeId;
using world::ProcessState;

inline std::string faults_text(const std::vector<cluster::Fault>& faults) {
  std::string text;
  for (const cluster::Fault& fault : faults) text += (text.empty() ? "" : ",\n  ") + to_json(fault);
  return text;
}

struct Setting {
  std::string_view coordination = "kraft";
  int controllers = 3;
  std::string_view more{};  // members of "cluster", with a comma behind each
};

inline Scenario scene(std::string_view faults, const Setting& setting) {
  return read_text(fmt::format(R"({{"version": 1, "description": "d", "duration": "20s", "warm_up": "1s",
    "coordination": "{0}",
    "cluster": {{{2} "{3}": {{"count": {1}, "racks": ["a", "b", "c"]}},
                 "brokers": {{"count": 3, "racks": ["a", "b", "c"]}}}},
    "workload": [{{"create_topics": {{"every": "100ms"}}}}], "faults": [{4}]}})",
                               setting.coordination, setting.controllers, setting.more,
                               setting.coordination == "kraft" ? "controllers" : "zookeeper", faults),
                   "scenarios/story.json", {});
}

class Story {
 public:
  explicit Story(std::string_view faults, const Setting& setting = {})
      : setting_(setting), scenario_(scene(faults, setting)), run_(begin(scenario_)) {
    CHECK(scene(faults_text(scenario_.faults), setting).faults == scenario_.faults);
  }
  ~Story() {
    end();
    if (run_.executed().empty()) return;
    const Scenario again = scene(faults_text(run_.executed()), setting_);
    Run repeated = begin(again);
    while (repeated.step()) {
    }
    CHECK(faults_text(repeated.executed()) == faults_text(run_.executed()));
    CHECK(repeated.plane().describe() == run_.plane().describe());
  }
  Story(const Story&) = delete;
  Story& operator=(const Story&) = delete;

  /// Runs until so long after the scenario's time 0.
  Story& until(kraft::Duration time) {
    while (!run_.began() || world().now() < *run_.began() + time) {
      if (!run_.step()) break;
    }
    return *this;
  }
  Story& end() {
    while (run_.step()) {
    }
    return *this;
  }

  [[nodiscard]] const Run& run() const { return run_; }
  [[nodiscard]] RunResult result() const { return run_.result(); }
  [[nodiscard]] const world::World& world() const { return run_.plane().world(); }
  [[nodiscard]] ProcessState process(NodeId node) const { return world().process(node); }
  /// What was carried out so far.
  [[nodiscard]] std::vector<std::string> executed() const {
    std::vector<std::string> texts;
    for (const cluster::Fault& fault : run_.executed()) texts.push_back(to_json(fault));
    return texts;
  }
  /// How many entries of the trace hold the text.
  [[nodiscard]] std::size_t traced(std::string_view text) const {
    std::size_t count = 0;
    for (const auto& entry : world().trace().entries()) count += entry.text.find(text) != std::string::npos ? 1U : 0U;
    return count;
  }
  [[nodiscard]] const kraft_host::Host& host(NodeId node) const {
    const auto& cluster = static_cast<const kraft_host::KraftCluster&>(run_.plane());
    for (const auto& each : cluster.hosts()) {
      if (each.id == node) return each;
    }
    FAIL("no such host");
    return cluster.hosts().front();
  }
  [[nodiscard]] NodeId leader() const {
    kraft::Rng rng(1);
    return run_.plane().resolve({cluster::Target::Kind::kActiveController}, rng).at(0);
  }
  [[nodiscard]] bool reaches(int from, int to) const {
    return !world().is_cut(coordinator_id(from), coordinator_id(to));
  }

 private:
  static Run begin(const Scenario& scenario) {
    return Run(scenario, scenario.coordination.front(), 7, {.shuffle_ties = false, .trace = true, .keep_going = {}});
  }

  Setting setting_;
  Scenario scenario_;
  Run run_;
};

}  // namespace kraftsim::scenario
