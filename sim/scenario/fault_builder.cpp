// One function per act. What the field table can say about a key has been checked; here come the rules that join
// several.
#include "sim/scenario/fault_builder.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "sim/scenario/fault_fields.hpp"

namespace kraftsim::scenario {
namespace {

using cluster::Fault;
using cluster::FaultAction;
using cluster::Target;
using kraft::Duration;
using kraft::Time;

class FaultBuilder {
 public:
  FaultBuilder(const FaultSurroundings& surroundings, Problems& problems)
      : surroundings_(surroundings), problems_(problems) {}

  std::optional<Fault> build(const ObjectView& view) {
    Fault fault;
    times(view, fault);
    auto action = act(view);
    if (!action) return std::nullopt;
    if (cluster::needs_disk_contents(*action) && !surroundings_.kraft) {
      problems_.add(view.place(), view.pointer(),
                    "disks have contents under coordination \"kraft\" only; nothing here can be struck by this");
    }
    fault.action = std::move(*action);
    return fault;
  }

 private:
  void wrong(const ObjectView& view, std::string_view name, std::string message) {
    problems_.add(view.place(name), view.pointer(name), std::move(message));
  }

  // ---- when ----

  void times(const ObjectView& view, Fault& fault) {
    fault.at = fault.latest = Time(view.duration("at"));
    if (const auto range = view.range("between")) {
      fault.at = Time(range->low);
      fault.latest = Time(range->high);
    }
    if (surroundings_.duration > Duration::zero() && fault.latest >= Time(surroundings_.duration)) {
      wrong(view, view.has("between") ? "between" : "at",
            fmt::format("{} is past the end: the run lasts {}", kraft::line(fault.latest.time_since_epoch()),
                        kraft::line(surroundings_.duration)));
    }
    fault.every = view.span("every");
    if (view.has("times")) fault.times = view.count("times");
    if (const auto until = view.maybe_duration("until")) fault.until = Time(*until);
    if (view.has("until") && fault.until <= fault.latest) wrong(view, "until", "it is over before it begins");
    if (view.has("times") && !view.has("every")) {
      wrong(view, "times", "several times need a pace; write \"every\" as well");
    }
    if (view.has("every") && !view.has("times") && !view.has("until")) {
      wrong(view, "every", "this never ends; write \"times\" or \"until\" as well");
    }
  }

  // ---- whom ----

  std::optional<Target> target(const ObjectView::Item& item) {
    const auto result = ValueReader(nullptr).target(*item.value, item.pointer);
    if (!result) return {};
    if (std::string mistake = surroundings_.mistake_in(*result); !mistake.empty()) {
      problems_.add(item.value->place, item.pointer, std::move(mistake));
    }
    return result;
  }
  std::vector<Target> targets(const std::vector<ObjectView::Item>& items) {
    std::vector<Target> result;
    for (const auto& item : items) {
      const auto next = target(item);
      if (!next) continue;
      if (std::ranges::find(result, *next) != result.end()) {
        problems_.add(item.value->place, item.pointer, fmt::format("'{}' is named twice", line(*next)));
      }
      result.push_back(*next);
    }
    return result;
  }
  std::vector<Target> targets(const ObjectView& view, std::string_view name) { return targets(view.items(name)); }

  /// The lists of a list of lists.
  std::vector<std::vector<Target>> lists(const ObjectView& view, std::string_view name) {
    std::vector<std::vector<Target>> result;
    for (const auto& list : view.items(name)) {
      if (list.value->kind != Value::Kind::kArray) continue;
      std::vector<ObjectView::Item> items;
      for (std::size_t i = 0; i < list.value->items.size(); ++i) {
        items.push_back({&list.value->items[i], pointer_to(list.pointer, i)});
      }
      result.push_back(targets(items));
    }
    return result;
  }

  // ---- what ----

  std::optional<FaultAction> act(const ObjectView& view) {
    if (view.has("pause")) return pause(view.object("pause"));
    if (view.has("crash")) return crash(view.object("crash"));
    if (view.has("stop")) {
      const ObjectView stop = view.object("stop");
      return cluster::StopFault{targets(stop, "node"), stop.span("restart_after")};
    }
    if (view.has("start")) return cluster::StartFault{targets(view.object("start"), "node")};
    if (view.has("slow_cpu")) {
      const ObjectView slow = view.object("slow_cpu");
      return cluster::SlowCpuFault{targets(slow, "node"), slow.count("percent"), slow.span("for")};
    }
    if (view.has("clock")) return clock(view.object("clock"));
    if (view.has("partition")) return partition(view.object("partition"));
    if (view.has("cut")) {
      const ObjectView cut = view.object("cut");
      return cluster::CutFault{targets(cut, "from"), targets(cut, "to"), cut.boolean("both"), cut.span("for")};
    }
    if (view.has("flaky")) {
      const ObjectView flaky = view.object("flaky");
      return cluster::FlakyFault{targets(flaky, "from"),   targets(flaky, "to"),  flaky.boolean("both"),
                                 flaky.duration("down"), flaky.duration("up"), flaky.span("for")};
    }
    if (view.has("bad_link")) return bad_link(view.object("bad_link"));
    return disk(view);
  }

  std::optional<FaultAction> disk(const ObjectView& view) {
    if (view.has("slow_disk")) {
      const ObjectView slow = view.object("slow_disk");
      world::DiskProfile extra{.write = {}, .fsync = {}, .bandwidth_bytes_per_s = 0};
      if (const auto write = slow.latency("write")) extra.write = *write;
      if (const auto fsync = slow.latency("fsync")) extra.fsync = *fsync;
      if (const auto bandwidth = slow.rate("bandwidth")) extra.bandwidth_bytes_per_s = *bandwidth;
      return cluster::SlowDiskFault{targets(slow, "node"), extra, slow.span("for")};
    }
    if (view.has("stall_disk")) {
      const ObjectView stall = view.object("stall_disk");
      return cluster::StallDiskFault{targets(stall, "node"), stall.span("for")};
    }
    if (view.has("fail_disk")) {
      const ObjectView fail = view.object("fail_disk");
      const std::string error = fail.text("error");
      return cluster::FailDiskFault{targets(fail, "node"),
                                    error == "full"        ? world::DiskError::kFull
                                    : error == "eio_write" ? world::DiskError::kWrite
                                    : error == "eio_fsync" ? world::DiskError::kSync
                                                           : world::DiskError::kRead,
                                    fail.span("for")};
    }
    if (view.has("lying_fsync")) {
      const ObjectView lie = view.object("lying_fsync");
      return cluster::LyingFsyncFault{targets(lie, "node"), lie.span("for")};
    }
    if (view.has("bit_rot")) return damage(view.object("bit_rot"), cluster::LogDamage::kBitRot);
    if (view.has("lost_write")) return damage(view.object("lost_write"), cluster::LogDamage::kLostWrite);
    if (view.has("misdirected_write")) {
      return damage(view.object("misdirected_write"), cluster::LogDamage::kMisdirected);
    }
    return {};
  }

  FaultAction pause(const ObjectView& view) {
    cluster::PauseFault fault{targets(view, "node"), view.span("for")};
    const std::string collector = view.text("gc");
    for (const GcPauses& pauses : gc_pauses()) {
      if (pauses.name == collector) fault.length = pauses.length;
    }
    return fault;
  }

  FaultAction crash(const ObjectView& view) {
    cluster::CrashFault fault{.node = targets(view, "node"),
                              .restart_after = view.span("restart_after"),
                              .machine = view.boolean("machine"),
                              .wipe = view.boolean("wipe")};
    const std::string unsynced = view.text("unsynced");
    if (unsynced == "kept") fault.unsynced = cluster::Unsynced::kKept;
    if (unsynced == "torn") fault.unsynced = cluster::Unsynced::kTorn;
    if (unsynced == "random") fault.unsynced = cluster::Unsynced::kSubset;
    if (view.has("subset")) fault.subset = static_cast<std::uint32_t>(view.integer("subset"));
    if (view.has("subset") && unsynced != "random") {
      wrong(view, "subset", "these bits are read with \"unsynced\": \"random\" only");
    }
    return fault;
  }

  FaultAction clock(const ObjectView& view) {
    const Duration jump = view.has("forward") ? view.duration("forward") : -view.duration("back");
    if (view.has("drift_ppm") && view.integer("drift_ppm") == 0) wrong(view, "drift_ppm", "this clock does not drift");
    return cluster::ClockFault{targets(view, "node"), jump, view.count("drift_ppm"), view.span("for")};
  }

  FaultAction partition(const ObjectView& view) {
    using Kind = cluster::PartitionFault::Kind;
    cluster::PartitionFault fault;
    fault.length = view.span("for");
    if (view.has("groups")) fault.groups = groups(view);
    if (view.has("links")) {
      fault.kind = Kind::kLinks;
      fault.groups = lists(view, "links");
      for (const auto& link : fault.groups) {
        if (link.size() != 2) wrong(view, "links", "a link joins two nodes");
      }
    }
    const auto chosen = [&](std::string_view name, Kind kind) {
      if (!view.has(name)) return;
      fault.kind = kind;
      fault.whom = targets(view, name);
    };
    chosen("isolate", Kind::kIsolate);
    chosen("bridge", Kind::kBridge);
    chosen("majorities_ring", Kind::kMajoritiesRing);
    chosen("random", Kind::kRandom);
    return fault;
  }

  std::vector<std::vector<Target>> groups(const ObjectView& view) {
    const auto items = view.items("groups");
    for (const auto& group : items) {
      if (group.value->kind == Value::Kind::kArray && group.value->items.empty()) {
        problems_.add(group.value->place, group.pointer, "this group is empty");
      }
    }
    std::vector<std::vector<Target>> result = lists(view, "groups");
    std::vector<Target> all;
    for (std::size_t i = 0; i < result.size(); ++i) {
      for (const Target& member : result[i]) {
        if (std::ranges::find(all, member) != all.end()) {
          problems_.add(items[i].value->place, items[i].pointer,
                        fmt::format("'{}' is in an earlier group too", line(member)));
        }
      }
      all.insert(all.end(), result[i].begin(), result[i].end());
    }
    if (items.size() < 2) {
      wrong(view, "groups", "a partition has two groups or more; \"*\" names the nodes that no other group names");
    }
    return result;
  }

  FaultAction bad_link(const ObjectView& view) {
    world::LinkDamage damage;
    damage.latency = view.latency("latency").value_or(damage.latency);
    damage.bandwidth_bytes_per_s = view.rate("bandwidth").value_or(0);
    damage.loss_millionths = view.fraction("loss").value_or(0);
    damage.duplicate_millionths = view.fraction("duplicate").value_or(0);
    damage.reorder_millionths = view.fraction("reorder").value_or(0);
    damage.connect = view.latency("connect").value_or(damage.connect);
    damage.unreachable = view.boolean("unreachable");
    if (damage.loss_millionths == 1'000'000) {
      wrong(view, "loss", "a link that loses everything is cut; write \"cut\"");
      damage.loss_millionths = 999'999;
    }
    if (damage == world::LinkDamage{}) problems_.add(view.place(), view.pointer(), "nothing is wrong with this link");
    return cluster::BadLinkFault{targets(view, "from"), targets(view, "to"), view.boolean("both"), damage,
                                 view.span("for")};
  }

  FaultAction damage(const ObjectView& view, cluster::LogDamage kind) {
    cluster::DamageLogFault fault{targets(view, "node"), kind, {}};
    for (const auto& item : view.items("offsets")) {
      const auto offset = ValueReader(nullptr).integer(*item.value, item.pointer, 0, INT64_MAX);
      if (offset) fault.offsets.push_back(*offset);
    }
    return fault;
  }

  const FaultSurroundings& surroundings_;
  Problems& problems_;
};

}  // namespace

std::vector<Fault> build_faults(const std::vector<ObjectView>& views, const FaultSurroundings& surroundings,
                                Problems& problems) {
  std::multimap<Time, Fault> by_time;
  for (const ObjectView& view : views) {
    if (auto fault = FaultBuilder(surroundings, problems).build(view)) by_time.emplace(fault->at, std::move(*fault));
  }
  std::vector<Fault> faults;
  for (auto& [at, fault] : by_time) faults.push_back(std::move(fault));
  return faults;
}

}  // namespace kraftsim::scenario
