// What runs leave behind, as tables: one row per run, per failover, per batch, per operation. Besides the columns that
// say whose row it is, the columns are the metrics of sim/measure, under their names.
#pragma once

#include <span>

#include "python/bindings/table.hpp"
#include "sim/measure/metrics.hpp"
#include "sim/scenario/run.hpp"

namespace kraftsim::python {

using Results = std::span<const scenario::RunResult>;

/// coordination, seed, verdict, invariant, digest, events, simulated_ns, wall_ns and the metrics per run.
[[nodiscard]] TablePtr run_table(Results runs);
/// run (the row of the first table), coordination, seed, fault, cause, fault_at_ns and the metrics per failover.
[[nodiscard]] TablePtr failover_table(Results runs);
/// run, and the metrics per batch.
[[nodiscard]] TablePtr batch_table(Results runs);
/// run, and the metrics per operation.
[[nodiscard]] TablePtr operation_table(Results runs);

/// All samples of one metric, in order. One per failover: those without a value are there, and not valid.
[[nodiscard]] ColumnPtr metric_column(Results runs, const measure::Metric& metric);
/// Throws KeyError.
[[nodiscard]] const measure::Metric& metric_named(const std::string& name);

}  // namespace kraftsim::python
