// StoredReplica: what a node's disk holds of its replica, and what a crash leaves of it.
//
// The quorum-state file is always written through (the core asks for a sync). Log batches that nobody synced, an
// observer's, sit in the page cache until the kernel writes them back after 30 s (Linux, vm.dirty_expire_centisecs); a
// crash loses what is younger. Which suffix is lost is thus the worst case of what a power cut may do.
#pragma once

#include <deque>
#include <utility>
#include <vector>

#include "core/raft/replica.hpp"
#include "core/raft/step.hpp"

namespace kraftsim::kraft_host {

class StoredReplica {
 public:
  StoredReplica() = default;
  explicit StoredReplica(kraft::raft::Durable durable)
      : stored_(std::move(durable)), synced_(stored_.log.end_offset()) {}

  /// Performs writes that took effect at `now`.
  void perform(const std::vector<kraft::raft::Write>& writes, bool sync, kraft::Time now);
  /// Forgets what was not synced.
  void crash(kraft::Time now);

  /// What a process that starts now reads.
  [[nodiscard]] const kraft::raft::Durable& contents() const { return stored_; }
  /// The end of what would survive a crash that came now, as far as syncs alone guarantee it.
  [[nodiscard]] kraft::Offset synced_end() const { return synced_; }

 private:
  void write_back(kraft::Time now);

  kraft::raft::Durable stored_;
  kraft::Offset synced_{0};
  std::deque<std::pair<kraft::Time, kraft::Offset>> dirty_;  // when each unsynced end was written, in order
};

}  // namespace kraftsim::kraft_host
