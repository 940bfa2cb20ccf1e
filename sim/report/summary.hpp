// Summary: what text, JSON and CSV say of many runs, computed once. A side is the runs of one coordination under one
// scenario; comparing means two sides whose runs are paired by seed.
//
// Samples of all runs of a side are pooled for quantiles. A paired difference takes one number per seed and side, the
// mean of that run's samples, so that a run with many batches weighs as much as one with few; seeds with a sample on
// one side only make no pair.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/measure/metrics.hpp"
#include "sim/measure/statistics.hpp"
#include "sim/scenario/run.hpp"
#include "sim/scenario/scenario.hpp"
#include "sim/scenario/sweep.hpp"

namespace kraftsim::report {

/// Which program made the result; the caller knows.
struct Build {
  std::string version;
  std::string commit;
  std::string compiler;
};

struct Side {
  std::string label;
  const scenario::Scenario* scenario = nullptr;
  cluster::Coordination coordination{};
  std::vector<const scenario::RunResult*> runs;  // ascending by seed
};
/// One side per coordination of the scenario. Scenario and result must outlive the sides.
[[nodiscard]] std::vector<Side> sides_of(const scenario::Scenario& scenario, const scenario::SweepResult& result);

/// "markers met: split_vote 2, truncation 1", as a paragraph; empty if none was met.
[[nodiscard]] std::string markers_text(const check::MarkerCounts& counts, std::size_t indent);

/// The one command that does this run again.
[[nodiscard]] std::string reproduce_line(const scenario::Scenario& scenario, const scenario::RunResult& run);

struct Verdicts {
  std::uint64_t held = 0;
  std::uint64_t violated = 0;
  std::uint64_t inconclusive = 0;
};

/// The samples of one metric on one side.
struct Samples {
  const measure::Metric* metric = nullptr;
  std::vector<std::optional<double>> means;  // one per run of the side; none where a run has no sample
  measure::Sorted all;
};

struct Summary {
  const Side* side = nullptr;
  Verdicts verdicts;
  check::MarkerCounts markers{};      // over all runs
  std::vector<check::Marker> unmet;   // of those that the scenario says its runs meet
  std::uint64_t events = 0;
  std::uint64_t digest = 0;      // over the digests of all runs, in order
  std::vector<Samples> metrics;  // one per row of measure::metrics()
  [[nodiscard]] const measure::Sorted& operator[](std::string_view metric) const;
};
[[nodiscard]] Summary summarise(const Side& side);

struct Difference {
  std::uint64_t pairs = 0;
  std::optional<measure::Estimate> mean;  // of b - a
  std::optional<double> ks;               // between the pooled samples
};
[[nodiscard]] Difference difference(const Summary& a, const Summary& b, const measure::Metric& metric);

/// The phases of a coordination, in the order in which they are reported.
[[nodiscard]] std::span<const cluster::Phase> phases_of(cluster::Coordination coordination);

}  // namespace kraftsim::report
