// Lengths of faults and pauses between them are multiples of the drawn fetch time-out: what is short or long for a
// quorum is short or long compared with that. Most clusters are small and half of them quick, since an hour of the
// swarm is worth as many elections as it holds.
#include "sim/scenario/draw.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "sim/scenario/dice.hpp"
#include "sim/scenario/draw_quorum.hpp"
#include "sim/scenario/draw_rare.hpp"
#include "sim/scenario/drawn_faults.hpp"

namespace kraftsim::scenario {
namespace {

using kraft::Duration;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t kMostFaults = 40;

class Drawing : private Dice {
 public:
  explicit Drawing(std::uint64_t seed) : Dice(seed, "swarm"), seed_(seed) {}

  Document draw() {
    controllers_ = weighted<std::int64_t>({{3, 50}, {5, 28}, {7, 6}, {4, 5}, {1, 4}, {2, 4}, {6, 3}});
    brokers_ = weighted<std::int64_t>({{0, 55}, {1, 14}, {2, 12}, {3, 19}});
    const Document timing = draw_timing();
    const Duration end = horizon();
    Document document{{"version", 1},
                      {"name", fmt::format("swarm_{}", seed_)},
                      {"description", "Drawn by kraftsim swarm."},
                      {"duration", duration_value(end)},
                      {"warm_up", duration_value(tempo_)},
                      {"replay", {{"seed", std::to_string(seed_)}, {"shuffle_ties", chance(1, 4)}}}};
    document["cluster"] = {{"controllers", {{"count", controllers_}, {"config", timing["controllers"]}}},
                           {"brokers", {{"count", brokers_}, {"config", timing["brokers"]}}}};
    if (brokers_ > 0) document["cluster"]["topics"] = Document::array({topics()});
    surroundings(document);
    if (brokers_ > 0 && chance(3, 4)) document["workload"] = Document::array({create_topics()});
    document["faults"] = faults(end);
    draw_quorum(seed_, tempo_, end, document);
    draw_rare(seed_, tempo_, end, document);
    Document& list = document["faults"];
    std::stable_sort(list.begin(), list.end(),
                     [](const Document& a, const Document& b) { return time_of(a) < time_of(b); });
    return document;
  }

 private:
  /// A multiple of the fetch time-out; short ones are as likely as long ones.
  Duration a_while() {
    const std::int64_t percent = weighted<std::int64_t>({{10, 2}, {40, 3}, {120, 4}, {250, 3}, {600, 2}});
    return std::max<Duration>(milliseconds(1), in_ms(tempo_ * percent / 200, tempo_ * percent / 100));
  }

  // ---- cluster ----

  Document draw_timing() {
    Document none = Document::object();
    if (chance(2, 5)) return {{"controllers", none}, {"brokers", none}};  // Kafka's defaults
    tempo_ = in_ms(milliseconds(150), milliseconds(600));
    const std::int64_t fetch = tempo_ / milliseconds(1);
    const std::int64_t election = weighted<std::int64_t>({{fetch / 4, 1}, {fetch / 2, 3}, {fetch, 1}});
    const std::int64_t request = weighted<std::int64_t>({{fetch / 2, 1}, {fetch, 2}, {fetch * 3, 1}});
    const std::int64_t linger = weighted<std::int64_t>({{0, 1}, {5, 2}, {25, 1}});
    const std::int64_t wait = weighted<std::int64_t>({{fetch / 8, 1}, {fetch / 4, 2}, {fetch / 2, 1}});
    Document quorum{{"controller.quorum.election.timeout.ms", election},
                    {"controller.quorum.fetch.timeout.ms", fetch},
                    {"controller.quorum.election.backoff.max.ms", election},
                    {"controller.quorum.request.timeout.ms", request},
                    {"controller.quorum.append.linger.ms", linger},
                    {"controller.quorum.fetch.max.wait.ms", wait}};
    // A broker that starts afresh must be able to catch up, or it is never served.
    const std::int64_t bytes = weighted<std::int64_t>({{1 << 20, 4}, {20'000, 1}, {2'000, 1}});
    if (bytes < 1 << 20) quorum["controller.quorum.fetch.max.bytes"] = bytes;
    // A broker heartbeats and is fenced at a pace that fits, or nothing of it would be seen in a short run.
    Document controllers = quorum;
    controllers["metadata.max.idle.interval.ms"] = weighted<std::int64_t>({{fetch / 8, 2}, {fetch / 2, 1}});
    controllers["broker.session.timeout.ms"] = fetch * 4;
    Document brokers = quorum;
    brokers["broker.heartbeat.interval.ms"] = fetch;
    brokers["broker.session.timeout.ms"] = fetch * 4;
    return {{"controllers", controllers}, {"brokers", brokers}};
  }

  Duration horizon() {
    const std::int64_t timeouts = weighted<std::int64_t>({{8, 4}, {15, 4}, {30, 1}});
    return std::clamp<Duration>(tempo_ * timeouts, seconds(4), seconds(60));
  }

  void surroundings(Document& document) {
    Document network = Document::object();
    switch (rng().below(6)) {
      case 0: network["latency"] = {{"p50", "1ms"}, {"p99", "5ms"}}; break;
      case 1: network["latency"] = {{"p50", "100us"}, {"p99", duration_value(tempo_ / 10)}}; break;
      case 2: network["latency"] = {{"uniform", {"0ms", duration_value(tempo_ / 20)}}}; break;
      default: break;  // the profile's
    }
    if (chance(1, 4)) network["loss"] = weighted<const char*>({{"0.001", 2}, {"0.01", 2}, {"0.05", 1}});
    if (chance(1, 6)) network["connection"] = {{"handshake", false}};
    // What is lost is sent again after 200 ms, and after 400 ms more if it is lost again (RFC 6298): where one message
    // in twenty is, no leader lasts with shorter time-outs.
    if (network.contains("loss") && network["loss"] == "0.05" && tempo_ <= milliseconds(600)) network["loss"] = "0.01";
    if (network.contains("loss")) network["loss"] = Document::parse(network["loss"].get<std::string>());
    if (!network.empty()) document["network"] = network;
    if (chance(1, 5)) {
      document["disk"] = {{"fsync", {{"p50", "5ms"}, {"p99", duration_value(tempo_ / 5)}}}};
    }
  }

  Document topics() {
    return {{"count", one_to(2)}, {"partitions", one_to(3)}, {"replication", one_to(brokers_)}};
  }
  Document create_topics() {
    const std::int64_t every = weighted<std::int64_t>({{20, 1}, {100, 3}, {500, 2}});
    return {{"create_topics",
             {{"every", duration_value(milliseconds(every))},
              {"partitions", one_to(3)},
              {"replication", one_to(brokers_)},
              {"keep", weighted<std::int64_t>({{2, 1}, {20, 2}})}}}};
  }

  // ---- faults ----

  using Make = Document (Drawing::*)();

  /// An act without its time, of one of the kinds that are on.
  Document faults(Duration end) {
    const std::vector<std::pair<Make, std::uint64_t>> families{
        {&Drawing::crash, 4},    {&Drawing::pause, 3},     {&Drawing::stop, 2},    {&Drawing::partition, 4},
        {&Drawing::one_way, 2},  {&Drawing::slow_disk, 2}, {&Drawing::slow_cpu, 1},  {&Drawing::flaky, 2},
        {&Drawing::bad_link, 2}, {&Drawing::clock, 2},     {&Drawing::bad_disk, 2}};
    std::vector<std::pair<Make, std::uint64_t>> on;
    std::uint64_t total = 0;
    for (const auto& family : families) {
      if (!chance(1, 2)) continue;
      on.push_back(family);
      total += family.second;
    }
    Document list = Document::array();
    if (on.empty()) return list;
    const std::int64_t percent = weighted<std::int64_t>({{40, 2}, {100, 3}, {200, 2}, {400, 1}});
    const Duration gap = tempo_ * percent / 100;
    Duration at = in_ms(Duration(0), gap);
    while (at < end && list.size() < kMostFaults) {
      std::uint64_t left = rng().below(total);
      std::size_t which = 0;
      while (left >= on[which].second) left -= on[which++].second;
      Document fault{{"at", duration_value(at)}};
      fault.update((this->*on[which].first)());
      list.push_back(std::move(fault));
      // Misfortunes come together: one in four follows the last within milliseconds.
      at += chance(1, 4) ? in_ms(Duration(0), milliseconds(30)) : in_ms(Duration(0), gap * 2);
    }
    return list;
  }

  std::string a_controller() { return fmt::format("controller:{}", one_to(controllers_)); }
  std::string somebody() {
    switch (rng().below(brokers_ > 0 ? 10 : 8)) {
      case 0:
      case 1:
      case 2: return "coordinator:leader";
      case 3: return "active_controller";
      case 4: return "follower:any";
      case 8: return fmt::format("broker:{}", one_to(brokers_));
      case 9: return "broker:any";
      default: return a_controller();
    }
  }

  Document crash() {
    Document what{{"node", somebody()}, {"restart_after", duration_value(a_while())}};
    if (chance(1, 4)) what["machine"] = true;
    if (chance(1, 3)) what["unsynced"] = weighted<const char*>({{"kept", 1}, {"torn", 2}, {"random", 2}});
    return {{"crash", what}};
  }
  Document stop() { return {{"stop", {{"node", somebody()}, {"restart_after", duration_value(a_while())}}}}; }
  Document pause() { return {{"pause", {{"node", somebody()}, {"for", duration_value(a_while())}}}}; }

  Document partition() {
    if (controllers_ >= 4 && chance(1, 6)) {
      const char* shape = weighted<const char*>({{"majorities_ring", 1}, {"random", 1}});
      return {{"partition", {{shape, "coordinators"}, {"for", duration_value(a_while())}}}};
    }
    Document group = Document::array();
    if (chance(2, 5)) {
      group.push_back(somebody());
    } else {
      std::vector<std::int64_t> numbers;
      for (std::int64_t number = 1; number <= controllers_; ++number) numbers.push_back(number);
      rng().shuffle(numbers);
      const std::int64_t size = one_to(std::max<std::int64_t>(1, controllers_ / 2));
      numbers.resize(static_cast<std::size_t>(size));
      for (const std::int64_t number : numbers) group.push_back(fmt::format("controller:{}", number));
      for (std::int64_t number = 1; number <= brokers_; ++number) {
        if (chance(1, 3)) group.push_back(fmt::format("broker:{}", number));
      }
    }
    return {{"partition", {{"groups", {group, {"*"}}}, {"for", duration_value(a_while())}}}};
  }

  Document one_way() {
    const std::string one = somebody();
    std::string other = chance(1, 3) ? a_controller() : "*";
    if (other == one) other = "*";
    Document what{{"from", {one}}, {"to", {other}}, {"for", duration_value(a_while())}};
    if (chance(1, 2)) std::swap(what["from"], what["to"]);
    if (other != "*" && chance(1, 2)) what["both"] = true;
    return {{"cut", what}};
  }

  Document flaky() {
    const Duration up = a_while();
    return {{"flaky",
             {{"from", {somebody()}},
              {"to", {"*"}},
              {"both", chance(1, 2)},
              {"down", duration_value(a_while())},
              {"up", duration_value(up)},
              {"for", duration_value(tempo_ * 4)}}}};
  }

  Document bad_link() {
    Document what{{"from", {somebody()}}, {"to", {"*"}}, {"both", chance(1, 2)}};
    switch (rng().below(4)) {
      case 0: what["loss"] = weighted<std::int64_t>({{1, 1}, {0, 1}}) == 1 ? 0.5 : 0.125; break;
      case 1: what["latency"] = duration_value(in_ms(milliseconds(1), tempo_)); break;
      case 2: what["connect"] = duration_value(in_ms(milliseconds(1), tempo_)); break;
      default: what["unreachable"] = true; break;
    }
    what["for"] = duration_value(a_while());
    return {{"bad_link", what}};
  }

  Document clock() {
    Document what{{"node", somebody()}};
    switch (rng().below(3)) {
      case 0: what["forward"] = duration_value(a_while()); break;
      case 1: what["back"] = duration_value(a_while()); break;
      default: what["drift_ppm"] = weighted<std::int64_t>({{200'000, 1}, {-200'000, 1}, {1'000, 1}}); break;
    }
    what["for"] = duration_value(a_while());
    return {{"clock", what}};
  }

  Document bad_disk() {
    const std::string node = somebody();
    if (chance(1, 2)) return {{"stall_disk", {{"node", node}, {"for", duration_value(a_while())}}}};
    const char* error = weighted<const char*>({{"full", 1}, {"eio_write", 1}, {"eio_fsync", 1}, {"eio_read", 1}});
    return {{"fail_disk", {{"node", node}, {"error", error}, {"for", duration_value(a_while())}}}};
  }

  Document slow_disk() {
    const Duration slow = in_ms(tempo_ / 50, tempo_ / weighted<std::int64_t>({{1, 1}, {4, 2}}));
    return {{"slow_disk",
             {{"node", somebody()},
              {"fsync", duration_value(std::max<Duration>(slow, milliseconds(1)))},
              {"for", duration_value(a_while())}}}};
  }
  Document slow_cpu() {
    const std::int64_t percent = weighted<std::int64_t>({{300, 1}, {2'000, 2}, {20'000, 1}});
    return {{"slow_cpu", {{"node", somebody()}, {"percent", percent}, {"for", duration_value(a_while())}}}};
  }

  std::uint64_t seed_;
  std::int64_t controllers_ = 3;
  std::int64_t brokers_ = 0;
  Duration tempo_ = seconds(2);  // the fetch time-out
};

}  // namespace

Document draw_scenario(std::uint64_t seed) { return Drawing(seed).draw(); }

}  // namespace kraftsim::scenario
