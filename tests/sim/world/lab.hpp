// Lab: a World with text for payloads and a log of what was told, for tests to compare with what they expect.
#pragma once

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "core/base/overloaded.hpp"
#include "sim/world/world.hpp"

namespace kraftsim::world {

using namespace std::chrono_literals;
using engine::Quantiles;
using Log = std::vector<std::string>;

class Text : public Payload {
 public:
  explicit Text(std::string text, std::int64_t bytes) : text_(std::move(text)), bytes_(bytes) {}
  [[nodiscard]] std::string text() const override { return text_; }
  [[nodiscard]] std::int64_t size_bytes() const override { return bytes_; }
  [[nodiscard]] std::uint64_t fingerprint() const override {
    kraft::Digest digest;
    digest.add(text_);
    return digest.value();
  }

 private:
  std::string text_;
  std::int64_t bytes_;
};

inline PayloadRef text(std::string content, std::int64_t bytes = 100) {
  return kraft::share<Text>(std::move(content), bytes);
}

inline NodeId n(int id) { return NodeId{id}; }
inline Time at(Duration since_start) { return Time(since_start); }

/// 1 ms each way, a disk that takes 5 ms to sync, no negotiation.
inline WorldOptions plain_options() {
  return {.seed = 7, .link = {.latency = Quantiles(1ms)}, .connection = {.negotiation = Quantiles()}};
}

struct Lab {
  World world;
  Log log{};

  /// `nodes` nodes, numbered from 0, started and told so.
  explicit Lab(int nodes, const WorldOptions& options = plain_options()) : world(options) {
    for (int i = 0; i < nodes; ++i) {
      world.add_node(n(i), {.write = {}, .fsync = Quantiles(5ms)});
      world.start(n(i));
    }
    run(0ms);
    log.clear();
  }

  /// "3ms 1<-0 hello", "3ms 1 timer" …
  static std::string show(const Happening& happening) {
    const std::string what = std::visit(
        kraft::overloaded{
            [](const Arrived& e) {
              return fmt::format("{}<-{} {}", e.node.value(), e.from.value(), e.payload->text());
            },
            [](const TimerFired& e) { return fmt::format("{} timer", e.node.value()); },
            [](const WriteDone& e) { return fmt::format("{} written", e.node.value()); },
            [](const ConnectionLost& e) {
              return fmt::format("{} lost {} {}", e.node.value(), e.as_client ? "server" : "client", e.peer.value());
            },
            [](const Crashed& e) { return fmt::format("{} crashed", e.node.value()); },
            [](const Started& e) { return fmt::format("{} started", e.node.value()); },
            [](const Due& e) { return fmt::format("due {} {}", e.kind, e.value); },
        },
        happening.what);
    return kraft::line(happening.at) + " " + what;
  }

  /// Runs until then, logs what is told, and lets `react` deal with it.
  Log& run(Duration until, const std::function<void(const What&)>& react = {}) {
    while (const Happening* happening = world.advance(at(until))) {
      log.push_back(show(*happening));
      const What what = happening->what;
      if (react) react(what);
    }
    return log;
  }

  /// Makes the connections (client, server), so that the first requests of a test do not have to. Takes until 10 ms.
  void connect(std::initializer_list<std::pair<int, int>> pairs) {
    for (const auto& [client, server] : pairs) world.request(n(client), n(server), text("hello"));
    run(10ms);
    log.clear();
  }
};

}  // namespace kraftsim::world

namespace doctest {
template <>
struct StringMaker<std::vector<std::string>> {
  static String convert(const std::vector<std::string>& lines) {
    std::string all;
    for (const std::string& each : lines) all += "\n    \"" + each + "\"";
    return all.c_str();
  }
};
}  // namespace doctest
