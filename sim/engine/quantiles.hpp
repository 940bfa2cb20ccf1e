// Quantiles: a distribution of durations as an integer, piecewise-linear inverse CDF.
//
// Latencies are published as quantiles ("p50 0.25 ms, p99 1.5 ms"), so that is what a profile states and what is
// sampled: one 32-bit uniform draw, a segment, a linear step within it. No floats and no library distribution decide an
// event's time. Below the lowest and above the highest stated quantile the nearest segment's end is used.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/rng.hpp"
#include "core/base/time.hpp"

namespace kraftsim::engine {

class Quantiles {
 public:
  struct Point {
    std::uint32_t millionths;  // 500000 = p50
    kraft::Duration value;
    friend bool operator==(const Point&, const Point&) = default;
  };

  /// Always zero; draws nothing.
  Quantiles() = default;
  /// Always `value`; draws nothing.
  explicit Quantiles(kraft::Duration value);
  /// Uniform in [low, high).
  static Quantiles uniform(kraft::Duration low, kraft::Duration high);
  /// From points in ascending order of both coordinates; `points` is not empty. A missing p0 is the first value (half
  /// of it when the first point is the median or above), a missing p100 the last.
  static Quantiles from_points(std::vector<Point> points);

  [[nodiscard]] kraft::Duration sample(kraft::Rng& rng) const {
    if (points_.empty()) return kraft::Duration::zero();
    return is_constant() ? points_.front().value : sample_segment(rng);
  }
  [[nodiscard]] kraft::Duration quantile(std::uint32_t millionths) const;
  [[nodiscard]] const std::vector<Point>& points() const { return points_; }
  [[nodiscard]] bool is_constant() const { return points_.size() <= 1; }
  friend bool operator==(const Quantiles&, const Quantiles&) = default;

 private:
  [[nodiscard]] kraft::Duration sample_segment(kraft::Rng& rng) const;

  std::vector<Point> points_;  // empty: zero; one: constant; else from millionths 0 to 1000000
};

[[nodiscard]] std::string line(const Quantiles& quantiles);

}  // namespace kraftsim::engine
