// EpochStartsWithLeaderChange: the first record of an epoch is the LeaderChange that names its leader (KIP-595): only
// once it is committed is the epoch's history settled. What logs held when they were first seen is taken as given.
#pragma once

#include <set>
#include <variant>

#include "sim/check/view.hpp"

namespace kraftsim::check {

class EpochStartsWithLeaderChange {
 public:
  static constexpr Card kCard{"EpochStartsWithLeaderChange", "The first record of an epoch names its leader.",
                              "KIP-595; KAFKA-12331", kDelta};
  static constexpr Facets kLooksAt = about::kProcess | about::kLog;

  [[nodiscard]] Broken check(const Step& step) {
    const NodeView& now = *step.after;
    if (!now.up) return {};
    const auto& batches = now.log->batches();
    for (std::size_t i = first_new_batch(step); i < batches.size(); ++i) {
      const auto& batch = *batches[i];
      if (i == 0 ? now.log->start_offset() > Offset(0) : batches[i - 1]->epoch == batch.epoch) continue;
      if (step.before->incarnation == 0) given_.insert(batch.epoch);
      if (given_.contains(batch.epoch)) continue;
      const auto* control = std::get_if<kraft::records::ControlRecords>(&batch.records);
      const auto* change =
          control == nullptr ? nullptr : std::get_if<kraft::records::LeaderChangeMessage>(&control->front());
      if (change == nullptr) return "n" + line(now.id) + " holds an epoch that begins with " + line(batch);
      const bool own = now.role == kraft::raft::Role::kLeader && now.epoch == batch.epoch;
      if (own && change->leader_id != now.id) return "n" + line(now.id) + " began its epoch with " + line(batch);
    }
    return {};
  }

 private:
  std::set<Epoch> given_;
};

}  // namespace kraftsim::check
