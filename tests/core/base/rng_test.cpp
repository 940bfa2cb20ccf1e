// The generators against their authors' reference code, and the samplers against what they promise.
#include "core/base/rng.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <set>
#include <vector>

#include "tests/support/throwing_checks.hpp"

namespace kraft::testing {
using namespace std::chrono_literals;

TEST_CASE("SplitMix64 is Vigna's splitmix64.c: seed 1234567") {
  std::uint64_t state = 1234567;
  for (const std::uint64_t expected : {6457827717110365317ULL, 3203168211198807973ULL, 9817491932198370423ULL,
                                       4593380528125082431ULL, 16408922859458223821ULL}) {
    CHECK(splitmix64(state) == expected);
  }
}

TEST_CASE("xoshiro256++ is Blackman and Vigna's xoshiro256plusplus.c: state 1, 2, 3, 4") {
  Rng rng(std::array<std::uint64_t, 4>{1, 2, 3, 4});
  for (const std::uint64_t expected :
       {41943041ULL, 58720359ULL, 3588806011781223ULL, 3591011842654386ULL, 9228616714210784205ULL,
        9973669472204895162ULL, 14011001112246962877ULL, 12406186145184390807ULL, 15849039046786891736ULL,
        10450023813501588000ULL}) {
    CHECK(rng.next() == expected);
  }
}

TEST_CASE("a seed fills the state through SplitMix64") {
  std::uint64_t state = 42;
  std::array<std::uint64_t, 4> words{};
  for (auto& word : words) word = splitmix64(state);
  CHECK(Rng(42).state() == words);
}

TEST_CASE("below: within bounds, 0 for 1, refused for 0") {
  Rng rng(1);
  for (const std::uint64_t n : {1ULL, 2ULL, 3ULL, 1000ULL, (1ULL << 63U) + 1, ~0ULL}) {
    for (int i = 0; i < 200; ++i) CHECK(rng.below(n) < n);
  }
  CHECK(rng.below(1) == 0);
  const ThrowingChecks guard;
  CHECK_THROWS_AS((void)rng.below(0), CheckThrown);
}

TEST_CASE("below is unbiased, also where 2^64 is far from a multiple of n") {
  // n = 3 * 2^62: without rejection some of the four quarters of [0, n) would come up half as often as others.
  constexpr std::uint64_t n = 3ULL << 62U;
  Rng rng(7);
  std::array<int, 3> thirds{};
  std::array<int, 6> sixth{};
  constexpr int kDraws = 60'000;
  for (int i = 0; i < kDraws; ++i) {
    ++thirds[rng.below(n) >> 62U];
    ++sixth[rng.below(6)];
  }
  // Five standard deviations of a binomial count.
  for (const int count : thirds) CHECK(std::abs(count - kDraws / 3) < 580);
  for (const int count : sixth) CHECK(std::abs(count - kDraws / 6) < 460);
}

TEST_CASE("below is Lemire's method: the high half of a wide product, with rejection of the first (2^64 mod n)") {
  // The low half of next() * n must reach 2^64 mod n; replayed here on the raw outputs.
  constexpr std::uint64_t n = 3ULL << 62U;
  __extension__ using Wide = unsigned __int128;
  Rng raw(7);
  Rng sampler(7);
  for (int i = 0; i < 1000; ++i) {
    Wide product{};
    do {
      product = Wide{raw.next()} * n;
    } while (static_cast<std::uint64_t>(product) < (0 - n) % n);
    CHECK(sampler.below(n) == static_cast<std::uint64_t>(product >> 64U));
  }
}

TEST_CASE("between: half open, exact ends, and no draw for an empty range") {
  Rng rng(3);
  std::set<Duration> seen;
  for (int i = 0; i < 300; ++i) seen.insert(rng.between(5ns, 9ns));
  CHECK(seen == std::set<Duration>{5ns, 6ns, 7ns, 8ns});
  const Rng before = rng;
  CHECK(rng.between(5ns, 5ns) == 5ns);
  CHECK(rng.between(5ns, 4ns) == 5ns);
  CHECK(rng == before);
}

TEST_CASE("chance: certain without a draw, else about as often as it says") {
  Rng rng(3);
  const Rng before = rng;
  CHECK_FALSE(rng.chance(0, 5));
  CHECK(rng.chance(5, 5));
  CHECK(rng == before);
  int hits = 0;
  for (int i = 0; i < 10'000; ++i) hits += rng.chance(1, 4) ? 1 : 0;
  CHECK(std::abs(hits - 2500) < 220);
}

TEST_CASE("shuffle: a permutation, and every one of them") {
  Rng rng(9);
  std::set<std::vector<int>> orders;
  for (int i = 0; i < 500; ++i) {
    std::vector<int> items{1, 2, 3, 4};
    rng.shuffle(items);
    orders.insert(items);
    std::ranges::sort(items);
    CHECK(items == std::vector{1, 2, 3, 4});
  }
  CHECK(orders.size() == 24);
}

TEST_CASE("streams: one per seed, node and purpose, the same every time") {
  const auto first = [](std::uint64_t seed, std::int64_t node, std::string_view purpose) {
    return Rng::stream(seed, node, purpose).next();
  };
  CHECK(first(1, 1, "election") == first(1, 1, "election"));
  const std::set<std::uint64_t> all{first(1, 1, "election"), first(2, 1, "election"), first(1, 2, "election"),
                                    first(1, 1, "network"),  first(2, 1, "network"),  first(1, -1, "election")};
  CHECK(all.size() == 6);
}

}  // namespace kraft::testing
