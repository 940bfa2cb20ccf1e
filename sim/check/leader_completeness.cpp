// Looked at once per leadership, when it begins. A leader of an epoch older than a committed one is not judged: it may
// not know yet, and can commit nothing.
#include "sim/check/leader_completeness.hpp"

namespace kraftsim::check {

Broken LeaderCompleteness::check(const Step& step, const CommittedHistory& committed) {
  const NodeView& now = *step.after;
  const NodeView& before = *step.before;
  if (!now.up || now.role != kraft::raft::Role::kLeader) return {};
  const bool began = !before.up || before.incarnation != now.incarnation ||
                     before.role != kraft::raft::Role::kLeader || before.epoch != now.epoch;
  if (!began || committed.batches().empty() || committed.batches().back()->epoch > now.epoch) return {};
  if (committed.is_held_by(*now.log, now.log->end_offset())) return {};
  return "n" + line(now.id) + " leads epoch " + line(now.epoch) + " without the committed " +
         line(*committed.batches().back(), 1) + "; its log ends at " + line(now.log->end_offset()) + "@" +
         line(now.log->last_epoch());
}

}  // namespace kraftsim::check
