// ElectionSafety's bookkeeping: the first leader seen in an epoch, by role or by a follower's word, is the only one.
#include "sim/check/election_safety.hpp"

namespace kraftsim::check {

Broken ElectionSafety::check(const Step& step) {
  const NodeView& node = *step.after;
  if (!node.up) return {};
  const bool leads = node.role == kraft::raft::Role::kLeader;
  if (!leads && !node.leader_id) return {};
  const NodeId leader = leads ? node.id : *node.leader_id;
  const auto [known, first] = leaders_.emplace(node.epoch, leader);
  if (first || known->second == leader) return {};
  return "epoch " + line(node.epoch) + " has two leaders: n" + line(known->second) + " and n" + line(leader) +
         (leads ? " (itself)" : " (according to n" + line(node.id) + ")");
}

}  // namespace kraftsim::check
