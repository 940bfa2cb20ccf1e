// The table of metrics: names that others rely on, and what each row extracts.
#include <doctest/doctest.h>

#include <set>

#include "sim/measure/metrics.hpp"

namespace {

using namespace kraft::literals;
using namespace kraftsim;
using cluster::Phase;
using Samples = std::vector<std::int64_t>;

TEST_CASE("names are unique, and every phase is a metric of its own name") {
  std::set<std::string_view> names;
  for (const measure::Metric& metric : measure::metrics()) {
    CHECK(names.insert(metric.name).second);
    CHECK_FALSE(metric.what.empty());
    CHECK(measure::find_metric(metric.name) == &metric);
  }
  for (int i = 0; i < cluster::kPhases; ++i) {
    const auto phase = static_cast<Phase>(i);
    CHECK(measure::phase_metric(phase).name == line(phase));
  }
  CHECK(measure::find_metric("failover") == nullptr);
}

TEST_CASE("a phase's metric reads that phase and no other, and skips failovers that did not reach it") {
  for (int i = 0; i < cluster::kPhases; ++i) {
    measure::Measures measures;
    measures.failovers.resize(2);
    measures.failovers[1].phases[static_cast<std::size_t>(i)] = 5s;
    for (int j = 0; j < cluster::kPhases; ++j) {
      const Samples expected = i == j ? Samples{5'000'000'000} : Samples{};
      CHECK(measure::phase_metric(static_cast<Phase>(j)).samples(measures) == expected);
    }
  }
}

TEST_CASE("what the others extract") {
  measure::Measures measures;
  measures.failovers.resize(2);
  measure::Failover& failover = measures.failovers[0];
  failover.epochs = 3;
  failover.phases[static_cast<std::size_t>(Phase::kDetected)] = 2s;
  failover.phases[static_cast<std::size_t>(Phase::kElected)] = 5s;
  failover.phases[static_cast<std::size_t>(Phase::kActive)] = 6s;
  measures.failovers[1].epochs = 1;
  measures.commit = {.lingered_ns = {1}, .leader_durable_ns = {2}, .replicated_ns = {3}, .total_ns = {6}};
  measures.operations = {.ok = 1, .failed = 4, .latency_ns = {9}};
  measures.unavailable = {.controller = 10ns, .commits = 11ns, .partition_leaderless = 12ns};

  const auto samples = [&](std::string_view name) { return measure::find_metric(name)->samples(measures); };
  CHECK(samples("controller_failover") == Samples{6'000'000'000});
  CHECK(samples("election_latency") == Samples{3'000'000'000});
  CHECK(samples("epochs") == Samples{3, 1});
  CHECK(samples("split_votes") == Samples{1, 0});
  CHECK(samples("failovers") == Samples{2});
  CHECK(samples("commit_lingered") == Samples{1});
  CHECK(samples("commit_leader_durable") == Samples{2});
  CHECK(samples("commit_replicated") == Samples{3});
  CHECK(samples("commit_latency") == Samples{6});
  CHECK(samples("operation_latency") == Samples{9});
  CHECK(samples("operations_ok") == Samples{1});
  CHECK(samples("operations_failed") == Samples{4});
  CHECK(samples("unavailable_controller") == Samples{10});
  CHECK(samples("unavailable_commits") == Samples{11});
  CHECK(samples("unavailable_partitions") == Samples{12});
}

}  // namespace
