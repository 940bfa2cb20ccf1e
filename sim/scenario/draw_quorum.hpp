// DrawQuorum: what a drawn scenario has of KRaft's own: voters that come and go, snapshots that are small and soon
// deleted, disks that break their word, and the demand that what could live does.
//
// Each family is on by its own coin and draws from its own stream of the seed: one that draws more changes no other. It
// must not know what else is in the document, but for the size of the cluster and the times of the faults.
#pragma once

#include <cstdint>

#include "core/base/time.hpp"
#include "sim/scenario/document.hpp"

namespace kraftsim::scenario {

/// Adds to `document`, which is `length` long and whose fetch time-out is `tempo`.
void draw_quorum(std::uint64_t seed, kraft::Duration tempo, kraft::Duration length, Document& document);

}  // namespace kraftsim::scenario
