// The recoverability oracle: which nodes must be able to serve once all is well among them, or why none can.
//
// Before a run is blamed for being stuck it must be known that it could have moved. A core could serve if it holds a
// majority of the voters, all with sound disks, one of which has every committed record: then, by Raft's own promises,
// that one can be elected and everything follows (simulators.md §4.9; TigerBeetle's `cluster_recoverable`). If too many
// disks are lost, being stuck is what the protocol promises, and nobody is judged.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/rng.hpp"

namespace kraftsim::check {

enum class CorePolicy : std::uint8_t {
  kAuto,      // drawn: from the smallest core that could serve to everybody
  kMajority,  // a smallest one, drawn
  kAll,       // everybody whose disk is sound
};

struct Candidate {
  kraft::NodeId id;
  bool voter = false;
  bool sound = true;            // its disk has not lost what was synced on it
  bool holds_committed = false;  // every record that was ever committed is synced there
};

struct Core {
  std::vector<kraft::NodeId> nodes;  // ascending
  std::string unrecoverable;         // why there is no core; empty if there is one
};

/// `coordinators` and `brokers` are the whole cluster, ascending. A core has a broker if the cluster has.
[[nodiscard]] Core choose_core(CorePolicy policy, const std::vector<Candidate>& coordinators,
                               const std::vector<kraft::NodeId>& brokers, kraft::Rng& rng);

}  // namespace kraftsim::check
