// Scenario: one experiment as data, read from JSON (DESIGN §6), complete: every default written out. A run is a pure
// function of (scenario, coordination, seed).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/time.hpp"
#include "sim/check/core_choice.hpp"
#include "sim/check/markers.hpp"
#include "sim/cluster/fault_plan.hpp"
#include "sim/cluster/observation.hpp"
#include "sim/cluster/spec.hpp"

namespace kraftsim::scenario {

using cluster::Coordination;
using kraft::Duration;
using kraft::Time;

/// A bound on a metric over the runs of one coordination, or a demand on the verdict.
struct Expectation {
  std::string metric;                          // empty: a verdict is expected
  std::optional<Coordination> coordination;    // none: of each
  std::uint32_t quantile_millionths = 500'000;
  std::optional<Duration> below;
  std::optional<Duration> above;
  std::string verdict;                         // "live"
  Duration within{};                           // after the last fault has ended
};

/// What a file that was written for one run says of it: `replay` takes the seed from here and compares the outcome.
struct Replay {
  std::uint64_t seed = 1;
  bool shuffle_ties = false;
  std::string invariant;  // that was broken when the file was written; empty: none
  std::string digest;     // in which that run ended, 16 hex digits; empty: not stated
};

/// After the faults: heal a core for good, and demand that it serves.
struct LivenessDemand {
  bool after_last_fault = false;  // not at the end of the duration
  check::CorePolicy core = check::CorePolicy::kAuto;
  std::optional<Duration> bound;  // none: computed from the time-outs
};

struct Scenario {
  std::string name;
  std::string description;
  std::string path;                   // where it was read from; not part of the hash
  std::string arguments;              // what else the command line said of it, for the line that reproduces a run
  std::uint64_t hash = 0;             // of the text that was read, with its profile and what was set on top
  Duration duration{};
  std::vector<Coordination> coordination;
  std::vector<cluster::ClusterSpec> clusters;  // one per entry of `coordination`
  std::vector<cluster::Fault> faults;  // in order of time; counted from the moment the cluster is ready
  std::vector<Expectation> expect;
  std::optional<LivenessDemand> liveness;
  std::vector<check::Marker> sometimes;  // what a sweep must have met at least once
  Duration warm_up{};                  // the run's time 0 is this long after the cluster is ready
  Replay replay;
  bool stop_at_first_failover = false; // election studies: end the run once its last fault's failover is over

  [[nodiscard]] const cluster::ClusterSpec& spec(Coordination coordination) const;
};

}  // namespace kraftsim::scenario
