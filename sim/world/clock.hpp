// Clock: what a machine's clock reads, as the process on it sees it.
//
// Simulated time is the truth and is never changed. A clock is an offset and a drift on top of it. What a process gets
// to see never goes back while it runs, as core asks of its `now`: Kafka's timers run on the wall clock and take the
// greatest reading so far (org.apache.kafka.common.utils.Timer), so that a jump back stands time still for them until
// the clock has caught up, and a jump forward makes them all due. The floor is kept here, beside the clock and not in
// core, because it is a property of the process's way of reading and ends with the process.
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/base/time.hpp"

namespace kraftsim::world {

using kraft::Duration;
using kraft::Time;

class Clock {
 public:
  [[nodiscard]] Time read(Time now) const { return right_ ? now : std::max(floor_, raw(now)); }

  /// The first moment, `now` or later, at which it reads `local` or more.
  [[nodiscard]] Time reads_at(Time local, Time now) const {
    if (right_ || local == kraft::kNever) return local;
    if (read(now) >= local) return now;
    // The inverse of `raw`, rounded down; a step or two up from there is the first that reads enough.
    __extension__ using Wide = __int128;
    const Wide elapsed = Wide{(local - local_).count()} * kMillion / (kMillion + drift_ppm_);
    Time moment = true_ + Duration(static_cast<std::int64_t>(elapsed));
    while (raw(moment) < local) moment += Duration(1);
    return std::max(moment, now);
  }

  /// The clock is set forward, or back if `jump` is negative; a century either way is as far as it goes.
  void jump(Time now, Duration jump) {
    constexpr Duration kFarthest = std::chrono::hours(24 * 36'525);
    set(now, Time(std::clamp((raw(now) + jump).time_since_epoch(), -kFarthest, kFarthest)), drift_ppm_);
  }
  /// From now on it gains so many microseconds a second; it loses them if that is negative.
  void drift(Time now, std::int32_t ppm) { set(now, raw(now), ppm); }
  [[nodiscard]] std::int32_t drift_ppm() const { return drift_ppm_; }

  /// A new process has not read it yet. A clock set back beyond the beginning of simulated time reads zero then.
  void forget_readings(Time now) {
    floor_ = Time{};
    if (!right_ && raw(now) < Time{}) set(now, Time{}, drift_ppm_);
  }

 private:
  static constexpr std::int64_t kMillion = 1'000'000;

  [[nodiscard]] Time raw(Time now) const {
    __extension__ using Wide = __int128;
    const Duration elapsed = now - true_;
    return local_ + elapsed + Duration(static_cast<std::int64_t>(Wide{elapsed.count()} * drift_ppm_ / kMillion));
  }
  void set(Time now, Time local, std::int32_t ppm) {
    floor_ = read(now);
    true_ = now;
    local_ = local;
    drift_ppm_ = ppm;
    right_ = local == now && ppm == 0;
    if (right_ && floor_ > now) right_ = false;
  }

  bool right_ = true;  // reads the truth: what every clock does until a fault says otherwise
  Time true_{};        // when it was last set …
  Time local_{};       // … and to what
  std::int32_t drift_ppm_ = 0;
  Time floor_{};       // the greatest that the process may have read
};

}  // namespace kraftsim::world
