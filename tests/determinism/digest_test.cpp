// Same scenario and seed, same run, to the byte: twice in one process, through a fork, and against digests committed
// from another build. tools/determinism runs this very program built by each compiler and at each optimisation level.
//
// The golden file changes only on purpose (KRAFTSIM_UPDATE_GOLDEN=1 rewrites it), with the reason in the commit
// message: whoever replays an old seed on the new code gets another run.
#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "core/base/digest.hpp"
#include "sim/scenario/reader.hpp"
#include "sim/scenario/runner.hpp"

namespace kraftsim::scenario {
namespace {

constexpr const char* kGolden = "tests/determinism/golden_digests.txt";

// Small clusters, so that an unoptimised build gets through them quickly; each at three seeds.
const std::vector<std::string> kScenarios = {
    "election_leader_killed",   "election_leader_stopped_cleanly", "election_leader_paused_3s",
    "election_follower_paused", "partition_leader_inbound",        "partition_leader_outbound",
    "partition_half_connected_voter", "partition_quorum_lost_and_restored", "disk_slow_fsync",
    "controller_rolling_restart", "thesis_wan_same_f1",             "kafka_loopback_kill_leader",
};

Scenario load(const std::string& name) { return read_file("scenarios/" + name + ".json"); }

/// The digest of a run that was left, after `fork_after` events, to a copy of itself; the original runs on as well.
std::pair<std::uint64_t, std::uint64_t> forked(const Scenario& scenario, Coordination coordination, std::uint64_t seed,
                                               std::uint64_t fork_after) {
  Run run(scenario, coordination, seed, {});
  for (std::uint64_t i = 0; i < fork_after; ++i) {
    if (!run.step()) break;
  }
  Run copy(run);
  while (copy.step()) {
  }
  while (run.step()) {
  }
  return {run.result().digest, copy.result().digest};
}

std::map<std::string, std::string> read_golden() {
  std::map<std::string, std::string> golden;
  std::ifstream file(kGolden);
  std::string name;
  std::string digest;
  while (file >> name >> digest) golden[name] = digest;
  return golden;
}

}  // namespace

TEST_CASE("every run ends in its golden digest, twice and through a fork") {
  const auto golden = read_golden();
  const bool update = std::getenv("KRAFTSIM_UPDATE_GOLDEN") != nullptr;
  std::map<std::string, std::string> seen;
  for (const std::string& name : kScenarios) {
    const Scenario scenario = load(name);
    for (const Coordination coordination : scenario.coordination) {
      for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        const std::string key = name + ":" + line(coordination) + ":" + std::to_string(seed);
        CAPTURE(key);
        const RunResult first = run(scenario, coordination, seed, {});
        const RunResult second = run(scenario, coordination, seed, {});
        CHECK(line(first.verdict) == "held");
        CHECK(first.digest == second.digest);
        CHECK(first.events == second.events);
        const auto [original, copy] = forked(scenario, coordination, seed, first.events * seed / 4);
        CHECK(original == first.digest);
        CHECK(copy == first.digest);
        seen[key] = kraft::hex(first.digest);
        if (!update && golden.contains(key)) CHECK(seen[key] == golden.at(key));
        if (!update) CHECK(golden.contains(key));
      }
    }
  }
  CHECK(seen.size() >= 30);
  if (update) {
    std::ofstream file(kGolden);
    for (const auto& [key, digest] : seen) file << key << ' ' << digest << '\n';
  }
}

TEST_CASE("another seed is another run") {
  const Scenario scenario = load("election_leader_killed");
  const Coordination coordination = scenario.coordination.front();
  CHECK(run(scenario, coordination, 1, {}).digest != run(scenario, coordination, 2, {}).digest);
}

}  // namespace kraftsim::scenario
