// WaitsAreDrawn: time-outs of elections are random (Raft §5.2), or voters that stood together once would stand together
// for ever. Three waits in a row that are equal to the nanosecond, anywhere in the cluster, were not drawn. Judged by
// how long a role lasted that a timer ended; a wait that a pause, a busy process or a clock that jumped drew out
// proves nothing, and is equal to no other.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <utility>

#include "sim/check/view.hpp"

namespace kraftsim::check {

class WaitsAreDrawn {
 public:
  static constexpr Card kCard{"WaitsAreDrawn", "No three waits for an election in a row are equally long.",
                              "Raft §5.2; KAFKA-18345", kDelta, kOfOneProcess};
  static constexpr Facets kLooksAt = about::kProcess | about::kStanding;

  [[nodiscard]] Broken check(const Step& step) {
    const NodeView& before = *step.before;
    const NodeView& now = *step.after;
    std::optional<Time>& since = since_[step.index];
    if (!same_process(step)) {
      since.reset();
      return {};
    }
    if (before.role == now.role && before.epoch == now.epoch) return {};
    const std::optional<Time> began = std::exchange(since, step.local);
    const auto range = range_of(before.role, now.config->election);
    if (!step.timer || !began || !range || range->high <= range->low) return {};
    Waits& waits = waits_[static_cast<std::size_t>(before.role)];
    const kraft::Duration wait = step.local - *began;
    if (wait > range->high) {
      waits = {};
      return {};
    }
    waits.equal = waits.last == wait ? waits.equal + 1 : 1;
    waits.last = wait;
    if (waits.equal < 3) return {};
    return "n" + line(now.id) + " is the third in a row that was " + line(before.role) + " for exactly " +
           kraft::line(wait);
  }

 private:
  using Role = kraft::raft::Role;
  struct Waits {
    std::optional<kraft::Duration> last;
    int equal = 0;
  };
  /// From which a role that waits for an election draws its time; none for others. (Unattached may wait for the rest of
  /// an older wait.)
  static std::optional<kraft::raft::TimeoutRange> range_of(Role role, const kraft::raft::ElectionPolicy& policy) {
    if (role == Role::kProspective || role == Role::kResigned) return policy.election_timeout;
    if (role == Role::kCandidate) return policy.candidate_timeout;
    return {};
  }
  PerNode<std::optional<Time>> since_;
  std::array<Waits, 6> waits_;  // by role
};

}  // namespace kraftsim::check
