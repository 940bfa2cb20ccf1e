// A leader's arithmetic: the high watermark, by example and against a naive count; check-quorum; successors; and what
// it owns: the accumulator and the parked fetches.
#include "core/raft/roles/leader.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <vector>

#include "core/raft/roles/follower.hpp"
#include "tests/core/raft/solo.hpp"
#include "tests/support/throwing_checks.hpp"

namespace kraft::raft::testing {
namespace {

const Time kStart = at_nanos(0) + 1h;

Leader leader_of(int voters, Offset log_end = Offset(0), const Config& config = {}) {
  return Leader(config, voters_up_to(voters), key(1), log_end, kStart);
}

records::MetadataRecords no_ops(std::size_t count) { return records::MetadataRecords(count, records::NoOpRecord{}); }

}  // namespace

TEST_CASE("the high watermark is the largest offset that a majority has, in odd and even quorums") {
  const auto high_watermark = [](const std::vector<int>& ends) {
    Leader leader = leader_of(static_cast<int>(ends.size()));
    for (std::size_t i = 0; i < ends.size(); ++i) leader.voters[i].end_offset = Offset(ends[i]);
    return leader.update_high_watermark() ? leader.high_watermark->value() : -1;
  };
  CHECK(high_watermark({7}) == 7);
  CHECK(high_watermark({7, 5}) == 5);
  CHECK(high_watermark({7, 5, 6}) == 6);
  CHECK(high_watermark({7, 5, 6, 9}) == 6);
  CHECK(high_watermark({7, 5, 6, 9, 1}) == 6);
  CHECK(high_watermark({7, 0, 0}) == -1);
}

TEST_CASE("it lies past the epoch's start, and only rises") {
  Leader leader = leader_of(3, Offset(10));
  leader.voters[1].end_offset = Offset(10);
  CHECK_FALSE(leader.update_high_watermark());
  leader.on_synced(Offset(11));
  leader.voters[1].end_offset = Offset(11);
  CHECK(leader.update_high_watermark());
  CHECK_FALSE(leader.update_high_watermark());
  leader.voters[1].end_offset = Offset(0);
  CHECK_FALSE(leader.update_high_watermark());
  CHECK(leader.high_watermark == Offset(11));
}

TEST_CASE("property: the high watermark is what a naive count says, and never falls") {
  const bool ok = rc::check("random acknowledgements", [] {
    const int voters = *rc::gen::inRange(1, 8);
    const Offset start(*rc::gen::inRange(0, 4));
    Leader leader = leader_of(voters, start);
    std::vector<std::int64_t> ends(static_cast<std::size_t>(voters), 0);
    ends[0] = start.value();
    std::int64_t known = -1;
    for (int step = 0; step < 30; ++step) {
      const auto who = *rc::gen::inRange<std::size_t>(0, ends.size());
      ends[who] = *rc::gen::inRange(0, 12);
      leader.voters[who].end_offset = Offset(ends[who]);
      (void)leader.update_high_watermark();

      std::int64_t best = -1;
      for (std::int64_t offset = start.value() + 1; offset <= 12; ++offset) {
        const auto having = std::ranges::count_if(ends, [&](std::int64_t end) { return end >= offset; });
        if (2 * having > voters) best = offset;
      }
      known = std::max(known, best);
      RC_ASSERT(leader.high_watermark.has_value() == (known >= 0));
      if (known >= 0) RC_ASSERT(leader.high_watermark->value() == known);
    }
  });
  CHECK(ok);
}

TEST_CASE("check-quorum is satisfied by half of the others, each counted once, and starts over") {
  for (const auto& [voters, needed] : std::vector<std::pair<int, int>>{{2, 1}, {3, 1}, {4, 2}, {5, 2}, {7, 3}}) {
    CAPTURE(voters);
    Leader leader = leader_of(voters);
    const Time armed = leader.check_quorum_deadline;
    CHECK(armed == kStart + 3s);
    const Time later = kStart + 1s;
    for (int i = 1; i < needed; ++i) {
      leader.on_contact(leader.voters[1], later);
      CHECK(leader.check_quorum_deadline == armed);
      leader.on_contact(leader.voters[static_cast<std::size_t>(i) + 1], later);
    }
    leader.on_contact(leader.voters[1], later);
    CHECK(leader.check_quorum_deadline == later + 3s);
  }
}

TEST_CASE("check-quorum is satisfied by who was heard before another voter was removed, when it is heard again") {
  Leader leader = leader_of(4);
  leader.on_contact(leader.voters[1], kStart + 1s);
  CHECK(leader.check_quorum_deadline == kStart + 3s);  // one of the two that four voters need
  leader.set_voters(voters_up_to(3), kStart + 1s);
  leader.on_contact(leader.voters[1], kStart + 2s);
  CHECK(leader.check_quorum_deadline == kStart + 5s);
}

TEST_CASE("observers that came and went are forgotten when another comes, once nobody could add them any more") {
  Leader leader = leader_of(3);
  const Duration window = leader.caught_up_window;
  leader.on_observer_fetch(key(4), Offset(0), Offset(0), kStart);
  leader.on_observer_fetch(key(5), Offset(0), Offset(0), kStart + 1s);
  CHECK(leader.observers.size() == 2);
  CHECK(leader.is_caught_up(key(4), kStart + 1s));
  leader.on_observer_fetch(key(6), Offset(0), Offset(0), kStart + window);
  CHECK(leader.observers.size() == 2);
  CHECK_FALSE(leader.is_caught_up(key(4), kStart + 1s));
  CHECK(leader.is_caught_up(key(5), kStart + 1s));
}

TEST_CASE("successors come by descending offset, the unknown last, equals by id") {
  Leader leader = leader_of(5);
  leader.voters[1].end_offset = Offset(3);
  leader.voters[2].end_offset = Offset(8);
  leader.voters[4].end_offset = Offset(3);
  CHECK(leader.successors() == std::vector{NodeId(3), NodeId(2), NodeId(5), NodeId(4)});
}

TEST_CASE("the back-off of a successor: KafkaRaftClient.endEpochElectionBackoff") {
  CHECK(successor_backoff(0, 4, 1000ms) == 0ms);
  CHECK(successor_backoff(1, 4, 1000ms) == 125ms);
  CHECK(successor_backoff(2, 4, 1000ms) == 250ms);
  CHECK(successor_backoff(3, 4, 1000ms) == 500ms);
  CHECK(successor_backoff(4, 4, 1000ms) == 1000ms);
  CHECK(successor_backoff(1, 2, 1000ms) == 500ms);
  CHECK(successor_backoff(1, 5, 1000ms) == 62ms);  // whole milliseconds, as Kafka shifts them
  CHECK(successor_backoff(0, 0, 1000ms) == 1000ms);
  CHECK(successor_backoff(70, 100, 1000ms) == 0ms);
}

TEST_CASE("the accumulator lingers from its first record, and gives all in one batch, in order") {
  Accumulator accumulator(25ms, 1000);
  CHECK(accumulator.deadline() == kNever);
  accumulator.append(kStart, {records::TopicRecord{.name = "a", .topic_id = {}}});
  accumulator.append(kStart + 20ms, {records::TopicRecord{.name = "b", .topic_id = {}}, records::NoOpRecord{}});
  CHECK(accumulator.deadline() == kStart + 25ms);
  CHECK(accumulator.count() == 3);

  const auto batches = accumulator.drain();

  REQUIRE(batches.size() == 1);
  CHECK(batches[0] == records::MetadataRecords{records::TopicRecord{.name = "a", .topic_id = {}},
                                               records::TopicRecord{.name = "b", .topic_id = {}},
                                               records::NoOpRecord{}});
  CHECK(accumulator.deadline() == kNever);
  CHECK(accumulator.count() == 0);
}

TEST_CASE("a full batch waits for nobody, and an append is never split") {
  const std::int64_t size = records::size_bytes(records::NoOpRecord{});
  Accumulator accumulator(25ms, 4 * size);
  accumulator.append(kStart, no_ops(3));
  CHECK(accumulator.deadline() == kStart + 25ms);
  accumulator.append(kStart + 1ms, no_ops(2));
  CHECK(accumulator.deadline() == kStart + 1ms);

  const auto batches = accumulator.drain();

  REQUIRE(batches.size() == 2);
  CHECK(batches[0].size() == 3);
  CHECK(batches[1].size() == 2);
}

TEST_CASE("an append of nothing is nothing, and one beyond a batch's size is refused") {
  const ::kraft::testing::ThrowingChecks guard;
  Accumulator accumulator(25ms, 100);
  accumulator.append(kStart, {});
  CHECK(accumulator.deadline() == kNever);
  CHECK_THROWS_AS(accumulator.append(kStart, no_ops(1000)), ::kraft::testing::CheckThrown);
}

TEST_CASE("parked fetches: all at once, or those whose time is up") {
  FetchPurgatory purgatory;
  const auto park = [&](int from, Duration wait) {
    purgatory.park({.from = NodeId(from), .correlation_id = {}, .fetch_offset = {}, .deadline = kStart + wait});
  };
  std::vector<int> answered;
  const auto answer = [&](const ParkedFetch& fetch) { answered.push_back(fetch.from.value()); };
  park(1, 300ms);
  park(2, 100ms);
  park(3, 300ms);
  CHECK(purgatory.deadline() == kStart + 100ms);

  purgatory.complete_expired(kStart + 99ms, answer);
  CHECK(answered.empty());
  purgatory.complete_expired(kStart + 100ms, answer);
  CHECK(answered == std::vector{2});
  CHECK(purgatory.deadline() == kStart + 300ms);
  purgatory.complete_all(answer);
  CHECK(answered == std::vector{2, 1, 3});
  CHECK(purgatory.deadline() == kNever);
}

}  // namespace kraft::raft::testing
