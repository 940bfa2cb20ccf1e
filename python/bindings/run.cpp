// One run in Python.
#include <fmt/format.h>
#include <pybind11/stl.h>

#include "core/base/digest.hpp"
#include "kraftsim_version.hpp"
#include "python/bindings/away.hpp"
#include "python/bindings/bindings.hpp"
#include "python/bindings/tables.hpp"
#include "sim/report/json.hpp"
#include "sim/report/summary.hpp"

namespace kraftsim::python {
namespace {

namespace py = pybind11;
using scenario::RunResult;

std::unique_ptr<Run> run(const ScenarioPtr& scenario, std::uint64_t seed,
                         const std::optional<std::string>& coordination, bool trace) {
  const scenario::Coordination chosen = choose(*scenario, coordination);
  RunResult result = away_from_python(
      [&](const std::atomic<bool>& going) {
        const auto keep_going = [&going](std::uint64_t, kraft::Time) { return going.load(); };
        return scenario::run(*scenario, chosen, seed, {.trace = trace, .keep_going = keep_going});
      },
      [] {});
  return std::make_unique<Run>(Run{.scenario = scenario, .result = std::move(result)});
}

py::object to_dict(const Run& run) {
  const report::Build build{
      .version = KRAFTSIM_VERSION, .commit = KRAFTSIM_COMMIT, .compiler = KRAFTSIM_COMPILER};
  return py::module_::import("json").attr("loads")(
      report::run_json(build, *run.scenario, {run.result}));
}

/// One value of the run's entry in the result object.
py::object entry(const Run& run, const char* key) { return to_dict(run)["runs"][py::int_(0)][key]; }

template <class Field> auto field(Field RunResult::* member) {
  return [member](const Run& run) { return run.result.*member; };
}

std::string repr(const Run& run) {
  const RunResult& result = run.result;
  return fmt::format("<run {} {} seed {}: {}, {} failovers, {} events, digest {}>",
                     run.scenario->name, line(result.coordination), result.seed,
                     result.invariant
                         ? fmt::format("{} {}", line(result.verdict), *result.invariant)
                         : line(result.verdict),
                     result.measures.failovers.size(), result.events, kraft::hex(result.digest));
}

}  // namespace

void bind_run(py::module_& module) {
  py::class_<Run>(module, "Run",
                  "What came of one run: the same for the same scenario, coordination and seed, "
                  "`wall_ns` apart.")
      .def_property_readonly("scenario", [](const Run& run) { return run.scenario; })
      .def_property_readonly("coordination",
                             [](const Run& run) { return line(run.result.coordination); })
      .def_property_readonly("seed", field(&RunResult::seed))
      .def_property_readonly(
          "verdict", [](const Run& run) { return line(run.result.verdict); },
          "'held', 'violated' or 'inconclusive'.")
      .def_property_readonly("invariant", field(&RunResult::invariant),
                             "The invariant that broke, by name, or None.")
      .def_property_readonly("detail", field(&RunResult::detail),
                             "What the invariant says, or why the run is inconclusive; else empty.")
      .def_property_readonly(
          "digest", [](const Run& run) { return kraft::hex(run.result.digest); },
          "16 hex digits over every processed event.")
      .def_property_readonly("events", field(&RunResult::events), "Processed events.")
      .def_property_readonly("simulated_ns",
                             [](const Run& run) { return run.result.simulated.count(); })
      .def_property_readonly("wall_ns", [](const Run& run) { return run.result.wall.count(); })
      .def_property_readonly(
          "failovers", [](const Run& run) { return entry(run, "failovers"); },
          "A list of dicts in order of time, as in the result object: fault, fault_at_ns, cause,\n"
          "epochs, and phases, which maps each phase to nanoseconds since the fault or None.")
      .def_property_readonly(
          "unavailable_ns", [](const Run& run) { return entry(run, "unavailable_ns"); },
          "A dict: how long there was no active controller ('controller') and no commit\n"
          "('commits'), and for how long partitions had no leader, summed over them\n"
          "('partitions').")
      .def(
          "column",
          [](const Run& run, const std::string& metric) {
            return metric_column({&run.result, 1}, metric_named(metric));
          },
          py::arg("metric"),
          "Every sample of a metric (`kraftsim.metrics`) as a Column, in order: one per failover,\n"
          "per committed batch, per successful operation, or one for the run. KeyError for what\n"
          "is no metric.")
      .def_property_readonly(
          "trace",
          [](const Run& run) {
            py::list lines;
            for (const auto& entry : run.result.trace.entries()) lines.append(line(entry));
            return lines;
          },
          "One line per processed event and note; empty unless run with trace=True.")
      .def_property_readonly(
          "reproduce",
          [](const Run& run) { return report::reproduce_line(*run.scenario, run.result); },
          "The command that makes this run again.")
      .def("to_dict", &to_dict,
           "The result object of `kraftsim run --format json`, with this run alone in 'runs'.")
      .def("__repr__", &repr);

  module.def("run", &run, py::arg("scenario"), py::arg("seed"), py::arg("coordination"),
             py::arg("trace"));
}

}  // namespace kraftsim::python
