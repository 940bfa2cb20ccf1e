// What faults are called, and what is true of each kind.
#include "sim/cluster/fault.hpp"

#include <fmt/format.h>

#include "core/base/check.hpp"
#include "core/base/overloaded.hpp"

namespace kraftsim::cluster {
namespace {

std::string list(const std::vector<Target>& targets) {
  std::string text;
  for (const Target& target : targets) text += (text.empty() ? "" : ",") + cluster::line(target);
  return text;
}

std::string list(const Whom& whom) { return list(whom.targets); }

std::string suffix(std::string_view word, const Span& span) {
  if (span.length == engine::Quantiles()) return {};
  return fmt::format(" {} {}", word, span.length.is_constant() ? kraft::line(span.fixed()) : line(span.length));
}

std::string suffix(const Span& span) { return suffix("for", span); }

std::string groups(const std::vector<std::vector<Target>>& groups, std::string_view separator) {
  std::string text;
  for (const auto& group : groups) text += (text.empty() ? "" : std::string(separator)) + list(group);
  return text;
}

std::string describe(const PartitionFault& fault) {
  switch (fault.kind) {
    case PartitionFault::Kind::kGroups: return "partition " + groups(fault.groups, " | ");
    case PartitionFault::Kind::kLinks: return "partition of links " + groups(fault.groups, " ");
    case PartitionFault::Kind::kIsolate: return "isolate " + list(fault.whom);
    case PartitionFault::Kind::kBridge: return "partition with bridge " + list(fault.whom);
    case PartitionFault::Kind::kMajoritiesRing: return "majorities ring of " + list(fault.whom);
    case PartitionFault::Kind::kRandom: return "random partition of " + list(fault.whom);
  }
  return {};
}

template <class LinkFault>
std::string ends(const LinkFault& fault) {
  return fmt::format("{} {} {}", list(fault.from), fault.both ? "<->" : "->", list(fault.to));
}

std::string describe(const world::LinkDamage& damage) {
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
  const auto share = [&](std::uint32_t millionths, std::string_view what) {
    if (millionths != 0) add(fmt::format("{} of a million {}", millionths, what));
  };
  if (damage.latency != engine::Quantiles()) add("slower by " + line(damage.latency));
  if (damage.bandwidth_bytes_per_s != 0) add(fmt::format("{} B/s", damage.bandwidth_bytes_per_s));
  share(damage.loss_millionths, "lost");
  share(damage.duplicate_millionths, "duplicated");
  share(damage.reorder_millionths, "reordered");
  if (damage.connect != engine::Quantiles()) add("connects slower by " + line(damage.connect));
  if (damage.unreachable) add("unreachable");
  return text;
}

std::string_view name(world::DiskError error) {
  switch (error) {
    case world::DiskError::kNone: return "no error";
    case world::DiskError::kFull: return "full";
    case world::DiskError::kWrite: return "EIO on write";
    case world::DiskError::kSync: return "EIO on fsync";
    case world::DiskError::kRead: return "EIO on read";
  }
  return {};
}

std::string_view name(LogDamage damage) {
  switch (damage) {
    case LogDamage::kBitRot: return "bit rot";
    case LogDamage::kLostWrite: return "lost write";
    case LogDamage::kMisdirected: return "misdirected write";
  }
  return {};
}

std::string describe(const CrashFault& fault) {
  std::string text = fault.machine ? "crash machine of " : "crash ";
  text += list(fault.node);
  switch (fault.unsynced) {
    case Unsynced::kLost: break;
    case Unsynced::kKept: text += ", unsynced writes kept"; break;
    case Unsynced::kTorn: text += ", last write torn"; break;
    case Unsynced::kSubset: text += ", some unsynced writes kept"; break;
  }
  if (fault.wipe) text += ", disk wiped";
  return text + suffix("restart after", fault.restart_after);
}

std::string describe(const ClockFault& fault) {
  const std::string whose = list(fault.node);
  if (fault.drift_ppm != 0) {
    return fmt::format("clock of {} drifts by {} ppm{}", whose, fault.drift_ppm, suffix(fault.length));
  }
  return fmt::format("clock of {} jumps by {}{}", whose, kraft::line(fault.jump), suffix(fault.length));
}

}  // namespace

Duration Span::fixed() const {
  ENSURE(length.is_constant(), "a length that is left to chance has not been drawn");
  return length.quantile(0);
}

std::string line(const FaultAction& action) {
  return std::visit(
      kraft::overloaded{
          [](const PauseFault& f) { return "pause " + list(f.node) + suffix(f.length); },
          [](const CrashFault& f) { return describe(f); },
          [](const StopFault& f) { return "stop " + list(f.node) + suffix("restart after", f.restart_after); },
          [](const StartFault& f) { return "start " + list(f.node); },
          [](const SlowCpuFault& f) {
            return fmt::format("slow CPU of {} to {} %{}", list(f.node), f.percent, suffix(f.length));
          },
          [](const ClockFault& f) { return describe(f); },
          [](const PartitionFault& f) { return describe(f) + suffix(f.length); },
          [](const CutFault& f) { return "cut " + ends(f) + suffix(f.length); },
          [](const FlakyFault& f) {
            return fmt::format("flaky {}, {} down, {} up{}", ends(f), kraft::line(f.down), kraft::line(f.up),
                               suffix(f.length));
          },
          [](const BadLinkFault& f) {
            return fmt::format("bad link {}: {}{}", ends(f), describe(f.damage), suffix(f.length));
          },
          [](const SlowDiskFault& f) { return "slow disk of " + list(f.node) + suffix(f.length); },
          [](const StallDiskFault& f) { return "stalled disk of " + list(f.node) + suffix(f.length); },
          [](const FailDiskFault& f) {
            return fmt::format("disk of {}: {}{}", list(f.node), name(f.error), suffix(f.length));
          },
          [](const LyingFsyncFault& f) { return "lying fsync of " + list(f.node) + suffix(f.length); },
          [](const DamageLogFault& f) {
            std::string text = fmt::format("{} in the log of {}", name(f.damage), list(f.node));
            for (const std::int64_t offset : f.offsets) text += fmt::format(" @{}", offset);
            return text;
          },
      },
      action);
}

Span* span_of(FaultAction& action) {
  return std::visit(
      [](auto& fault) -> Span* {
        if constexpr (requires { fault.length; }) {
          return &fault.length;
        } else if constexpr (requires { fault.restart_after; }) {
          return &fault.restart_after;
        } else {
          return nullptr;
        }
      },
      action);
}

Duration length(const FaultAction& action) {
  FaultAction copy = action;
  const Span* span = span_of(copy);
  return span == nullptr ? Duration{} : span->fixed();
}

bool breaks_durability(const FaultAction& action) {
  return std::visit(kraft::overloaded{
                        [](const LyingFsyncFault&) { return true; },
                        [](const DamageLogFault&) { return true; },
                        [](const CrashFault& crash) { return crash.wipe; },
                        [](const auto&) { return false; },
                    },
                    action);
}

bool needs_disk_contents(const FaultAction& action) {
  const auto* crash = std::get_if<CrashFault>(&action);
  return breaks_durability(action) || (crash != nullptr && crash->unsynced != Unsynced::kLost);
}

}  // namespace kraftsim::cluster
