// RecordsComeFromTheirLeader: a record of an epoch is in the log of that epoch's leader before it is in any other
// (camunda#5360: an ex-leader appended under the new epoch). What logs held when they were first seen is taken as
// given.
#pragma once

#include <map>

#include "sim/check/view.hpp"

namespace kraftsim::check {

class RecordsComeFromTheirLeader {
 public:
  static constexpr Card kCard{"RecordsComeFromTheirLeader",
                              "A record exists only once the leader of its epoch appended it.",
                              "Raft §5.3; camunda#5360", kDelta};
  static constexpr Facets kLooksAt = about::kProcess | about::kLog;

  [[nodiscard]] Broken check(const Step& step) {
    const NodeView& now = *step.after;
    if (!now.up) return {};
    const bool given = step.before->incarnation == 0;
    const auto& batches = now.log->batches();
    for (std::size_t i = first_new_batch(step); i < batches.size(); ++i) {
      const auto& batch = *batches[i];
      Offset& end = ends_[batch.epoch];
      if (batch.end_offset() <= end) continue;
      // A leader may append and resign in one event: elected while it shuts down, or asked to change the voters, which
      // it does at once, when its time to hear of a majority is over.
      const bool leads =
          now.epoch == batch.epoch &&
          (now.role == kraft::raft::Role::kLeader ||
           (now.role == kraft::raft::Role::kResigned && (step.before->role == kraft::raft::Role::kCandidate ||
                                                         step.before->role == kraft::raft::Role::kLeader)));
      if (!leads && !given) {
        return "n" + line(now.id) + ", " + line(now.role) + " of epoch " + line(now.epoch) + ", holds " + line(batch) +
               ", which no leader of epoch " + line(batch.epoch) + " appended";
      }
      end = batch.end_offset();
    }
    return {};
  }

 private:
  std::map<Epoch, Offset> ends_;  // of what each epoch's leader appended
};

}  // namespace kraftsim::check
