// Numbers with units as people write them, exact to the nanosecond and the byte: "150ms", "1.5s", "100Mbit/s", "p99.9".
// No floats: decimals are shifted digit by digit, and what is finer than the smallest unit is refused, not rounded.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/time.hpp"

namespace kraftsim::scenario {

/// A value, or why there is none.
template <class T>
struct Parsed {
  std::optional<T> value;
  std::string error;       // "no unit: write one, e.g. \"150ms\""
  std::string suggestion;  // what was probably meant, or empty
};

/// Units ns us ms s m h d. Never negative.
[[nodiscard]] Parsed<kraft::Duration> parse_duration(std::string_view text);
/// Bytes per second from B kB MB GB kbit Mbit Gbit, each "/s".
[[nodiscard]] Parsed<std::int64_t> parse_rate(std::string_view text);
/// A plain decimal between 0 and 1 in millionths.
[[nodiscard]] Parsed<std::uint32_t> parse_fraction(std::string_view text);
/// "p50" to "p99.9999" and "p0", "p100" in millionths; none for other text.
[[nodiscard]] std::optional<std::uint32_t> parse_quantile_name(std::string_view text);

}  // namespace kraftsim::scenario
