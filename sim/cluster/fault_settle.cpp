// Targets first, in the order in which they are written, then what the kind itself leaves open, then the length: a
// change of one moves no draw of those before it.
#include "sim/cluster/fault_settle.hpp"

#include <algorithm>
#include <utility>

#include "core/base/check.hpp"
#include "core/base/overloaded.hpp"
#include "sim/cluster/spec.hpp"

namespace kraftsim::cluster {
namespace {

using Kind = Target::Kind;

class Settling {
 public:
  Settling(const ControlPlane& plane, Duration most, kraft::Rng& rng) : plane_(plane), most_(most), rng_(rng) {}

  template <class AnyFault>
  void operator()(AnyFault& fault) {
    if constexpr (requires { fault.node; }) settle(fault.node.targets);
    if constexpr (requires { fault.from; }) {
      settle(fault.from);
      settle(fault.to);
    }
    choose(fault);
  }

  void length(Span& span) {
    Duration drawn = span.length.sample(rng_);
    if (!span.length.is_constant()) drawn = std::max(drawn, Duration(1));  // zero would be for ever
    if (drawn == Duration::zero() || drawn > most_) drawn = most_ == Duration::max() ? drawn : most_;
    span = Span(drawn);
  }

 private:
  // ---- whom ----

  /// The target that names one node by its number. Only the port knows whether a coordinator is a controller.
  Target by_number(NodeId node) {
    if (is_broker(node)) return {Kind::kBroker, node.value() - kFirstBroker + 1};
    const Target controller{Kind::kController, node.value() - kFirstCoordinator + 1};
    return plane_.resolve(controller, rng_).empty() ? Target{Kind::kZookeeper, controller.number} : controller;
  }
  std::vector<Target> by_number(const std::vector<NodeId>& nodes) {
    std::vector<Target> targets;
    for (const NodeId node : nodes) targets.push_back(by_number(node));
    return targets;
  }

  /// A role becomes the nodes that hold it. Fixed sets keep their name, and so does a role that nobody holds.
  void settle(std::vector<Target>& targets) {
    const auto keeps_name = [](const Target& target) { return is_fixed(target) && target.kind != Kind::kCoordinator; };
    std::vector<Target> settled;
    for (const Target& target : targets) {
      const std::vector<Target> holders =
          keeps_name(target) ? std::vector<Target>{} : by_number(plane_.resolve(target, rng_));
      if (holders.empty()) settled.push_back(target);
      for (const Target& holder : holders) {
        if (std::ranges::find(settled, holder) == settled.end()) settled.push_back(holder);
      }
    }
    targets = std::move(settled);
  }

  [[nodiscard]] std::vector<NodeId> nodes(const std::vector<Target>& targets) {
    std::vector<NodeId> all;
    for (const Target& target : targets) {
      for (const NodeId node : plane_.resolve(target, rng_)) {
        if (std::ranges::find(all, node) == all.end()) all.push_back(node);
      }
    }
    return all;
  }

  void shuffle(std::vector<NodeId>& nodes) {
    for (std::size_t left = nodes.size(); left > 1; --left) {
      const auto drawn = static_cast<std::size_t>(rng_.below(left));
      std::swap(nodes[left - 1], nodes[drawn]);
    }
  }

  // ---- what is left open ----

  template <class AnyFault>
  void choose(AnyFault&) {}

  void choose(CrashFault& fault) {
    if (fault.unsynced == Unsynced::kSubset && !fault.subset) fault.subset = static_cast<std::uint32_t>(rng_.next());
  }

  void choose(PartitionFault& fault) {
    settle(fault.whom);
    for (auto& group : fault.groups) settle(group);
    switch (fault.kind) {
      case PartitionFault::Kind::kGroups:
      case PartitionFault::Kind::kLinks: return;
      case PartitionFault::Kind::kIsolate: fault.groups = {fault.whom, {Target{Kind::kEverything}}}; break;
      case PartitionFault::Kind::kBridge: {
        std::vector<NodeId> rest = nodes({Target{Kind::kAllCoordinators}});
        for (const NodeId bridge : nodes(fault.whom)) std::erase(rest, bridge);
        shuffle(rest);
        fault.groups = halves(rest, rest.size() / 2);
        break;
      }
      case PartitionFault::Kind::kMajoritiesRing:
        fault.groups = ring(nodes(fault.whom));
        fault.kind = PartitionFault::Kind::kLinks;
        fault.whom.clear();
        return;
      case PartitionFault::Kind::kRandom: {
        std::vector<NodeId> all = nodes(fault.whom);
        if (all.size() < 2) break;
        shuffle(all);
        fault.groups = halves(all, 1 + static_cast<std::size_t>(rng_.below(all.size() - 1)));
        break;
      }
    }
    fault.kind = PartitionFault::Kind::kGroups;
    fault.whom.clear();
  }

  std::vector<std::vector<Target>> halves(std::vector<NodeId> nodes, std::size_t first) {
    const auto middle = nodes.begin() + static_cast<std::ptrdiff_t>(first);
    std::sort(nodes.begin(), middle);
    std::sort(middle, nodes.end());
    return {by_number({nodes.begin(), middle}), by_number({middle, nodes.end()})};
  }

  /// In a circle each node keeps its neighbours, as many as it needs to see a majority, and loses all others. Of three
  /// nodes each is every other's neighbour: nothing is cut.
  std::vector<std::vector<Target>> ring(std::vector<NodeId> nodes) {
    shuffle(nodes);
    const std::size_t count = nodes.size();
    const std::size_t reach = (count / 2 + 1) / 2;  // to either side: a majority is itself and count / 2 others
    std::vector<std::vector<Target>> links;
    for (std::size_t a = 0; a < count; ++a) {
      for (std::size_t b = a + 1; b < count; ++b) {
        if (std::min(b - a, count - (b - a)) > reach) links.push_back(by_number({nodes[a], nodes[b]}));
      }
    }
    return links;
  }

  const ControlPlane& plane_;
  Duration most_;
  kraft::Rng& rng_;
};

}  // namespace

FaultAction settle(const ControlPlane& plane, const FaultAction& action, Duration most, kraft::Rng& rng) {
  FaultAction settled = action;
  Settling settling(plane, most, rng);
  std::visit(settling, settled);
  if (Span* span = span_of(settled)) settling.length(*span);
  return settled;
}

}  // namespace kraftsim::cluster
