// Durable: what a disk holds of a replica, and what each write makes of it. Every Replica starts from one.
//
// A real host keeps files and reads them into this; a simulated one may keep the value itself. It must not know when
// anything becomes durable.
#pragma once

#include <vector>

#include "core/raft/log.hpp"
#include "core/raft/step.hpp"
#include "core/raft/types.hpp"
#include "core/records/snapshot.hpp"

namespace kraft::raft {

/// A freshly formatted node's is empty, or holds the bootstrap snapshot with its first voters (KIP-853).
struct Durable {
  QuorumStateData quorum_state;
  Log log;
  std::vector<records::SnapshotRef> snapshots;  // oldest first; the log starts at the first one's end, or at 0
};

[[nodiscard]] inline OffsetAndEpoch id_of(const records::Snapshot& snapshot) {
  return {.offset = snapshot.header.end_offset, .epoch = snapshot.header.epoch};
}

/// What formatting with a set of voters leaves: kraft.version 1 and a snapshot 0-0 with the voters.
[[nodiscard]] Durable formatted_with(const VoterSet& voters);

void perform(Durable& disk, const Write& write);

}  // namespace kraft::raft
