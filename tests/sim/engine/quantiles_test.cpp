// Quantiles: what is stated is met exactly, what is sampled stays inside, and a constant draws nothing.
#include "sim/engine/quantiles.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using kraft::Duration;
using kraft::Rng;
using kraftsim::engine::Quantiles;
using Point = Quantiles::Point;

TEST_CASE("a constant is that constant and draws nothing") {
  Rng rng(1);
  const Rng before = rng;
  CHECK(Quantiles().sample(rng) == 0ns);
  CHECK(Quantiles(3ms).sample(rng) == 3ms);
  CHECK(Quantiles::uniform(2ms, 2ms).sample(rng) == 2ms);
  CHECK(Quantiles::from_points({{0, 5ms}}).sample(rng) == 5ms);
  CHECK(rng == before);
  CHECK(Quantiles(0ns) == Quantiles());
  CHECK(Quantiles::from_points({{0, 5ms}}) == Quantiles(5ms));
}

TEST_CASE("stated quantiles are met exactly and the line between them is straight") {
  const auto quantiles = Quantiles::from_points({{100'000, 10ns}, {500'000, 50ns}, {990'000, 1000ns}});
  CHECK(quantiles.quantile(100'000) == 10ns);
  CHECK(quantiles.quantile(300'000) == 30ns);
  CHECK(quantiles.quantile(500'000) == 50ns);
  CHECK(quantiles.quantile(990'000) == 1000ns);
}

TEST_CASE("beyond the stated quantiles: the first value below, the last above, half the first when it is the median") {
  const auto low = Quantiles::from_points({{100'000, 10ns}, {900'000, 50ns}});
  CHECK(low.quantile(0) == 10ns);
  CHECK(low.quantile(1'000'000) == 50ns);
  const auto from_median = Quantiles::from_points({{500'000, 250us}, {990'000, 1500us}});
  CHECK(from_median.quantile(0) == 125us);
  CHECK(from_median.quantile(500'000) == 250us);
  CHECK(from_median.quantile(1'000'000) == 1500us);
}

TEST_CASE("samples follow the stated distribution") {
  const auto quantiles = Quantiles::from_points({{500'000, 250us}, {900'000, 400us}, {990'000, 1500us}});
  Rng rng(11);
  std::vector<Duration> samples(100'000);
  for (Duration& sample : samples) sample = quantiles.sample(rng);
  std::sort(samples.begin(), samples.end());
  // The share of samples below each stated value is its quantile, within five standard deviations (p90: 0.0047).
  for (const Point& point : quantiles.points()) {
    if (point.value == 1500us) continue;  // p99 to p100: the samples lie on it, not below
    const auto below = std::lower_bound(samples.begin(), samples.end(), point.value) - samples.begin();
    CHECK(std::abs(below * 10 - std::int64_t{point.millionths}) < 8'000);
  }
  CHECK(samples.front() >= 125us);
  CHECK(samples.back() <= 1500us);
}

TEST_CASE("uniform reaches both ends' neighbourhood and never the upper end") {
  Rng rng(3);
  std::vector<int> counts(4);
  const auto quantiles = Quantiles::uniform(10ns, 14ns);
  for (int i = 0; i < 40'000; ++i) {
    const Duration sample = quantiles.sample(rng);
    REQUIRE(sample >= 10ns);
    REQUIRE(sample < 14ns);
    ++counts[static_cast<std::size_t>((sample - 10ns).count())];
  }
  for (const int count : counts) CHECK(std::abs(count - 10'000) < 500);
}

TEST_CASE("the sampled numbers are integers of our own: the same on every machine") {
  Rng rng(42);
  const auto quantiles = Quantiles::from_points({{500'000, 250us}, {990'000, 1500us}});
  std::vector<std::int64_t> samples;
  for (int i = 0; i < 5; ++i) samples.push_back(quantiles.sample(rng).count());
  CHECK(samples == std::vector<std::int64_t>{1051798, 204705, 1484423, 763101, 998735});
}

TEST_CASE("any points: samples stay between the ends, quantiles never fall, huge values do not overflow") {
  const bool ok = rc::check("quantiles", [] {
    const auto steps = *rc::gen::nonEmpty(rc::gen::container<std::vector<std::pair<std::uint32_t, std::uint64_t>>>(
        rc::gen::pair(rc::gen::inRange<std::uint32_t>(1, 100'000),
                      rc::gen::inRange<std::uint64_t>(0, std::uint64_t{1} << 59U))));
    std::vector<Point> points;
    Point next{0, 0ns};
    for (const auto& [millionths, value] : steps) {
      if (points.size() == 10) break;
      points.push_back(next);
      next = {next.millionths + millionths, next.value + Duration(static_cast<std::int64_t>(value))};
    }
    const auto quantiles = Quantiles::from_points(points);
    Rng rng(*rc::gen::arbitrary<std::uint64_t>());
    for (int i = 0; i < 100; ++i) {
      const Duration sample = quantiles.sample(rng);
      RC_ASSERT(sample >= points.front().value);
      RC_ASSERT(sample <= points.back().value);
    }
    Duration last = quantiles.quantile(0);
    for (std::uint32_t p = 0; p <= 1'000'000; p += 9'973) {
      RC_ASSERT(quantiles.quantile(p) >= last);
      last = quantiles.quantile(p);
    }
    for (const Point& point : points) RC_ASSERT(quantiles.quantile(point.millionths) == point.value);
  });
  CHECK(ok);
}

TEST_CASE("text") {
  CHECK(line(Quantiles()) == "0s");
  CHECK(line(Quantiles(250us)) == "250us");
  CHECK(line(Quantiles::from_points({{500'000, 250us}, {999'000, 1500us}})) ==
        "p0=125us p50=250us p99.9=1.5ms p100=1.5ms");
}
