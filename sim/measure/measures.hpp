// Measures: what a run was like, folded from the observations of its cluster; all times exact int64 nanoseconds of
// simulated time. Quantiles come later and from the samples themselves.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/time.hpp"
#include "sim/cluster/observation.hpp"
#include "sim/cluster/spec.hpp"

namespace kraftsim::measure {

using cluster::Phase;
using kraft::Duration;
using kraft::NodeId;
using kraft::Time;

/// One failover: from the fault (or, without one, from the detection) to the last broker served.
struct Failover {
  std::string fault;         // "crash controller:1"; empty if none came before
  Time fault_at{};
  std::string cause;         // why the first voter gave up: "fetch timeout"
  std::int64_t epochs = 0;   // consumed; more than one: votes were split
  std::array<std::optional<Duration>, cluster::kPhases> phases;  // from fault_at
};

struct CommitStages {
  std::vector<std::int64_t> lingered_ns, leader_durable_ns, replicated_ns, total_ns;  // one entry per batch, in order
};

struct Operations {
  std::int64_t ok = 0;
  std::int64_t failed = 0;
  std::vector<std::int64_t> latency_ns;  // of those that succeeded, in order of their end
};

struct Unavailable {
  Duration controller{};             // no active controller
  Duration commits{};                // beyond the longest gap that the quiet cluster has between commits
  Duration partition_leaderless{};   // summed over partitions
};

struct Measures {
  std::vector<Failover> failovers;
  CommitStages commit;
  Operations operations;
  Unavailable unavailable;
};

}  // namespace kraftsim::measure
