// Dice: what all parts of drawing a scenario throw. The throws depend on the seed and the stream's name alone, so that
// parts with streams of their own do not move each other's. It must not know what is drawn.
#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <utility>

#include "core/base/rng.hpp"
#include "core/base/time.hpp"

namespace kraftsim::scenario {

class Dice {
 public:
  Dice(std::uint64_t seed, std::string_view stream) : rng_(kraft::Rng::stream(seed, 0, stream)) {}

  template <class T>
  T weighted(std::initializer_list<std::pair<T, std::uint64_t>> choices) {
    std::uint64_t total = 0;
    for (const auto& choice : choices) total += choice.second;
    std::uint64_t left = rng_.below(total);
    for (const auto& [value, weight] : choices) {
      if (left < weight) return value;
      left -= weight;
    }
    return choices.begin()->first;
  }
  std::int64_t one_to(std::int64_t n) {
    return 1 + static_cast<std::int64_t>(rng_.below(static_cast<std::uint64_t>(n)));
  }
  bool chance(std::uint64_t of, std::uint64_t all) { return rng_.chance(of, all); }
  kraft::Duration in_ms(kraft::Duration low, kraft::Duration high) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(rng_.between(low, high));
  }
  kraft::Rng& rng() { return rng_; }

 private:
  kraft::Rng rng_;
};

}  // namespace kraftsim::scenario
