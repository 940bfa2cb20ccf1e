// Sampling and building of Quantiles: integer arithmetic throughout, 128 bits wide where a product needs it, so that
// every compiler at every optimisation level draws the same times.
#include "sim/engine/quantiles.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <utility>

#include "core/base/check.hpp"

namespace kraftsim::engine {
namespace {

using kraft::Duration;
__extension__ using Wide = __int128;

constexpr std::uint32_t kWhole = 1'000'000;
constexpr std::uint32_t kMedian = kWhole / 2;

/// low + (high - low) * numerator / denominator, rounded down.
Duration between(Duration low, Duration high, std::uint64_t numerator, std::uint64_t denominator) {
  const Wide step = Wide{(high - low).count()} * Wide{numerator} / Wide{denominator};
  return low + Duration(static_cast<std::int64_t>(step));
}

}  // namespace

Quantiles::Quantiles(Duration value) {
  ENSURE_GE(value, Duration::zero());
  if (value != Duration::zero()) points_.push_back({0, value});
}

Quantiles Quantiles::uniform(Duration low, Duration high) {
  ENSURE_LE(low, high);
  return from_points({{0, low}, {kWhole, high}});
}

Quantiles Quantiles::from_points(std::vector<Point> points) {
  ENSURE(!points.empty());
  ENSURE_GE(points.front().value, Duration::zero());
  ENSURE_LE(points.back().millionths, kWhole);
  for (std::size_t i = 1; i < points.size(); ++i) {
    ENSURE_LT(points[i - 1].millionths, points[i].millionths);
    ENSURE_LE(points[i - 1].value, points[i].value);
  }
  const Point first = points.front();
  if (first.millionths >= kMedian) {
    points.insert(points.begin(), {0, first.value / 2});
  } else if (first.millionths > 0) {
    points.insert(points.begin(), {0, first.value});
  }
  if (points.back().millionths < kWhole) points.push_back({kWhole, points.back().value});
  if (points.front().value == points.back().value) return Quantiles(points.front().value);
  Quantiles result;
  result.points_ = std::move(points);
  return result;
}

Duration Quantiles::sample_segment(kraft::Rng& rng) const {
  // The draw is a position in units of 2^-32 millionths; one 64-bit division gives the 32-bit fraction of its segment.
  const std::uint64_t position = (rng.next() >> 32U) * kWhole;
  std::size_t upper = 1;
  while (position >= std::uint64_t{points_[upper].millionths} << 32U) ++upper;
  const Point& from = points_[upper - 1];
  const Point& to = points_[upper];
  const std::uint64_t offset = position - (std::uint64_t{from.millionths} << 32U);
  return between(from.value, to.value, offset / (to.millionths - from.millionths), std::uint64_t{1} << 32U);
}

Duration Quantiles::quantile(std::uint32_t millionths) const {
  ENSURE_LE(millionths, kWhole);
  if (is_constant()) return points_.empty() ? Duration::zero() : points_.front().value;
  std::size_t upper = 1;
  while (millionths > points_[upper].millionths) ++upper;
  const Point& from = points_[upper - 1];
  const Point& to = points_[upper];
  return between(from.value, to.value, millionths - from.millionths, to.millionths - from.millionths);
}

std::string line(const Quantiles& quantiles) {
  if (quantiles.is_constant()) return kraft::line(quantiles.quantile(0));
  std::string text;
  for (const Quantiles::Point& point : quantiles.points()) {
    std::string percent = fmt::format("{}.{:04}", point.millionths / 10'000, point.millionths % 10'000);
    percent.erase(percent.find_last_not_of('0') + 1);
    if (percent.back() == '.') percent.pop_back();
    text += fmt::format("{}p{}={}", text.empty() ? "" : " ", percent, kraft::line(point.value));
  }
  return text;
}

}  // namespace kraftsim::engine
