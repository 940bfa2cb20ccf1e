// Sweeps: the same result for any number of threads, and what stays of one that was stopped.
#include "sim/scenario/sweep.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <set>

#include "sim/scenario/reader.hpp"

using namespace kraftsim::scenario;

namespace {

/// Small and quick; `expect` is a list of expectations.
Scenario small(const std::string& expect) {
  return read_text(R"({"version": 1, "description": "d", "duration": "6s", "warm_up": "1s", "profile": "instant",
    "cluster": {"brokers": {"count": 0}}, "stop_at_first_failover": true,
    "faults": [{"at": "1s", "crash": {"node": "coordinator:leader"}}], "expect": )" + expect + "}",
                   "small.json");
}

std::vector<std::pair<std::uint64_t, std::uint64_t>> digests(const SweepResult& result) {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> all;
  for (const RunResult& run : result.runs) all.emplace_back(run.seed, run.digest);
  return all;
}

}  // namespace

TEST_CASE("results are in the order of seeds, whatever the number of jobs") {
  const Scenario scenario = small("[]");
  const auto alone = digests(sweep(scenario, {3, 12}, 1));
  REQUIRE(alone.size() == 10);
  for (std::size_t i = 0; i < alone.size(); ++i) CHECK(alone[i].first == 3 + i);
  CHECK(std::set(alone.begin(), alone.end()).size() == 10);
  CHECK(digests(sweep(scenario, {3, 12}, 2)) == alone);
  CHECK(digests(sweep(scenario, {3, 12}, 7)) == alone);
}

TEST_CASE("every result is announced once") {
  std::multiset<std::uint64_t> announced;
  const auto result = sweep(small("[]"), {1, 9}, 3, {}, [&](const RunResult& run) { announced.insert(run.seed); });
  CHECK(announced.size() == 9);
  CHECK(std::set(announced.begin(), announced.end()).size() == 9);
  CHECK(result.planned == 9);
  CHECK_FALSE(result.interrupted);
}

TEST_CASE("fail_fast keeps exactly what came before the first violated seed, and it") {
  // Elections take a while; a bound at the median of what they take is broken by some seeds and not by others.
  std::vector<std::int64_t> elected;
  for (const RunResult& run : sweep(small("[]"), {1, 12}, 2).runs) {
    const auto& phases = run.measures.failovers.at(0).phases;
    elected.push_back(phases[static_cast<std::size_t>(kraftsim::cluster::Phase::kElected)].value().count());
  }
  const std::int64_t bound = *std::max_element(elected.begin(), elected.begin() + 4);
  std::size_t first = 0;
  while (first < elected.size() && elected[first] < bound) ++first;
  const Scenario scenario =
      small(R"([{"metric": "elected", "max": {"below": ")" + std::to_string(bound) + R"(ns"}}])");
  SweepOptions options;
  options.fail_fast = true;
  for (const int jobs : {1, 2, 5}) {
    const SweepResult result = sweep(scenario, {1, 12}, jobs, options);
    REQUIRE(result.runs.size() == first + 1);
    CHECK(result.runs.back().verdict == Verdict::kViolated);
    for (std::size_t i = 0; i < first; ++i) CHECK(result.runs[i].verdict == Verdict::kHeld);
  }
}

TEST_CASE("a sweep that is stopped keeps the runs that had ended") {
  std::atomic<int> ended = 0;
  SweepOptions options;
  options.keep_going = [&] { return ended < 4; };
  const auto result = sweep(small("[]"), {1, 1000}, 2, options, [&](const RunResult&) { ++ended; });
  CHECK(result.interrupted);
  CHECK(result.planned == 1000);
  CHECK(result.runs.size() >= 4);
  CHECK(result.runs.size() <= 6);
}
