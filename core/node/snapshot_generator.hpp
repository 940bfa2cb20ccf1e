// SnapshotGenerator: when a node makes a snapshot of its image (Kafka's class of that name): after so many bytes of
// records, or so long after the last, if any records came since. It must not know what a snapshot is made of.
#pragma once

#include <cstdint>

#include "core/base/time.hpp"
#include "core/node/config.hpp"

namespace kraft::node {

class SnapshotGenerator {
 public:
  SnapshotGenerator(const SnapshotConfig& config, Time now) : config_(config), last_(now) {}

  void applied(std::int64_t bytes) { bytes_ += bytes; }
  [[nodiscard]] bool is_due(Time now) const {
    const bool is_old = config_.max_interval > Duration::zero() && now - last_ >= config_.max_interval;
    return bytes_ > 0 && (bytes_ >= config_.max_bytes_between || is_old);
  }
  /// A snapshot was made, or one was loaded, which is as good.
  void reset(Time now) {
    bytes_ = 0;
    last_ = now;
  }

 private:
  SnapshotConfig config_;
  std::int64_t bytes_ = 0;
  Time last_;
};

}  // namespace kraft::node
