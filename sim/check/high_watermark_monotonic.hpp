// HighWatermarkMonotonic: within one process, a known high watermark never falls. A new leader may forget it until it
// commits in its own epoch (KIP-595), but what it then knows is no less.
#pragma once

#include "sim/check/view.hpp"

namespace kraftsim::check {

class HighWatermarkMonotonic {
 public:
  static constexpr Card kCard{"HighWatermarkMonotonic", "A process's high watermark never falls.",
                              "KIP-595; Kafka's MonotonicHighWatermark", kDelta, kOfOneProcess};
  static constexpr Facets kLooksAt = about::kProcess | about::kCommits;
  [[nodiscard]] Broken check(const Step& step);

 private:
  struct Known {
    std::uint64_t incarnation = 0;
    Offset offset{0};
  };
  PerNode<Known> known_;
};

}  // namespace kraftsim::check
