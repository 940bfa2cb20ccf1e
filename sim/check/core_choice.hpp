// The recoverability oracle: which nodes must be able to serve once all is well among them, or why none can.
//
// Before a run is blamed for being stuck it must be known that it could have moved. A core could serve if somebody in
// it could be elected by it: one with a sound disk and every committed record, who is a voter by its own log, and finds
// among the voters that its log tells a majority in the core with sound disks and no longer logs than its own (Raft
// §5.4.1). Then, by Raft's own promises, everything follows (simulators.md §4.9; TigerBeetle's `cluster_recoverable`).
// Each log is asked by itself, because a voter set is in force where it is in the log, committed or not (KIP-853):
// while a change is in flight there are several. If there is no such core, being stuck is what the protocol promises,
// and nobody is judged.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/rng.hpp"
#include "core/raft/types.hpp"

namespace kraftsim::check {

enum class CorePolicy : std::uint8_t {
  kAuto,      // drawn: from the smallest core that could serve to everybody
  kMajority,  // a smallest one, drawn
  kAll,       // everybody whose disk is sound
};

struct Candidate {
  kraft::raft::ReplicaKey key;        // with the disk that it has now
  kraft::raft::VoterSet voters;       // as its log has them
  kraft::raft::OffsetAndEpoch end;    // of its log
  bool sound = true;                  // its disk has not lost what was synced on it
  bool holds_committed = false;       // every record that was ever committed is in its log
};

struct Core {
  std::vector<kraft::NodeId> nodes;  // ascending
  std::string unrecoverable;         // why there is no core; empty if there is one
};

/// `coordinators` and `brokers` are the whole cluster, ascending. A core has a broker if the cluster has.
[[nodiscard]] Core choose_core(CorePolicy policy, const std::vector<Candidate>& coordinators,
                               const std::vector<kraft::NodeId>& brokers, kraft::Rng& rng);
/// Why these among the coordinators, ascending, could elect nobody; empty if they could.
[[nodiscard]] std::string why_stuck(const std::vector<kraft::NodeId>& core, const std::vector<Candidate>& coordinators);

}  // namespace kraftsim::check
