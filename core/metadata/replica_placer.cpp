// The striped placement: racks in turn, brokers of a rack in turn. Which draw comes when is part of every run's digest:
// a change here changes where each later replica lies. It must not know topics or images.
#include "core/metadata/replica_placer.hpp"

#include <algorithm>
#include <cstdint>

#include "core/base/check.hpp"

namespace kraft::metadata {

void ReplicaPlacer::Ring::start(Rng& rng) {
  if (brokers_.empty()) return;
  std::sort(brokers_.begin(), brokers_.end());
  offset_ = static_cast<std::size_t>(rng.below(brokers_.size()));
}

void ReplicaPlacer::Ring::shuffle(Rng& rng) {
  rng.shuffle(brokers_);
  // Rounds count from 0 again. A ring that was last asked in round 0 would take that for the same one and, with all its
  // brokers taken, offer none, so that fenced ones were chosen.
  round_ = SIZE_MAX;
}

std::optional<NodeId> ReplicaPlacer::Ring::next(std::size_t round) {
  if (brokers_.empty()) return std::nullopt;
  if (round_ != round) {
    round_ = round;
    taken_ = 0;
    offset_ = (offset_ + 1) % brokers_.size();
  }
  if (taken_ == brokers_.size()) return std::nullopt;
  return brokers_[(taken_++ + offset_) % brokers_.size()];
}

ReplicaPlacer::ReplicaPlacer(const std::vector<UsableBroker>& brokers, Rng& rng) : rng_(&rng) {
  for (const UsableBroker& broker : brokers) {
    auto rack = std::lower_bound(racks_.begin(), racks_.end(), broker.rack,
                                 [](const Rack& r, const std::optional<std::string>& name) { return r.name < name; });
    if (rack == racks_.end() || rack->name != broker.rack) {
      rack = racks_.insert(rack, Rack{.name = broker.rack, .unfenced = {}, .fenced = {}});
    }
    (broker.fenced ? rack->fenced : rack->unfenced).add(broker.id);
    ++brokers_;
    if (!broker.fenced) ++unfenced_;
  }
  ENSURE_GT(unfenced_, 0U);
  for (Rack& rack : racks_) {
    rack.fenced.start(rng);
    rack.unfenced.start(rng);
  }
  offset_ = static_cast<std::size_t>(rng.below(racks_.size()));
}

std::vector<NodeId> ReplicaPlacer::place(std::size_t replication_factor) {
  ENSURE_GT(replication_factor, 0U);
  ENSURE_LE(replication_factor, brokers_);
  // After as many partitions as there are unfenced brokers the stripes would repeat. (A single unfenced broker keeps
  // its rounds, or its ring would never begin another.)
  if (round_ == unfenced_ && unfenced_ > 1) {
    rng_->shuffle(racks_);
    for (Rack& rack : racks_) {
      rack.fenced.shuffle(*rng_);
      rack.unfenced.shuffle(*rng_);
    }
    round_ = 0;
  }
  std::vector<NodeId> replicas;
  replicas.reserve(replication_factor);
  // The leader: the first unfenced broker from the beginning rack on.
  std::size_t leader_rack = offset_;
  std::optional<NodeId> leader;
  while (!(leader = racks_[leader_rack].unfenced.next(round_))) leader_rack = (leader_rack + 1) % racks_.size();
  replicas.push_back(*leader);
  // The followers: the racks in turn, the leader's passed over once.
  bool passed_leader = false;
  for (std::size_t rack = offset_; replicas.size() < replication_factor; rack = (rack + 1) % racks_.size()) {
    if (rack == leader_rack && !passed_leader) {
      passed_leader = true;
      continue;
    }
    std::optional<NodeId> follower = racks_[rack].unfenced.next(round_);
    if (!follower) follower = racks_[rack].fenced.next(round_);
    if (follower) replicas.push_back(*follower);
  }
  ++round_;
  offset_ = (offset_ + 1) % racks_.size();
  return replicas;
}

}  // namespace kraft::metadata
