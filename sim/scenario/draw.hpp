// Draw: a whole scenario from one seed, for the swarm.
//
// Swarm testing (Groce et al., ISSTA 2012): each kind of fault is on or off by its own coin, so that some runs have all
// of one kind and nothing else; rates, lengths, cluster, timings, network and load are drawn as well. What comes out is
// an explicit document: every fault with its time, so that a failing one can be kept, replayed and shrunk.
//
// All draws come from streams of the seed that no run uses. It must not know how a scenario is run.
#pragma once

#include <cstdint>

#include "sim/scenario/document.hpp"

namespace kraftsim::scenario {

[[nodiscard]] Document draw_scenario(std::uint64_t seed);

}  // namespace kraftsim::scenario
