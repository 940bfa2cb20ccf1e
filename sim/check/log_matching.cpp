// LogMatching's registry. A log that only grew is checked from where it grew; one that was cut, from the start.
#include "sim/check/log_matching.hpp"

#include <algorithm>

namespace kraftsim::check {
namespace {

/// The end of a log may be its owner's alone.
bool is_of_its_own(kraft::raft::Role role) {
  return role == kraft::raft::Role::kLeader || role == kraft::raft::Role::kResigned;
}

}  // namespace

Broken LogMatching::check(const Step& step) {
  const NodeView& node = *step.after;
  if (!node.up) return {};
  // What a leader has not synced and nobody has fetched from it never was: if it crashes it may win the same epoch
  // again (its vote is all that is on its disk) and write another first record. Who fetches it is looked at as well.
  // (One that shuts down resigns in the step in which it is elected.)
  const bool leads = is_of_its_own(node.role) || is_of_its_own(step.before->role);
  const kraft::raft::Log& log = leads ? *node.disk_log : *node.log;
  const LogMark& seen = leads ? step.before->disk_mark : step.before->log_mark;
  const bool grew = step.before->up && step.before->incarnation == node.incarnation && seen.is_prefix_of(log);
  if (grew && seen.same(log)) return {};
  const auto& batches = log.batches();
  for (std::size_t i = grew ? log.index_of(seen.end) : 0; i < batches.size(); ++i) {
    const Offset expected = i == 0 ? log.start_offset() : batches[i - 1]->end_offset();
    if (batches[i]->base_offset != expected) {
      return "n" + line(node.id) + " has a gap: " + line(*batches[i], 1) + " where offset " + line(expected) +
             " is due";
    }
    if (Broken broken = check_batch(node.id, batches[i], i == 0 ? log.start().epoch : batches[i - 1]->epoch)) {
      return broken;
    }
  }
  return {};
}

Broken LogMatching::check_batch(NodeId node, const kraft::records::BatchRef& batch, Epoch epoch_before) {
  std::vector<Entry>& entries = known_[batch->epoch];
  auto place = entries.end();
  if (!entries.empty() && entries.back().batch->base_offset >= batch->base_offset) {
    place = std::lower_bound(entries.begin(), entries.end(), batch->base_offset,
                             [](const Entry& entry, Offset offset) { return entry.batch->base_offset < offset; });
  }
  if (place == entries.end() || place->batch->base_offset != batch->base_offset) {
    entries.insert(place, Entry{batch, epoch_before});
    return {};
  }
  if (place->batch.get() != batch.get() && !place->batch->same_content(*batch)) {
    return "n" + line(node) + " holds " + line(*batch) + " where another log held " + line(*place->batch);
  }
  if (place->epoch_before != epoch_before) {
    return "n" + line(node) + " holds " + line(*batch, 1) + " after epoch " + line(epoch_before) +
           ", another log after epoch " + line(place->epoch_before);
  }
  return {};
}

}  // namespace kraftsim::check
