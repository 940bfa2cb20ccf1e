// SnapshotTellsVoters: a snapshot says who votes where it ends, as the log of its maker has it, for the log before it
// may go (KIP-853).
#pragma once

#include "sim/check/view.hpp"

namespace kraftsim::check {

class SnapshotTellsVoters {
 public:
  static constexpr Card kCard{"SnapshotTellsVoters", "A snapshot tells the voters as of its end.", "KIP-853", kBasic};
  static constexpr Facets kLooksAt = about::kSnapshots;

  [[nodiscard]] Broken check(const Step& step) const {
    const NodeView& now = *step.after;
    if (!same_process(step) || now.snapshot == nullptr || step.before->snapshot == now.snapshot) return {};
    const auto& header = now.snapshot->header;
    const auto& quorum = now.voter_history->at(header.end_offset);
    if (header.kraft_version == quorum.kraft_version &&
        (quorum.kraft_version == 0 || header.voters == to_record(quorum.voters))) {
      return {};
    }
    return "n" + line(now.id) + "'s " + line(*now.snapshot) + " tells of " +
           std::to_string(header.voters.voters.size()) + " voters under kraft.version " +
           std::to_string(header.kraft_version) + ", its log of " + std::to_string(quorum.voters.size()) + " under " +
           std::to_string(quorum.kraft_version);
  }
};

}  // namespace kraftsim::check
