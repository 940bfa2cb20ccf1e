// Statistics of samples: quantiles exactly, and the few numbers that cannot be exact (means, confidence intervals).
//
// A quantile is the nearest rank: the smallest sample that at least that share of all samples does not exceed. It is
// always a sample itself, so it has an integer value, and no interpolation rule needs explaining. Doubles appear only
// in what is estimated, and are the same on every compiler: sums are taken in one order, without contraction.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/base/rng.hpp"

namespace kraftsim::measure {

/// Samples in ascending order, ready for any number of questions.
class Sorted {
 public:
  Sorted() = default;
  explicit Sorted(std::vector<std::int64_t> samples);

  [[nodiscard]] std::size_t count() const { return samples_.size(); }
  /// Nearest rank; 0 is the least, 1'000'000 the greatest. None if there is no sample.
  [[nodiscard]] std::optional<std::int64_t> quantile(std::uint32_t millionths) const;
  [[nodiscard]] std::optional<std::int64_t> min() const { return quantile(0); }
  [[nodiscard]] std::optional<std::int64_t> max() const { return quantile(1'000'000); }
  /// To the nearest integer, halves away from zero; exact until then.
  [[nodiscard]] std::optional<std::int64_t> mean() const;
  [[nodiscard]] std::span<const std::int64_t> samples() const { return samples_; }

 private:
  std::vector<std::int64_t> samples_;
};

/// The mean of some numbers, and where the true mean lies with 95 % confidence.
struct Estimate {
  double mean = 0;
  double low = 0;
  double high = 0;
};
/// Percentile bootstrap (Efron 1979): the mean of 2,000 resamples of the same size. The same numbers give the same
/// interval: the draws come from a stream of `seed`. None below two numbers.
[[nodiscard]] std::optional<Estimate> bootstrap_mean(std::span<const double> numbers, std::uint64_t seed);

/// Kolmogorov and Smirnov's two-sample statistic: the largest distance between the two empirical distributions, 0 to 1.
/// None if either has no sample.
[[nodiscard]] std::optional<double> ks_distance(const Sorted& a, const Sorted& b);

}  // namespace kraftsim::measure
