// The ring takes one broker of each rack in turn; a partition's replicas are neighbours on it as far as racks differ.
// Kafka starts the ring at random; a given start keeps runs comparable between seeds.
#include "sim/zookeeper/placement.hpp"

#include <algorithm>
#include <set>

namespace kraftsim::zookeeper {

namespace {

/// AdminUtils.getRackAlternatedBrokerList: rack 0's first, rack 1's first, …, rack 0's second, …
std::vector<NodeId> alternate_racks(const Racks& brokers) {
  std::map<std::int32_t, std::vector<NodeId>> racks;
  for (const auto& [broker, rack] : brokers) racks[rack].push_back(broker);
  std::vector<NodeId> ring;
  for (std::size_t row = 0; ring.size() < brokers.size(); ++row) {
    for (const auto& [rack, members] : racks) {
      if (row < members.size()) ring.push_back(members[row]);
    }
  }
  return ring;
}

}  // namespace

std::vector<Replicas> place(const Racks& brokers, std::int32_t partitions, std::int32_t replication,
                            std::int32_t start) {
  const auto size = static_cast<std::int32_t>(brokers.size());
  if (replication < 1 || replication > size) return {};
  const std::vector<NodeId> ring = alternate_racks(brokers);
  const auto at = [&](std::int32_t index) { return ring[static_cast<std::size_t>(index % size)]; };

  std::vector<Replicas> assignment;
  for (std::int32_t p = 0; p < partitions; ++p) {
    const std::int32_t first = (start + p) % size;
    const std::int32_t shift = size > 1 ? (start + p) / size % (size - 1) : 0;  // each turn pairs other neighbours
    Replicas replicas{at(first)};
    std::set<std::int32_t> used{brokers.at(at(first))};
    for (const bool other_racks_only : {true, false}) {
      for (std::int32_t step = 0; step < size - 1 && std::ssize(replicas) < replication; ++step) {
        const NodeId broker = at(first + 1 + (shift + step) % (size - 1));
        if (std::ranges::find(replicas, broker) != replicas.end()) continue;
        if (other_racks_only && used.contains(brokers.at(broker))) continue;
        used.insert(brokers.at(broker));
        replicas.push_back(broker);
      }
    }
    assignment.push_back(std::move(replicas));
  }
  return assignment;
}

}  // namespace kraftsim::zookeeper
