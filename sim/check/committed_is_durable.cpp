// Counted when the history grows, and again whenever a disk may have lost something.
#include "sim/check/committed_is_durable.hpp"

namespace kraftsim::check {

Broken CommittedIsDurable::check(const Step& step, const CommittedHistory& committed) {
  const bool lost = step.after->voter && (step.after->synced_end < step.before->synced_end ||
                                          !step.before->disk_mark.is_prefix_of(*step.after->disk_log));
  if (!committed.grew() && !lost) return {};
  if (const auto* history = step.after->voter_history; committed.grew() && history != nullptr) {
    if (history->latest().voters != voters_) adopt(step.nodes, history->latest().voters);
  }
  std::size_t voters = 0;
  std::size_t holders = 0;
  for (std::size_t i = 0; i < step.nodes.size(); ++i) {
    const NodeView& node = step.nodes[i];
    if (voters_.size() > 0 ? !voters_.contains(node.id) : !node.voter) continue;
    ++voters;
    const bool kept_its_word = node.disk_number != disks_[i] || node.disk_forgot;
    if (kept_its_word || committed.is_held_by(*node.disk_log, node.synced_end)) ++holders;
  }
  if (holders >= voters / 2 + 1) return {};
  return "records up to " + line(committed.end()) + " are committed but synced on " + std::to_string(holders) + " of " +
         std::to_string(voters) + " voters' disks";
}

void CommittedIsDurable::adopt(std::span<const NodeView> nodes, const kraft::raft::VoterSet& voters) {
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const kraft::raft::ReplicaKey* key = voters.find(nodes[i].id);
    const kraft::raft::ReplicaKey* former = voters_.find(nodes[i].id);
    if (key != nullptr && (former == nullptr || *former != *key)) disks_[i] = nodes[i].disk_number;
  }
  voters_ = voters;
}

}  // namespace kraftsim::check
