#include "python/bindings/tables.hpp"

#include <pybind11/pybind11.h>

#include <string>
#include <utility>
#include <vector>

#include "core/base/digest.hpp"

namespace kraftsim::python {
namespace {

using measure::Metric;
using scenario::RunResult;

using Texts = std::vector<std::string>;

TextColumn column(std::string name, Texts values) {
  return {.name = std::move(name), .values = std::move(values)};
}

template <class Numbers> ColumnPtr column(std::string name, Numbers values, std::string unit = {}) {
  return std::make_shared<Column>(Column{.name = std::move(name),
                                         .unit = std::move(unit),
                                         .values = std::move(values),
                                         .valid = nullptr});
}

/// One value per run.
template <class Values, class Field> Values each(Results runs, Field field) {
  Values values;
  values.reserve(runs.size());
  for (const RunResult& run : runs) values.push_back(field(run));
  return values;
}

void add_metrics(Table& table, Results runs, std::string_view per) {
  for (const Metric& metric : measure::metrics()) {
    if (metric.per == per) table.columns.push_back(metric_column(runs, metric));
  }
}

/// Metrics give no sample for what did not happen; asked about one failover at a time, they tell which one that was.
ColumnPtr failover_column(Results runs, const Metric& metric) {
  Ints values;
  Bools valid;
  for (const RunResult& run : runs) {
    for (const measure::Failover& failover : run.measures.failovers) {
      measure::Measures one;
      one.failovers.push_back(failover);
      const Ints samples = metric.samples(one);
      values.push_back(samples.empty() ? kMissing : samples.front());
      valid.push_back(samples.empty() ? 0 : 1);
    }
  }
  const std::string name(metric.name);
  return std::make_shared<Column>(Column{.name = name,
                                         .unit = line(metric.unit),
                                         .values = std::move(values),
                                         .valid = column(name + ".valid", std::move(valid))});
}

/// Which run each sample of a metric belongs to.
ColumnPtr run_column(Results runs, const Metric& metric) {
  Ints rows;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    rows.insert(rows.end(), metric.samples(runs[i].measures).size(), static_cast<std::int64_t>(i));
  }
  return column("run", std::move(rows));
}

}  // namespace

ColumnPtr metric_column(Results runs, const Metric& metric) {
  if (metric.per == "failover") return failover_column(runs, metric);
  Ints values;
  for (const RunResult& run : runs) {
    const Ints samples = metric.samples(run.measures);
    values.insert(values.end(), samples.begin(), samples.end());
  }
  return column(std::string(metric.name), std::move(values), line(metric.unit));
}

const Metric& metric_named(const std::string& name) {
  const Metric* metric = measure::find_metric(name);
  if (metric == nullptr) throw pybind11::key_error(name);
  return *metric;
}

TablePtr run_table(Results runs) {
  using Row = const RunResult&;
  const auto wall = [](Row run) { return run.wall.count(); };
  const auto simulated = [](Row run) { return run.simulated.count(); };
  Table table{
      .name = "runs",
      .columns = {
          column("coordination", each<Texts>(runs, [](Row run) { return line(run.coordination); })),
          column("seed", each<Unsigned>(runs, [](Row run) { return run.seed; })),
          column("verdict", each<Texts>(runs, [](Row run) { return line(run.verdict); })),
          column("invariant",
                 each<Texts>(runs, [](Row run) { return run.invariant.value_or(""); })),
          column("digest", each<Texts>(runs, [](Row run) { return kraft::hex(run.digest); })),
          column("events", each<Unsigned>(runs, [](Row run) { return run.events; }), "count"),
          column("simulated_ns", each<Ints>(runs, simulated), "ns"),
          column("wall_ns", each<Ints>(runs, wall), "ns"),
      }};
  add_metrics(table, runs, "run");
  return std::make_shared<Table>(std::move(table));
}

TablePtr failover_table(Results runs) {
  Texts coordination, fault, cause;
  Unsigned seed;
  Ints row, fault_at;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    for (const measure::Failover& failover : runs[i].measures.failovers) {
      row.push_back(static_cast<std::int64_t>(i));
      coordination.push_back(line(runs[i].coordination));
      seed.push_back(runs[i].seed);
      fault.push_back(failover.fault);
      cause.push_back(failover.cause);
      fault_at.push_back(kraft::nanos(failover.fault_at));
    }
  }
  Table table{
      .name = "failovers",
      .columns = {column("run", std::move(row)), column("coordination", std::move(coordination)),
                  column("seed", std::move(seed)), column("fault", std::move(fault)),
                  column("cause", std::move(cause)),
                  column("fault_at_ns", std::move(fault_at), "ns")}};
  add_metrics(table, runs, "failover");
  return std::make_shared<Table>(std::move(table));
}

TablePtr batch_table(Results runs) {
  Table table{.name = "batches", .columns = {run_column(runs, metric_named("commit_latency"))}};
  add_metrics(table, runs, "batch");
  return std::make_shared<Table>(std::move(table));
}

TablePtr operation_table(Results runs) {
  Table table{.name = "operations",
              .columns = {run_column(runs, metric_named("operation_latency"))}};
  add_metrics(table, runs, "operation");
  return std::make_shared<Table>(std::move(table));
}

}  // namespace kraftsim::python
