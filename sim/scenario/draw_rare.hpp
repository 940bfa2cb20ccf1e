// DrawRare: what few drawn scenarios have, so that every act, field and key that a scenario can state is drawn by some:
// faults of whole groups, of observers and of disks that nobody relies on, links and clocks that are wrong in ways of
// their own, snapshots by time, nodes configured unlike the others.
//
// Each family is on by its own coin and draws from its own stream of the seed, as in draw_quorum.hpp. Not drawn: the
// Raft papers' elections (`raft_paper`), a policy of experiments that makes no promise of liveness. It goes by
// the cluster's size, by whether snapshots are fetched in parts and by who creates topics; it must not know which other
// faults there are.
#pragma once

#include <cstdint>

#include "core/base/time.hpp"
#include "sim/scenario/document.hpp"

namespace kraftsim::scenario {

/// Adds to `document`, which is `length` long and whose fetch time-out is `tempo`.
void draw_rare(std::uint64_t seed, kraft::Duration tempo, kraft::Duration length, Document& document);

}  // namespace kraftsim::scenario
