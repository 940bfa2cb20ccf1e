// What the whole costs: clusters run as users run them, with every invariant checked after every event.
//
// Each row is printed beside a yardstick taken immediately before it: the rate of a bare std::priority_queue of 24-byte
// PODs with 1,000 pending, which says how fast the machine is at that moment, and beside the target that the project
// set itself. Times are CPU seconds of this one thread, so that a busy machine distorts them as little as can be. An
// event is one entry taken from the queue: a message, timer, disk or CPU completion, fault.
#include <fmt/format.h>

#include <cstdint>
#include <ctime>
#include <exception>
#include <queue>
#include <stdexcept>
#include <string>

#include "core/base/rng.hpp"
#include "sim/scenario/reader.hpp"
#include "sim/scenario/run.hpp"

namespace {

using namespace kraftsim;

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

struct Pod {
  std::int64_t at;
  std::uint64_t sequence;
  std::uint64_t data;
  bool operator<(const Pod& other) const { return at != other.at ? at > other.at : sequence > other.sequence; }
};

/// Pops and pushes of the bare queue per second.
double yardstick() {
  constexpr int kPending = 1'000;
  constexpr int kSteps = 3'000'000;
  kraft::Rng rng(7);
  std::priority_queue<Pod> queue;
  std::uint64_t sequence = 0;
  const auto delay = [&] { return static_cast<std::int64_t>(rng.below(1'000'000)); };
  for (int i = 0; i < kPending; ++i) queue.push({delay(), ++sequence, 0});
  const double start = cpu_seconds();
  for (int i = 0; i < kSteps; ++i) {
    const Pod event = queue.top();
    queue.pop();
    queue.push({event.at + delay(), ++sequence, event.data});
  }
  return kSteps / (cpu_seconds() - start);
}

struct Cost {
  double seconds = 0;
  std::uint64_t runs = 0;
  std::uint64_t events = 0;
};

/// Runs seeds from 1 on until so many CPU seconds are spent; at least one.
Cost measure(const std::string& name, double at_least) {
  const scenario::Scenario scenario = scenario::read_file("scenarios/" + name + ".json");
  const auto run = [&](std::uint64_t seed) {
    const auto result = scenario::run(scenario, scenario.coordination.front(), seed, {});
    if (result.verdict == scenario::Verdict::kViolated) {
      throw std::runtime_error(fmt::format("{} seed {} violated: {}", name, seed, result.detail));
    }
    return result.events;
  };
  Cost cost;
  const double start = cpu_seconds();
  for (std::uint64_t seed = 1; cost.runs == 0 || cost.seconds < at_least; ++seed) {
    cost.events += run(seed);
    ++cost.runs;
    cost.seconds = cpu_seconds() - start;
  }
  return cost;
}

void row(const std::string& what, const std::string& found, const std::string& target, bool met, double bare) {
  fmt::print("{:<46} {:>18}   {:<18} {:<7} {:>6.1f} M/s\n", what, found, target, met ? "met" : "MISSED", bare / 1e6);
}

void events_per_second(const std::string& what, const std::string& name, double target) {
  const double bare = yardstick();
  const Cost cost = measure(name, 5);
  const double rate = static_cast<double>(cost.events) / cost.seconds;
  row(what, fmt::format("{:.0f} k events/s", rate / 1e3), fmt::format("{:.0f} k events/s", target / 1e3),
      rate >= target, bare);
}

void seconds_per_run(const std::string& what, const std::string& name, double target) {
  const double bare = yardstick();
  const Cost cost = measure(name, 0);
  row(what, fmt::format("{:.1f} s", cost.seconds), fmt::format("under {:.0f} s", target), cost.seconds < target, bare);
}

void runs_per_second(const std::string& what, const std::string& name, double target, const std::string& unit) {
  const double bare = yardstick();
  const Cost cost = measure(name, 5);
  const double rate = static_cast<double>(cost.runs) / cost.seconds;
  row(what, fmt::format("{:.0f} {}/s", rate, unit), fmt::format("{:.0f} {}/s", target, unit), rate >= target, bare);
}

}  // namespace

int main() {
  try {
    fmt::print("{:<46} {:>18}   {:<18} {:<7} {:>10}\n", "one thread, all invariants on", "measured", "target", "",
               "bare queue");
    events_per_second("3 controllers + 5 brokers, writing", "write_load_3_5", 1'000'000);
    seconds_per_run("a quiet day of 3 controllers + 15 brokers", "quiet_day_3_15", 15);
    runs_per_second("60 s, 3 controllers, the leader crashes", "crash_leader_60s_r3", 500, "runs");
    runs_per_second("elections, thesis WAN, equal logs, f = 1", "thesis_wan_same_f1", 2'000, "elections");
  } catch (const std::exception& error) {
    fmt::print(stderr, "full_stack_bench: {}\n", error.what());
    return 1;
  }
  return 0;
}
