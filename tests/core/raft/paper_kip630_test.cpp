// KIP-630 (snapshots of the metadata log), sentence by sentence: what a snapshot is, when the log may be cut, how a
// follower gets one, and what a crash leaves. Numbers like KAFKA-14619 name the ticket in which the claim was broken.
#include <doctest/doctest.h>

#include "tests/core/raft/solo.hpp"
#include "tests/support/throwing_checks.hpp"

namespace kraft::raft::testing {
namespace {

records::SnapshotRef snapshot_at(int offset, int epoch, std::size_t records = 3, Time last = at_nanos(0)) {
  return records::make_snapshot(
      {.end_offset = Offset(offset), .epoch = Epoch(epoch), .last_contained_log_timestamp = last},
      {records::MetadataRecords(records, records::NoOpRecord{})});
}

/// A leader of three with all of its log committed: one LeaderChange and `records` more, one a batch.
Solo leader_with(int records, Config config = {}) {
  Solo solo({.config = config});
  solo.become_leader();
  for (int i = 0; i < records; ++i) solo.append();
  (void)solo.ask<FetchResponse>(2, solo.fetch(2, solo.replica.log().end_offset()));
  REQUIRE(solo.replica.high_watermark() == solo.replica.log().end_offset());
  return solo;
}

/// Cleans at every minute whatever is not the latest.
Config greedy() {
  Config config;
  config.retention_bytes = 0;
  return config;
}

/// A leader whose log starts at 4, where the latest of its snapshots but one ends; the latest ends at 6.
Solo leader_from_4() {
  Solo solo = leader_with(7, greedy());
  const int epoch = solo.replica.epoch().value();
  for (const int end : {2, 4}) solo.step(CreateSnapshot{snapshot_at(end, epoch)});
  // Fetches keep check-quorum quiet while the minute passes.
  for (int i = 0; i < 61; ++i) {
    (void)solo.ask<FetchResponse>(2, solo.fetch(2, solo.replica.log().end_offset()));
    solo.wait(1s);
  }
  REQUIRE(solo.replica.log().start_offset() == Offset(4));
  solo.step(CreateSnapshot{snapshot_at(6, epoch)});
  return solo;
}

FetchSnapshotRequest chunk_of(const Solo& solo, OffsetAndEpoch id, std::int64_t position, std::int64_t max_bytes) {
  return {.current_leader_epoch = solo.replica.epoch(),
          .replica = key(2),
          .snapshot_id = id,
          .position = position,
          .max_bytes = max_bytes};
}

/// A follower of 2 in epoch 3 whose log has these epochs, told to take this snapshot; its request for the first chunk
/// is the last thing it sent.
Solo told_to_take(const records::SnapshotRef& snapshot, std::vector<int> epochs) {
  Solo solo({.disk = disk_with(2, {}, {}, log_of(epochs))});
  solo.become_follower(2, 3);
  FetchResponse response = solo.fetched(2);
  response.snapshot_id = id_of(*snapshot);
  solo.answer(solo.only_sent<FetchRequest>(2), response);
  return solo;
}

FetchSnapshotResponse chunk(const Solo& solo, const records::SnapshotRef& snapshot, std::int64_t position,
                            std::int64_t bytes) {
  return {.error = Error::kNone,
          .leader = {.leader_id = NodeId(2), .epoch = solo.replica.epoch()},
          .snapshot = snapshot,
          .position = position,
          .bytes = bytes};
}

}  // namespace

// ---- making one ----

TEST_CASE("KIP-630: a snapshot is of committed records only") {
  const ::kraft::testing::ThrowingChecks guard;
  Solo solo = leader_with(2);
  solo.append();  // nobody has it but the leader
  CHECK_THROWS_AS(solo.step(CreateSnapshot{snapshot_at(4, 1)}), ::kraft::testing::CheckThrown);
}

TEST_CASE("KAFKA-14619: a snapshot ends where a batch does, in the epoch that is there") {
  const ::kraft::testing::ThrowingChecks guard;
  Solo solo = leader_with(0);
  solo.append(3);
  (void)solo.ask<FetchResponse>(2, solo.fetch(2, Offset(4)));
  Solo copy = solo;
  CHECK_THROWS_AS(copy.step(CreateSnapshot{snapshot_at(2, 1)}), ::kraft::testing::CheckThrown);
  copy = solo;
  CHECK_THROWS_AS(copy.step(CreateSnapshot{snapshot_at(4, 2)}), ::kraft::testing::CheckThrown);
  solo.step(CreateSnapshot{snapshot_at(4, 1)});
  CHECK(solo.replica.snapshots().size() == 1);
  CHECK(solo.disk.snapshots.size() == 1);
}

TEST_CASE("KAFKA-13073: a snapshot that is no newer than the latest changes nothing") {
  Solo solo = leader_with(3);
  solo.step(CreateSnapshot{snapshot_at(3, 1)});
  solo.step(CreateSnapshot{snapshot_at(2, 1)});
  solo.step(CreateSnapshot{snapshot_at(3, 1)});
  REQUIRE(solo.replica.snapshots().size() == 1);
  CHECK(id_of(*solo.replica.snapshots().front()) == OffsetAndEpoch{Offset(3), Epoch(1)});
}

TEST_CASE("KIP-853: a snapshot tells the voters as of its end") {
  const ::kraft::testing::ThrowingChecks guard;
  Solo solo = leader_with(1);
  auto wrong = records::make_snapshot({.end_offset = Offset(2), .epoch = Epoch(1), .kraft_version = 1}, {});
  CHECK_THROWS_AS(solo.step(CreateSnapshot{wrong}), ::kraft::testing::CheckThrown);
}

// ---- cutting the log ----

TEST_CASE("KIP-630: the log is cut only before a snapshot that is durable, never past the latest, once a minute") {
  Solo solo = leader_with(5, greedy());
  solo.step(CreateSnapshot{snapshot_at(2, 1)});
  const auto live = [&](Duration duration) {
    for (Duration passed{}; passed < duration; passed += 1s) {
      (void)solo.ask<FetchResponse>(2, solo.fetch(2, solo.replica.log().end_offset()));
      solo.wait(1s);
    }
  };
  live(2min);
  CHECK(solo.replica.log().start_offset() == Offset(0));  // one snapshot is never too many
  solo.step(CreateSnapshot{snapshot_at(4, 1)});
  CHECK(solo.replica.log().start_offset() == Offset(0));
  live(61s);
  CHECK(solo.replica.log().start() == OffsetAndEpoch{Offset(4), Epoch(1)});
  CHECK(solo.replica.snapshots().size() == 1);
  CHECK(solo.disk.log == solo.replica.log());
  CHECK(solo.disk.snapshots == solo.replica.snapshots());
  // The write that cuts is synced, and with it every snapshot written before.
  CHECK(std::ranges::count_if(solo.writes, [](const Write& w) { return std::holds_alternative<TrimLog>(w); }) == 1);
}

TEST_CASE("KIP-630: what is small enough and young enough is kept") {
  Config config;
  config.retention = 10min;
  Solo solo = leader_with(5, config);
  solo.step(CreateSnapshot{snapshot_at(2, 1, 3, solo.now)});
  solo.step(CreateSnapshot{snapshot_at(4, 1, 3, solo.now)});
  Offset start{0};
  Duration passed{};
  for (; start == Offset(0); passed += 1s) {
    REQUIRE(passed < 20min);
    (void)solo.ask<FetchResponse>(2, solo.fetch(2, solo.replica.log().end_offset()));
    solo.wait(1s);
    start = solo.replica.log().start_offset();
  }
  CHECK(passed > 10min);
  CHECK(start == Offset(4));
}

// ---- the leader's end ----

TEST_CASE("metadata.max.retention.*: a negative limit is none") {
  Config config = greedy();
  config.retention_bytes = -1;
  config.retention = Duration(-1);
  Solo solo = leader_with(7, config);
  for (const int end : {2, 4}) solo.step(CreateSnapshot{snapshot_at(end, solo.replica.epoch().value())});
  for (int i = 0; i < 61; ++i) {
    (void)solo.ask<FetchResponse>(2, solo.fetch(2, solo.replica.log().end_offset()));
    solo.wait(1s);
  }
  CHECK(solo.replica.log().start_offset() == Offset(0));
}

TEST_CASE("KIP-630 Fetch: below the log's start, or from nothing, a follower is told the latest snapshot") {
  Solo leader = leader_from_4();
  const Epoch epoch = leader.replica.epoch();
  const OffsetAndEpoch latest{Offset(6), epoch};
  const auto answer_to = [&](int offset, Epoch last) {
    FetchRequest request = leader.idle_fetch(3);
    request.fetch_offset = Offset(offset);
    request.last_fetched_epoch = last;
    request.max_wait = 0ms;
    return leader.ask<FetchResponse>(3, request);
  };
  CHECK(answer_to(0, Epoch(0)).snapshot_id == latest);
  CHECK(answer_to(3, epoch).snapshot_id == latest);
  CHECK(answer_to(4, epoch - 1).snapshot_id == latest);  // beside the log, not on it
  CHECK(answer_to(5, epoch - 1).snapshot_id == latest);  // an epoch from before the earliest snapshot
  CHECK(answer_to(3, epoch).batches.empty());
  const FetchResponse served = answer_to(4, epoch);
  CHECK_FALSE(served.snapshot_id);
  REQUIRE_FALSE(served.batches.empty());
  CHECK(served.batches.front()->base_offset == Offset(4));
}

TEST_CASE("KIP-630 Fetch: a follower that must take a snapshot acknowledges nothing") {
  Solo leader = leader_from_4();
  for (int i = 0; i < 4; ++i) {
    leader.wait(1s);
    if (leader.replica.role() != Role::kLeader) break;
    (void)leader.ask<FetchResponse>(3, leader.fetch(3, Offset(0)));
  }
  CHECK(leader.replica.role() == Role::kResigned);  // check-quorum
}

TEST_CASE("KIP-630 FetchSnapshot: chunks by position, and the errors for what is not there") {
  Solo leader = leader_from_4();
  const OffsetAndEpoch id = id_of(*leader.replica.latest_snapshot());
  const std::int64_t size = leader.replica.latest_snapshot()->size_bytes;
  const auto ask = [&](FetchSnapshotRequest request) { return leader.ask<FetchSnapshotResponse>(2, request); };
  const FetchSnapshotResponse first = ask(chunk_of(leader, id, 0, 10));
  CHECK(first.snapshot.get() == leader.replica.latest_snapshot());
  CHECK(first.bytes == 10);
  const FetchSnapshotResponse rest = ask(chunk_of(leader, id, 10, 1 << 20));
  CHECK(rest.position == 10);
  CHECK(rest.bytes == size - 10);
  CHECK(ask(chunk_of(leader, id, size, 10)).error == Error::kPositionOutOfRange);
  CHECK(ask(chunk_of(leader, id, -1, 10)).error == Error::kPositionOutOfRange);
  CHECK(ask(chunk_of(leader, {Offset(5), id.epoch}, 0, 10)).error == Error::kSnapshotNotFound);
  CHECK(ask(chunk_of(leader, id, 0, 0)).error == Error::kInvalidRequest);
  FetchSnapshotRequest old = chunk_of(leader, id, 0, 10);
  old.current_leader_epoch = Epoch(0);
  CHECK(ask(old).error == Error::kFencedLeaderEpoch);
  old.current_leader_epoch = leader.replica.epoch() + 1;
  CHECK(ask(old).error == Error::kUnknownLeaderEpoch);
  Solo follower;
  follower.become_follower(2, 1);
  CHECK(follower.ask<FetchSnapshotResponse>(3, chunk_of(follower, id, 0, 10)).error == Error::kNotLeaderOrFollower);
}

TEST_CASE("KIP-630 FetchSnapshot: whoever takes a snapshot is alive: it counts for check-quorum") {
  Solo leader = leader_from_4();
  const OffsetAndEpoch id = id_of(*leader.replica.latest_snapshot());
  for (int i = 0; i < 20; ++i) {
    leader.wait(500ms);
    (void)leader.ask<FetchSnapshotResponse>(2, chunk_of(leader, id, 0, 10));
  }
  CHECK(leader.replica.role() == Role::kLeader);
}

TEST_CASE("KIP-853: the snapshot that a node was formatted with is never served") {
  Solo solo({.disk = formatted_with(voters_up_to(3))});
  solo.become_leader();
  CHECK_FALSE(solo.ask<FetchResponse>(2, solo.fetch(2, Offset(0))).snapshot_id);
  CHECK(solo.ask<FetchSnapshotResponse>(2, chunk_of(solo, {}, 0, 10)).error == Error::kSnapshotNotFound);
}

// ---- the follower's end ----

TEST_CASE("KIP-630: a follower fetches chunk by chunk, and the snapshot takes its log's place") {
  const auto snapshot = snapshot_at(9, 2, 40);
  Solo solo = told_to_take(snapshot, {1, 1});
  const std::int64_t half = snapshot->size_bytes / 2;
  Message asked = solo.only_sent<FetchSnapshotRequest>(2);
  CHECK(std::get<FetchSnapshotRequest>(asked.body).position == 0);
  CHECK(std::get<FetchSnapshotRequest>(asked.body).snapshot_id == id_of(*snapshot));
  solo.answer(asked, chunk(solo, snapshot, 0, half));
  asked = solo.only_sent<FetchSnapshotRequest>(2);
  CHECK(std::get<FetchSnapshotRequest>(asked.body).position == half);
  CHECK(solo.replica.log().end_offset() == Offset(2));
  solo.answer(asked, chunk(solo, snapshot, half, snapshot->size_bytes - half));
  CHECK(solo.replica.log().end() == id_of(*snapshot));
  CHECK(solo.replica.log().start() == id_of(*snapshot));
  CHECK(solo.replica.high_watermark() == Offset(9));
  CHECK(solo.disk.log == solo.replica.log());
  CHECK(solo.disk.snapshots == std::vector{snapshot});
  const auto next = std::get<FetchRequest>(solo.only_sent<FetchRequest>(2).body);
  CHECK(next.fetch_offset == Offset(9));
  CHECK(next.last_fetched_epoch == Epoch(2));  // of an empty log it is the snapshot's
}

TEST_CASE("KIP-630: the snapshot is durable before the log goes, and a crash in between is repaired at the start") {
  const auto snapshot = snapshot_at(9, 2, 40);
  Solo solo = told_to_take(snapshot, {1, 1});
  solo.hold_disk = true;
  solo.answer(solo.only_sent<FetchSnapshotRequest>(2), chunk(solo, snapshot, 0, snapshot->size_bytes));
  REQUIRE(solo.effects.persist);
  const std::vector<Write> writes = solo.effects.persist->writes;
  CHECK(solo.effects.persist->sync);
  REQUIRE(writes.size() == 2);
  CHECK(std::holds_alternative<WriteSnapshot>(writes[0]));
  CHECK(std::holds_alternative<ResetLog>(writes[1]));
  CHECK(solo.all_sent<FetchRequest>().empty());  // it would acknowledge what is not durable

  Durable torn = solo.disk;
  perform(torn, writes[0]);
  REQUIRE(torn.log.end_offset() == Offset(2));
  const Solo restarted({.disk = torn});
  CHECK(restarted.replica.log().end() == id_of(*snapshot));
  CHECK(restarted.disk.log == restarted.replica.log());
  CHECK(restarted.disk.snapshots == std::vector{snapshot});
  CHECK_FALSE(restarted.replica.high_watermark());
}

TEST_CASE("a start with a snapshot of its own log leaves the log alone") {
  Durable disk = disk_with(1, {}, {}, log_of({1, 1, 1}));
  disk.snapshots.push_back(snapshot_at(2, 1));
  const Solo solo({.disk = disk});
  CHECK(solo.replica.log() == disk.log);
  CHECK(std::ranges::none_of(solo.writes, [](const Write& w) { return std::holds_alternative<ResetLog>(w); }));
}

TEST_CASE("KAFKA-14240: a log that starts behind a gap is refused") {
  const ::kraft::testing::ThrowingChecks guard;
  Durable disk = disk_with(1, {}, {}, log_of({1, 1, 1}));
  disk.log.trim_to({Offset(2), Epoch(1)});
  CHECK_THROWS_AS(Solo({.disk = disk}), ::kraft::testing::CheckThrown);
}

TEST_CASE("KIP-630: SNAPSHOT_NOT_FOUND drops what was fetched, and the follower asks anew") {
  const auto snapshot = snapshot_at(9, 2, 40);
  Solo solo = told_to_take(snapshot, {1, 1});
  solo.answer(solo.only_sent<FetchSnapshotRequest>(2), chunk(solo, snapshot, 0, 10));
  FetchSnapshotResponse gone = chunk(solo, nullptr, 0, 0);
  gone.error = Error::kSnapshotNotFound;
  solo.answer(solo.only_sent<FetchSnapshotRequest>(2), gone);
  FetchResponse told = solo.fetched(2);
  told.snapshot_id = id_of(*snapshot);
  solo.answer(solo.only_sent<FetchRequest>(2), told);
  CHECK(std::get<FetchSnapshotRequest>(solo.only_sent<FetchSnapshotRequest>(2).body).position == 0);
}

TEST_CASE("KIP-630: with the leader goes the snapshot that was being fetched from it") {
  const auto snapshot = snapshot_at(9, 2, 40);
  Solo solo = told_to_take(snapshot, {1, 1});
  const Message asked = solo.only_sent<FetchSnapshotRequest>(2);
  solo.become_follower(3, 4);
  CHECK(solo.all_sent<FetchRequest>(3).size() == 1);
  solo.answer(asked, chunk(solo, snapshot, 0, snapshot->size_bytes));  // of the old connection
  CHECK(solo.replica.log().end_offset() == Offset(2));
}

TEST_CASE("a longer log of a later epoch makes way, too: the leader knows that the two do not meet") {
  // Kafka's truncateToLatestSnapshot keeps this log and stops the node.
  const auto snapshot = snapshot_at(4, 1);
  Solo solo = told_to_take(snapshot, {1, 2, 2, 2, 2, 2});
  solo.answer(solo.only_sent<FetchSnapshotRequest>(2), chunk(solo, snapshot, 0, snapshot->size_bytes));
  CHECK(solo.replica.log().end() == id_of(*snapshot));
}

TEST_CASE("a chunk out of place, of nothing, or of another snapshot, is a bug in the leader") {
  const ::kraft::testing::ThrowingChecks guard;
  const auto snapshot = snapshot_at(9, 2, 40);
  Solo solo = told_to_take(snapshot, {1, 1});
  const Message asked = solo.only_sent<FetchSnapshotRequest>(2);
  const auto take = [&](const FetchSnapshotResponse& response) {
    Solo copy = solo;
    copy.answer(asked, response);
  };
  CHECK_THROWS_AS(take(chunk(solo, snapshot, 5, 10)), ::kraft::testing::CheckThrown);
  CHECK_THROWS_AS(take(chunk(solo, snapshot, 0, 0)), ::kraft::testing::CheckThrown);
  CHECK_THROWS_AS(take(chunk(solo, nullptr, 0, 10)), ::kraft::testing::CheckThrown);
  CHECK_THROWS_AS(take(chunk(solo, snapshot_at(8, 2), 0, 10)), ::kraft::testing::CheckThrown);
  CHECK_NOTHROW(take(chunk(solo, snapshot, 0, 10)));
}

TEST_CASE("a follower waits no longer for chunks than for records") {
  const auto snapshot = snapshot_at(9, 2, 40);
  Solo solo = told_to_take(snapshot, {1, 1});
  Message asked = solo.only_sent<FetchSnapshotRequest>(2);
  for (int i = 0; i < 5; ++i) {
    solo.wait(1500ms);
    solo.answer(asked, chunk(solo, snapshot, 10 * i, 10));
    REQUIRE(solo.replica.role() == Role::kFollower);
    asked = solo.asked<FetchSnapshotRequest>(2);
  }
  solo.wait(2s);
  CHECK(solo.replica.role() == Role::kProspective);
}

}  // namespace kraft::raft::testing
