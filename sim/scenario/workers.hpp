// Workers: threads that take numbers from one counter in ascending order, for sweeps and swarms.
//
// The order is what makes "end with the first violated one" exact: whenever a number is taken, every one before it has
// been, so its result will come. It must not know what is done with a number.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <functional>
#include <limits>
#include <mutex>

namespace kraftsim::scenario {

class Workers {
 public:
  /// Numbers 0 to count-1. `keep_going` (may be empty) is asked from every thread; false ends the work.
  Workers(std::uint64_t count, std::function<bool()> keep_going) : end_(count), keep_going_(std::move(keep_going)) {}

  /// Returns when all is done, or nothing more is wanted. What `perform` throws is thrown here, once.
  void work(int jobs, const std::function<void(std::uint64_t)>& perform);

  /// For whatever `perform` does that takes long: false once the work is to end, and for good.
  [[nodiscard]] bool keep_going();
  /// Numbers after this one are not wanted any more.
  void end_after(std::uint64_t number);
  [[nodiscard]] bool wanted(std::uint64_t number) const { return number < end_; }
  [[nodiscard]] bool interrupted() const { return interrupted_; }

 private:
  void drain(const std::function<void(std::uint64_t)>& perform);

  std::atomic<std::uint64_t> next_ = 0;
  std::atomic<std::uint64_t> end_;
  std::atomic<bool> interrupted_ = false;
  std::function<bool()> keep_going_;
  std::mutex mutex_;  // of error_ and of lowering end_
  std::exception_ptr error_;
};

}  // namespace kraftsim::scenario
