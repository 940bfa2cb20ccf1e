// One row per metric, in the order in which they are listed. Rows are constants: the table is data, not code, and what
// a row extracts it takes from the Measures of one run only.
#include "sim/measure/metrics.hpp"

#include <algorithm>
#include <array>

#include "core/base/check.hpp"

namespace kraftsim::measure {
namespace {

using Samples = std::vector<std::int64_t>;

template <Phase kPhase>
Samples phase(const Measures& measures) {
  Samples samples;
  for (const Failover& failover : measures.failovers) {
    if (const auto& reached = failover.phases[static_cast<std::size_t>(kPhase)]) samples.push_back(reached->count());
  }
  return samples;
}

/// From the first voter that gave its leader up to the leadership that lasted.
Samples election_latency(const Measures& measures) {
  Samples samples;
  for (const Failover& failover : measures.failovers) {
    const auto& detected = failover.phases[static_cast<std::size_t>(Phase::kDetected)];
    const auto& elected = failover.phases[static_cast<std::size_t>(Phase::kElected)];
    if (detected && elected) samples.push_back((*elected - *detected).count());
  }
  return samples;
}

Samples epochs(const Measures& measures) {
  Samples samples;
  for (const Failover& failover : measures.failovers) samples.push_back(failover.epochs);
  return samples;
}

Samples split_votes(const Measures& measures) {
  Samples samples;
  for (const Failover& failover : measures.failovers) samples.push_back(failover.epochs > 1 ? 1 : 0);
  return samples;
}

constexpr std::array kMetrics{
    // After the fault, until ...
    Metric{"controller_failover", Unit::kNanoseconds, "failover", "a controller could act again: as active", "",
           phase<Phase::kActive>},
    Metric{"detected", Unit::kNanoseconds, "failover", "the first voter gave its leader up", "",
           phase<Phase::kDetected>},
    Metric{"pre_vote", Unit::kNanoseconds, "failover", "the first voter asked for pre-votes", "",
           phase<Phase::kPreVote>},
    Metric{"candidate", Unit::kNanoseconds, "failover", "the first voter asked for votes", "",
           phase<Phase::kCandidate>},
    Metric{"session_expired", Unit::kNanoseconds, "failover", "the old controller's session expired", "",
           phase<Phase::kSessionExpired>},
    Metric{"ephemeral_deleted", Unit::kNanoseconds, "failover", "/controller was gone", "",
           phase<Phase::kEphemeralDeleted>},
    Metric{"elected", Unit::kNanoseconds, "failover", "the leadership that lasted was won", "",
           phase<Phase::kElected>},
    Metric{"established", Unit::kNanoseconds, "failover", "every reachable voter followed", "",
           phase<Phase::kEstablished>},
    Metric{"writable", Unit::kNanoseconds, "failover", "the first commit of the new epoch", "",
           phase<Phase::kWritable>},
    Metric{"state_loaded", Unit::kNanoseconds, "failover", "the new controller had its state", "",
           phase<Phase::kStateLoaded>},
    Metric{"active", Unit::kNanoseconds, "failover", "a controller could act again", "", phase<Phase::kActive>},
    Metric{"last_broker_told", Unit::kNanoseconds, "failover", "the last live broker was told", "",
           phase<Phase::kLastBrokerTold>},
    Metric{"brokers_served", Unit::kNanoseconds, "failover", "the last live broker had found it", "",
           phase<Phase::kBrokersServed>},
    Metric{"election_latency", Unit::kNanoseconds, "failover",
           "from detected to elected, all rounds of it (Kafka's starts anew with every round)",
           "kafka.server:type=raft-metrics election-latency-avg, election-latency-max", election_latency},
    Metric{"epochs", Unit::kCount, "failover", "epochs consumed; more than one when votes were split", "", epochs},
    Metric{"split_votes", Unit::kCount, "failover", "1 if it took more than one epoch: the mean is the share", "",
           split_votes},
    Metric{"failovers", Unit::kCount, "run", "failovers, finished or not",
           "kafka.controller:type=KafkaController,name=NewActiveControllersCount",
           [](const Measures& m) { return Samples{static_cast<std::int64_t>(m.failovers.size())}; }},
    Metric{"commit_latency", Unit::kNanoseconds, "batch",
           "from queued to committed, per batch (Kafka's divides by the number of records)",
           "kafka.server:type=raft-metrics commit-latency-avg, commit-latency-max",
           [](const Measures& m) { return m.commit.total_ns; }},
    Metric{"commit_lingered", Unit::kNanoseconds, "batch", "waiting for more records, up to the append linger", "",
           [](const Measures& m) { return m.commit.lingered_ns; }},
    Metric{"commit_leader_durable", Unit::kNanoseconds, "batch", "writing and syncing on the leader's disk", "",
           [](const Measures& m) { return m.commit.leader_durable_ns; }},
    Metric{"commit_replicated", Unit::kNanoseconds, "batch", "fetched, synced and acknowledged by a majority", "",
           [](const Measures& m) { return m.commit.replicated_ns; }},
    Metric{"operation_latency", Unit::kNanoseconds, "operation", "of client operations that succeeded",
           "kafka.network:type=RequestMetrics,name=TotalTimeMs",
           [](const Measures& m) { return m.operations.latency_ns; }},
    Metric{"operations_ok", Unit::kCount, "run", "client operations that succeeded", "",
           [](const Measures& m) { return Samples{m.operations.ok}; }},
    Metric{"operations_failed", Unit::kCount, "run", "client operations that did not", "",
           [](const Measures& m) { return Samples{m.operations.failed}; }},
    Metric{"unavailable_controller", Unit::kNanoseconds, "run", "time without an active controller",
           "kafka.controller:type=KafkaController,name=ActiveControllerCount",
           [](const Measures& m) { return Samples{m.unavailable.controller.count()}; }},
    Metric{"unavailable_commits", Unit::kNanoseconds, "run",
           "time without commits, beyond the longest gap seen before the first fault", "",
           [](const Measures& m) { return Samples{m.unavailable.commits.count()}; }},
    Metric{"unavailable_partitions", Unit::kPartitionNanoseconds, "run", "time without a leader, over all partitions",
           "kafka.controller:type=KafkaController,name=OfflinePartitionsCount",
           [](const Measures& m) { return Samples{m.unavailable.partition_leaderless.count()}; }},
};

}  // namespace

std::string line(Unit unit) {
  switch (unit) {
    case Unit::kNanoseconds: return "ns";
    case Unit::kPartitionNanoseconds: return "partition ns";
    case Unit::kCount: return "count";
  }
  ENSURE(false, "a unit without a name");
  return {};
}

std::span<const Metric> metrics() { return kMetrics; }

const Metric* find_metric(std::string_view name) {
  const auto* found = std::ranges::find(kMetrics, name, &Metric::name);
  return found == kMetrics.end() ? nullptr : found;
}

const Metric& phase_metric(Phase phase) {
  const Metric* metric = find_metric(cluster::line(phase));
  ENSURE(metric != nullptr, "every phase is a metric");
  return *metric;
}

}  // namespace kraftsim::measure
