// Reading values, and the words for each way in which they can be wrong. Messages say what was found, what is wanted,
// and, where one unit or digit would do, what was probably meant.
#include "sim/scenario/values.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <vector>

#include <fmt/format.h>

#include "sim/scenario/duration_text.hpp"
#include "sim/scenario/names.hpp"

namespace kraftsim::scenario {
namespace {

using engine::Quantiles;
using kraft::Duration;

constexpr Duration kLongest = std::chrono::hours(24 * 3650);  // sums of a few of these cannot overflow

std::optional<std::int64_t> whole_number(const Value& value) {
  if (value.kind != Value::Kind::kInteger) return {};
  std::int64_t number = 0;
  const char* end = value.text.data() + value.text.size();
  const auto [stop, error] = std::from_chars(value.text.data(), end, number);
  if (error != std::errc() || stop != end) return {};
  return number;
}

std::string limits(std::int64_t min, std::int64_t max) {
  if (min == max) return fmt::format("the only value is {}", min);
  if (max == std::numeric_limits<std::int64_t>::max()) return fmt::format("the least is {}", min);
  return fmt::format("the range is {} to {}", min, max);
}

bool is_number(const Value& value) {
  return value.kind == Value::Kind::kInteger || value.kind == Value::Kind::kDecimal;
}

}  // namespace

std::nullopt_t ValueReader::bad(const Value& value, Pointer pointer, std::string message,
                                std::string suggestion) const {
  if (problems_ != nullptr) problems_->add(value.place, pointer, std::move(message), std::move(suggestion));
  return std::nullopt;
}

std::optional<std::string> ValueReader::text(const Value& value, Pointer pointer) const {
  if (value.kind == Value::Kind::kString) {
    const auto is_control = [](char c) { return (c >= 0 && c < ' ' && c != '\n' && c != '\t') || c == '\x7f'; };
    if (std::ranges::none_of(value.text, is_control)) return value.text;
    return bad(value, pointer, fmt::format("\"{}\" has a control character in it", shown(value.text)));
  }
  return bad(value, pointer, fmt::format("{} is no text; write a string", describe(value)));
}

std::optional<bool> ValueReader::boolean(const Value& value, Pointer pointer) const {
  if (value.kind == Value::Kind::kBoolean) return value.text == "true";
  return bad(value, pointer, fmt::format("{} is neither true nor false", describe(value)));
}

std::optional<std::int64_t> ValueReader::integer(const Value& value, Pointer pointer, std::int64_t min,
                                                 std::int64_t max) const {
  if (value.kind != Value::Kind::kInteger) {
    return bad(value, pointer, fmt::format("{} is no whole number; {}", describe(value), limits(min, max)));
  }
  const auto number = whole_number(value);
  if (number && *number >= min && *number <= max) return number;
  return bad(value, pointer, fmt::format("{} is out of range; {}", shown(value.text), limits(min, max)));
}

std::optional<Duration> ValueReader::duration(const Value& value, Pointer pointer, Duration least) const {
  if (is_number(value)) {
    return bad(value, pointer, fmt::format("{} has no unit; write a duration with a unit, e.g. \"150ms\"",
                                           describe(value)));
  }
  if (value.kind != Value::Kind::kString) {
    return bad(value, pointer, fmt::format("{} is no duration; write one like \"150ms\"", describe(value)));
  }
  auto parsed = parse_duration(shown(value.text));
  if (!parsed.value) return bad(value, pointer, std::move(parsed.error), std::move(parsed.suggestion));
  if (*parsed.value < least) {
    return bad(value, pointer, fmt::format("'{}' is too short; it must be more than 0", value.text));
  }
  if (*parsed.value > kLongest) {
    return bad(value, pointer, fmt::format("'{}' is too long; the most is {}", value.text, kraft::line(kLongest)));
  }
  return parsed.value;
}

std::optional<ValueReader::Range> ValueReader::range(const Value& value, Pointer pointer) const {
  if (value.kind != Value::Kind::kArray || value.items.size() != 2) {
    return bad(value, pointer, fmt::format("{} is no range; write [low, high], e.g. [\"150ms\", \"300ms\"]",
                                           describe(value)));
  }
  const auto low = duration(value.items[0], pointer_to(pointer, 0U));
  const auto high = duration(value.items[1], pointer_to(pointer, 1U));
  if (!low || !high) return {};
  if (*low > *high) {
    return bad(value, pointer, fmt::format("{} is more than {}; the low end comes first", kraft::line(*low),
                                           kraft::line(*high)));
  }
  return Range{*low, *high};
}

std::optional<Quantiles> ValueReader::span(const Value& value, Pointer pointer) const {
  if (value.kind == Value::Kind::kObject) return latency(value, pointer);
  const auto constant = duration(value, pointer, Duration(1));
  return constant ? std::optional(Quantiles(*constant)) : std::nullopt;
}

std::optional<Quantiles> ValueReader::latency(const Value& value, Pointer pointer) const {
  if (value.kind != Value::Kind::kObject) {
    const auto constant = duration(value, pointer);
    return constant ? std::optional(Quantiles(*constant)) : std::nullopt;
  }
  if (const Value* uniform = value.find("uniform"); uniform != nullptr) {
    if (value.members.size() != 1) {
      return bad(value, pointer, "\"uniform\" stands alone; drop the quantiles beside it");
    }
    const auto ends = range(*uniform, pointer_to(pointer, "uniform"));
    if (!ends) return {};
    return ends->low == ends->high ? Quantiles(ends->low) : Quantiles::uniform(ends->low, ends->high);
  }
  return quantiles(value, pointer);
}

std::optional<Quantiles> ValueReader::quantiles(const Value& value, Pointer pointer) const {
  struct Stated {
    Duration length;
    const Member* member;
  };
  std::multimap<std::uint32_t, Stated> stated;  // by millionths; equal ones in the order of the text
  bool good = true;
  for (const Member& member : value.members) {
    const std::string at = pointer_to(pointer, member.name);
    const auto millionths = parse_quantile_name(member.name);
    if (!millionths) {
      good = false;
      if (problems_ != nullptr) {
        problems_->add_unknown(member.name_place, at,
                               fmt::format("'{}' is no quantile; write \"p50\", \"p99\", \"p99.9\" or \"uniform\"",
                                           shown(member.name)),
                               member.name, {"uniform"});
      }
      continue;
    }
    const auto length = duration(member.value, at);
    if (length) stated.emplace(*millionths, Stated{*length, &member});
    good = good && length.has_value();
  }
  if (value.members.empty()) {
    return bad(value, pointer, "no quantiles; write at least one, e.g. {\"p50\": \"0.25ms\", \"p99\": \"1.5ms\"}");
  }
  std::vector<Quantiles::Point> points;
  for (const auto& [millionths, next] : stated) {
    const std::string at = pointer_to(pointer, next.member->name);
    if (!points.empty() && millionths == points.back().millionths) {
      bad(next.member->value, at, fmt::format("{} is stated twice", next.member->name));
      good = false;
    } else if (!points.empty() && next.length < points.back().value) {
      bad(next.member->value, at, fmt::format("{} is less than a lower quantile's {}", kraft::line(next.length),
                                              kraft::line(points.back().value)));
      good = false;
    } else {
      points.push_back({millionths, next.length});
    }
  }
  if (!good) return {};
  return Quantiles::from_points(std::move(points));
}

std::optional<std::uint32_t> ValueReader::fraction(const Value& value, Pointer pointer) const {
  if (!is_number(value)) {
    return bad(value, pointer, fmt::format("{} is no fraction; write a decimal between 0 and 1, e.g. 0.001",
                                           describe(value)));
  }
  auto parsed = parse_fraction(shown(value.text));
  if (!parsed.value) return bad(value, pointer, std::move(parsed.error));
  return parsed.value;
}

std::optional<std::int64_t> ValueReader::rate(const Value& value, Pointer pointer) const {
  if (value.kind != Value::Kind::kString) {
    return bad(value, pointer, fmt::format("{} is no rate; write one with a unit, e.g. \"100Mbit/s\"",
                                           describe(value)));
  }
  auto parsed = parse_rate(shown(value.text));
  if (!parsed.value) return bad(value, pointer, std::move(parsed.error), std::move(parsed.suggestion));
  if (*parsed.value == 0) return bad(value, pointer, "a rate of 0 carries nothing; leave it out for no limit");
  return parsed.value;
}

std::optional<cluster::Target> ValueReader::target(const Value& value, Pointer pointer) const {
  if (value.kind != Value::Kind::kString) {
    return bad(value, pointer, fmt::format("{} names no node; write one like \"controller:1\"", describe(value)));
  }
  if (const auto target = cluster::parse_target(value.text)) return target;
  return bad(value, pointer, fmt::format("'{}' names no node; it can be {}", shown(value.text),
                                         fmt::join(cluster::target_names(), " ")),
             nearest_target(value.text));
}

std::optional<std::string> ValueReader::choice(const Value& value, Pointer pointer, const Field& field) const {
  const bool known = std::find(field.choices.begin(), field.choices.end(), value.text) != field.choices.end();
  if (value.kind == Value::Kind::kString && known) return value.text;
  if (problems_ != nullptr) {
    const std::vector<std::string> names(field.choices.begin(), field.choices.end());
    std::string message = fmt::format("{} is not one of {}", describe(value), fmt::join(names, " "));
    problems_->add_unknown(value.place, pointer, std::move(message), value.text, names);
  }
  return {};
}

std::optional<std::int64_t> ValueReader::config(const Value& value, Pointer pointer,
                                                const cluster::ConfigKey& key) const {
  const bool is_switch = key.min == 0 && key.max == 1;
  if (is_switch && value.kind == Value::Kind::kBoolean) return value.text == "true" ? 1 : 0;
  if (value.kind == Value::Kind::kString) {
    std::string meant;
    if (const auto length = parse_duration(shown(value.text)); length.value && key.name.ends_with(".ms")) {
      meant = std::to_string(length.value->count() / 1'000'000);
    }
    return bad(value, pointer, fmt::format("{} is no number; write one in the key's own unit", describe(value)), meant);
  }
  return integer(value, pointer, key.min, key.max);
}

}  // namespace kraftsim::scenario
