// ControlPlane: the port that both coordinations implement, so that scenarios, faults, workloads, measures and reports
// are written once. An implementation owns a World and all its nodes, and is a value behind `clone`.
//
// Who calls: the runner takes one Happening at a time from `world()` and gives it to `handle`; faults resolve their
// targets here and acts on the world; a workload submits operations. Who must not be known: which protocol coordinates.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/base/ids.hpp"
#include "sim/cluster/fault.hpp"
#include "sim/cluster/observation.hpp"
#include "sim/cluster/spec.hpp"
#include "sim/cluster/target.hpp"
#include "sim/world/world.hpp"

namespace kraftsim::cluster {

/// What a client asks of the cluster.
struct Operation {
  std::uint64_t id = 0;
  enum class Kind : std::uint8_t { kCreateTopic, kDeleteTopic, kChangeQuorum } kind = Kind::kCreateTopic;
  std::string topic;
  std::int32_t partitions = 1;
  std::int32_t replication = 1;
  NodeId via{};  // the broker that the client talks to
  QuorumChange change{};  // of kChangeQuorum, which goes to the quorum's leader
};

/// `Due` kinds at and above this belong to the coordination; below, to the runner (workload, faults).
inline constexpr std::uint32_t kFirstCoordinationDue = 100;

class ControlPlane {
 public:
  virtual ~ControlPlane() = default;
  /// A copy with a future of its own.
  [[nodiscard]] virtual std::unique_ptr<ControlPlane> clone() const = 0;

  [[nodiscard]] virtual world::World& world() = 0;
  [[nodiscard]] virtual const world::World& world() const = 0;

  /// Starts every node at the present time.
  virtual void boot() = 0;
  /// Lets the node concerned deal with what happened. `Due` below kFirstCoordinationDue never gets here.
  virtual void handle(const world::Happening& happening) = 0;
  /// A client sends an operation now; `OperationDone` is observed when it ends, by a timeout at the latest.
  virtual void submit(const Operation& operation) = 0;

  /// The nodes that a target means at this moment, in ascending order.
  [[nodiscard]] virtual std::vector<NodeId> resolve(const Target& target, kraft::Rng& rng) const = 0;
  /// Asks a node to stop cleanly (SIGTERM); it stops when its protocol lets it.
  virtual void stop_cleanly(NodeId node) = 0;

  // ---- clocks and disks, as far as faults can touch them ----
  /// Whether processes time themselves by the wall clock, which can be set, or by a steady one, which can only drift.
  [[nodiscard]] virtual bool reads_wall_clock() const { return false; }
  /// Whether disks have contents here. If not, none of the following is ever called.
  [[nodiscard]] virtual bool keeps_disk_contents() const { return false; }
  /// Says what the crash that the world is about to be told of does to the node's disk.
  virtual void before_crash(NodeId, const CrashFault&) {}
  /// From now on the node's disk reports as synced what a power failure would take, or does so no longer.
  virtual void lie_about_fsync(NodeId, bool) {}
  /// Damages the log on the node's disk and returns the offsets of the damaged batches; none: there was nothing.
  virtual std::vector<std::int64_t> damage_log(NodeId, const DamageLogFault&, kraft::Rng&) { return {}; }
  /// The coordinators whose disks have lost something that they had called durable.
  [[nodiscard]] virtual std::vector<NodeId> forgetful() const { return {}; }

  /// Administrators no longer try to change who coordinates.
  virtual void give_up_quorum_changes() {}

  /// True once the initial topics exist and every broker serves: measuring may begin.
  [[nodiscard]] virtual bool ready() const = 0;

  /// What was observed since the last call; empties the list.
  virtual void take_observations(std::vector<Observation>& out) = 0;
  /// One line per node, for `run --state` and failure reports.
  [[nodiscard]] virtual std::vector<std::string> describe() const = 0;

 protected:
  ControlPlane() = default;
  ControlPlane(const ControlPlane&) = default;
  ControlPlane& operator=(const ControlPlane&) = default;
};

}  // namespace kraftsim::cluster
