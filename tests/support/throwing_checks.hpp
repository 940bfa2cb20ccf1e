// ThrowingChecks: while one is alive, a failed ENSURE throws CheckThrown instead of aborting, so that a test can say
// that something must not be done.
#pragma once

#include <stdexcept>

#include "core/base/check.hpp"

namespace kraft::testing {

struct CheckThrown : std::logic_error {
  using std::logic_error::logic_error;
};

class ThrowingChecks {
 public:
  ThrowingChecks()
      : previous_(set_check_handler([](const CheckFailure& failure) { throw CheckThrown(line(failure)); })) {}
  ~ThrowingChecks() { set_check_handler(previous_); }
  ThrowingChecks(const ThrowingChecks&) = delete;
  ThrowingChecks& operator=(const ThrowingChecks&) = delete;

 private:
  CheckHandler previous_;
};

}  // namespace kraft::testing
