// The objects that Python sees, and the functions that declare them: one file per object.
//
// All are immutable values that own, or share, everything they show; none refers to a world or to a running simulation.
// A sweep is tables only: whoever wants one of its runs in full runs its seed again, for that gives the same run.
#pragma once

#include <pybind11/pybind11.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "python/bindings/table.hpp"
#include "sim/scenario/run.hpp"
#include "sim/scenario/scenario.hpp"

namespace kraftsim::python {

using ScenarioPtr = std::shared_ptr<const scenario::Scenario>;

struct Run {
  ScenarioPtr scenario;
  scenario::RunResult result;
};

struct Sweep {
  ScenarioPtr scenario;
  std::uint64_t held = 0;
  TablePtr runs;
  TablePtr failovers;
  TablePtr batches;
  TablePtr operations;
};

/// By name ("kraft"); none: the first that the scenario names. Throws ValueError for one that it does not name.
[[nodiscard]] scenario::Coordination choose(const scenario::Scenario& scenario,
                                            const std::optional<std::string>& name);

void bind_scenario(pybind11::module_& module);
void bind_run(pybind11::module_& module);
void bind_sweep(pybind11::module_& module);

}  // namespace kraftsim::python
