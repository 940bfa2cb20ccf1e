// The compiled module kraftsim._core. What people import is the package around it (python/kraftsim), which adds the
// conversions that are shorter in Python.
#include <stdexcept>

#include "core/base/check.hpp"
#include "kraftsim_version.hpp"
#include "python/bindings/bindings.hpp"

namespace {

// A broken assumption outside of runs (within one it is a verdict): Python sees a RuntimeError, and a notebook
// survives.
[[noreturn]] void throw_check_failure(const kraft::CheckFailure& failure) {
  throw std::runtime_error(kraft::line(failure));
}

}  // namespace

PYBIND11_MODULE(_core, module) {
  kraft::set_check_handler(&throw_check_failure);
  module.doc() = "The compiled half of kraftsim; import kraftsim instead.";
  module.attr("VERSION") = KRAFTSIM_VERSION;
  kraftsim::python::bind_table(module);
  kraftsim::python::bind_scenario(module);
  kraftsim::python::bind_run(module);
  kraftsim::python::bind_sweep(module);
}
