// Integers as long as possible: sums and ranks in 128 bits, one division at the end. What must be a double comes after.
// No sample is ever rounded on its way into a quantile.
#include "sim/measure/statistics.hpp"

#include <algorithm>
#include <utility>

#include "core/base/check.hpp"

namespace kraftsim::measure {
namespace {

__extension__ using Wide = __int128;

/// The number of resamples: enough for the interval's ends to move by less than they differ from each other.
constexpr std::size_t kResamples = 2000;

double mean_of(std::span<const double> numbers) {
  double sum = 0;
  for (const double number : numbers) sum += number;
  return sum / static_cast<double>(numbers.size());
}

}  // namespace

Sorted::Sorted(std::vector<std::int64_t> samples) : samples_(std::move(samples)) { std::ranges::sort(samples_); }

std::optional<std::int64_t> Sorted::quantile(std::uint32_t millionths) const {
  ENSURE_LE(millionths, 1'000'000U);
  if (samples_.empty()) return std::nullopt;
  const Wide product = Wide{millionths} * static_cast<Wide>(samples_.size());
  const auto rank = static_cast<std::size_t>((product + 999'999) / 1'000'000);  // rounded up, from 1
  return samples_[rank == 0 ? 0 : rank - 1];
}

std::optional<std::int64_t> Sorted::mean() const {
  if (samples_.empty()) return std::nullopt;
  Wide sum = 0;
  for (const std::int64_t sample : samples_) sum += sample;
  const auto count = static_cast<Wide>(samples_.size());
  const Wide half = sum < 0 ? -(count / 2) : count / 2;
  return static_cast<std::int64_t>((sum + half) / count);
}

std::optional<Estimate> bootstrap_mean(std::span<const double> numbers, std::uint64_t seed) {
  if (numbers.size() < 2) return std::nullopt;
  kraft::Rng rng = kraft::Rng::stream(seed, 0, "bootstrap");
  std::vector<double> means;
  means.reserve(kResamples);
  std::vector<double> resample(numbers.size());
  for (std::size_t i = 0; i < kResamples; ++i) {
    for (double& number : resample) number = numbers[static_cast<std::size_t>(rng.below(numbers.size()))];
    means.push_back(mean_of(resample));
  }
  std::ranges::sort(means);
  constexpr std::size_t kTail = kResamples / 40;  // 2.5 %
  return Estimate{.mean = mean_of(numbers), .low = means[kTail], .high = means[kResamples - 1 - kTail]};
}

std::optional<double> ks_distance(const Sorted& a, const Sorted& b) {
  if (a.count() == 0 || b.count() == 0) return std::nullopt;
  const auto xs = a.samples();
  const auto ys = b.samples();
  const auto n = static_cast<Wide>(xs.size());
  const auto m = static_cast<Wide>(ys.size());
  Wide widest = 0;  // times n * m
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < xs.size() && j < ys.size()) {
    const std::int64_t at = std::min(xs[i], ys[j]);
    while (i < xs.size() && xs[i] == at) ++i;
    while (j < ys.size() && ys[j] == at) ++j;
    const Wide distance = static_cast<Wide>(i) * m - static_cast<Wide>(j) * n;
    widest = std::max(widest, distance < 0 ? -distance : distance);
  }
  return static_cast<double>(widest) / static_cast<double>(n * m);
}

}  // namespace kraftsim::measure
