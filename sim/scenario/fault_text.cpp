// Keys in the order of the field table, and none that would state a default. Numbers are written digit by digit, since
// they are read so: no floats.
#include "sim/scenario/fault_text.hpp"

#include <utility>
#include <vector>

#include <fmt/format.h>

#include "core/base/overloaded.hpp"

namespace kraftsim::scenario {
namespace {

using cluster::Target;
using engine::Quantiles;
using kraft::Duration;

std::string text_of(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}
std::string text_of(Duration duration) { return text_of(std::string_view(kraft::line(duration))); }
std::string text_of(const Target& target) { return text_of(std::string_view(line(target))); }

/// Millionths as a decimal with `whole` digits' worth before the point: 999000 is 0.999, or as a quantile 99.9.
std::string decimal(std::uint32_t millionths, std::uint32_t unit) {
  std::string text = std::to_string(millionths / unit);
  if (const std::uint32_t rest = millionths % unit; rest != 0) {
    std::string digits = std::to_string(rest + unit).substr(1);
    digits.erase(digits.find_last_not_of('0') + 1);
    text += "." + digits;
  }
  return text;
}

std::string text_of(const Quantiles& quantiles) {
  if (quantiles.is_constant()) return text_of(quantiles.quantile(0));
  std::string members;
  for (const Quantiles::Point& point : quantiles.points()) {
    members += fmt::format("{}\"p{}\": {}", members.empty() ? "" : ", ", decimal(point.millionths, 10'000),
                           text_of(point.value));
  }
  return "{" + members + "}";
}

template <class Item>
std::string list_of(const std::vector<Item>& items) {
  std::string text;
  for (const Item& item : items) {
    text += text.empty() ? "" : ", ";
    if constexpr (requires { text_of(item); }) {
      text += text_of(item);
    } else if constexpr (requires { item.size(); }) {
      text += list_of(item);
    } else {
      text += std::to_string(item);
    }
  }
  return "[" + text + "]";
}

std::string one_or_list(const std::vector<Target>& targets) {
  return targets.size() == 1 ? text_of(targets.front()) : list_of(targets);
}

/// Members in the order of their adding; those at their defaults are left out.
class Object {
 public:
  Object& add(std::string_view name, const std::string& value) {
    members_ += fmt::format("{}\"{}\": {}", members_.empty() ? "" : ", ", name, value);
    return *this;
  }
  Object& add(std::string_view name, const std::vector<Target>& targets) { return add(name, one_or_list(targets)); }
  Object& add(std::string_view name, const cluster::Whom& whom) { return add(name, whom.targets); }
  Object& add(std::string_view name, const Quantiles& length) {
    return length == Quantiles() ? *this : add(name, text_of(length));
  }
  Object& add(std::string_view name, const cluster::Span& span) { return add(name, span.length); }
  Object& flag(std::string_view name, bool on) { return on ? add(name, std::string("true")) : *this; }
  Object& share(std::string_view name, std::uint32_t millionths) {
    return millionths == 0 ? *this : add(name, decimal(millionths, 1'000'000));
  }
  Object& rate(std::string_view name, std::int64_t bytes_per_s) {
    return bytes_per_s == 0 ? *this : add(name, fmt::format("\"{}B/s\"", bytes_per_s));
  }
  [[nodiscard]] std::string text() const { return "{" + members_ + "}"; }

 private:
  std::string members_;
};

struct Act {
  std::string_view name;
  Object object;
};

template <class LinkFault>
Object ends(const LinkFault& fault) {
  return Object().add("from", fault.from).add("to", fault.to).flag("both", fault.both);
}

std::string_view name_of(world::DiskError error) {
  switch (error) {
    case world::DiskError::kNone: break;
    case world::DiskError::kFull: return "full";
    case world::DiskError::kWrite: return "eio_write";
    case world::DiskError::kSync: return "eio_fsync";
    case world::DiskError::kRead: return "eio_read";
  }
  return {};
}

std::string_view name_of(cluster::LogDamage damage) {
  switch (damage) {
    case cluster::LogDamage::kBitRot: return "bit_rot";
    case cluster::LogDamage::kLostWrite: return "lost_write";
    case cluster::LogDamage::kMisdirected: return "misdirected_write";
  }
  return {};
}

Object members_of(const cluster::CrashFault& fault) {
  Object object;
  object.add("node", fault.node).add("restart_after", fault.restart_after).flag("machine", fault.machine);
  object.flag("wipe", fault.wipe);
  switch (fault.unsynced) {
    case cluster::Unsynced::kLost: break;
    case cluster::Unsynced::kKept: object.add("unsynced", text_of("kept")); break;
    case cluster::Unsynced::kTorn: object.add("unsynced", text_of("torn")); break;
    case cluster::Unsynced::kSubset: object.add("unsynced", text_of("random")); break;
  }
  if (fault.subset) object.add("subset", std::to_string(*fault.subset));
  return object;
}

Object members_of(const cluster::ClockFault& fault) {
  Object object;
  object.add("node", fault.node);
  if (fault.drift_ppm != 0) {
    object.add("drift_ppm", std::to_string(fault.drift_ppm));
  } else if (fault.jump > Duration::zero()) {
    object.add("forward", text_of(fault.jump));
  } else {
    object.add("back", text_of(-fault.jump));
  }
  return object.add("for", fault.length);
}

Object members_of(const cluster::PartitionFault& fault) {
  using Kind = cluster::PartitionFault::Kind;
  Object object;
  switch (fault.kind) {
    case Kind::kGroups: object.add("groups", list_of(fault.groups)); break;
    case Kind::kLinks: object.add("links", list_of(fault.groups)); break;
    case Kind::kIsolate: object.add("isolate", fault.whom); break;
    case Kind::kBridge: object.add("bridge", fault.whom); break;
    case Kind::kMajoritiesRing: object.add("majorities_ring", fault.whom); break;
    case Kind::kRandom: object.add("random", fault.whom); break;
  }
  return object.add("for", fault.length);
}

Object members_of(const cluster::BadLinkFault& fault) {
  const world::LinkDamage& damage = fault.damage;
  return ends(fault)
      .add("latency", damage.latency)
      .rate("bandwidth", damage.bandwidth_bytes_per_s)
      .share("loss", damage.loss_millionths)
      .share("duplicate", damage.duplicate_millionths)
      .share("reorder", damage.reorder_millionths)
      .add("connect", damage.connect)
      .flag("unreachable", damage.unreachable)
      .add("for", fault.length);
}

Act act_of(const cluster::FaultAction& action) {
  const auto at_node = [](const auto& fault) { return Object().add("node", fault.node); };
  return std::visit(
      kraft::overloaded{
          [&](const cluster::PauseFault& f) { return Act{"pause", at_node(f).add("for", f.length)}; },
          [&](const cluster::CrashFault& f) { return Act{"crash", members_of(f)}; },
          [&](const cluster::StopFault& f) { return Act{"stop", at_node(f).add("restart_after", f.restart_after)}; },
          [&](const cluster::StartFault& f) { return Act{"start", at_node(f)}; },
          [&](const cluster::SlowCpuFault& f) {
            return Act{"slow_cpu", at_node(f).add("percent", std::to_string(f.percent)).add("for", f.length)};
          },
          [&](const cluster::ClockFault& f) { return Act{"clock", members_of(f)}; },
          [&](const cluster::PartitionFault& f) { return Act{"partition", members_of(f)}; },
          [&](const cluster::CutFault& f) { return Act{"cut", ends(f).add("for", f.length)}; },
          [&](const cluster::FlakyFault& f) {
            return Act{"flaky", ends(f).add("down", text_of(f.down)).add("up", text_of(f.up)).add("for", f.length)};
          },
          [&](const cluster::BadLinkFault& f) { return Act{"bad_link", members_of(f)}; },
          [&](const cluster::SlowDiskFault& f) {
            return Act{"slow_disk", at_node(f)
                                        .add("write", f.disk.write)
                                        .add("fsync", f.disk.fsync)
                                        .rate("bandwidth", f.disk.bandwidth_bytes_per_s)
                                        .add("for", f.length)};
          },
          [&](const cluster::StallDiskFault& f) { return Act{"stall_disk", at_node(f).add("for", f.length)}; },
          [&](const cluster::FailDiskFault& f) {
            return Act{"fail_disk", at_node(f).add("error", text_of(name_of(f.error))).add("for", f.length)};
          },
          [&](const cluster::LyingFsyncFault& f) { return Act{"lying_fsync", at_node(f).add("for", f.length)}; },
          [&](const cluster::DamageLogFault& f) {
            Object object = at_node(f);
            if (!f.offsets.empty()) object.add("offsets", list_of(f.offsets));
            return Act{name_of(f.damage), object};
          },
      },
      action);
}

}  // namespace

std::string to_json(const cluster::Fault& fault) {
  Object object;
  if (fault.latest > fault.at) {
    object.add("between", list_of(std::vector{fault.at.time_since_epoch(), fault.latest.time_since_epoch()}));
  } else {
    object.add("at", text_of(fault.at.time_since_epoch()));
  }
  object.add("every", fault.every);
  if (fault.times != 0) object.add("times", std::to_string(fault.times));
  if (fault.until != kraft::kNever) object.add("until", text_of(fault.until.time_since_epoch()));
  const Act act = act_of(fault.action);
  return object.add(act.name, act.object.text()).text();
}

}  // namespace kraftsim::scenario
