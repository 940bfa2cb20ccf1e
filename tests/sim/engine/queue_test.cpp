// The event queue against a dumb oracle: an ordered map that does the same, slowly.
#include "sim/engine/queue.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace {

using kraft::at_nanos;
using kraftsim::engine::EventId;
using kraftsim::engine::EventQueue;
using kraftsim::engine::Handle;
using Queue = EventQueue<std::string>;

std::vector<std::string> drain(Queue queue) {
  std::vector<std::string> bodies;
  while (queue.next_time()) bodies.push_back(queue.pop().body);
  return bodies;
}

}  // namespace

TEST_CASE("events come by time, and by order of scheduling where times are equal") {
  Queue queue;
  queue.schedule(at_nanos(5), 0, "c");
  queue.schedule(at_nanos(1), 0, "a");
  queue.schedule(at_nanos(5), 0, "d");
  queue.schedule(at_nanos(1), 0, "b");
  CHECK(queue.pending() == 4);
  CHECK(drain(queue) == std::vector<std::string>{"a", "b", "c", "d"});
}

TEST_CASE("an event knows its number and its cause") {
  Queue queue;
  queue.schedule(at_nanos(1), 0, "cause");
  const auto cause = queue.pop();
  queue.schedule(at_nanos(2), cause.id, "effect");
  const auto effect = queue.pop();
  CHECK(effect.cause == cause.id);
  CHECK(effect.id == queue.last_id());
  CHECK(effect.at == at_nanos(2));
}

TEST_CASE("a handle cancels its own event once, and never the one that took its slot") {
  Queue queue;
  Handle first = queue.schedule(at_nanos(1), 0, "first");
  Handle copy = first;
  CHECK(queue.cancel(first));
  CHECK_FALSE(first);
  CHECK_FALSE(queue.cancel(copy));
  CHECK_FALSE(queue.next_time().has_value());  // this also frees the slot
  queue.schedule(at_nanos(2), 0, "second");
  CHECK_FALSE(queue.cancel(copy));
  CHECK(queue.pending() == 1);
  CHECK(drain(queue) == std::vector<std::string>{"second"});
}

TEST_CASE("an event that was taken cannot be cancelled") {
  Queue queue;
  Handle handle = queue.schedule(at_nanos(1), 0, "gone");
  queue.pop();
  CHECK_FALSE(queue.cancel(handle));
  CHECK(queue.pending() == 0);
}

TEST_CASE("any sequence of operations agrees with an ordered map, and so does a copy taken on the way") {
  const bool ok = rc::check("queue = map", [](const std::vector<std::pair<std::uint8_t, std::uint8_t>>& operations) {
    Queue queue;
    std::map<std::pair<std::int64_t, EventId>, std::string> oracle;
    std::vector<std::pair<Handle, std::pair<std::int64_t, EventId>>> handles;
    const std::size_t fork_at = operations.size() / 2;
    Queue fork;
    std::vector<std::string> rest;  // of the original after the fork, as long as nothing is added
    for (std::size_t i = 0; i < operations.size(); ++i) {
      if (i == fork_at) {
        fork = queue;
        for (const auto& [key, body] : oracle) rest.push_back(body);
      }
      const auto [what, argument] = operations[i];
      if (what % 4 < 2) {
        const std::int64_t at = argument % 16;  // many ties
        const std::string body = std::to_string(i);
        const Handle handle = queue.schedule(at_nanos(at), 0, std::string(body));
        oracle[{at, handle.id}] = body;
        handles.push_back({handle, {at, handle.id}});
      } else if (what % 4 == 2 && !handles.empty()) {
        auto& [handle, key] = handles[argument % handles.size()];
        RC_ASSERT(queue.cancel(handle) == (oracle.erase(key) == 1));
      } else if (!oracle.empty()) {
        RC_ASSERT(queue.next_time() == at_nanos(oracle.begin()->first.first));
        RC_ASSERT(queue.pop().body == oracle.begin()->second);
        oracle.erase(oracle.begin());
      }
      RC_ASSERT(queue.pending() == oracle.size());
    }
    std::vector<std::string> expected;
    for (const auto& [key, body] : oracle) expected.push_back(body);
    RC_ASSERT(drain(queue) == expected);
    RC_ASSERT(drain(fork) == rest);
  });
  CHECK(ok);
}

TEST_CASE("shuffled ties: times keep their order, equal times do not, and the stream decides how") {
  const auto run = [](std::uint64_t seed) {
    Queue queue;
    queue.shuffle_ties(kraft::Rng(seed));
    for (int i = 0; i < 20; ++i) queue.schedule(at_nanos(i / 10), 0, std::string(1, static_cast<char>('a' + i)));
    return drain(queue);
  };
  std::vector<std::string> in_order;
  for (int i = 0; i < 20; ++i) in_order.emplace_back(1, static_cast<char>('a' + i));

  const std::vector<std::string> one = run(1);
  CHECK(one != in_order);
  CHECK(one == run(1));
  CHECK(one != run(2));
  CHECK(std::is_permutation(one.begin(), one.begin() + 10, in_order.begin()));
  CHECK(std::is_permutation(one.begin() + 10, one.end(), in_order.begin() + 10));
}
