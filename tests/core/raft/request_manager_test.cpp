// RequestManager: the states of a connection, one by one.
#include "core/raft/request_manager.hpp"

#include <doctest/doctest.h>

#include <set>

#include "tests/support/throwing_checks.hpp"

namespace kraft::raft::testing {
namespace {

using namespace std::chrono_literals;
const Time kNow = at_nanos(0) + 1h;

struct Fixture {
  RequestManager requests{{NodeId(2), NodeId(3)}, 2000ms, 20ms, kNow};
  std::vector<NodeId> timed_out;
};

}  // namespace

TEST_CASE("a connection is ready, awaits one answer, and is ready again") {
  Fixture f;
  CHECK(f.requests.is_ready(NodeId(2)));
  const CorrelationId id = f.requests.on_send(NodeId(2), kNow);
  CHECK_FALSE(f.requests.is_ready(NodeId(2)));
  CHECK(f.requests.is_expected(NodeId(2), id));
  CHECK(f.requests.has_any_in_flight());
  CHECK(f.requests.deadline() == kNow + 2000ms);

  CHECK(f.requests.on_answer(NodeId(2), id));
  f.requests.on_response(NodeId(2), id, true, kNow);

  CHECK(f.requests.is_ready(NodeId(2)));
  CHECK(f.requests.deadline() == kNever);
}

TEST_CASE("a failure closes the connection for the back-off") {
  Fixture f;
  const CorrelationId id = f.requests.on_send(NodeId(2), kNow);
  CHECK(f.requests.on_answer(NodeId(2), id));
  f.requests.on_response(NodeId(2), id, false, kNow);
  CHECK_FALSE(f.requests.is_ready(NodeId(2)));
  f.requests.expire(kNow + 19ms, f.timed_out);
  CHECK_FALSE(f.requests.is_ready(NodeId(2)));
  f.requests.expire(kNow + 20ms, f.timed_out);
  CHECK(f.requests.is_ready(NodeId(2)));
  CHECK(f.timed_out.empty());
}

TEST_CASE("a request that times out is reported, and its connection is ready at once") {
  Fixture f;
  (void)f.requests.on_send(NodeId(2), kNow);
  f.requests.expire(kNow + 1999ms, f.timed_out);
  CHECK(f.timed_out.empty());
  f.requests.expire(kNow + 2000ms, f.timed_out);
  CHECK(f.timed_out == std::vector{NodeId(2)});
  CHECK(f.requests.is_ready(NodeId(2)));
}

TEST_CASE("stale answers change nothing: of another id, after a reset, from nobody") {
  Fixture f;
  const CorrelationId old = f.requests.on_send(NodeId(2), kNow);
  f.requests.reset_all();
  CHECK_FALSE(f.requests.is_expected(NodeId(2), old));
  const CorrelationId current = f.requests.on_send(NodeId(2), kNow);
  CHECK(current != old);
  f.requests.on_response(NodeId(2), old, false, kNow);
  f.requests.on_response(NodeId(3), current, true, kNow);
  f.requests.on_response(NodeId(9), current, true, kNow);
  CHECK(f.requests.is_expected(NodeId(2), current));
}

TEST_CASE("a connection on which nothing is answered is given up, however often its requests are forgotten") {
  Fixture f;
  const CorrelationId first = f.requests.on_send(NodeId(2), kNow);
  f.requests.reset_all();
  const CorrelationId second = f.requests.on_send(NodeId(2), kNow + 1500ms);

  SUBCASE("none answered") {
    f.requests.expire(kNow + 1999ms, f.timed_out);
    CHECK(f.timed_out.empty());
    f.requests.expire(kNow + 2000ms, f.timed_out);
    CHECK(f.timed_out == std::vector{NodeId(2)});
    CHECK(f.requests.is_ready(NodeId(2)));
    CHECK(f.requests.deadline() == kNever);
  }
  SUBCASE("the first answered: the second has its own time") {
    CHECK_FALSE(f.requests.on_answer(NodeId(2), first));
    f.requests.expire(kNow + 3499ms, f.timed_out);
    CHECK(f.requests.is_expected(NodeId(2), second));
    f.requests.expire(kNow + 3500ms, f.timed_out);
    CHECK(f.timed_out == std::vector{NodeId(2)});
  }
  SUBCASE("the second answered: so was the first, or its answer is lost for good") {
    CHECK(f.requests.on_answer(NodeId(2), second));
    f.requests.on_response(NodeId(2), second, true, kNow + 1600ms);
    f.requests.expire(kNow + 1h, f.timed_out);
    CHECK(f.timed_out.empty());
  }
  SUBCASE("the connection was lost: another is judged by itself") {
    f.requests.on_disconnect(NodeId(2), kNow + 1600ms);
    f.requests.expire(kNow + 2000ms, f.timed_out);
    CHECK(f.timed_out.empty());
  }
}

TEST_CASE("ids of one life are not those of another") {
  Fixture earlier;
  const CorrelationId old = earlier.requests.on_send(NodeId(2), kNow);
  RequestManager later({NodeId(2)}, 2000ms, 20ms, kNow + 1s);
  for (int i = 0; i < 100; ++i) {
    later.reset_all();
    CHECK(later.on_send(NodeId(2), kNow + 1s) != old);
  }
}

TEST_CASE("a lost connection fails what is in flight there, and nothing else") {
  Fixture f;
  (void)f.requests.on_send(NodeId(2), kNow);
  f.requests.on_disconnect(NodeId(2), kNow);
  f.requests.on_disconnect(NodeId(3), kNow);
  CHECK_FALSE(f.requests.is_ready(NodeId(2)));
  CHECK(f.requests.is_ready(NodeId(3)));
  CHECK_FALSE(f.requests.has_any_in_flight());
}

TEST_CASE("a second request to one destination is a bug") {
  const ::kraft::testing::ThrowingChecks guard;
  Fixture f;
  (void)f.requests.on_send(NodeId(2), kNow);
  CHECK_THROWS_AS((void)f.requests.on_send(NodeId(2), kNow), ::kraft::testing::CheckThrown);
}

TEST_CASE("a random ready peer is drawn among the ready; without one nothing is drawn") {
  Fixture f;
  Rng rng(1);
  std::set<NodeId> drawn;
  for (int i = 0; i < 50; ++i) drawn.insert(*f.requests.random_ready(rng, {NodeId(2), NodeId(4)}));
  CHECK(drawn == std::set{NodeId(2), NodeId(3), NodeId(4)});
  drawn.clear();
  for (int i = 0; i < 50; ++i) drawn.insert(*f.requests.random_ready(rng));
  CHECK(drawn == std::set{NodeId(2), NodeId(3)});
  (void)f.requests.on_send(NodeId(2), kNow);
  for (int i = 0; i < 10; ++i) CHECK(f.requests.random_ready(rng) == NodeId(3));
  (void)f.requests.on_send(NodeId(3), kNow);
  const Rng before = rng;
  CHECK_FALSE(f.requests.random_ready(rng).has_value());
  CHECK(rng == before);
}

}  // namespace kraft::raft::testing
