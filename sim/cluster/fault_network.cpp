// From targets to links. A node belongs to the first group that names it; Everything is who is named nowhere else.
#include "sim/cluster/fault_network.hpp"

#include <algorithm>
#include <iterator>
#include <set>

#include "sim/cluster/spec.hpp"

namespace kraftsim::cluster {
namespace {

using Nodes = std::vector<NodeId>;  // ascending

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

/// Collects each directed link once, in the order of the first mention.
class LinkSet {
 public:
  void add(const Nodes& from, const Nodes& to) {
    for (const NodeId a : from) {
      for (const NodeId b : to) {
        if (a != b && known_.insert({a, b}).second) links_.links.emplace_back(a, b);
      }
    }
  }
  Links take(Nodes struck) {
    links_.struck = std::move(struck);
    return std::move(links_);
  }

 private:
  Links links_;
  std::set<DirectedLink> known_;
};

}  // namespace

Links links_of(const ControlPlane& plane, const PartitionFault& fault, kraft::Rng& rng) {
  LinkSet set;
  Nodes struck;
  if (fault.kind == PartitionFault::Kind::kLinks) {
    for (const auto& ends : fault.groups) {
      const Nodes nodes = named(plane, ends, rng);
      set.add(nodes, nodes);
      struck = join(struck, nodes);
    }
    return set.take(struck);
  }
  const std::vector<Nodes> groups = groups_of(plane, fault, rng);
  for (const Nodes& from : groups) {
    for (const Nodes& to : groups) {
      if (&from != &to) set.add(from, to);
    }
  }
  // Of two equally large groups the one written first is the one cut off.
  std::size_t largest = 0;
  for (std::size_t i = 1; i < groups.size(); ++i) {
    if (groups[i].size() >= groups[largest].size()) largest = i;
  }
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (i != largest) struck = join(struck, groups[i]);
  }
  return set.take(struck);
}

Links links_between(const ControlPlane& plane, const std::vector<Target>& from_targets,
                    const std::vector<Target>& to_targets, bool both, kraft::Rng& rng) {
  Nodes from = named(plane, from_targets, rng);
  Nodes to = named(plane, to_targets, rng);
  const Nodes all = plane.resolve({Target::Kind::kEverything, 0}, rng);
  // Everything is everybody else; with itself on both sides, everybody.
  if (holds_everything(from_targets)) from = join(from, minus(all, to));
  if (holds_everything(to_targets)) to = join(to, holds_everything(from_targets) ? all : minus(all, from));
  LinkSet set;
  set.add(from, to);
  if (both) set.add(to, from);
  return set.take(from.size() <= to.size() ? from : to);
}

}  // namespace kraftsim::cluster
