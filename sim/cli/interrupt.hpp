// Ctrl-C: the first asks for what is finished, the second ends the program at once. A flag is all that a signal
// handler may touch; whoever works long asks for it now and then.
#pragma once

namespace kraftsim::cli {

/// From now on SIGINT and SIGTERM are noted instead of ending the program.
void watch_for_interrupt();
[[nodiscard]] bool interrupted();

}  // namespace kraftsim::cli
