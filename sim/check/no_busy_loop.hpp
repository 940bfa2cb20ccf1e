// NoBusyLoop: no node is woken by its own timer again and again with next to no time passing, which is what it takes to
// be woken (KAFKA-17751, KAFKA-19605: a deadline that nobody resets makes the poll time-out zero for ever).
#pragma once

#include <chrono>

#include "sim/check/view.hpp"

namespace kraftsim::check {

class NoBusyLoop {
 public:
  static constexpr Card kCard{"NoBusyLoop", "A node's timer does not fire 16 times within a millisecond.",
                              "KAFKA-17751; KAFKA-19605", kDelta, kOfOneProcess};
  static constexpr Facets kLooksAt = about::kTimer;
  static constexpr int kLimit = 16;
  static constexpr kraft::Duration kWindow = std::chrono::milliseconds(1);
  [[nodiscard]] Broken check(const Step& step);

 private:
  struct Run {
    Time since{};
    int fired = 0;
  };
  PerNode<Run> runs_;
};

}  // namespace kraftsim::check
