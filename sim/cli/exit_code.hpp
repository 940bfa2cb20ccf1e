// Exit codes: documented, tested, stable (DESIGN §8), because scripts and CI are built on them. 126 to 128 and 128 +
// n, except 130, are left to the shell.
#pragma once

namespace kraftsim::cli {

enum ExitCode : int {
  kHeld = 0,
  kViolated = 1,
  kUsage = 2,
  kBadScenario = 3,
  kInconclusive = 4,
  kNotDeterministic = 5,
  kInternalError = 70,  // EX_SOFTWARE of sysexits
  kOutputError = 74,    // EX_IOERR
  kInterrupted = 130,   // 128 + SIGINT
};

}  // namespace kraftsim::cli
