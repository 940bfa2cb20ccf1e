// Golden results of the small sweep in fixture.hpp: text, JSON and CSV as files beside this test, and what must be true
// of them whatever they look like. KRAFTSIM_REWRITE=1 writes the files anew; read the difference before committing it.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "sim/report/csv.hpp"
#include "sim/report/json.hpp"
#include "sim/report/layout.hpp"
#include "sim/report/text.hpp"
#include "tests/sim/report/fixture.hpp"

namespace {

using namespace kraftsim;
using namespace kraftsim::report;
using nlohmann::ordered_json;

constexpr std::uint64_t kSeeds = 20;

std::string read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// The file says what we say, or is made to.
void check_golden(const std::string& path, const std::string& text) {
  CAPTURE(path);
  if (std::getenv("KRAFTSIM_REWRITE") != nullptr) std::ofstream(path, std::ios::binary) << text;
  CHECK(read(path) == text);
}

std::string golden(const std::string& name) { return "tests/sim/report/golden/" + name; }

struct Swept {
  scenario::Scenario scenario = fixture::scenario();
  scenario::SweepResult result = fixture::sweep(kSeeds);
  std::vector<Side> sides;
  std::vector<Summary> summaries;

  void summarise_all() {
    sides = sides_of(scenario, result);
    for (const Side& side : sides) summaries.push_back(summarise(side));
  }
};

TEST_CASE("golden: one run, held and violated") {
  const scenario::Scenario scenario = fixture::scenario();
  std::vector<scenario::RunResult> runs{fixture::run(cluster::Coordination::kKraft, 4),
                                        fixture::run(cluster::Coordination::kZookeeper, 4)};
  check_golden(golden("run.txt"), run_text(fixture::build(), scenario, runs, {}));
  check_golden(golden("run.json"), run_json(fixture::build(), scenario, runs));

  runs[0].verdict = scenario::Verdict::kViolated;
  runs[0].invariant = "ElectionSafety";
  runs[0].detail = "two leaders in epoch 4: n1 and n3";
  runs[0].violated_at = kraft::Time(std::chrono::microseconds(3'214'906));
  runs[0].measures.failovers[0].phases[static_cast<std::size_t>(cluster::Phase::kActive)].reset();
  runs[1].verdict = scenario::Verdict::kInconclusive;
  runs[1].expect = {{.text = "commit_latency p99 below 1s", .observed_ns = {}, .held = {}},
                    {.text = "controller_failover p50 below 9s", .observed_ns = 7'504'000'000, .held = true}};
  check_golden(golden("run_failed.txt"), run_text(fixture::build(), scenario, runs, {}));
  check_golden(golden("run_failed.json"), run_json(fixture::build(), scenario, runs));
}

TEST_CASE("golden: a sweep and a comparison") {
  Swept swept;
  swept.result.runs[6].verdict = scenario::Verdict::kViolated;
  swept.result.runs[6].invariant = "VoteOnce";
  swept.result.runs[6].detail = "n2 voted twice in epoch 2";
  swept.summarise_all();
  SweepFacts facts = fixture::facts(kSeeds);
  check_golden(golden("sweep.txt"), sweep_text(fixture::build(), facts, swept.summaries, {}));
  check_golden(golden("compare.txt"), compare_text(fixture::build(), facts, swept.summaries, {}));
  check_golden(golden("compare.json"), compare_json(fixture::build(), facts, swept.summaries));
  check_golden(golden("sweep.csv"), sweep_csv(swept.summaries));
  check_golden(golden("compare.csv"), compare_csv(swept.summaries));
  facts.samples = true;
  check_golden(golden("sweep_samples.json"), sweep_json(fixture::build(), facts, swept.summaries));
}

TEST_CASE("the committed schema is the one that the tables make") {
  check_golden("sim/report/result.schema.json", result_schema());
}

TEST_CASE("text fits the page and is plain ASCII") {
  Swept swept;
  swept.summarise_all();
  const SweepFacts facts = fixture::facts(kSeeds);
  for (const std::string& page : {compare_text(fixture::build(), facts, swept.summaries, {}),
                                  sweep_text(fixture::build(), facts, swept.summaries, {})}) {
    std::istringstream lines(page);
    for (std::string line; std::getline(lines, line);) {
      CAPTURE(line);
      CHECK(line.size() <= kPageWidth);
      CHECK(std::ranges::all_of(line, [](char c) { return c >= ' ' && c <= '~'; }));
      CHECK_FALSE(line.ends_with(' '));
    }
  }
}

TEST_CASE("every metric is in the JSON and in the CSV, under its name") {
  Swept swept;
  swept.summarise_all();
  const auto json = ordered_json::parse(compare_json(fixture::build(), fixture::facts(kSeeds), swept.summaries));
  const std::string csv = sweep_csv(swept.summaries);
  std::vector<std::string> names;
  for (const measure::Metric& metric : measure::metrics()) {
    names.emplace_back(metric.name);
    CHECK(csv.find("\nkraft,kraft," + names.back() + ",") != std::string::npos);
  }
  for (const auto& side : json["sides"]) {
    std::vector<std::string> keys;
    for (const auto& [key, value] : side["metrics"].items()) keys.push_back(key);
    CHECK(keys == names);
  }
  std::vector<std::string> keys;
  for (const auto& [key, value] : json["differences"].items()) keys.push_back(key);
  CHECK(keys == names);
}

TEST_CASE("seeds beyond 2^53 survive as strings; what did not happen is null") {
  const auto run = fixture::run(cluster::Coordination::kZookeeper, 18'446'744'073'709'551'557U % 1000);
  scenario::RunResult big = run;
  big.seed = 18'446'744'073'709'551'557U;
  big.measures = {};
  const auto json = ordered_json::parse(run_json(fixture::build(), fixture::scenario(), {big}));
  CHECK(json["seed"] == "18446744073709551557");
  CHECK(json["runs"][0]["invariant"].is_null());
  CHECK(json["runs"][0]["commit_latency_ns"]["p50"].is_null());
  CHECK(json["runs"][0]["commit_latency_ns"]["count"] == 0);
  CHECK(json["runs"][0]["failovers"].empty());
}

TEST_CASE("pairs are made by seed, also when one side lacks some") {
  Swept swept;
  std::erase_if(swept.result.runs, [](const scenario::RunResult& run) {
    return run.coordination == cluster::Coordination::kKraft ? run.seed % 2 == 0 : run.seed > 10;
  });
  swept.summarise_all();
  const auto d = difference(swept.summaries[0], swept.summaries[1], *measure::find_metric("controller_failover"));
  CHECK(d.pairs == 5);  // 1, 3, 5, 7, 9: none of them split
  REQUIRE(d.mean);
  CHECK(d.mean->mean == 5'450'000'000.0);
  CHECK(d.mean->low == 5'450'000'000.0);
  CHECK(d.ks == 1.0);
}

TEST_CASE("the sweep's digest depends on every run's") {
  Swept swept;
  swept.summarise_all();
  Swept other;
  other.result.runs.back().digest ^= 1U;
  other.summarise_all();
  CHECK(swept.summaries[0].digest == other.summaries[0].digest);
  CHECK(swept.summaries[1].digest != other.summaries[1].digest);
}

TEST_CASE("failovers of several faults are told apart by the moment of their fault") {
  Swept swept;
  swept.scenario.faults.push_back(swept.scenario.faults[0]);
  swept.scenario.faults[1].at = kraft::Time(std::chrono::seconds(50));
  measure::Failover second = swept.result.runs[0].measures.failovers[0];
  second.fault_at = kraft::Time(std::chrono::seconds(50));
  swept.result.runs[0].measures.failovers.push_back(second);
  swept.summarise_all();
  const std::string text = sweep_text(fixture::build(), fixture::facts(kSeeds), swept.summaries, {});
  CHECK(text.find("over 21 failovers") != std::string::npos);
  CHECK(text.find("crash active_controller at 30s (20 failovers)") != std::string::npos);
  CHECK(text.find("crash active_controller at 50s (1 failover)") != std::string::npos);
}

TEST_CASE("sides with long names are letters in tables") {
  Swept swept;
  swept.summarise_all();
  swept.sides[0].label = "as it is";
  swept.sides[1].label = "--set /cluster/controllers/config/controller.quorum.fetch.timeout.ms=500";
  const std::string page = compare_text(fixture::build(), fixture::facts(kSeeds), swept.summaries, {});
  CHECK(page.find("\nA: as it is\nB: --set /cluster") != std::string::npos);
  CHECK(page.find("| A ") != std::string::npos);
}

TEST_CASE("the line that reproduces a run has what the command line said of its scenario") {
  scenario::Scenario scenario = fixture::scenario();
  scenario.arguments = " --set /duration=10s";
  CHECK(reproduce_line(scenario, fixture::run(cluster::Coordination::kKraft, 7)) ==
        "kraftsim run scenarios/leader_killed.json --coordination kraft --seed 7 --set /duration=10s");
}

TEST_CASE("CSV quotes what must be quoted") {
  Swept swept;
  swept.result = fixture::sweep(1);
  swept.sides = sides_of(swept.scenario, swept.result);
  swept.sides[0].label = "kraft, \"fast\"";
  const std::string csv = samples_csv(swept.sides);
  CHECK(csv.find("\"kraft, \"\"fast\"\"\",kraft,1,elected,ns,2011000000\n") != std::string::npos);
}

TEST_CASE("nothing to chart, nobody to pair: empty sides still make a page and an object") {
  Swept swept;
  swept.result.runs.clear();
  swept.summarise_all();
  const SweepFacts facts{.seeds = {.first = 1, .last = 20}, .interrupted = true, .samples = true};
  const std::string page = compare_text(fixture::build(), facts, swept.summaries, {});
  CHECK(page.find("No failover in any run.") != std::string::npos);
  const auto json = ordered_json::parse(compare_json(fixture::build(), facts, swept.summaries));
  CHECK(json["differences"]["elected"]["mean"].is_null());
  CHECK(json["interrupted"] == true);
}

}  // namespace
