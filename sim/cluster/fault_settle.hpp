// Settling a fault: everything about it that is left to roles, sets drawn by chance, or chance, is decided, and written
// back as the same kind of fault. What comes out can be pasted into a scenario and does the same to the same run.
#pragma once

#include "core/base/rng.hpp"
#include "sim/cluster/control_plane.hpp"
#include "sim/cluster/fault.hpp"

namespace kraftsim::cluster {

/// `most`: no length is longer, and one that had no end has this (kNever's distance: none has).
[[nodiscard]] FaultAction settle(const ControlPlane& plane, const FaultAction& action, Duration most, kraft::Rng& rng);

}  // namespace kraftsim::cluster
