// The leader's arithmetic over its voters. Tables are a handful of entries in voter order; scanning them
// beats any index.
#include "core/raft/roles/leader.hpp"

#include <algorithm>
#include <functional>

#include "core/base/check.hpp"

namespace kraft::raft {

Leader::Leader(const Config& config, const VoterSet& voter_set, NodeId self_id, Offset log_end, Time now)
    : self(self_id),
      epoch_start_offset(log_end),
      check_quorum_timeout(config.election.check_quorum_timeout),
      accumulator(config.append_linger, config.max_batch_bytes) {
  for (const ReplicaKey& key : voter_set.voters()) {
    voters.push_back({.key = key, .end_offset = {}, .last_fetch = {}});
  }
  // Whatever is in the log by now was synced before the votes that got us here were asked for.
  on_synced(log_end);
  if (voters.size() == 1) return;  // nobody to tell, and no majority to lose (KAFKA-16144)
  begin_epoch_deadline = now;
  if (config.election.check_quorum) check_quorum_deadline = now + check_quorum_timeout;
}

Leader::Progress* Leader::find(const ReplicaKey& key) {
  const auto voter = std::ranges::find_if(voters, [&](const Progress& p) { return matches(p.key, key); });
  return voter == voters.end() ? nullptr : &*voter;
}

void Leader::on_contact(Progress& voter, Time now) {
  if (voter.heard || check_quorum_deadline == kNever) return;
  voter.heard = true;
  const auto heard = static_cast<std::size_t>(std::ranges::count_if(voters, &Progress::heard));
  // The leader itself is one of the majority of n/2+1, so n/2 others do.
  if (heard < voters.size() / 2) return;
  for (Progress& each : voters) each.heard = false;
  check_quorum_deadline = now + check_quorum_timeout;
}

bool Leader::update_high_watermark() {
  boost::container::small_vector<Offset, 5> ends;
  for (const Progress& voter : voters) ends.push_back(voter.end_offset.value_or(Offset(0)));
  std::ranges::sort(ends, std::greater<>());
  const Offset replicated = ends[ends.size() / 2];
  if (replicated <= epoch_start_offset) return false;
  // It may fall back: a voter's offset does when it lost its disk (KAFKA-12181). What is committed stays so.
  if (high_watermark && replicated <= *high_watermark) return false;
  high_watermark = replicated;
  return true;
}

std::vector<NodeId> Leader::successors() const {
  std::vector<const Progress*> others;
  for (const Progress& voter : voters) {
    if (voter.key.id != self) others.push_back(&voter);
  }
  std::ranges::stable_sort(others, std::greater<>(), [](const Progress* voter) { return voter->end_offset; });
  std::vector<NodeId> ids;
  ids.reserve(others.size());
  for (const Progress* voter : others) ids.push_back(voter->key.id);
  return ids;
}

}  // namespace kraft::raft
