// Noting a signal. The handler puts the default action back, so that the second Ctrl-C ends a program that does not
// listen.
#include "sim/cli/interrupt.hpp"

#include <atomic>
#include <csignal>

namespace kraftsim::cli {
namespace {

// tidy: allow(static) because a signal handler can reach nothing else
std::atomic<bool> noted = false;
static_assert(std::atomic<bool>::is_always_lock_free);

extern "C" void note(int signal) {
  noted = true;
  std::signal(signal, SIG_DFL);
}

}  // namespace

void watch_for_interrupt() {
  std::signal(SIGINT, note);
  std::signal(SIGTERM, note);
}

bool interrupted() { return noted; }

}  // namespace kraftsim::cli
