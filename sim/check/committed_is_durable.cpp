// Counted when the history grows, and again whenever a disk may have lost something.
#include "sim/check/committed_is_durable.hpp"

namespace kraftsim::check {

Broken CommittedIsDurable::check(const Step& step, const CommittedHistory& committed) {
  const bool lost = step.after->voter && (step.after->synced_end < step.before->synced_end ||
                                          !step.before->disk_mark.is_prefix_of(*step.after->disk_log));
  if (!committed.grew() && !lost) return {};
  if (const auto* history = step.after->voter_history; committed.grew() && history != nullptr) {
    voters_ = history->latest().voters;
  }
  std::size_t voters = 0;
  std::size_t holders = 0;
  for (const NodeView& node : step.nodes) {
    const kraft::raft::ReplicaKey* key = voters_.find(node.id);
    if (voters_.size() > 0 ? key == nullptr : !node.voter) continue;
    ++voters;
    const bool is_another = key != nullptr && !matches(*key, {node.id, node.directory});
    const bool kept_its_word = is_another || node.disk_forgot;
    if (kept_its_word || committed.is_held_by(*node.disk_log, node.synced_end)) ++holders;
  }
  if (holders >= voters / 2 + 1) return {};
  return "records up to " + line(committed.end()) + " are committed but synced on " + std::to_string(holders) + " of " +
         std::to_string(voters) + " voters' disks";
}

}  // namespace kraftsim::check
