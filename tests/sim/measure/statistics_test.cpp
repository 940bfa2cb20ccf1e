// Exactness of the statistics, against definitions spelled out the slow way.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>

#include "sim/measure/statistics.hpp"

namespace {

using kraftsim::measure::bootstrap_mean;
using kraftsim::measure::ks_distance;
using kraftsim::measure::Sorted;
using Numbers = std::vector<std::int64_t>;

TEST_CASE("quantiles: the nearest rank of ten samples") {
  const Sorted samples(Numbers{100, 20, 30, 40, 50, 60, 70, 80, 90, 10});
  CHECK(samples.quantile(0) == 10);
  CHECK(samples.quantile(1) == 10);
  CHECK(samples.quantile(100'000) == 10);  // one tenth of the samples is not greater than 10
  CHECK(samples.quantile(100'001) == 20);
  CHECK(samples.quantile(500'000) == 50);
  CHECK(samples.quantile(900'000) == 90);
  CHECK(samples.quantile(990'000) == 100);
  CHECK(samples.quantile(1'000'000) == 100);
  CHECK(samples.mean() == 55);
}

TEST_CASE("nothing is known of no samples") {
  const Sorted none;
  CHECK_FALSE(none.quantile(500'000));
  CHECK_FALSE(none.mean());
  CHECK_FALSE(ks_distance(none, Sorted(Numbers{1})));
  CHECK_FALSE(bootstrap_mean({}, 1));
}

TEST_CASE("a quantile is the least sample that at least that share does not exceed") {
  const bool ok = rc::check("quantile", [](const Numbers& numbers) {
    const auto millionths = *rc::gen::inRange<std::uint32_t>(0, 1'000'001);
    RC_PRE(!numbers.empty());
    const auto enough = [&](std::int64_t candidate) {
      const auto reached = std::ranges::count_if(numbers, [&](std::int64_t x) { return x <= candidate; });
      return static_cast<std::int64_t>(reached) * 1'000'000 >=
             std::int64_t{millionths} * static_cast<std::int64_t>(numbers.size());
    };
    std::int64_t least = *std::ranges::max_element(numbers);
    for (const std::int64_t number : numbers) {
      if (number < least && enough(number)) least = number;
    }
    RC_ASSERT(Sorted(numbers).quantile(millionths) == least);
  });
  CHECK(ok);
}

TEST_CASE("the mean is exact where a 64-bit sum would overflow, and rounds halves away from zero") {
  constexpr std::int64_t kHuge = 9'000'000'000'000'000'000;
  CHECK(Sorted(Numbers{kHuge, kHuge, kHuge}).mean() == kHuge);
  CHECK(Sorted(Numbers{1, 2}).mean() == 2);
  CHECK(Sorted(Numbers{-1, -2}).mean() == -2);
  CHECK(Sorted(Numbers{1, 1, 2}).mean() == 1);
}

/// The definition: at every number that occurs, the difference of the two shares that do not exceed it.
double ks_by_definition(const Numbers& a, const Numbers& b) {
  const auto share = [](const Numbers& of, std::int64_t limit) {
    return static_cast<double>(std::ranges::count_if(of, [&](std::int64_t x) { return x <= limit; })) /
           static_cast<double>(of.size());
  };
  double widest = 0;
  for (const Numbers* numbers : {&a, &b}) {
    for (const std::int64_t at : *numbers) widest = std::max(widest, std::abs(share(a, at) - share(b, at)));
  }
  return widest;
}

TEST_CASE("the KS distance is the one of the definition, ties included") {
  CHECK(ks_distance(Sorted(Numbers{1, 2, 3}), Sorted(Numbers{1, 2, 3})) == 0.0);
  CHECK(ks_distance(Sorted(Numbers{1, 2}), Sorted(Numbers{3, 4})) == 1.0);
  CHECK(ks_distance(Sorted(Numbers{1, 3}), Sorted(Numbers{2, 4})) == 0.5);
  const bool ok = rc::check("ks", [] {
    const auto some = rc::gen::nonEmpty(rc::gen::container<Numbers>(rc::gen::inRange<std::int64_t>(0, 20)));
    const Numbers a = *some;
    const Numbers b = *some;
    const double ours = *ks_distance(Sorted(a), Sorted(b));
    RC_ASSERT(std::abs(ours - ks_by_definition(a, b)) < 1e-12);
  });
  CHECK(ok);
}

TEST_CASE("the bootstrap: the same numbers give the same interval; equal numbers give a point") {
  const std::vector<double> numbers{1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  const auto estimate = bootstrap_mean(numbers, 10);
  const auto again = bootstrap_mean(numbers, 10);
  REQUIRE(estimate);
  REQUIRE(again);
  CHECK(estimate->mean == 5.5);
  CHECK(estimate->low == again->low);
  CHECK(estimate->high == again->high);
  // The mean of ten has a standard error of 2.87 / sqrt(10) = 0.91; twice that on either side, roughly.
  CHECK(estimate->low == doctest::Approx(3.7).epsilon(0.05));
  CHECK(estimate->high == doctest::Approx(7.3).epsilon(0.05));

  const auto point = bootstrap_mean(std::vector<double>{7, 7, 7}, 3);
  REQUIRE(point);
  CHECK(point->low == 7);
  CHECK(point->high == 7);
}

TEST_CASE("95 % intervals cover the true mean about that often") {
  kraft::Rng rng(1);
  int covered = 0;
  constexpr int kTrials = 200;
  for (int trial = 0; trial < kTrials; ++trial) {
    std::vector<double> numbers;
    for (int i = 0; i < 40; ++i) numbers.push_back(static_cast<double>(rng.below(1001)));  // mean 500
    const auto estimate = bootstrap_mean(numbers, 40);
    if (estimate->low <= 500 && 500 <= estimate->high) ++covered;
  }
  CHECK(covered >= kTrials * 90 / 100);
  CHECK(covered <= kTrials * 99 / 100);
}

}  // namespace
