// VotersMatchLog: the voters that a node goes by are those that its own snapshot and log say, committed or not
// (KIP-853); a truncation takes back what it cuts, and what comes after is read anew. Worked out afresh whenever a
// log was cut, a snapshot taken in, or a record of voters appended.
#pragma once

#include <algorithm>
#include <string>
#include <variant>

#include "sim/check/view.hpp"

namespace kraftsim::check {

class VotersMatchLog {
 public:
  static constexpr Card kCard{"VotersMatchLog", "A node's voter set is the one that its own snapshot and log tell.",
                              "KIP-853; kraft.md §4, S1", kBasic};
  static constexpr Facets kLooksAt = about::kProcess | about::kLog | about::kSnapshots;

  [[nodiscard]] Broken check(const Step& step) const {
    const NodeView& now = *step.after;
    if (!now.up || now.voter_history == nullptr || now.configured_voters == nullptr) return {};
    if (!may_have_changed(step)) return {};
    const kraft::raft::VoterHistory told(*now.configured_voters, now.snapshot, *now.log);
    const auto& latest = now.voter_history->latest();
    if (told.latest().kraft_version == latest.kraft_version && told.latest().voters == latest.voters) return {};
    return "n" + line(now.id) + " counts " + std::to_string(latest.voters.size()) + " voters as of " +
           line(latest.offset) + ", its log tells of " + std::to_string(told.latest().voters.size()) + " as of " +
           line(told.latest().offset);
  }

 private:
  static bool may_have_changed(const Step& step) {
    const NodeView& now = *step.after;
    if (!same_process(step) || step.before->snapshot != now.snapshot) return true;
    if (!step.before->log_mark.is_prefix_of(*now.log)) return true;
    const auto& batches = now.log->batches();
    for (std::size_t i = first_new_batch(step); i < batches.size(); ++i) {
      const auto* control = std::get_if<kraft::records::ControlRecords>(&batches[i]->records);
      if (control != nullptr && std::ranges::any_of(*control, is_of_quorum)) return true;
    }
    return false;
  }
  static bool is_of_quorum(const kraft::records::ControlRecord& record) {
    return std::holds_alternative<kraft::records::VotersRecord>(record) ||
           std::holds_alternative<kraft::records::KRaftVersionRecord>(record);
  }
};

}  // namespace kraftsim::check
