// Target: whom a fault is for, by name or by role, resolved when the fault fires.
//
//   "controller:2" "broker:3" "zookeeper:1" "coordinator:1"   one node
//   "coordinator:leader" "active_controller"                  whoever holds the role then
//   "follower:any"                                            one coordinator that does not lead (stream "faults")
//   "controller:any" "coordinator:any" "broker:any"           one that runs, drawn
//   "majority" "minority"                                     so many of the coordinators, drawn
//   "brokers" "coordinators" "rack:a" "*"
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
#include "core/base/rng.hpp"

namespace kraftsim::cluster {

using kraft::NodeId;

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
    kAnyController,   // nothing under ZooKeeper
    kAnyCoordinator,
    kMajority,        // of the coordinators: as many as a quorum
    kMinority,        // of the coordinators: as many as can be missing
    kRack,            // every node in the rack of that name
    kAllBrokers,
    kAllCoordinators,
    kEverything,
  };
  Kind kind = Kind::kEverything;
  std::int32_t number = 0;
  std::string name{};  // of a rack
  friend bool operator==(const Target&, const Target&) = default;
};
[[nodiscard]] std::string line(const Target& target);
/// It means the same nodes whenever it is resolved.
[[nodiscard]] bool is_fixed(const Target& target);
/// `count` of the nodes, in their order.
[[nodiscard]] std::vector<NodeId> draw(std::vector<NodeId> nodes, std::size_t count, kraft::Rng& rng);
/// None if the text is no target; `target_names()` lists the forms for error messages.
[[nodiscard]] std::optional<Target> parse_target(std::string_view text);
[[nodiscard]] std::vector<std::string> target_names();

}  // namespace kraftsim::cluster
