// SnapshotArrivesWhole: a leader's snapshot takes the log's place only once each of its bytes has come, by one leader
// and in order (KIP-630: FetchSnapshot's position). In this simulation a part stands for its bytes, so a gap would harm
// nobody here: it is counted on the wire instead.
#pragma once

#include <algorithm>
#include <string>
#include <variant>

#include "sim/check/view.hpp"

namespace kraftsim::check {

class SnapshotArrivesWhole {
 public:
  static constexpr Card kCard{"SnapshotArrivesWhole",
                              "A fetched snapshot is installed only when all of its parts have come.",
                              "KIP-630; RaftSnapshotWriter", kDelta, kOfOneProcess};
  static constexpr Facets kLooksAt = about::kFetches | about::kProcess | about::kStanding;

  [[nodiscard]] Broken check(const Step& step) {
    Arrived& arrived = arrived_[step.index];
    Broken broken;
    const auto* part =
        step.received != nullptr ? std::get_if<kraft::raft::FetchSnapshotResponse>(&step.received->body) : nullptr;
    if (part != nullptr && part->snapshot != nullptr) {
      const kraft::records::Snapshot* snapshot = part->snapshot.get();
      if (arrived.of != snapshot->header.end_offset) arrived = {.of = snapshot->header.end_offset};
      if (part->position <= arrived.bytes) arrived.bytes = std::max(arrived.bytes, part->position + part->bytes);
      const bool is_installed = step.after->snapshot == snapshot && step.before->snapshot != snapshot;
      if (is_installed && arrived.bytes < snapshot->size_bytes) {
        broken = "n" + line(step.after->id) + " installed the snapshot up to " + line(arrived.of) + ", of whose " +
                 std::to_string(snapshot->size_bytes) + " bytes it has only the first " + std::to_string(arrived.bytes);
      }
    }
    if (step.is_about(about::kProcess | about::kStanding)) arrived = {};
    return broken;
  }

 private:
  struct Arrived {
    Offset of{0};            // where the snapshot ends
    std::int64_t bytes = 0;  // of its beginning, without a gap
  };
  PerNode<Arrived> arrived_;
};

}  // namespace kraftsim::check
