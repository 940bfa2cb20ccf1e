// What must be committed before a leader may append another change of the voters (KIP-853): the change before, and
// something of the leader's own epoch. Without either, two leaders can each build on a set that the other never saw,
// and majorities of the results need not meet (Raft thesis §4.1; Ongaro, raft-dev, 2015).
#pragma once

#include <algorithm>
#include <string>
#include <variant>

#include "sim/check/view.hpp"

namespace kraftsim::check {

/// The change that a leader appended in this event; none if it did not. The voters that it was formatted with are no
/// change: they come in the first batch of its epoch.
[[nodiscard]] inline const kraft::records::RecordBatch* voter_change(const Step& step) {
  const NodeView& now = *step.after;
  if (!same_process(step) || now.role != kraft::raft::Role::kLeader) return nullptr;
  const auto& batches = now.log->batches();
  for (std::size_t i = first_new_batch(step); i < batches.size(); ++i) {
    const auto* control = std::get_if<kraft::records::ControlRecords>(&batches[i]->records);
    if (control == nullptr || batches[i]->epoch != now.epoch) continue;
    if (std::holds_alternative<kraft::records::LeaderChangeMessage>(control->front())) continue;
    const bool is_change = std::ranges::any_of(*control, [](const kraft::records::ControlRecord& record) {
      return std::holds_alternative<kraft::records::VotersRecord>(record);
    });
    if (is_change) return batches[i].get();
  }
  return nullptr;
}

class OneVoterChangeInFlight {
 public:
  static constexpr Card kCard{"OneVoterChangeInFlight",
                              "A leader changes the voters only when the change before is committed.",
                              "KIP-853; Raft thesis §4.1", kDelta};
  static constexpr Facets kLooksAt = about::kLog;

  [[nodiscard]] Broken check(const Step& step) const {
    const auto* change = voter_change(step);
    if (change == nullptr) return {};
    const NodeView& now = *step.after;
    const Offset before = now.voter_history->at(change->base_offset).offset;
    if (before < now.high_watermark.value_or(Offset(0))) return {};
    return "n" + line(now.id) + " changes the voters with " + line(*change) + " before their change at " +
           line(before) + " is committed";
  }
};

class NoVoterChangeBeforeOwnCommit {
 public:
  static constexpr Card kCard{"NoVoterChangeBeforeOwnCommit",
                              "A leader changes the voters only when it has committed in its own epoch.",
                              "KIP-853; Ongaro, raft-dev, 2015", kDelta};
  static constexpr Facets kLooksAt = about::kLog;

  [[nodiscard]] Broken check(const Step& step) const {
    const auto* change = voter_change(step);
    if (change == nullptr) return {};
    const NodeView& now = *step.after;
    if (now.high_watermark && now.log->epoch_before(*now.high_watermark) == now.epoch) return {};
    return "n" + line(now.id) + " changes the voters with " + line(*change) + " before anything of its epoch " +
           line(now.epoch) + " is committed";
  }
};

}  // namespace kraftsim::check
