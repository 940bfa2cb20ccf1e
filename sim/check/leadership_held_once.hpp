// LeadershipHeldOnce: who has left the leadership of an epoch, by whatever way, never leads that epoch again, and
// nobody becomes leader of an epoch below one that it led.
#pragma once

#include <algorithm>

#include "sim/check/view.hpp"

namespace kraftsim::check {

class LeadershipHeldOnce {
 public:
  static constexpr Card kCard{"LeadershipHeldOnce", "A leadership that ended does not begin again in the same epoch.",
                              "KIP-595; KAFKA-10527; KAFKA-18379", kDelta};
  static constexpr Facets kLooksAt = about::kProcess | about::kStanding;

  [[nodiscard]] Broken check(const Step& step) {
    const NodeView& before = *step.before;
    const NodeView& now = *step.after;
    // A leadership that a crash took before it was on disk has told nobody anything: it never was.
    const bool led = before.up && before.role == kraft::raft::Role::kLeader &&
                     before.disk_state.leader_epoch == before.epoch && before.disk_state.leader_id == before.id;
    const bool leads = now.up && now.role == kraft::raft::Role::kLeader;
    if (!led && !leads) return {};
    const bool goes_on = leads && same_process(step) && before.role == now.role && before.epoch == now.epoch;
    if (goes_on) return {};
    Epoch& ended = ended_[step.index];
    if (led) ended = std::max(ended, before.epoch);
    if (!leads || now.epoch > ended) return {};
    return "n" + line(now.id) + " leads epoch " + line(now.epoch) + " again; it had left the leadership of " +
           line(ended);
  }

 private:
  PerNode<Epoch> ended_{Epoch(-1)};
};

}  // namespace kraftsim::check
