// The leader's expiry buckets against the two sentences that define them.
#include "sim/zookeeper/session_tracker.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

using namespace kraftsim::zookeeper;
using namespace std::chrono_literals;
using kraft::at_nanos;

namespace {

/// When the session expires if the leader looks at every bucket's time, as its thread does.
Time expires(SessionTracker tracker, SessionId session) {
  for (;;) {
    const Time next = tracker.next_expiry();
    REQUIRE(next != kraft::kNever);
    for (const SessionId expired : tracker.expire(next)) {
      if (expired == session) return next;
    }
  }
}

}  // namespace

TEST_CASE("a session expires more than its timeout and at most a tick more after the last touch") {
  const bool ok = rc::check("expiry in (T, T + tick]", [] {
    const Duration tick = std::chrono::milliseconds(*rc::gen::inRange(1, 5000));
    const Duration phase(*rc::gen::inRange<std::int64_t>(0, tick.count()));
    const Duration timeout(*rc::gen::inRange<std::int64_t>(0, 60'000'000'000));
    SessionTracker tracker(tick, phase);
    Time now{};
    tracker.add(now, SessionId(7), timeout);
    for (int touches = *rc::gen::inRange(0, 5); touches > 0; --touches) {
      now += Duration(*rc::gen::inRange<std::int64_t>(0, timeout.count() + 1));
      RC_ASSERT(tracker.touch(now, SessionId(7)));
    }
    const Time expiry = expires(tracker, SessionId(7));
    RC_ASSERT(expiry - now > timeout);
    RC_ASSERT(expiry - now <= timeout + tick);
    RC_ASSERT((expiry.time_since_epoch() - phase) % tick == Duration::zero());
  });
  CHECK(ok);
}

TEST_CASE("with phase 0 the bucket is (floor((now + timeout) / tick) + 1) * tick") {
  SessionTracker tracker(2s, 0s);
  tracker.add(Time(1s), SessionId(1), 6s);
  CHECK(tracker.expiry(SessionId(1)) == Time(8s));
  CHECK(tracker.touch(Time(1999ms), SessionId(1)));
  CHECK(tracker.expiry(SessionId(1)) == Time(8s));
  CHECK(tracker.touch(Time(2s), SessionId(1)));  // exactly on the boundary: a whole tick more
  CHECK(tracker.expiry(SessionId(1)) == Time(10s));
}

TEST_CASE("a bucket expires as a whole, and the overdue ones all at once") {
  SessionTracker tracker(2s, 0s);
  tracker.add(Time(0s), SessionId(1), 4s);
  tracker.add(Time(1s), SessionId(2), 4s);
  tracker.add(Time(4s), SessionId(3), 4s);
  tracker.add(Time(20s), SessionId(4), 4s);
  CHECK(tracker.expire(Time(5999ms)).empty());
  CHECK(tracker.expire(Time(15s)) == std::vector{SessionId(1), SessionId(2), SessionId(3)});
  CHECK(tracker.next_expiry() == Time(26s));
}

TEST_CASE("a closing session takes no touch") {
  SessionTracker tracker(2s, 0s);
  tracker.add(Time(0s), SessionId(1), 4s);
  tracker.set_closing(SessionId(1));
  CHECK(!tracker.touch(Time(1s), SessionId(1)));
  CHECK(!tracker.is_open(SessionId(1)));
  CHECK(tracker.next_expiry() == kraft::kNever);
  CHECK(!tracker.touch(Time(1s), SessionId(2)));
}
