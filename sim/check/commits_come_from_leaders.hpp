// CommitsComeFromLeaders: only leaders decide what is committed; nobody else knows of a higher watermark than some
// leader has had (KIP-595: it is learnt from Fetch responses).
#pragma once

#include "sim/check/view.hpp"

namespace kraftsim::check {

class CommitsComeFromLeaders {
 public:
  static constexpr Card kCard{"CommitsComeFromLeaders", "Nobody knows of a commit before a leader made it.",
                              "KIP-595", kDelta};
  static constexpr Facets kLooksAt = about::kProcess | about::kCommits;

  [[nodiscard]] Broken check(const Step& step) {
    const NodeView& now = *step.after;
    if (!now.up || !now.high_watermark || *now.high_watermark <= made_) return {};
    // One that removed itself resigns in the step that commits it (KIP-853).
    const NodeView& was = *step.before;
    const bool led = same_process(step) && was.role == kraft::raft::Role::kLeader && was.epoch == now.epoch;
    if (now.role == kraft::raft::Role::kLeader || led) {
      made_ = *now.high_watermark;
      return {};
    }
    return "n" + line(now.id) + ", " + line(now.role) + " of epoch " + line(now.epoch) + ", has a high watermark of " +
           line(*now.high_watermark) + "; no leader committed past " + line(made_);
  }

 private:
  Offset made_{0};
};

}  // namespace kraftsim::check
