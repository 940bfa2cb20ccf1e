// Time as whole nanoseconds: no floats, no epsilon, no way to ask what time it is.
//
// `Time` is a point on a node's own monotonic clock; whoever calls a `step` says what it reads. The type has
// std::chrono's shape so that literals and casts are the language's own (`25ms`, `now + cfg.append_linger`). Kafka's
// configs are in milliseconds; they become Durations where text is read and never before or after.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace kraft {

using Duration = std::chrono::nanoseconds;
static_assert(sizeof(Duration::rep) == 8, "int64 nanoseconds reach 292 years");

/// A clock that cannot be read: it exists to make `Time` a type of its own.
struct MonotonicClock {
  using duration = Duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<MonotonicClock>;
  static constexpr bool is_steady = true;
};
using Time = MonotonicClock::time_point;

/// "no deadline": later than any time a run can reach.
inline constexpr Time kNever = Time::max();

[[nodiscard]] constexpr std::int64_t nanos(Time t) { return t.time_since_epoch().count(); }
[[nodiscard]] constexpr Time at_nanos(std::int64_t ns) { return Time(Duration(ns)); }

/// The shortest exact form with a unit: "25ms", "1.5s", "160us", "7ns", "-3s", "never" for kNever.
[[nodiscard]] std::string line(Duration d);
[[nodiscard]] std::string line(Time t);

}  // namespace kraft

// std::chrono types belong to std, where argument-dependent lookup would search: let the generic printers find these.
namespace kraft::literals {
using namespace std::chrono_literals;
}
