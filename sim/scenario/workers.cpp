// The caller's thread works too, so that one job needs no thread at all.
#include "sim/scenario/workers.hpp"

#include <algorithm>
#include <thread>
#include <vector>

namespace kraftsim::scenario {

void Workers::work(int jobs, const std::function<void(std::uint64_t)>& perform) {
  {
    std::vector<std::jthread> threads;
    for (int i = 1; i < jobs; ++i) threads.emplace_back([this, &perform] { drain(perform); });
    drain(perform);
  }
  if (error_) std::rethrow_exception(error_);
}

/// Nothing may leave a thread but through `error_`.
void Workers::drain(const std::function<void(std::uint64_t)>& perform) {
  try {
    while (keep_going()) {
      const std::uint64_t number = next_++;
      if (!wanted(number)) return;
      perform(number);
    }
  } catch (...) {
    const std::lock_guard lock(mutex_);
    if (!error_) error_ = std::current_exception();
    end_ = 0;
  }
}

bool Workers::keep_going() {
  if (!interrupted_ && keep_going_ && !keep_going_()) interrupted_ = true;
  return !interrupted_;
}

void Workers::end_after(std::uint64_t number) {
  const std::lock_guard lock(mutex_);
  end_ = std::min<std::uint64_t>(end_, number + 1);
}

}  // namespace kraftsim::scenario
