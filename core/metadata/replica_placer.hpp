// ReplicaPlacer: where the replicas of a new topic go (Kafka's StripedReplicaPlacer).
//
// Replicas are dealt to racks in turn and, within a rack, to brokers in turn, from random starting points, so that the
// replicas of a partition spread over racks, leaders spread over brokers, and followers of one broker's partitions
// spread over the others. Unfenced brokers come before fenced ones; the first replica is always an unfenced one.
//
// Every draw is from the Rng passed in, in order of rack, so placement is a function of brokers and stream.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/rng.hpp"

namespace kraft::metadata {

struct UsableBroker {
  NodeId id;
  std::optional<std::string> rack;  // brokers without one share a rack of their own
  bool fenced = false;
};

class ReplicaPlacer {
 public:
  /// Draws the starting points. At least one broker must be unfenced.
  ReplicaPlacer(const std::vector<UsableBroker>& brokers, Rng& rng);

  /// The replicas of the next partition; `replication_factor` is within [1, number of brokers].
  [[nodiscard]] std::vector<NodeId> place(std::size_t replication_factor);

 private:
  /// Brokers in turn: each once per round, the starting point moving by one with each round.
  class Ring {
   public:
    void add(NodeId broker) { brokers_.push_back(broker); }
    void start(Rng& rng);
    void shuffle(Rng& rng);
    [[nodiscard]] std::optional<NodeId> next(std::size_t round);

   private:
    std::vector<NodeId> brokers_;
    std::size_t taken_ = 0;  // in this round
    std::size_t offset_ = 0;
    std::size_t round_ = 0;
  };
  struct Rack {
    std::optional<std::string> name;
    Ring unfenced;
    Ring fenced;
  };

  Rng* rng_;
  std::vector<Rack> racks_;  // by name, until shuffled
  std::size_t brokers_ = 0;
  std::size_t unfenced_ = 0;
  std::size_t round_ = 0;
  std::size_t offset_ = 0;  // the rack that begins
};

}  // namespace kraft::metadata
