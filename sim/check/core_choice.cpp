// First whoever could be elected and as many as elect it, then the other voters, then the rest, each by a coin.
#include "sim/check/core_choice.hpp"

#include <algorithm>

namespace kraftsim::check {
namespace {

using Coordinators = std::vector<const Candidate*>;

bool is_ahead(const Candidate& a, const Candidate& b) {
  return a.end.epoch > b.end.epoch || (a.end.epoch == b.end.epoch && a.end.offset > b.end.offset);
}

/// A vote that counts. (Whether the one who is asked is a voter by its own log matters to nobody.)
bool would_elect(const Candidate& voter, const Candidate& candidate) {
  return candidate.voters.contains(voter.key) && !is_ahead(voter, candidate);
}

/// Raft lets one stand that is no voter any more by a change that is not committed (thesis §4.2.2). Kafka's do not:
/// from the moment that it is in their log they are observers.
bool can_lead(const Candidate& candidate, const Coordinators& among) {
  const auto votes = std::ranges::count_if(among, [&](const auto* each) { return would_elect(*each, candidate); });
  return candidate.holds_committed && candidate.voters.contains(candidate.key) &&
         static_cast<std::size_t>(votes) >= majority_size(candidate.voters);
}

Coordinators::iterator find_leader(Coordinators& among) {
  return std::ranges::find_if(among, [&](const Candidate* each) { return can_lead(*each, among); });
}

std::string why_nobody(const std::vector<Candidate>& all, const Coordinators& sound) {
  if (sound.empty()) return "no controller has a sound disk";
  const Candidate& last = *std::ranges::max_element(all, [](const auto& a, const auto& b) { return is_ahead(b, a); });
  const auto voters = static_cast<std::size_t>(
      std::ranges::count_if(sound, [&](const Candidate* each) { return last.voters.contains(each->key); }));
  if (voters < majority_size(last.voters)) {
    return "only " + std::to_string(voters) + " of " + std::to_string(last.voters.size()) +
           " voters have a sound disk, and " + std::to_string(majority_size(last.voters)) + " are needed";
  }
  if (std::ranges::none_of(sound, [](const Candidate* each) { return each->holds_committed; })) {
    return "no voter's sound disk holds every committed record";
  }
  return "nobody who holds every committed record would be elected by a majority of the voters in its log";
}

}  // namespace

Core choose_core(CorePolicy policy, const std::vector<Candidate>& coordinators,
                 const std::vector<kraft::NodeId>& brokers, kraft::Rng& rng) {
  Coordinators sound;
  for (const Candidate& each : coordinators) {
    if (each.sound) sound.push_back(&each);
  }
  rng.shuffle(sound);
  const auto leader = find_leader(sound);
  Core core;
  if (leader == sound.end()) {
    core.unrecoverable = why_nobody(coordinators, sound);
    return core;
  }
  std::iter_swap(sound.begin(), leader);
  const Candidate& first = *sound.front();
  const auto is_voter = [&](const Candidate* each) { return first.voters.contains(each->key); };
  std::ranges::stable_partition(sound.begin() + 1, sound.end(), is_voter);
  std::ranges::stable_partition(sound.begin() + 1, sound.end(),
                                [&](const Candidate* each) { return would_elect(*each, first); });
  const auto voters = static_cast<std::size_t>(std::ranges::count_if(sound, is_voter));

  const std::size_t majority = majority_size(first.voters);
  std::size_t wanted = majority;
  if (policy == CorePolicy::kAll) wanted = voters;
  if (policy == CorePolicy::kAuto) wanted += rng.below(voters - majority + 1);
  for (std::size_t i = 0; i < wanted; ++i) core.nodes.push_back(sound[i]->key.id);

  const auto joins = [&] { return policy == CorePolicy::kAll || (policy == CorePolicy::kAuto && rng.chance(1, 2)); };
  for (std::size_t i = voters; i < sound.size(); ++i) {
    if (joins()) core.nodes.push_back(sound[i]->key.id);
  }
  const std::size_t sure = brokers.empty() ? 0 : rng.below(brokers.size());
  for (std::size_t i = 0; i < brokers.size(); ++i) {
    if (i == sure || joins()) core.nodes.push_back(brokers[i]);
  }
  std::ranges::sort(core.nodes);
  return core;
}

std::string why_stuck(const std::vector<kraft::NodeId>& core, const std::vector<Candidate>& coordinators) {
  Coordinators sound;
  for (const Candidate& each : coordinators) {
    if (each.sound && std::ranges::binary_search(core, each.key.id)) sound.push_back(&each);
  }
  return find_leader(sound) == sound.end() ? why_nobody(coordinators, sound) : std::string();
}

}  // namespace kraftsim::check
