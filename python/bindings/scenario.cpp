// Scenarios and their errors in Python.
#include <fmt/format.h>
#include <pybind11/stl.h>

#include <filesystem>

#include "core/base/digest.hpp"
#include "python/bindings/bindings.hpp"
#include "sim/scenario/reader.hpp"

namespace kraftsim::python {
namespace {

namespace py = pybind11;
using scenario::Scenario;

std::vector<std::string> coordinations(const Scenario& scenario) {
  std::vector<std::string> out;
  for (const auto coordination : scenario.coordination) out.push_back(line(coordination));
  return out;
}

// kraftsim.ScenarioError is a class written in Python: it takes the text and a list of (path, line, column, pointer,
// message, suggestion).
void raise(const scenario::ScenarioError& error) {
  py::list errors;
  for (const auto& d : error.diagnostics()) {
    errors.append(py::make_tuple(d.path, d.line, d.column, d.pointer, d.message, d.suggestion));
  }
  const py::object type = py::module_::import("kraftsim").attr("ScenarioError");
  PyErr_SetObject(type.ptr(), type(error.what(), errors).ptr());
}

}  // namespace

scenario::Coordination choose(const Scenario& scenario, const std::optional<std::string>& name) {
  if (!name) return scenario.coordination.front();
  for (const auto coordination : scenario.coordination) {
    if (line(coordination) == *name) return coordination;
  }
  throw py::value_error(fmt::format("coordination '{}': this scenario is for {}", *name,
                                    fmt::join(coordinations(scenario), ", ")));
}

void bind_scenario(py::module_& module) {
  py::register_exception_translator([](std::exception_ptr thrown) {
    try {
      std::rethrow_exception(thrown);
    } catch (const scenario::ScenarioError& error) {
      raise(error);
    }
  });

  py::class_<Scenario, std::shared_ptr<Scenario>>(
      module, "Scenario",
      "A checked scenario, with every default filled in. Made by `kraftsim.load`; immutable.")
      .def_readonly("name", &Scenario::name)
      .def_readonly("description", &Scenario::description)
      .def_readonly("path", &Scenario::path,
                    "Where it was read from; '<dict>' or '<text>' if not from a file.")
      .def_property_readonly(
          "hash", [](const Scenario& s) { return kraft::hex(s.hash); },
          "16 hex digits that stand for the text it was read from.")
      .def_property_readonly(
          "duration_ns", [](const Scenario& s) { return s.duration.count(); },
          "How much simulated time a run covers.")
      .def_property_readonly(
          "coordination", [](const Scenario& s) { return py::tuple(py::cast(coordinations(s))); },
          "The coordinations that it is for, of 'kraft' and 'zookeeper'.")
      .def("__repr__", [](const Scenario& s) {
        return fmt::format("<scenario {} {} for {}>", s.name, kraft::line(s.duration),
                           fmt::join(coordinations(s), ", "));
      });

  module.def(
      "read_file", [](const std::string& path) { return scenario::read_file(path); },
      py::arg("path"));
  module.def(
      "read_text",
      [](const std::string& text, const std::string& path) {
        return scenario::read_text(text, path);
      },
      py::arg("text"), py::arg("path"));
}

}  // namespace kraftsim::python
