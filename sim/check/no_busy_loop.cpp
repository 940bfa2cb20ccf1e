// Counts a node's timer events from the first of each window.
#include "sim/check/no_busy_loop.hpp"

namespace kraftsim::check {

Broken NoBusyLoop::check(const Step& step) {
  if (!step.timer) return {};
  Run& run = runs_[step.index];
  if (step.now - run.since > kWindow) run = Run{step.now, 0};
  if (++run.fired < kLimit) return {};
  return "n" + line(step.after->id) + "'s timer fired " + std::to_string(run.fired) + " times since " + line(run.since);
}

}  // namespace kraftsim::check
