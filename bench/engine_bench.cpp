// What the engine costs, with its yardstick in the same run.
//
// Hold model: N events are pending; each step takes the next one and schedules another a random time later. "bare" is a
// std::priority_queue of 24-byte PODs, which is as little as an ordered queue can do; "engine" is the EventQueue with
// the World's own event bodies and the digest over every one. `ratio` is engine's rate over bare's at the same N. The
// ping-pong is the whole World: eight nodes, constant latency, a host that answers every message.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <ctime>
#include <map>
#include <queue>
#include <string>
#include <vector>

#include "core/base/digest.hpp"
#include "core/base/rng.hpp"
#include "sim/engine/queue.hpp"
#include "sim/world/event.hpp"
#include "sim/world/world.hpp"

namespace {

using kraft::Duration;
using kraft::NodeId;
using kraft::Time;
using namespace kraftsim;

class Number : public world::Payload {
 public:
  explicit Number(std::uint64_t value) : value_(value) {}
  [[nodiscard]] std::string text() const override { return std::to_string(value_); }
  [[nodiscard]] std::int64_t size_bytes() const override { return 100; }
  [[nodiscard]] std::uint64_t fingerprint() const override { return value_; }

 private:
  std::uint64_t value_;
};

/// The same delays for both contestants, drawn beforehand.
std::vector<std::int64_t> delays() {
  kraft::Rng rng(7);
  std::vector<std::int64_t> result(1U << 16U);
  for (auto& delay : result) delay = static_cast<std::int64_t>(rng.below(1'000'000));
  return result;
}

constexpr std::size_t kDelayMask = (1U << 16U) - 1;
std::map<std::int64_t, double> g_bare_rates;  // by pending events

/// In CPU time, so that a busy machine slows neither of the two.
double steps_per_second(const benchmark::State& state, std::clock_t start) {
  return static_cast<double>(state.iterations()) * CLOCKS_PER_SEC / static_cast<double>(std::clock() - start);
}

struct Pod {
  std::int64_t at;
  std::uint64_t sequence;
  std::uint64_t data;
  bool operator<(const Pod& other) const { return at != other.at ? at > other.at : sequence > other.sequence; }
};
static_assert(sizeof(Pod) == 24);

void bare_hold(benchmark::State& state) {
  const std::vector<std::int64_t> delay = delays();
  std::priority_queue<Pod> queue;
  std::uint64_t sequence = 0;
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    ++sequence;
    queue.push({delay[sequence & kDelayMask], sequence, sequence});
  }
  const std::clock_t start = std::clock();
  for (auto _ : state) {
    Pod event = queue.top();
    queue.pop();
    ++sequence;
    benchmark::DoNotOptimize(event.data);
    queue.push({event.at + delay[sequence & kDelayMask], sequence, event.data});
  }
  g_bare_rates[state.range(0)] = steps_per_second(state, start);
  state.SetItemsProcessed(state.iterations());
}

void engine_hold(benchmark::State& state) {
  const std::vector<std::int64_t> delay = delays();
  engine::EventQueue<world::Event> queue;
  kraft::Digest digest;
  const world::PayloadRef payload = kraft::share<Number>(1U);
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    const std::int64_t at = delay[(queue.last_id() + 1) & kDelayMask];
    queue.schedule(kraft::at_nanos(at), 0, world::Deliver{.connection = {}, .payload = payload});
  }
  const std::clock_t start = std::clock();
  for (auto _ : state) {
    auto event = queue.pop();
    auto& message = std::get<world::Deliver>(event.body);
    digest.add(kraft::nanos(event.at));
    digest.add(std::uint64_t{event.body.index()});
    digest.add(std::uint64_t{message.connection.generation});
    digest.add(message.payload->fingerprint());
    const Time at = event.at + Duration(delay[(queue.last_id() + 1) & kDelayMask]);
    queue.schedule(at, event.id, std::move(event.body));
  }
  const double rate = steps_per_second(state, start);
  benchmark::DoNotOptimize(digest.value());
  state.SetItemsProcessed(state.iterations());
  state.counters["ratio"] = rate / g_bare_rates[state.range(0)];
}

void world_ping_pong(benchmark::State& state) {
  constexpr int kNodes = 8;
  world::World world({.seed = 7});
  for (int i = 0; i < kNodes; ++i) {
    world.add_node(NodeId{i}, {});
    world.start(NodeId{i});
  }
  const auto next = [](NodeId node) { return NodeId{(node.value() + 1) % kNodes}; };
  for (auto _ : state) {
    const world::Happening* happening = world.advance(kraft::kNever);
    if (const auto* started = std::get_if<world::Started>(&happening->what)) {
      world.request(started->node, next(started->node), kraft::share<Number>(0U));
    } else if (const auto* arrived = std::get_if<world::Arrived>(&happening->what)) {
      const auto [node, from] = std::pair(arrived->node, arrived->from);
      auto answer = kraft::share<Number>(world.events());
      if (next(node) == from) {
        world.request(node, from, std::move(answer));
      } else {
        world.respond(node, from, std::move(answer));
      }
    }
  }
  state.SetItemsProcessed(state.iterations());
}

BENCHMARK(bare_hold)->Arg(64)->Arg(1'000)->Arg(100'000);
BENCHMARK(engine_hold)->Arg(64)->Arg(1'000)->Arg(100'000);
BENCHMARK(world_ping_pong);

}  // namespace
