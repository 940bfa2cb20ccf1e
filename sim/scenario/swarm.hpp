// Swarm: many seeds, a scenario drawn for each and run once under KRaft with that seed.
//
// Only counts are kept of runs that held; a scenario can be drawn again. Results do not depend on the number of jobs.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "sim/check/markers.hpp"
#include "sim/scenario/document.hpp"
#include "sim/scenario/run.hpp"
#include "sim/scenario/sweep.hpp"

namespace kraftsim::scenario {

/// In so many runs every marker must have been met.
inline constexpr std::uint64_t kRunsThatMeetAll = 10'000;

struct SwarmFailure {
  std::uint64_t seed = 0;
  std::string invariant;
  std::string detail;
  Time violated_at{};
  std::uint64_t digest = 0;
};

struct SwarmResult {
  std::uint64_t planned = 0;
  std::uint64_t last = 0;  // the greatest seed that counts; of an interrupted swarm one or another before it may not
  std::uint64_t held = 0;
  std::uint64_t violated = 0;
  std::uint64_t events = 0;
  Duration simulated{};
  std::uint64_t digest = 0;                           // of all runs' digests, whatever their order
  std::map<std::string, std::uint64_t> inconclusive;  // runs by reason
  std::map<std::string, std::uint64_t> faults;        // runs by kind of fault they had
  check::MarkerCounts markers{};                      // runs that met each
  std::vector<SwarmFailure> failures;                 // by seed
  bool interrupted = false;

  [[nodiscard]] std::uint64_t runs() const;
  /// Markers that no run met, of a swarm that is large enough for each: what it draws has lost something.
  [[nodiscard]] std::vector<check::Marker> unmet() const;
};

struct SwarmOptions {
  bool stop_at_first = false;  // the lowest seed that is violated: it and all before it count
  std::function<bool()> keep_going;
};

/// `on_run` is called after each run with how many have ended and how many were violated, by one thread at a time.
[[nodiscard]] SwarmResult swarm(SeedRange seeds, int jobs, const SwarmOptions& options,
                                const std::function<void(std::uint64_t, std::uint64_t)>& on_run = {});

/// A document with its own "replay", run as that says; `path` is its name. Throws ScenarioError.
[[nodiscard]] RunResult run_document(const Document& document, const std::string& path, const RunOptions& options);

}  // namespace kraftsim::scenario
