// Disk: how long a write takes. One per node, since a process writes one thing at a time and waits for it.
//
// What a crash leaves of unsynced data is the affair of whoever keeps the data; the disk knows time, and whether the
// device answers with an error.
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/base/digest.hpp"
#include "core/base/rng.hpp"
#include "sim/world/profile.hpp"

namespace kraftsim::world {

using kraft::Time;

/// What a disk refuses. A process that is refused ends: Kafka's fatal fault handler halts it, ZooKeeper exits.
enum class DiskError : std::uint8_t { kNone, kFull, kWrite, kSync, kRead };

class Disk {
 public:
  Disk(std::uint64_t seed, std::int64_t node, const DiskProfile& profile)
      : own_{profile, kraft::Rng::stream(seed, node, "disk.write"), kraft::Rng::stream(seed, node, "disk.fsync")},
        extra_{none(), kraft::Rng::stream(seed, node, "disk.slow.write"),
               kraft::Rng::stream(seed, node, "disk.slow.fsync")} {}

  /// From now on everything takes this much longer.
  void slow_by(const DiskProfile& extra) { extra_.profile = extra; }

  [[nodiscard]] bool is_slowed() const { return extra_.profile != none(); }
  /// It is as it was by itself.
  void mend() {
    extra_.profile = none();
    stalled_until_ = Time{};
    error_ = DiskError::kNone;
  }

  /// Nothing is completed before `until`; stalls that overlap end with the last.
  void stall(Time until) { stalled_until_ = std::max(stalled_until_, until); }
  [[nodiscard]] Time stalled_until() const { return stalled_until_; }

  /// The last error set holds.
  void fail(DiskError error) { error_ = error; }
  [[nodiscard]] bool fails_write(bool sync) const {
    return error_ == DiskError::kFull || error_ == DiskError::kWrite || (error_ == DiskError::kSync && sync);
  }
  [[nodiscard]] bool fails_read() const { return error_ == DiskError::kRead; }

  [[nodiscard]] Duration write(std::int64_t bytes, bool sync) {
    const Duration own = own_.write(bytes, sync);
    return own + extra_.write(bytes, sync);
  }

  void add_streams_to(kraft::Digest& digest) const {
    for (const Layer* layer : {&own_, &extra_}) {
      for (const std::uint64_t word : layer->write_rng.state()) digest.add(word);
      for (const std::uint64_t word : layer->fsync_rng.state()) digest.add(word);
    }
  }

 private:
  /// The device itself, and what a fault puts on top: with streams of their own, neither moves the other's draws.
  struct Layer {
    DiskProfile profile;
    kraft::Rng write_rng;
    kraft::Rng fsync_rng;

    Duration write(std::int64_t bytes, bool sync) {
      Duration time = profile.write.sample(write_rng) + transfer_time(bytes, profile.bandwidth_bytes_per_s);
      if (sync) time += profile.fsync.sample(fsync_rng);
      return time;
    }
  };
  static DiskProfile none() { return {.write = {}, .fsync = {}, .bandwidth_bytes_per_s = 0}; }

  Layer own_;
  Layer extra_;
  Time stalled_until_{};
  DiskError error_ = DiskError::kNone;
};

}  // namespace kraftsim::world
