// The leader's arithmetic over its voters. Tables are a handful of entries in voter order; scanning them beats any
// index.
#include "core/raft/roles/leader.hpp"

#include <algorithm>
#include <functional>

#include "core/base/check.hpp"

namespace kraft::raft {

Leader::Leader(const Config& config, const VoterSet& voter_set, const ReplicaKey& self_key, Offset log_end, Time now)
    : self(self_key),
      epoch_start_offset(log_end),
      check_quorum(config.election.check_quorum),
      check_quorum_timeout(config.election.check_quorum_timeout),
      caught_up_window(config.caught_up_window),
      accumulator(config.append_linger, config.max_batch_bytes) {
  set_voters(voter_set, now);
  // Whatever is in the log by now was synced before the votes that got us here were asked for.
  on_synced(log_end);
}

void Leader::set_voters(const VoterSet& voter_set, Time now) {
  boost::container::small_vector<Progress, 5> next;
  for (const ReplicaKey& key : voter_set.voters()) {
    Progress progress{.key = key, .end_offset = {}, .last_fetch = {}};
    if (const Progress* known = find(key)) {
      progress = *known;
      progress.key = key;
    } else if (const auto observer = observers.extract(key)) {
      progress.end_offset = observer.mapped().end_offset;
      progress.last_fetch = observer.mapped().last_fetch;
    }
    next.push_back(std::move(progress));
  }
  voters = std::move(next);
  if (voters.size() == 1 && is_voter()) {  // nobody to tell, and no majority to lose (KAFKA-16144)
    begin_epoch_deadline = kNever;
    check_quorum_deadline = kNever;
    return;
  }
  if (begin_epoch_deadline == kNever) begin_epoch_deadline = now;
  if (check_quorum && check_quorum_deadline == kNever) check_quorum_deadline = now + check_quorum_timeout;
}

bool Leader::is_voter() const {
  return std::ranges::any_of(voters, [&](const Progress& p) { return matches(p.key, self); });
}

void Leader::on_observer_fetch(const ReplicaKey& key, Offset fetch_offset, Offset log_end, Time now) {
  const auto [known, is_new] =
      observers.insert({key, {.end_offset = fetch_offset, .last_fetch = now, .log_end_at_last_fetch = log_end}});
  if (is_new) {
    std::erase_if(observers, [&](const auto& other) {
      return other.first != key && (other.first.id == key.id || !is_recent(other.second, now));
    });
  }
  Observer& observer = known->second;
  // Having now all that there was at the fetch before is being caught up, too: between two fetches the log may always
  // have grown (KAFKA-13959).
  if (fetch_offset >= log_end || (!is_new && fetch_offset >= observer.log_end_at_last_fetch)) observer.caught_up = true;
  observer.end_offset = fetch_offset;
  observer.log_end_at_last_fetch = log_end;
  observer.last_fetch = now;
}

bool Leader::is_recent(const Observer& observer, Time now) const {
  return observer.last_fetch > now - caught_up_window;
}

bool Leader::is_caught_up(const ReplicaKey& key, Time now) const {
  const auto observer = observers.find(key);
  return observer != observers.end() && observer->second.caught_up && is_recent(observer->second, now);
}

Leader::Progress* Leader::find(const ReplicaKey& key) {
  const auto voter = std::ranges::find_if(voters, [&](const Progress& p) { return matches(p.key, key); });
  return voter == voters.end() ? nullptr : &*voter;
}

void Leader::on_contact(Progress& voter, Time now) {
  if (check_quorum_deadline == kNever) return;
  voter.heard = true;  // and count again even if it was: there may be fewer voters than when it was last heard
  const auto heard = static_cast<std::size_t>(std::ranges::count_if(voters, &Progress::heard));
  // Of the majority of n/2+1 a leader that votes is one itself (KAFKA-16531).
  if (heard < voters.size() / 2 + (is_voter() ? 0 : 1)) return;
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
    if (voter.key.id != self.id) others.push_back(&voter);
  }
  std::ranges::stable_sort(others, std::greater<>(), [](const Progress* voter) { return voter->end_offset; });
  std::vector<NodeId> ids;
  ids.reserve(others.size());
  for (const Progress* voter : others) ids.push_back(voter->key.id);
  return ids;
}

}  // namespace kraft::raft
