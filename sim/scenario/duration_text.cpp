// Exact arithmetic on decimals: digits become 128-bit integers, which are scaled by the unit and divided without a
// remainder or not at all.
#include "sim/scenario/duration_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "sim/scenario/suggest.hpp"

namespace kraftsim::scenario {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t scale;
};
constexpr std::array kDurationUnits{
    Unit{"ns", 1},
    Unit{"us", 1'000},
    Unit{"ms", 1'000'000},
    Unit{"s", 1'000'000'000},
    Unit{"m", 60'000'000'000},
    Unit{"h", 3'600'000'000'000},
    Unit{"d", 86'400'000'000'000},
};
constexpr std::array kRateUnits{
    Unit{"B/s", 1},        Unit{"kB/s", 1'000},        Unit{"MB/s", 1'000'000},      Unit{"GB/s", 1'000'000'000},
    Unit{"kbit/s", 125},   Unit{"Mbit/s", 125'000},    Unit{"Gbit/s", 125'000'000},
};

enum class Outcome : std::uint8_t { kExact, kTooFine, kTooLarge };
struct Scaled {
  Outcome outcome;
  std::int64_t value;
};

/// `number`, which is digits with at most one point, times `scale`.
Scaled scaled(std::string_view number, std::int64_t scale) {
  __extension__ using Wide = __int128;
  constexpr Wide kMax = std::numeric_limits<std::int64_t>::max();
  constexpr std::size_t kMostDecimals = 15;  // 10^15 times the largest int64 still fits
  const std::size_t point = number.find('.');
  std::string_view decimals = point == std::string_view::npos ? "" : number.substr(point + 1);
  while (decimals.ends_with('0')) decimals.remove_suffix(1);
  if (decimals.size() > kMostDecimals) return {Outcome::kTooFine, 0};

  Wide whole = 0;
  for (const char c : number.substr(0, point)) {
    whole = whole * 10 + (c - '0');
    if (whole > kMax) return {Outcome::kTooLarge, 0};
  }
  Wide part = 0;
  Wide denominator = 1;
  for (const char c : decimals) {
    part = part * 10 + (c - '0');
    denominator *= 10;
  }
  if (part * scale % denominator != 0) return {Outcome::kTooFine, 0};
  const Wide value = whole * scale + part * scale / denominator;
  if (value > kMax) return {Outcome::kTooLarge, 0};
  return {Outcome::kExact, static_cast<std::int64_t>(value)};
}

/// The length of the number that the text begins with; zero if it begins with none.
std::size_t number_length(std::string_view text) {
  const std::size_t whole = std::min(text.find_first_not_of("0123456789"), text.size());
  if (whole == 0 || whole == text.size() || text[whole] != '.') return whole;
  const std::size_t end = std::min(text.find_first_not_of("0123456789", whole + 1), text.size());
  return end == whole + 1 ? whole : end;
}

/// "1.5e-3" as "0.0015": programs that write JSON may use exponents (Python does below 0.0001). What is no such number
/// stays as it is.
std::string without_exponent(std::string_view number) {
  const std::size_t mark = number.find_first_of("eE");
  if (mark == std::string_view::npos) return std::string(number);
  constexpr int kMost = 30;
  std::string_view power = number.substr(mark + 1);
  if (power.starts_with('+')) power.remove_prefix(1);
  int exponent = 0;
  const auto [stop, error] = std::from_chars(power.data(), power.data() + power.size(), exponent);
  if (error != std::errc() || stop != power.data() + power.size() || std::abs(exponent) > kMost) {
    return std::string(number);
  }
  std::string digits(number.substr(0, mark));
  auto point = static_cast<int>(std::min(digits.find('.'), digits.size()));
  std::erase(digits, '.');
  point += exponent;
  if (point <= 0) {
    digits.insert(0, static_cast<std::size_t>(1 - point), '0');
    point = 1;
  }
  const auto place = static_cast<std::size_t>(point);
  if (place >= digits.size()) return digits + std::string(place - digits.size(), '0');
  return digits.insert(place, ".");
}

struct Quantity {
  std::string_view what;     // "duration"
  std::string_view example;  // "150ms"
  std::string_view finest;   // "a nanosecond"
  std::string_view largest;  // "292 years"
};

Parsed<std::int64_t> parse_quantity(std::string_view text, std::span<const Unit> units, const Quantity& quantity) {
  if (text.starts_with('-')) return {{}, fmt::format("'{}' is negative", text), std::string(text.substr(1))};
  const std::size_t length = number_length(text);
  if (length == 0) {
    return {{}, fmt::format("'{}' is no {}; write one like \"{}\"", text, quantity.what, quantity.example), {}};
  }
  const std::string_view number = text.substr(0, length);
  std::string_view name = text.substr(length);
  while (name.starts_with(' ')) name.remove_prefix(1);
  if (name.empty()) {
    return {{}, fmt::format("'{}' has no unit; write a {} with a unit, e.g. \"{}\"", text, quantity.what,
                            quantity.example), {}};
  }
  std::vector<std::string> names;
  for (const Unit& unit : units) {
    if (name != unit.name) {
      names.emplace_back(unit.name);
      continue;
    }
    if (name.size() + length != text.size()) {
      return {{}, fmt::format("'{}' has a space before its unit", text), fmt::format("{}{}", number, name)};
    }
    const Scaled result = scaled(number, unit.scale);
    switch (result.outcome) {
      case Outcome::kExact: return {result.value, {}, {}};
      case Outcome::kTooFine: return {{}, fmt::format("'{}' is finer than {}", text, quantity.finest), {}};
      case Outcome::kTooLarge: return {{}, fmt::format("'{}' is more than {}", text, quantity.largest), {}};
    }
  }
  const std::string meant = nearest(name, names);
  return {{}, fmt::format("'{}' has an unknown unit '{}'; the units are {}", text, name, fmt::join(names, " ")),
          meant.empty() ? "" : fmt::format("{}{}", number, meant)};
}

}  // namespace

Parsed<kraft::Duration> parse_duration(std::string_view text) {
  auto parsed = parse_quantity(text, kDurationUnits, {"duration", "150ms", "a nanosecond", "292 years"});
  if (!parsed.value) return {{}, std::move(parsed.error), std::move(parsed.suggestion)};
  return {kraft::Duration(*parsed.value), {}, {}};
}

Parsed<std::int64_t> parse_rate(std::string_view text) {
  return parse_quantity(text, kRateUnits, {"rate", "100Mbit/s", "a byte per second", "8 EB/s"});
}

Parsed<std::uint32_t> parse_fraction(std::string_view text) {
  constexpr std::int64_t kOne = 1'000'000;
  const std::string number = without_exponent(text);
  if (number.empty() || number_length(number) != number.size()) {
    return {{}, fmt::format("{} is no fraction; write a decimal between 0 and 1, e.g. 0.001", text), {}};
  }
  const Scaled result = scaled(number, kOne);
  if (result.outcome == Outcome::kTooFine) return {{}, fmt::format("{} is finer than one in a million", text), {}};
  if (result.outcome == Outcome::kTooLarge || result.value > kOne) {
    return {{}, fmt::format("{} is more than 1; it is a fraction, not a percentage", text), {}};
  }
  return {static_cast<std::uint32_t>(result.value), {}, {}};
}

std::optional<std::uint32_t> parse_quantile_name(std::string_view text) {
  constexpr std::int64_t kPercent = 10'000;
  if (!text.starts_with('p') || number_length(text.substr(1)) != text.size() - 1 || text.size() < 2) return {};
  const Scaled result = scaled(text.substr(1), kPercent);
  if (result.outcome != Outcome::kExact || result.value > 100 * kPercent) return {};
  return static_cast<std::uint32_t>(result.value);
}

}  // namespace kraftsim::scenario
