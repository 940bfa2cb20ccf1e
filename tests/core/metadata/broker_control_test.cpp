// Registration, and the table of what a heartbeat leads to (metadata-and-zookeeper.md A2), row by row.
#include "core/metadata/broker_control.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "tests/core/metadata/fixtures.hpp"

namespace kraft::metadata {
namespace {

using namespace kraft::records;
using namespace kraft::metadata::testing;
using enum BrokerControlState;

BrokerHeartbeatRequest heartbeat(bool want_fence, bool want_shut_down, Offset offset) {
  return {.broker_id = broker_id(1),
          .broker_epoch = {},
          .current_metadata_offset = offset,
          .want_fence = want_fence,
          .want_shut_down = want_shut_down};
}

TEST_CASE("the state table") {
  struct Row {
    const char* what;
    HeartbeatSituation now;
    BrokerHeartbeatRequest request;
    BrokerControlState next;
  };
  const auto at = [](BrokerControlState state, bool leads = false, std::optional<Offset> shutdown = {},
                     std::optional<Offset> lowest = {}) {
    return HeartbeatSituation{state, Offset(40), leads, shutdown, lowest};
  };
  const std::vector<Row> rows{
      {"fenced wants to shut down", at(kFenced), heartbeat(false, true, Offset(99)), kShutdownNow},
      {"fenced, wants fence and shutdown", at(kFenced), heartbeat(true, true, Offset(0)), kShutdownNow},
      {"fenced and caught up exactly", at(kFenced), heartbeat(false, false, Offset(40)), kUnfenced},
      {"fenced, one short of its registration", at(kFenced), heartbeat(false, false, Offset(39)), kFenced},
      {"fenced and wants to stay so", at(kFenced), heartbeat(true, false, Offset(99)), kFenced},
      {"unfenced wants fence and shutdown", at(kUnfenced, true), heartbeat(true, true, Offset(99)), kShutdownNow},
      {"unfenced wants fence", at(kUnfenced, true), heartbeat(true, false, Offset(99)), kFenced},
      {"unfenced, leads, wants to shut down", at(kUnfenced, true), heartbeat(false, true, Offset(99)),
       kControlledShutdown},
      {"unfenced, leads nothing, wants to shut down", at(kUnfenced), heartbeat(false, true, Offset(99)), kShutdownNow},
      {"unfenced goes on", at(kUnfenced, true), heartbeat(false, false, Offset(0)), kUnfenced},
      {"shutting down, still leads", at(kControlledShutdown, true, Offset(50), Offset(60)),
       heartbeat(false, true, Offset(99)), kControlledShutdown},
      {"shutting down, others behind", at(kControlledShutdown, false, Offset(50), Offset(49)),
       heartbeat(false, true, Offset(99)), kControlledShutdown},
      {"shutting down, others there", at(kControlledShutdown, false, Offset(50), Offset(50)),
       heartbeat(false, true, Offset(99)), kShutdownNow},
      {"shutting down, nobody else active", at(kControlledShutdown, false, Offset(50), {}),
       heartbeat(false, true, Offset(99)), kShutdownNow},
      {"shutting down, whatever it wants", at(kControlledShutdown, true, Offset(50), Offset(60)),
       heartbeat(false, false, Offset(99)), kControlledShutdown},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    CHECK(line(next_state(row.now, row.request)) == line(row.next));
  }
}

TEST_CASE("registration: the epoch is the offset, the same incarnation keeps it, another waits for the session's end") {
  Ref<Image> image = after(share<Image>(), {NoOpRecord{}, NoOpRecord{}, NoOpRecord{}});
  const BrokerRegistrationRequest request{.broker_id = NodeId(5), .incarnation_id = {1, 1}, .rack = "a"};
  auto decision = decide(*image, request, false);
  CHECK(decision.response.broker_epoch == BrokerEpoch(3));
  image = after(image, decision.records);
  CHECK(image->brokers.find(NodeId(5))->fenced);
  image = fenced(image, NodeId(5), false);

  decision = decide(*image, request, true);  // amends
  CHECK(decision.response.error == Error::kNone);
  CHECK(decision.response.broker_epoch == BrokerEpoch(3));
  CHECK_FALSE(after(image, decision.records)->brokers.find(NodeId(5))->fenced);

  const BrokerRegistrationRequest other{.broker_id = NodeId(5), .incarnation_id = {2, 2}, .rack = "a"};
  decision = decide(*image, other, true);
  CHECK(decision.response.error == Error::kDuplicateBrokerRegistration);
  CHECK(decision.records.empty());
  decision = decide(*image, other, false);
  CHECK(decision.response.broker_epoch == BrokerEpoch(image->end_offset.value()));
  CHECK(after(image, decision.records)->brokers.find(NodeId(5))->fenced);
}

TEST_CASE("registration: what the process before led, and nobody has taken from it yet, goes first") {
  Rng rng(3);
  const Ref<Image> image = with_topic(cluster(3), "t", 6, 2, rng);
  const auto decision = decide(*image, {.broker_id = broker_id(1), .incarnation_id = {9, 9}, .rack = {}}, false);
  REQUIRE(decision.records.size() > 1);
  CHECK(std::holds_alternative<RegisterBrokerRecord>(decision.records.back()));
  const Ref<Image> next = after(image, decision.records);
  CHECK(next->brokers.find(broker_id(1))->fenced);
  CHECK(image->leaders_on(broker_id(1)) > 0);
  CHECK(next->leaders_on(broker_id(1)) == 0);
}

TEST_CASE("a heartbeat of another incarnation, or of nobody, is stale") {
  const Ref<Image> image = cluster(1);
  const HeartbeatTracker tracker(*image, std::chrono::seconds(9), Time{});
  BrokerHeartbeatRequest request = heartbeat(false, false, Offset(9));
  request.broker_epoch = BrokerEpoch(77);
  CHECK(decide(*image, tracker, request).response.error == Error::kStaleBrokerEpoch);
  request.broker_id = NodeId(1);
  CHECK(decide(*image, tracker, request).response.error == Error::kStaleBrokerEpoch);
}

TEST_CASE("fencing writes the partitions first, unfencing the broker first") {
  Rng rng(3);
  Ref<Image> image = with_topic(cluster(2), "t", 4, 1, rng);  // one replica each: fencing leaves them leaderless
  const MetadataRecords fencing = fence(*image, broker_id(1));
  REQUIRE(fencing.size() > 1);
  CHECK(std::holds_alternative<BrokerRegistrationChangeRecord>(fencing.back()));
  CHECK(std::holds_alternative<PartitionChangeRecord>(fencing.front()));
  const std::size_t led = fencing.size() - 1;
  image = after(image, fencing);
  CHECK(image->leaderless.size() == led);
  CHECK(image->leaders_on(broker_id(1)) == 0);

  const HeartbeatTracker tracker(*image, std::chrono::seconds(9), Time{});
  BrokerHeartbeatRequest request = heartbeat(false, false, image->last_offset());
  request.broker_epoch = image->brokers.find(broker_id(1))->epoch;
  const HeartbeatDecision back = decide(*image, tracker, request);
  CHECK(back.after == kUnfenced);
  CHECK(std::holds_alternative<BrokerRegistrationChangeRecord>(back.records.front()));
  image = after(image, back.records);
  CHECK(image->leaderless.empty());
  CHECK(image->leaders_on(broker_id(1)) == static_cast<std::int64_t>(led));
}

TEST_CASE("entering controlled shutdown: flagged once, out of every ISR but the last, leads nothing") {
  Rng rng(3);
  Ref<Image> image = with_topic(cluster(3), "t", 30, 2, rng);
  const HeartbeatTracker tracker(*image, std::chrono::seconds(9), Time{});
  BrokerHeartbeatRequest request = heartbeat(false, true, Offset(0));
  request.broker_epoch = image->brokers.find(broker_id(1))->epoch;
  const HeartbeatDecision decision = decide(*image, tracker, request);
  CHECK(decision.after == kControlledShutdown);
  CHECK_FALSE(decision.response.should_shut_down);
  CHECK_FALSE(decision.response.is_fenced);
  image = after(image, decision.records);
  CHECK(image->brokers.find(broker_id(1))->in_controlled_shutdown);
  CHECK(image->leaders_on(broker_id(1)) == 0);
  for (const auto& [id, unit] : image->replicas_on(broker_id(1))) {
    CHECK_FALSE(contains(image->partition(id)->isr, broker_id(1)));
  }
  CHECK(broken_invariant(*image).empty());
}

TEST_CASE("the tracker: sessions, expiry in order of silence, the barrier of controlled shutdown") {
  using namespace std::chrono_literals;
  const Ref<Image> image = cluster(3);
  HeartbeatTracker tracker(*image, 9s, at_nanos(0));
  const auto at = [](Duration d) { return at_nanos(d.count()); };
  CHECK(tracker.lowest_active_offset() == Offset(-1));  // nobody has said anything yet
  tracker.touch(broker_id(1), false, Offset(30), at(2s));
  tracker.touch(broker_id(2), false, Offset(20), at(1s));
  tracker.touch(broker_id(3), false, Offset(10), at(3s));
  CHECK(tracker.lowest_active_offset() == Offset(10));
  CHECK(tracker.expired(at(10s)) == std::nullopt);  // to the instant: still valid
  CHECK(tracker.has_session(broker_id(2), at(10s)));
  CHECK_FALSE(tracker.has_session(broker_id(2), at(10s) + 1ns));
  CHECK(tracker.expired(at(20s)) == broker_id(2));
  tracker.fence(broker_id(2));
  CHECK(tracker.expired(at(20s)) == broker_id(1));
  CHECK_FALSE(tracker.has_session(broker_id(2), at(1s)));
  tracker.begin_controlled_shutdown(broker_id(3), Offset(31));
  tracker.begin_controlled_shutdown(broker_id(3), Offset(99));
  CHECK(tracker.controlled_shutdown_offset(broker_id(3)) == Offset(31));
  CHECK(tracker.state(broker_id(3)) == kControlledShutdown);
  CHECK(tracker.lowest_active_offset() == Offset(30));
  tracker.fence(broker_id(3));  // leaves controlled shutdown
  CHECK(tracker.state(broker_id(3)) == kFenced);
}

}  // namespace
}  // namespace kraft::metadata
