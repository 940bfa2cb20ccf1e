// Many runs in Python.
#include "sim/scenario/sweep.hpp"

#include <fmt/format.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <iterator>

#include "python/bindings/away.hpp"
#include "python/bindings/bindings.hpp"
#include "python/bindings/tables.hpp"

namespace kraftsim::python {
namespace {

namespace py = pybind11;
using scenario::RunResult;
using scenario::SeedRange;

/// The scenario for one coordination alone.
scenario::Scenario only(const scenario::Scenario& scenario, scenario::Coordination coordination) {
  scenario::Scenario out = scenario;
  out.clusters = {scenario.spec(coordination)};
  out.coordination = {coordination};
  return out;
}

using Stretches =
    std::vector<std::pair<std::uint64_t, std::uint64_t>>;  // of seeds, both ends included

std::unique_ptr<Sweep> sweep(const ScenarioPtr& scenario, const Stretches& seeds, int jobs,
                             const std::optional<std::string>& coordination,
                             const py::object& progress) {
  const ScenarioPtr subject =
      coordination
          ? std::make_shared<scenario::Scenario>(only(*scenario, choose(*scenario, coordination)))
          : scenario;
  std::uint64_t planned = 0;
  for (const auto& [first, last] : seeds)
    planned += SeedRange{first, last}.count() * subject->coordination.size();

  std::atomic<std::uint64_t> done{0};
  std::uint64_t told = 0;
  const auto tell = [&] {
    const std::uint64_t now = done.load();
    if (progress.is_none() || now == told) return;
    told = now;
    progress(now, planned);
  };
  const std::vector<RunResult> results = away_from_python(
      [&](const std::atomic<bool>& going) {
        std::vector<RunResult> runs;
        const scenario::SweepOptions options{.keep_going = [&going] { return going.load(); }};
        for (const auto& [first, last] : seeds) {
          auto part = scenario::sweep(*subject, {first, last}, jobs, options,
                                      [&done](const RunResult&) { ++done; });
          std::move(part.runs.begin(), part.runs.end(), std::back_inserter(runs));
          if (part.interrupted) break;
        }
        return runs;
      },
      tell);
  tell();
  return std::make_unique<Sweep>(Sweep{.scenario = subject,
                                       .held = static_cast<std::uint64_t>(std::ranges::count(
                                           results, scenario::Verdict::kHeld, &RunResult::verdict)),
                                       .runs = run_table(results),
                                       .failovers = failover_table(results),
                                       .batches = batch_table(results),
                                       .operations = operation_table(results)});
}

ColumnPtr column(const Sweep& sweep, const std::string& name) {
  const std::string_view per = metric_named(name).per;
  const TablePtr& table = per == "run"        ? sweep.runs
                          : per == "failover" ? sweep.failovers
                          : per == "batch"    ? sweep.batches
                                              : sweep.operations;
  return table->find(name);
}

py::list metrics() {
  py::list out;
  for (const measure::Metric& metric : measure::metrics()) {
    out.append(
        py::make_tuple(metric.name, line(metric.unit), metric.per, metric.what, metric.kafka));
  }
  return out;
}

}  // namespace

void bind_sweep(py::module_& module) {
  py::class_<Sweep>(module, "Sweep",
                    "What came of many runs, as tables. Rows stand in order of seed, then of\n"
                    "coordination, for any number of jobs. One run in full: `kraftsim.run` with\n"
                    "its seed.")
      .def_property_readonly("scenario", [](const Sweep& sweep) { return sweep.scenario; })
      .def_property_readonly(
          "runs", [](const Sweep& sweep) { return sweep.runs; },
          "Table, one row per run: coordination, seed, verdict, invariant, digest, events,\n"
          "simulated_ns, wall_ns, and the metrics per run.")
      .def_property_readonly(
          "failovers", [](const Sweep& sweep) { return sweep.failovers; },
          "Table, one row per failover: run (its row in `runs`), coordination, seed, fault,\n"
          "cause, fault_at_ns, and the metrics per failover. Phases count from the fault; those\n"
          "not reached are missing.")
      .def_property_readonly(
          "batches", [](const Sweep& sweep) { return sweep.batches; },
          "Table, one row per committed batch: run, and the metrics per batch.")
      .def_property_readonly(
          "operations", [](const Sweep& sweep) { return sweep.operations; },
          "Table, one row per client operation that succeeded: run, and the metrics per operation.")
      .def("column", &column, py::arg("metric"),
           "One metric (`kraftsim.metrics`) as a Column, from whichever table has it. KeyError\n"
           "for what is no metric.")
      .def(
          "__len__", [](const Sweep& sweep) { return sweep.runs->rows(); }, "The number of runs.")
      .def("__repr__", [](const Sweep& sweep) {
        return fmt::format("<sweep of {}: {} runs, {} held, {} failovers>", sweep.scenario->name,
                           sweep.runs->rows(), sweep.held, sweep.failovers->rows());
      });

  module.def("sweep", &sweep, py::arg("scenario"), py::arg("seeds"), py::arg("jobs"),
             py::arg("coordination"), py::arg("progress"));
  module.def("metrics", &metrics);
}

}  // namespace kraftsim::python
