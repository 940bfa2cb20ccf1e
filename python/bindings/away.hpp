// Leaving Python for a while: the work runs on a thread of its own without the GIL, so that other Python threads go on,
// and the calling thread comes back to Python every 50 ms to see to signals (Ctrl-C) and progress.
//
// The work learns from `going` that it is no longer wanted; it is always waited for, so it may refer to the caller's
// variables.
#pragma once

#include <pybind11/pybind11.h>

#include <atomic>
#include <chrono>
#include <future>

namespace kraftsim::python {

/// Returns work(going). What the work throws, or a signal handler, or `on_tick`, is thrown here.
template <class Work, class Tick> auto away_from_python(Work work, Tick on_tick) {
  using namespace std::chrono_literals;
  std::atomic<bool> going{true};
  const pybind11::gil_scoped_release released;
  auto done = std::async(std::launch::async, [&] { return work(going); });
  try {
    while (done.wait_for(50ms) != std::future_status::ready) {
      const pybind11::gil_scoped_acquire held;
      if (PyErr_CheckSignals() != 0) throw pybind11::error_already_set();
      on_tick();
    }
  } catch (...) {
    going = false;
    throw;  // the future's destructor waits for the work
  }
  return done.get();
}

}  // namespace kraftsim::python
