// Worker: one thread of a broker that computes beside the others (the controller's event thread, the request
// handler).
//
// A broker is one process of the world but not one thread: while its controller computes for a minute, its ZooKeeper
// client goes on pinging. So this work does not occupy the process; it is a timer, in slices, so that a paused process
// does not compute on.
#pragma once

#include <algorithm>

#include "sim/zookeeper/ids.hpp"

namespace kraftsim::zookeeper {

class Worker {
 public:
  static constexpr Duration kSlice = std::chrono::milliseconds(10);

  void start(Time now, Duration work) {
    rest_ = work;
    begin_slice(now);
  }
  /// True once, when the work is done.
  [[nodiscard]] bool run(Time now) {
    if (wake_at_ > now) return false;
    if (rest_ == Duration::zero()) {
      wake_at_ = kraft::kNever;
      return true;
    }
    begin_slice(now);
    return false;
  }
  void stop() { wake_at_ = kraft::kNever; }
  [[nodiscard]] bool is_busy() const { return wake_at_ != kraft::kNever; }
  [[nodiscard]] Time wake_at() const { return wake_at_; }

 private:
  void begin_slice(Time now) {
    const Duration slice = std::min(rest_, kSlice);
    rest_ -= slice;
    wake_at_ = now + slice;
  }

  Duration rest_{};  // after the present slice
  Time wake_at_ = kraft::kNever;
};

}  // namespace kraftsim::zookeeper
