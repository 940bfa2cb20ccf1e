// The program. A failed ENSURE outside of a run is our own mistake and ends it with exit code 70 and one line; within a
// run it is a verdict (sim/scenario/run.hpp). All else is in command.cpp, which tests can link.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "core/base/check.hpp"
#include "sim/cli/command.hpp"
#include "sim/cli/exit_code.hpp"

namespace {

[[noreturn]] void fail(const kraft::CheckFailure& failure) {
  std::fprintf(stderr, "kraftsim: internal error: %s\n", line(failure).c_str());
  std::_Exit(kraftsim::cli::kInternalError);
}

}  // namespace

int main(int argc, char** argv) {
  kraft::set_check_handler(fail);
  return kraftsim::cli::dispatch({argv + 1, argv + argc});
}
