// Fault: what goes wrong, when, to whom. Data only, complete: what a scenario states is all here, and what a run has
// settled by chance (roles, draws, lengths) is written back into the same types, so that a fault that was carried out
// is again a fault that can be carried out, without chance. fault_plan.hpp does the carrying out.
//
// It must not know which protocol coordinates.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/time.hpp"
#include "sim/cluster/target.hpp"
#include "sim/engine/quantiles.hpp"
#include "sim/world/disk.hpp"
#include "sim/world/profile.hpp"

namespace kraftsim::cluster {

using kraft::Duration;
using kraft::NodeId;
using kraft::Time;

/// Whom a fault strikes: one target or several.
struct Whom {
  std::vector<Target> targets;

  Whom() = default;
  Whom(Target target) : targets{std::move(target)} {}
  Whom(std::vector<Target> several) : targets(std::move(several)) {}
  friend bool operator==(const Whom&, const Whom&) = default;
};

/// A length, fixed or drawn when the fault strikes.
struct Span {
  engine::Quantiles length;

  Span() = default;
  template <class Rep, class Period>
  Span(std::chrono::duration<Rep, Period> fixed)
      : length(fixed == fixed.zero() ? engine::Quantiles() : engine::Quantiles(fixed)) {}
  Span(engine::Quantiles drawn) : length(std::move(drawn)) {}

  /// Of one that is not left to chance; zero if there is none.
  [[nodiscard]] Duration fixed() const;
  friend bool operator==(const Span&, const Span&) = default;
};

// ---- processes ----

/// A process stops running for a while (GC): it comes back as if nothing had been.
struct PauseFault {
  Whom node{};
  Span length{};
  friend bool operator==(const PauseFault&, const PauseFault&) = default;
};

/// What becomes of writes that nobody had synced, the one in flight included.
enum class Unsynced : std::uint8_t {
  kLost,    // all of them: the worst that a power failure may do, and the default
  kKept,    // none is lost: the kernel lived, or the disk was quick
  kTorn,    // all but the last are kept, and of that one only a part
  kSubset,  // each is kept or not, by the bits of `subset`; recovery keeps what comes before the first gap
};

/// kill -9. With `machine`, the power plug: nobody gets a reset. Zero `restart_after`: it stays down.
struct CrashFault {
  Whom node{};
  Span restart_after{};
  bool machine = false;
  bool wipe = false;  // it comes back on an empty disk
  Unsynced unsynced = Unsynced::kLost;
  std::optional<std::uint32_t> subset{};  // none: drawn
  friend bool operator==(const CrashFault&, const CrashFault&) = default;
};
/// SIGTERM.
struct StopFault {
  Whom node{};
  Span restart_after{};
  friend bool operator==(const StopFault&, const StopFault&) = default;
};
/// Starts what a crash or stop left down.
struct StartFault {
  Whom node{};
  friend bool operator==(const StartFault&, const StartFault&) = default;
};
/// Whatever these nodes do takes `percent` of its own time for a while: a neighbour has the processor.
struct SlowCpuFault {
  Whom node{};
  std::int32_t percent = 100;
  Span length{};
  friend bool operator==(const SlowCpuFault&, const SlowCpuFault&) = default;
};

// ---- clocks ----

/// A clock is set by `jump`, and back when the length is over; or gains `drift_ppm` as long as it lasts.
struct ClockFault {
  Whom node{};
  Duration jump{};
  std::int32_t drift_ppm = 0;
  Span length{};
  friend bool operator==(const ClockFault&, const ClockFault&) = default;
};

// ---- the network ----

/// Nodes of different groups cannot reach each other; a group with Everything holds all nodes not named in another, and
/// who is in no group reaches everybody. The other kinds become groups, or single links, when the fault strikes.
struct PartitionFault {
  enum class Kind : std::uint8_t {
    kGroups,
    kLinks,           // pairs of nodes that cannot reach each other
    kIsolate,         // `whom` on one side
    kBridge,          // two halves of the coordinators, with `whom` between them: it reaches both
    kMajoritiesRing,  // each of `whom` reaches a majority of them, no two the same (Jepsen)
    kRandom,          // each of `whom` falls to one of two sides
  };
  std::vector<std::vector<Target>> groups{};
  Span length{};
  Kind kind = Kind::kGroups;
  std::vector<Target> whom{};
  friend bool operator==(const PartitionFault&, const PartitionFault&) = default;
};
/// One direction, or both, between two sets of nodes.
struct CutFault {
  std::vector<Target> from{};
  std::vector<Target> to{};
  bool both = false;
  Span length{};
  friend bool operator==(const CutFault&, const CutFault&) = default;
};
/// A cut that comes and goes, beginning with `down`.
struct FlakyFault {
  std::vector<Target> from{};
  std::vector<Target> to{};
  bool both = false;
  Duration down{};
  Duration up{};
  Span length{};
  friend bool operator==(const FlakyFault&, const FlakyFault&) = default;
};
/// Links that work badly.
struct BadLinkFault {
  std::vector<Target> from{};
  std::vector<Target> to{};
  bool both = false;
  world::LinkDamage damage{};
  Span length{};
  friend bool operator==(const BadLinkFault&, const BadLinkFault&) = default;
};

// ---- disks ----

/// Disks take this much longer for a while.
struct SlowDiskFault {
  Whom node{};
  world::DiskProfile disk{};
  Span length{};
  friend bool operator==(const SlowDiskFault&, const SlowDiskFault&) = default;
};
/// Disks complete nothing for a while.
struct StallDiskFault {
  Whom node{};
  Span length{};
  friend bool operator==(const StallDiskFault&, const StallDiskFault&) = default;
};
/// Disks answer with an error for a while. Who died of it is started again when it is over.
struct FailDiskFault {
  Whom node{};
  world::DiskError error{};
  Span length{};
  friend bool operator==(const FailDiskFault&, const FailDiskFault&) = default;
};
/// Disks report as synced what they only hold in a cache: a power failure takes what was written meanwhile.
struct LyingFsyncFault {
  Whom node{};
  Span length{};
  friend bool operator==(const LyingFsyncFault&, const LyingFsyncFault&) = default;
};

/// What is wrong with a log on a disk, unknown to the process until it reads its disk again.
enum class LogDamage : std::uint8_t {
  kBitRot,       // of a batch
  kLostWrite,    // of a batch, by default the last: the disk said that it had written it
  kMisdirected,  // of a batch, by default the last, onto another
};
struct DamageLogFault {
  Whom node{};
  LogDamage damage{};
  std::vector<std::int64_t> offsets{};  // of the damaged batches; empty: drawn, or as `damage` has it
  friend bool operator==(const DamageLogFault&, const DamageLogFault&) = default;
};

using FaultAction =
    std::variant<PauseFault, CrashFault, StopFault, StartFault, SlowCpuFault, ClockFault, PartitionFault, CutFault,
                 FlakyFault, BadLinkFault, SlowDiskFault, StallDiskFault, FailDiskFault, LyingFsyncFault,
                 DamageLogFault>;

/// An act and its times. By default it strikes once, at `at`.
struct Fault {
  Time at{};
  FaultAction action{};
  Time latest{};              // with `between`: the moment is drawn from [at, latest); else not after `at`
  engine::Quantiles every{};  // from one stroke to the next; zero: there is one only
  std::int32_t times = 0;     // strokes in all; 0: as many as there are until `until`
  Time until = kraft::kNever; // by then it is over: nothing strikes any more, and what lasts is cut short
  friend bool operator==(const Fault&, const Fault&) = default;
};

/// "crash controller:1", "pause coordinator:leader for 8s": the name under which results report it.
[[nodiscard]] std::string line(const FaultAction& action);
/// How long until it is over, once nothing about it is left to chance; zero if it never is.
[[nodiscard]] Duration length(const FaultAction& action);
/// The part of the action that is its length; nullptr if it has none.
[[nodiscard]] Span* span_of(FaultAction& action);
/// The fault may take back what a disk had called durable, on which all that Raft promises rests. What a run in which
/// it did so may be judged for is said at `Run`. This is the one list of such faults.
[[nodiscard]] bool breaks_durability(const FaultAction& action);
/// Only a coordination that keeps the contents of its disks can be struck by it.
[[nodiscard]] bool needs_disk_contents(const FaultAction& action);

}  // namespace kraftsim::cluster
