// VoteOnce: a node casts at most one vote per epoch, restarts or not, and casts none that its disk does not hold
// (Raft §5.2, §5.4.1; KIP-595). Votes are counted where they leave for the network.
#pragma once

#include <map>
#include <optional>
#include <utility>

#include "sim/check/view.hpp"

namespace kraftsim::check {

class VoteOnce {
 public:
  static constexpr Card kCard{"VoteOnce", "A node votes for one candidate per epoch, and only once that is on disk.",
                              "Raft §5.2; KIP-595"};
  static constexpr Facets kLooksAt = about::kElections;
  [[nodiscard]] Broken check(const Step& step);
  /// Whom the node voted for in an epoch, if it did.
  [[nodiscard]] std::optional<NodeId> cast(NodeId voter, Epoch epoch) const {
    const auto found = cast_.find({voter, epoch});
    return found == cast_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  std::map<std::pair<NodeId, Epoch>, NodeId> cast_;
};

}  // namespace kraftsim::check
