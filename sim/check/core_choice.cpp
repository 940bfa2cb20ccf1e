// Voters first, with one that holds everything among them; then the others, each by a coin.
#include "sim/check/core_choice.hpp"

#include <algorithm>

namespace kraftsim::check {

Core choose_core(CorePolicy policy, const std::vector<Candidate>& coordinators,
                 const std::vector<kraft::NodeId>& brokers, kraft::Rng& rng) {
  std::vector<Candidate> sound;
  std::size_t voters = 0;
  for (const Candidate& each : coordinators) {
    if (!each.voter) continue;
    ++voters;
    if (each.sound) sound.push_back(each);
  }
  Core core;
  const std::size_t majority = voters / 2 + 1;
  if (sound.size() < majority) {
    core.unrecoverable = "only " + std::to_string(sound.size()) + " of " + std::to_string(voters) +
                         " voters have a sound disk, and " + std::to_string(majority) + " are needed";
    return core;
  }
  rng.shuffle(sound);
  const auto holder = std::ranges::find_if(sound, &Candidate::holds_committed);
  if (holder == sound.end()) {
    core.unrecoverable = "no voter's sound disk holds every committed record";
    return core;
  }
  std::iter_swap(sound.begin(), holder);

  std::size_t wanted = majority;
  if (policy == CorePolicy::kAll) wanted = sound.size();
  if (policy == CorePolicy::kAuto) wanted += rng.below(sound.size() - majority + 1);
  for (std::size_t i = 0; i < wanted; ++i) core.nodes.push_back(sound[i].id);

  const auto joins = [&] { return policy == CorePolicy::kAll || (policy == CorePolicy::kAuto && rng.chance(1, 2)); };
  for (const Candidate& each : coordinators) {
    if (!each.voter && each.sound && joins()) core.nodes.push_back(each.id);
  }
  const std::size_t sure = brokers.empty() ? 0 : rng.below(brokers.size());
  for (std::size_t i = 0; i < brokers.size(); ++i) {
    if (i == sure || joins()) core.nodes.push_back(brokers[i]);
  }
  std::ranges::sort(core.nodes);
  return core;
}

}  // namespace kraftsim::check
