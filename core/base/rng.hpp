// Randomness that is the same everywhere: xoshiro256++ (Blackman and Vigna, 2019) seeded through SplitMix64, and
// integer samplers of our own, since the standard leaves its distributions to each library.
//
// An Rng is a value and a member of whoever draws from it. Streams are named: one per (seed, node, purpose), so that a
// new draw in one place moves no other. At most one draw per full expression: argument order is the compiler's choice.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/check.hpp"
#include "core/base/time.hpp"

namespace kraft {

/// One step of SplitMix64; also our mixing function for small integers.
[[nodiscard]] constexpr std::uint64_t splitmix64(std::uint64_t& state) {
  state += 0x9e3779b97f4a7c15U;
  std::uint64_t z = state;
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31U);
}

class Rng {
 public:
  /// The generator's own state, for test vectors.
  constexpr explicit Rng(const std::array<std::uint64_t, 4>& state) : s_(state) {}
  constexpr explicit Rng(std::uint64_t seed) {
    for (auto& word : s_) word = splitmix64(seed);
  }
  /// The stream of one purpose at one node in one run.
  [[nodiscard]] static constexpr Rng stream(std::uint64_t seed, std::int64_t node, std::string_view purpose) {
    std::uint64_t key = 0xcbf29ce484222325U;  // FNV-1a over the purpose
    for (const char c : purpose) key = (key ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
    std::uint64_t mixed = splitmix64(seed);
    mixed ^= key;
    mixed = splitmix64(mixed) ^ static_cast<std::uint64_t>(node);
    return Rng(splitmix64(mixed));
  }

  constexpr std::uint64_t next() {
    const std::uint64_t result = rotl(s_[0] + s_[3], 23) + s_[0];
    const std::uint64_t t = s_[1] << 17U;
    s_[2] ^= s_[0];
    s_[3] ^= s_[1];
    s_[1] ^= s_[2];
    s_[0] ^= s_[3];
    s_[2] ^= t;
    s_[3] = rotl(s_[3], 45);
    return result;
  }

  /// Uniform in [0, n), n > 0, without bias (Lemire 2019, with rejection).
  constexpr std::uint64_t below(std::uint64_t n) {
    ENSURE_GT(n, 0U);
    __extension__ using Wide = unsigned __int128;
    Wide product = Wide{next()} * n;
    auto low = static_cast<std::uint64_t>(product);
    if (low < n) {
      const std::uint64_t threshold = (0 - n) % n;
      while (low < threshold) {
        product = Wide{next()} * n;
        low = static_cast<std::uint64_t>(product);
      }
    }
    return static_cast<std::uint64_t>(product >> 64U);
  }

  /// Uniform in [low, high); `low` itself, without a draw, when the range is empty.
  constexpr Duration between(Duration low, Duration high) {
    if (high <= low) return low;
    return low + Duration(static_cast<std::int64_t>(below(static_cast<std::uint64_t>((high - low).count()))));
  }

  /// True with probability numerator/denominator. No draw when the answer is certain.
  constexpr bool chance(std::uint64_t numerator, std::uint64_t denominator) {
    if (numerator == 0) return false;
    if (numerator >= denominator) return true;
    return below(denominator) < numerator;
  }

  /// Fisher–Yates; the order of the result depends on nothing but the stream.
  template <class T>
  constexpr void shuffle(std::vector<T>& items) {
    for (std::size_t i = items.size(); i > 1; --i) {
      const auto j = static_cast<std::size_t>(below(i));
      std::swap(items[i - 1], items[j]);
    }
  }

  [[nodiscard]] constexpr const std::array<std::uint64_t, 4>& state() const { return s_; }
  friend constexpr bool operator==(const Rng&, const Rng&) = default;

 private:
  [[nodiscard]] static constexpr std::uint64_t rotl(std::uint64_t x, unsigned k) {
    return (x << k) | (x >> (64U - k));
  }

  std::array<std::uint64_t, 4> s_{};
};

}  // namespace kraft
