// Target: whom a fault is for, by name or by role, resolved when the fault fires.
//
//   "controller:2" "broker:3" "zookeeper:1" "coordinator:1"   one node
//   "coordinator:leader" "active_controller"                  whoever holds the role then
//   "follower:any"                                            one coordinator that does not lead (stream "faults")
//   "broker:any" "brokers" "coordinators" "*"
//
// `coordinator` is a controller under KRaft and a ZooKeeper server under ZooKeeper, so that one file runs on both. A
// role that nobody holds resolves to nothing, and the fault does nothing (and says so in the trace).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/ids.hpp"

namespace kraftsim::cluster {

struct Target {
  enum class Kind : std::uint8_t {
    kController,     // by number; nothing under ZooKeeper
    kZookeeper,      // by number; nothing under KRaft
    kCoordinator,    // by number
    kBroker,         // by number
    kLeader,         // of the coordinators
    kActiveController,
    kAnyFollower,
    kAnyBroker,
    kAllBrokers,
    kAllCoordinators,
    kEverything,
  };
  Kind kind = Kind::kEverything;
  std::int32_t number = 0;
  friend bool operator==(const Target&, const Target&) = default;
};
[[nodiscard]] std::string line(const Target& target);
/// None if the text is no target; `target_names()` lists the forms for error messages.
[[nodiscard]] std::optional<Target> parse_target(std::string_view text);
[[nodiscard]] std::vector<std::string> target_names();

}  // namespace kraftsim::cluster
