// NoBusyLoop: no node is woken by its own timer again and again without time passing (KAFKA-17751, KAFKA-19605: a
// deadline that nobody resets makes the poll time-out zero for ever).
#pragma once

#include "sim/check/view.hpp"

namespace kraftsim::check {

class NoBusyLoop {
 public:
  static constexpr Card kCard{"NoBusyLoop", "A node's timer does not fire 16 times within one instant.",
                              "KAFKA-17751; KAFKA-19605"};
  static constexpr Facets kLooksAt = about::kTimer;
  static constexpr int kLimit = 16;
  [[nodiscard]] Broken check(const Step& step);

 private:
  struct Run {
    Time at{};
    int fired = 0;
  };
  PerNode<Run> runs_;
};

}  // namespace kraftsim::check
