// EpochIndexMatchesLog: the index of epochs, which finds where two logs part, says what the log says: its last epoch
// and where that ends after every change; after a cut, every epoch (KAFKA-10706: entries that outlived a truncation
// make logs diverge for ever).
#pragma once

#include "sim/check/view.hpp"

namespace kraftsim::check {

class EpochIndexMatchesLog {
 public:
  static constexpr Card kCard{"EpochIndexMatchesLog",
                              "The epoch index tells the epochs of the records that the log holds.",
                              "KIP-595; KAFKA-10706", kBasic, kOfOneProcess};
  static constexpr Facets kLooksAt = about::kProcess | about::kLog;

  [[nodiscard]] Broken check(const Step& step) const {
    const NodeView& now = *step.after;
    if (!now.up) return {};
    const bool grew = same_process(step) && step.before->log_mark.is_prefix_of(*now.log);
    if (grew && step.before->log_mark.same(*now.log)) return {};
    const auto& batches = now.log->batches();
    if (batches.empty()) return {};
    for (std::size_t i = grew ? batches.size() - 1 : 0; i < batches.size(); ++i) {
      const bool last_of_epoch = i + 1 == batches.size() || batches[i + 1]->epoch != batches[i]->epoch;
      if (!last_of_epoch) continue;
      const auto end = now.log->end_offset_for_epoch(batches[i]->epoch);
      if (end.epoch == batches[i]->epoch && end.offset == batches[i]->end_offset()) continue;
      return "n" + line(now.id) + "'s index ends epoch " + line(end.epoch) + " at " + line(end.offset) +
             " where its log holds " + line(*batches[i], 0);
    }
    if (now.log->last_epoch() == batches.back()->epoch) return {};
    return "n" + line(now.id) + "'s index ends with epoch " + line(now.log->last_epoch()) + ", its log with " +
           line(*batches.back(), 0);
  }
};

}  // namespace kraftsim::check
