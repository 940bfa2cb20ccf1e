// Faults, carried out. What is left to roles and chance is settled first, and that text is what results report, so
// "crash active_controller" reads "crash controller:2" afterwards. The rest is then without chance, but for which batch
// of a log is damaged: only the disk knows which there are, and what it chose is written back.
//
// Everything is done through the world and the disks, as an operator's hand or bad luck would: no node is told that it
// is tested.
#include "sim/cluster/fault_plan.hpp"

#include <algorithm>

#include "core/base/overloaded.hpp"
#include "sim/cluster/fault_settle.hpp"

namespace kraftsim::cluster {
namespace {

/// The slowness is put on top of the disk's own times; restoring takes it off again.
world::DiskProfile nothing_extra() { return {.write = {}, .fsync = {}, .bandwidth_bytes_per_s = 0}; }

class Injector {
 public:
  Injector(ControlPlane& plane, kraft::Rng& rng) : plane_(plane), rng_(rng) {}

  Injected operator()(const PauseFault& fault) {
    return strike(fault.node, [&](NodeId node) { world().pause(node, fault.length.fixed()); });
  }
  Injected operator()(const CrashFault& fault) {
    Injected injected = strike(fault.node, [&](NodeId node) {
      plane_.before_crash(node, fault);
      world().crash(node, fault.machine);
    });
    for (const NodeId node : injected.nodes) injected.boots.push_back(world().boot(node));
    return injected;
  }
  Injected operator()(const StopFault& fault) {
    Injected injected;
    for (const NodeId node : resolve(fault.node)) {
      if (world().process(node) == world::ProcessState::kDown) continue;
      injected.nodes.push_back(node);
      injected.boots.push_back(world().boot(node) + 1);
      plane_.stop_cleanly(node);
    }
    return injected;
  }
  Injected operator()(const StartFault& fault) {
    Injected injected;
    for (const NodeId node : resolve(fault.node)) {
      if (world().process(node) != world::ProcessState::kDown) continue;
      world().start(node);
      injected.nodes.push_back(node);
    }
    return injected;
  }
  Injected operator()(const SlowCpuFault& fault) {
    return to_machines(fault.node, [&](NodeId node) { world().slow_cpu(node, fault.percent); });
  }
  Injected operator()(const ClockFault& fault) {
    if (fault.drift_ppm == 0 && !plane_.reads_wall_clock()) return {};
    Injected injected;
    for (const NodeId node : resolve(fault.node)) {
      injected.nodes.push_back(node);
      if (fault.drift_ppm == 0) {
        world().jump_clock(node, fault.jump);
      } else {
        world().disturb_clock(node, fault.drift_ppm);
      }
    }
    return injected;
  }
  Injected operator()(const PartitionFault& fault) { return cut(links_of(plane_, fault, rng_)); }
  Injected operator()(const CutFault& fault) {
    return cut(links_between(plane_, fault.from, fault.to, fault.both, rng_));
  }
  Injected operator()(const FlakyFault& fault) {
    Injected injected = cut(links_between(plane_, fault.from, fault.to, fault.both, rng_));
    injected.down = true;
    return injected;
  }
  Injected operator()(const BadLinkFault& fault) {
    Links links = links_between(plane_, fault.from, fault.to, fault.both, rng_);
    Injected injected;
    for (const DirectedLink& link : links.links) {
      injected.damages.emplace_back(link, world().damage_link(link.first, link.second, fault.damage));
    }
    injected.nodes = std::move(links.struck);
    return injected;
  }
  Injected operator()(const SlowDiskFault& fault) {
    return to_machines(fault.node, [&](NodeId node) { world().slow_disk(node, fault.disk); });
  }
  Injected operator()(const StallDiskFault& fault) {
    return to_machines(fault.node, [&](NodeId node) { world().stall_disk(node, fault.length.fixed()); });
  }
  Injected operator()(const FailDiskFault& fault) {
    return to_machines(fault.node, [&](NodeId node) { world().fail_disk(node, fault.error); });
  }
  Injected operator()(const LyingFsyncFault& fault) {
    return to_machines(fault.node, [&](NodeId node) { plane_.lie_about_fsync(node, true); });
  }
  Injected operator()(DamageLogFault& fault) {
    Injected injected;
    for (const NodeId node : resolve(fault.node)) {
      const std::vector<std::int64_t> damaged = plane_.damage_log(node, fault, rng_);
      if (damaged.empty()) continue;
      injected.nodes.push_back(node);
      if (fault.offsets.empty()) fault.offsets = damaged;  // the same of every further log
    }
    return injected;
  }

 private:
  world::World& world() { return plane_.world(); }

  std::vector<NodeId> resolve(const Whom& whom) {
    std::vector<NodeId> nodes;
    for (const Target& target : whom.targets) {
      for (const NodeId node : plane_.resolve(target, rng_)) {
        if (std::ranges::find(nodes, node) == nodes.end()) nodes.push_back(node);
      }
    }
    std::ranges::sort(nodes);
    return nodes;
  }

  /// Does it to every node meant, whether or not a process runs there.
  template <class Act>
  Injected to_machines(const Whom& whom, Act act) {
    Injected injected;
    injected.nodes = resolve(whom);
    for (const NodeId node : injected.nodes) act(node);
    return injected;
  }

  /// Does it to every node meant whose process exists.
  template <class Act>
  Injected strike(const Whom& whom, Act act) {
    Injected injected;
    for (const NodeId node : resolve(whom)) {
      if (world().process(node) == world::ProcessState::kDown) continue;
      act(node);
      injected.nodes.push_back(node);
    }
    return injected;
  }

  Injected cut(Links links) {
    Injected injected;
    for (const auto& [from, to] : links.links) world().cut(from, to);
    injected.cuts = std::move(links.links);
    if (!injected.cuts.empty()) injected.nodes = std::move(links.struck);
    return injected;
  }

  ControlPlane& plane_;
  kraft::Rng& rng_;
};

/// Ends the absence that a crash or a stop began; not one that somebody else began after a start in between.
void end_absence(world::World& world, const Injected& injected) {
  for (std::size_t i = 0; i < injected.nodes.size(); ++i) {
    const NodeId node = injected.nodes[i];
    // As a service manager does it: what was told to stop and has not ended by now is killed, then started.
    if (world.boot(node) < injected.boots[i]) world.crash(node);
    if (world.boot(node) == injected.boots[i]) world.start(node);
  }
}

/// What the latest fault of this kind that still stands has set the node to; nullptr if none does.
template <class AFault>
const AFault* latest(std::span<const Injected* const> standing, NodeId node) {
  for (auto other = standing.rbegin(); other != standing.rend(); ++other) {
    const auto* fault = std::get_if<AFault>(&(*other)->action);
    if (fault != nullptr && sets_machine((*other)->action) && std::ranges::binary_search((*other)->nodes, node)) {
      return fault;
    }
  }
  return nullptr;
}

}  // namespace

Injected inject(ControlPlane& plane, const FaultAction& action, kraft::Rng& rng, Duration most) {
  FaultAction settled = settle(plane, action, most, rng);
  Injected injected;
  if (!needs_disk_contents(settled) || plane.keeps_disk_contents()) {
    injected = std::visit(Injector(plane, rng), settled);
  }
  injected.text = line(settled);
  if (injected.nodes.empty()) {
    injected.text += needs_disk_contents(settled) && !plane.keeps_disk_contents()
                         ? " (these disks have no contents: under KRaft only)"
                         : " (nobody to do it to)";
  }
  injected.action = std::move(settled);
  return injected;
}

bool sets_machine(const FaultAction& action) {
  if (const auto* clock = std::get_if<ClockFault>(&action)) return clock->drift_ppm != 0;
  return std::holds_alternative<SlowCpuFault>(action) || std::holds_alternative<SlowDiskFault>(action) ||
         std::holds_alternative<FailDiskFault>(action) || std::holds_alternative<LyingFsyncFault>(action);
}

void revert(ControlPlane& plane, Injected& injected, std::span<const Injected* const> standing) {
  world::World& world = plane.world();
  if (!std::holds_alternative<FlakyFault>(injected.action) || injected.down) {
    for (const auto& [from, to] : injected.cuts) world.heal(from, to);
  }
  for (const auto& [link, damage] : injected.damages) world.mend_link(link.first, link.second, damage);
  const auto each = [&](auto&& act) {
    for (const NodeId node : injected.nodes) act(node);
  };
  std::visit(kraft::overloaded{
                 [](const PauseFault&) {},  // the process went on by itself
                 [&](const CrashFault&) { end_absence(world, injected); },
                 [&](const StopFault&) { end_absence(world, injected); },
                 [](const StartFault&) {},
                 [&](const SlowCpuFault&) {
                   each([&](NodeId node) {
                     const auto* other = latest<SlowCpuFault>(standing, node);
                     world.slow_cpu(node, other == nullptr ? 100 : other->percent);
                   });
                 },
                 [&](const ClockFault& fault) {
                   each([&](NodeId node) {
                     if (fault.drift_ppm == 0) return world.jump_clock(node, -fault.jump);
                     const auto* other = latest<ClockFault>(standing, node);
                     world.disturb_clock(node, other == nullptr ? std::nullopt : std::optional(other->drift_ppm));
                   });
                 },
                 [](const PartitionFault&) {},
                 [](const CutFault&) {},
                 [](const FlakyFault&) {},
                 [](const BadLinkFault&) {},
                 [&](const SlowDiskFault&) {
                   each([&](NodeId node) {
                     const auto* other = latest<SlowDiskFault>(standing, node);
                     world.slow_disk(node, other == nullptr ? nothing_extra() : other->disk);
                   });
                 },
                 [](const StallDiskFault&) {},  // its time is over
                 [&](const FailDiskFault&) {
                   each([&](NodeId node) {
                     const auto* other = latest<FailDiskFault>(standing, node);
                     world.fail_disk(node, other == nullptr ? world::DiskError::kNone : other->error);
                     if (other == nullptr && world.lacks_disk(node)) world.start(node);
                   });
                 },
                 [&](const LyingFsyncFault&) {
                   each([&](NodeId node) {
                     if (latest<LyingFsyncFault>(standing, node) == nullptr) plane.lie_about_fsync(node, false);
                   });
                 },
                 [](const DamageLogFault&) {},
             },
             injected.action);
}

Duration toggle(ControlPlane& plane, Injected& injected) {
  const auto* flaky = std::get_if<FlakyFault>(&injected.action);
  if (flaky == nullptr) return {};
  injected.down = !injected.down;
  for (const auto& [from, to] : injected.cuts) {
    if (injected.down) {
      plane.world().cut(from, to);
    } else {
      plane.world().heal(from, to);
    }
  }
  return injected.down ? flaky->down : flaky->up;
}

}  // namespace kraftsim::cluster
