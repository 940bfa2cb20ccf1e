// The table of metrics: one row per number that can be asked for by name. `list metrics`, expectations, the columns of
// sweeps and the CSV are all read off this table, so that they cannot disagree.
//
// A metric turns the Measures of one run into samples: one per failover, per batch, per operation, or one per run. What
// did not happen gives no sample. Where Kafka has a metric for the same thing its name is given, and where Kafka's
// measures less (its election latency starts anew with every round), what ours adds is said.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/measure/measures.hpp"

namespace kraftsim::measure {

enum class Unit : std::uint8_t {
  kNanoseconds,
  kPartitionNanoseconds,
  kCount,
};
[[nodiscard]] std::string line(Unit unit);  // "ns", "partition ns", "count"

struct Metric {
  std::string_view name;
  Unit unit;
  std::string_view per;    // "failover", "batch", "operation", "run": what one sample stands for
  std::string_view what;
  std::string_view kafka;  // Kafka's own name of it; empty where it has none
  std::vector<std::int64_t> (*samples)(const Measures& measures);
};

[[nodiscard]] std::span<const Metric> metrics();
/// nullptr if there is none of that name.
[[nodiscard]] const Metric* find_metric(std::string_view name);
/// The metric that a phase is reported as.
[[nodiscard]] const Metric& phase_metric(Phase phase);

}  // namespace kraftsim::measure
