// Text of times and durations. Exact: what is printed can be read back. It must not round.
#include "core/base/time.hpp"

#include <array>

namespace kraft {

std::string line(Duration d) {
  struct Unit {
    std::int64_t ns;
    const char* suffix;
  };
  constexpr std::array<Unit, 4> kUnits{{{1'000'000'000, "s"}, {1'000'000, "ms"}, {1'000, "us"}, {1, "ns"}}};
  const bool negative = d.count() < 0;
  // Negating INT64_MIN would overflow; unsigned arithmetic does not.
  const std::uint64_t ns = negative ? 0 - static_cast<std::uint64_t>(d.count()) : static_cast<std::uint64_t>(d.count());
  if (ns == 0) return "0s";
  for (const Unit& unit : kUnits) {
    const auto scale = static_cast<std::uint64_t>(unit.ns);
    if (ns < scale) continue;
    std::string text = (negative ? "-" : "") + std::to_string(ns / scale);
    if (std::uint64_t rest = ns % scale; rest != 0) {
      std::string digits = std::to_string(rest + scale).substr(1);  // keeps the leading zeros
      digits.erase(digits.find_last_not_of('0') + 1);
      text += "." + digits;
    }
    return text + unit.suffix;
  }
  return {};  // unreachable: the last unit is 1 ns
}

std::string line(Time t) { return t == kNever ? "never" : line(t.time_since_epoch()); }

}  // namespace kraft
