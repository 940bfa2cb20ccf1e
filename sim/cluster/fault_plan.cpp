// Faults, carried out. Roles are settled first: the action is rewritten with the nodes that its targets mean at this
// moment, and that text is what results report, so "crash active_controller" reads "crash controller:2" afterwards and
// can be pasted into a scenario. The rest is then without chance.
//
// Everything is done through the world, as an operator's hand or bad luck would: no node is told that it is tested.
#include "sim/cluster/fault_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>
#include <utility>

#include "core/base/check.hpp"
#include "core/base/overloaded.hpp"
#include "sim/cluster/spec.hpp"

namespace kraftsim::cluster {
namespace {

using Nodes = std::vector<NodeId>;  // ascending

// ---- text ----

std::string line(const std::vector<Target>& targets) {
  std::string text;
  for (const Target& target : targets) text += (text.empty() ? "" : ",") + cluster::line(target);
  return text;
}

std::string suffix(std::string_view word, Duration length) {
  return length > Duration::zero() ? fmt::format(" {} {}", word, kraft::line(length)) : std::string();
}

std::string line(const PartitionFault& fault) {
  std::string groups;
  for (const auto& group : fault.groups) groups += (groups.empty() ? "" : " | ") + line(group);
  return "partition " + groups + suffix("for", fault.length);
}

std::string line(const CutFault& fault) {
  return fmt::format("cut {} {} {}{}", line(fault.from), fault.both ? "<->" : "->", line(fault.to),
                     suffix("for", fault.length));
}

// ---- whom it means ----

/// The target that names one node by its number. Only the port knows whether a coordinator is a controller.
Target by_number(const ControlPlane& plane, NodeId node, kraft::Rng& rng) {
  if (is_broker(node)) return {Target::Kind::kBroker, node.value() - kFirstBroker + 1};
  const Target controller{Target::Kind::kController, node.value() - kFirstCoordinator + 1};
  return plane.resolve(controller, rng).empty() ? Target{Target::Kind::kZookeeper, controller.number} : controller;
}

/// A role becomes the node that holds it. Sets keep their name, and so does a role that nobody holds.
Target settle(const ControlPlane& plane, const Target& target, kraft::Rng& rng) {
  switch (target.kind) {
    case Target::Kind::kController:
    case Target::Kind::kZookeeper:
    case Target::Kind::kBroker:
    case Target::Kind::kAllBrokers:
    case Target::Kind::kAllCoordinators:
    case Target::Kind::kEverything: return target;
    case Target::Kind::kCoordinator:
    case Target::Kind::kLeader:
    case Target::Kind::kActiveController:
    case Target::Kind::kAnyFollower:
    case Target::Kind::kAnyBroker: break;
  }
  const Nodes holders = plane.resolve(target, rng);
  ENSURE_LE(holders.size(), 1U, "a role is held by one node");
  return holders.empty() ? target : by_number(plane, holders.front(), rng);
}

void settle(const ControlPlane& plane, std::vector<Target>& targets, kraft::Rng& rng) {
  for (Target& target : targets) target = settle(plane, target, rng);
}

FaultAction settle(const ControlPlane& plane, const FaultAction& action, kraft::Rng& rng) {
  FaultAction settled = action;
  std::visit(kraft::overloaded{
                 [&](PartitionFault& fault) {
                   for (auto& group : fault.groups) settle(plane, group, rng);
                 },
                 [&](CutFault& fault) {
                   settle(plane, fault.from, rng);
                   settle(plane, fault.to, rng);
                 },
                 [&](PauseFault& fault) { fault.node = settle(plane, fault.node, rng); },
                 [&](CrashFault& fault) { fault.node = settle(plane, fault.node, rng); },
                 [&](StopFault& fault) { fault.node = settle(plane, fault.node, rng); },
                 [&](StartFault& fault) { fault.node = settle(plane, fault.node, rng); },
                 [&](SlowDiskFault& fault) { fault.node = settle(plane, fault.node, rng); },
                 [&](SlowCpuFault& fault) { fault.node = settle(plane, fault.node, rng); },
             },
             settled);
  return settled;
}

Nodes minus(const Nodes& nodes, const Nodes& without) {
  Nodes rest;
  std::ranges::set_difference(nodes, without, std::back_inserter(rest));
  return rest;
}

Nodes join(const Nodes& a, const Nodes& b) {
  Nodes both;
  std::ranges::set_union(a, b, std::back_inserter(both));
  return both;
}

bool holds_everything(const std::vector<Target>& targets) {
  return std::ranges::any_of(targets, [](const Target& t) { return t.kind == Target::Kind::kEverything; });
}

/// The nodes that a list names itself: its Everything is left to the caller.
Nodes named(const ControlPlane& plane, const std::vector<Target>& targets, kraft::Rng& rng) {
  Nodes nodes;
  for (const Target& target : targets) {
    if (target.kind != Target::Kind::kEverything) nodes = join(nodes, plane.resolve(target, rng));
  }
  return nodes;
}

/// The groups of a partition. A node belongs to the first group that names it, or else to the one with Everything.
std::vector<Nodes> groups_of(const ControlPlane& plane, const PartitionFault& fault, kraft::Rng& rng) {
  std::vector<Nodes> groups;
  Nodes taken;
  for (const auto& targets : fault.groups) {
    groups.push_back(minus(named(plane, targets, rng), taken));
    taken = join(taken, groups.back());
  }
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (!holds_everything(fault.groups[i])) continue;
    groups[i] = join(groups[i], minus(plane.resolve({Target::Kind::kEverything, 0}, rng), taken));
    taken = join(taken, groups[i]);
  }
  return groups;
}

// ---- doing it ----

class Injector {
 public:
  Injector(ControlPlane& plane, kraft::Rng& rng) : plane_(plane), rng_(rng) {}

  Injected operator()(const PauseFault& fault) {
    return strike(fault.node, [&](NodeId node) { world().pause(node, fault.length); });
  }
  Injected operator()(const CrashFault& fault) {
    return strike(fault.node, [&](NodeId node) { world().crash(node, fault.machine); });
  }
  Injected operator()(const StopFault& fault) {
    return strike(fault.node, [&](NodeId node) { plane_.stop_cleanly(node); });
  }
  Injected operator()(const StartFault& fault) {
    Injected injected;
    for (const NodeId node : plane_.resolve(fault.node, rng_)) {
      if (world().process(node) != world::ProcessState::kDown) continue;
      world().start(node);
      injected.nodes.push_back(node);
    }
    return injected;
  }
  Injected operator()(const PartitionFault& fault) {
    const std::vector<Nodes> groups = groups_of(plane_, fault, rng_);
    Injected injected;
    for (const Nodes& from : groups) {
      for (const Nodes& to : groups) {
        if (&from != &to) add_cuts(from, to, injected);
      }
    }
    // Of two equally large groups the one written first is the one cut off.
    std::size_t largest = 0;
    for (std::size_t i = 1; i < groups.size(); ++i) {
      if (groups[i].size() >= groups[largest].size()) largest = i;
    }
    for (std::size_t i = 0; i < groups.size(); ++i) {
      if (i != largest) injected.nodes = join(injected.nodes, groups[i]);
    }
    return injected;
  }
  Injected operator()(const CutFault& fault) {
    Nodes from = named(plane_, fault.from, rng_);
    Nodes to = named(plane_, fault.to, rng_);
    const Nodes all = plane_.resolve({Target::Kind::kEverything, 0}, rng_);
    // Everything is everybody else; with itself on both sides, everybody.
    if (holds_everything(fault.from)) from = join(from, minus(all, to));
    if (holds_everything(fault.to)) to = join(to, holds_everything(fault.from) ? all : minus(all, from));
    Injected injected;
    add_cuts(from, to, injected);
    if (fault.both) add_cuts(to, from, injected);
    injected.nodes = from.size() <= to.size() ? from : to;
    return injected;
  }
  Injected operator()(const SlowDiskFault& fault) {
    // The slowness is put on top of the disk's own times; restoring takes it off again.
    const world::DiskProfile nothing_extra{.write = {}, .fsync = {}, .bandwidth_bytes_per_s = 0};
    Injected injected;
    for (const NodeId node : plane_.resolve(fault.node, rng_)) {
      world().slow_disk(node, fault.disk);
      injected.nodes.push_back(node);
      injected.disks.emplace_back(node, nothing_extra);
    }
    return injected;
  }
  Injected operator()(const SlowCpuFault& fault) {
    Injected injected;
    injected.nodes = plane_.resolve(fault.node, rng_);
    for (const NodeId node : injected.nodes) world().slow_cpu(node, fault.percent);
    return injected;
  }

 private:
  world::World& world() { return plane_.world(); }

  /// Does it to every node meant whose process exists.
  template <class Act>
  Injected strike(const Target& target, Act act) {
    Injected injected;
    for (const NodeId node : plane_.resolve(target, rng_)) {
      if (world().process(node) == world::ProcessState::kDown) continue;
      act(node);
      injected.nodes.push_back(node);
    }
    return injected;
  }

  void add_cuts(const Nodes& from, const Nodes& to, Injected& injected) {
    for (const NodeId a : from) {
      for (const NodeId b : to) {
        const std::pair<NodeId, NodeId> link{a, b};
        if (a == b || !cut_.insert(link).second) continue;  // cuts count: each link once per fault
        world().cut(a, b);
        injected.cuts.push_back(link);
      }
    }
  }

  ControlPlane& plane_;
  kraft::Rng& rng_;
  std::set<std::pair<NodeId, NodeId>> cut_;
};

void start_again(ControlPlane& plane, const Injected& injected) {
  for (const NodeId node : injected.nodes) {
    if (plane.world().process(node) == world::ProcessState::kDown) plane.world().start(node);
  }
}

}  // namespace

std::string line(const FaultAction& action) {
  return std::visit(
      kraft::overloaded{
          [](const PauseFault& fault) { return "pause " + line(fault.node) + suffix("for", fault.length); },
          [](const CrashFault& fault) {
            return fmt::format("{} {}{}", fault.machine ? "crash machine of" : "crash", line(fault.node),
                               suffix("restart after", fault.restart_after));
          },
          [](const StopFault& fault) {
            return "stop " + line(fault.node) + suffix("restart after", fault.restart_after);
          },
          [](const StartFault& fault) { return "start " + line(fault.node); },
          [](const PartitionFault& fault) { return line(fault); },
          [](const CutFault& fault) { return line(fault); },
          [](const SlowDiskFault& fault) { return "slow disk of " + line(fault.node) + suffix("for", fault.length); },
          [](const SlowCpuFault& fault) {
            return fmt::format("slow CPU of {} to {} %{}", line(fault.node), fault.percent,
                               suffix("for", fault.length));
          },
      },
      action);
}

Injected inject(ControlPlane& plane, const FaultAction& action, kraft::Rng& rng) {
  const FaultAction settled = settle(plane, action, rng);
  Injected injected = std::visit(Injector(plane, rng), settled);
  injected.text = line(settled);
  if (injected.nodes.empty()) injected.text += " (nobody to do it to)";
  return injected;
}

void revert(ControlPlane& plane, const FaultAction& action, const Injected& injected) {
  for (const auto& [from, to] : injected.cuts) plane.world().heal(from, to);
  for (const auto& [node, disk] : injected.disks) plane.world().slow_disk(node, disk);
  std::visit(kraft::overloaded{
                 [](const PauseFault&) {},  // the process went on by itself
                 [&](const CrashFault&) { start_again(plane, injected); },
                 [&](const StopFault&) {
                   // As a service manager does it: what has not ended by now is killed, then started.
                   for (const NodeId node : injected.nodes) {
                     if (plane.world().process(node) != world::ProcessState::kDown) plane.world().crash(node);
                   }
                   start_again(plane, injected);
                 },
                 [](const StartFault&) {},
                 [](const PartitionFault&) {},
                 [](const CutFault&) {},
                 [](const SlowDiskFault&) {},
                 [&](const SlowCpuFault&) {
                   for (const NodeId node : injected.nodes) plane.world().slow_cpu(node, 100);
                 },
             },
             action);
}

Duration length(const FaultAction& action) {
  return std::visit(kraft::overloaded{
                        [](const PauseFault& fault) { return fault.length; },
                        [](const CrashFault& fault) { return fault.restart_after; },
                        [](const StopFault& fault) { return fault.restart_after; },
                        [](const StartFault&) { return Duration::zero(); },
                        [](const PartitionFault& fault) { return fault.length; },
                        [](const CutFault& fault) { return fault.length; },
                        [](const SlowDiskFault& fault) { return fault.length; },
                        [](const SlowCpuFault& fault) { return fault.length; },
                    },
                    action);
}

}  // namespace kraftsim::cluster
