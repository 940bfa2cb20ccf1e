// A small sweep written by hand: numbers that a reader can check in the head, so that golden texts mean something.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "sim/report/json.hpp"
#include "sim/report/summary.hpp"

namespace kraftsim::report::fixture {

using cluster::Coordination;
using cluster::Phase;
using namespace kraft::literals;

inline Build build() { return {.version = "0.1.0", .commit = "0123456789ab", .compiler = "GNU 12.2.0"}; }

inline scenario::Scenario scenario() {
  scenario::Scenario scenario;
  scenario.name = "leader_killed";
  scenario.description = "The active controller is killed on a quiet cluster.";
  scenario.path = "scenarios/leader_killed.json";
  scenario.hash = 0xabcdef;
  scenario.duration = 60s;
  scenario.coordination = {Coordination::kKraft, Coordination::kZookeeper};
  scenario.faults.push_back(
      {.at = kraft::Time(30s),
       .action = cluster::CrashFault{.node = cluster::Target{cluster::Target::Kind::kActiveController}}});
  return scenario;
}

inline void reach(measure::Failover& failover, Phase phase, kraft::Duration after) {
  failover.phases[static_cast<std::size_t>(phase)] = after;
}

/// Seed n is n milliseconds later than seed 0 in every phase; every fourth KRaft election splits and takes 1 s more.
inline scenario::RunResult run(Coordination coordination, std::uint64_t seed) {
  const auto late = std::chrono::milliseconds(seed);
  scenario::RunResult run;
  run.coordination = coordination;
  run.seed = seed;
  run.digest = 0x1000 + seed;
  run.events = 1000 + seed;
  run.simulated = 60s;
  run.wall = 7ms;
  measure::Failover failover{
      .fault = "crash controller:1", .fault_at = kraft::Time(30s), .cause = "fetch timeout", .epochs = 1, .phases = {}};
  if (coordination == Coordination::kKraft) {
    const bool split = seed % 4 == 0;
    const auto extra = split ? 1s : 0s;
    failover.epochs = split ? 2 : 1;
    reach(failover, Phase::kDetected, 1980ms + late);
    reach(failover, Phase::kPreVote, 1980ms + late);
    reach(failover, Phase::kCandidate, 2000ms + late);
    reach(failover, Phase::kElected, 2010ms + late + extra);
    reach(failover, Phase::kEstablished, 2015ms + late + extra);
    reach(failover, Phase::kWritable, 2040ms + late + extra);
    reach(failover, Phase::kActive, 2050ms + late + extra);
    reach(failover, Phase::kBrokersServed, 2300ms + late + extra);
    run.measures.commit = {.lingered_ns = {25'000'000, 20'000'000},
                           .leader_durable_ns = {160'000, 200'000},
                           .replicated_ns = {500'000, 600'000},
                           .total_ns = {25'660'000, 20'800'000}};
    run.measures.unavailable.controller = 2050ms + late + extra;
  } else {
    failover.fault = "crash broker:1";
    failover.cause = "session expired";
    reach(failover, Phase::kSessionExpired, 7s + late);
    reach(failover, Phase::kEphemeralDeleted, 7005ms + late);
    reach(failover, Phase::kElected, 7010ms + late);
    reach(failover, Phase::kStateLoaded, 7500ms + late);
    reach(failover, Phase::kActive, 7500ms + late);
    reach(failover, Phase::kLastBrokerTold, 7600ms + late);
    reach(failover, Phase::kBrokersServed, 7601ms + late);
    run.measures.unavailable.controller = 7500ms + late;
  }
  run.measures.failovers.push_back(std::move(failover));
  run.measures.operations = {.ok = 2, .failed = 1, .latency_ns = {30'000'000, 2'500'000'000}};
  return run;
}

inline scenario::SweepResult sweep(std::uint64_t seeds) {
  scenario::SweepResult result;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    result.runs.push_back(run(Coordination::kKraft, seed));
    result.runs.push_back(run(Coordination::kZookeeper, seed));
  }
  result.planned = 2 * seeds;
  return result;
}

inline SweepFacts facts(std::uint64_t seeds) {
  return {.seeds = {.first = 1, .last = seeds}, .interrupted = false, .samples = false};
}

}  // namespace kraftsim::report::fixture
