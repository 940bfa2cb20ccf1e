// What a disk keeps and what a crash takes.
#include <doctest/doctest.h>

#include "sim/kraft/stored_replica.hpp"

namespace kraftsim::kraft_host {
namespace {

namespace raft = kraft::raft;
namespace records = kraft::records;
using kraft::at_nanos;
using kraft::Epoch;
using kraft::NodeId;
using kraft::Offset;

raft::Write append(int offset) {
  return raft::AppendBatches{
      {records::make_batch(Offset(offset), Epoch(1), {}, records::MetadataRecords{records::NoOpRecord{}})}};
}
constexpr std::int64_t kSecond = 1'000'000'000;

}  // namespace

TEST_CASE("a crash takes what was not synced and leaves what was") {
  StoredReplica disk;
  disk.perform({append(0)}, true, at_nanos(0));
  disk.perform({append(1)}, false, at_nanos(1));
  CHECK(disk.contents().log.end_offset() == Offset(2));
  CHECK(disk.synced_end() == Offset(1));
  disk.crash(at_nanos(2), {}, {});
  CHECK(disk.contents().log.end_offset() == Offset(1));
}

TEST_CASE("the page cache is written back after 30 s") {
  StoredReplica disk;
  disk.perform({append(0)}, false, at_nanos(0));
  disk.perform({append(1)}, false, at_nanos(20 * kSecond));
  disk.crash(at_nanos(31 * kSecond), {}, {});
  CHECK(disk.contents().log.end_offset() == Offset(1));
}

TEST_CASE("truncation lowers what is synced, and what follows must be synced anew") {
  StoredReplica disk;
  disk.perform({append(0), append(1), append(2)}, true, at_nanos(0));
  disk.perform({raft::TruncateLog{Offset(1)}, append(1)}, false, at_nanos(1));
  CHECK(disk.synced_end() == Offset(1));
  disk.crash(at_nanos(2), {}, {});
  CHECK(disk.contents().log.end_offset() == Offset(1));
}

TEST_CASE("the quorum state is kept as it was last written") {
  StoredReplica disk;
  const raft::QuorumStateData voted{Epoch(4), std::nullopt, raft::ReplicaKey{NodeId(2), {}}};
  disk.perform({raft::WriteQuorumState{voted}}, true, at_nanos(0));
  disk.crash(at_nanos(1), {}, {});
  CHECK(disk.contents().quorum_state == voted);
}

TEST_CASE("a snapshot exists once it is synced, and a cut of the log is durable with what it relies on") {
  const auto snapshot = records::make_snapshot({.end_offset = Offset(2), .epoch = Epoch(1)}, {});
  StoredReplica disk;
  disk.perform({append(0), append(1), append(2)}, true, at_nanos(0));
  disk.perform({raft::WriteSnapshot{snapshot}}, false, at_nanos(1));
  StoredReplica cut = disk;
  disk.crash(at_nanos(2), {}, {});
  CHECK(disk.contents().snapshots.empty());
  cut.perform({raft::TrimLog{{Offset(2), Epoch(1)}}}, true, at_nanos(2));
  cut.crash(at_nanos(3), {}, {});
  CHECK(cut.contents().snapshots.size() == 1);
  CHECK(cut.contents().log.start_offset() == Offset(2));
  CHECK(cut.contents().log.end_offset() == Offset(3));
}

TEST_CASE("a crash may come between a snapshot and the log that makes way for it") {
  const std::vector<raft::Write> install{
      raft::WriteSnapshot{records::make_snapshot({.end_offset = Offset(9), .epoch = Epoch(2)}, {})},
      raft::ResetLog{{Offset(9), Epoch(2)}}};
  const auto end_after = [&](std::uint32_t kept) {
    StoredReplica disk;
    disk.perform({append(0)}, true, at_nanos(0));
    disk.crash(at_nanos(1), {.unsynced = cluster::Unsynced::kSubset, .subset = kept}, install);
    CHECK(disk.contents().snapshots.size() == (kept & 1U));
    return disk.contents().log.end_offset();
  };
  CHECK(end_after(0b11) == Offset(9));
  CHECK(end_after(0b01) == Offset(1));
  CHECK(end_after(0b10) == Offset(1));
}

TEST_CASE("the page cache writes a snapshot back, too") {
  StoredReplica disk;
  disk.perform({append(0)}, true, at_nanos(0));
  disk.perform({raft::WriteSnapshot{records::make_snapshot({.end_offset = Offset(1), .epoch = Epoch(1)}, {})}}, false,
               at_nanos(1));
  disk.crash(at_nanos(31 * kSecond), {}, {});
  CHECK(disk.contents().snapshots.size() == 1);
}

TEST_CASE("a wiped disk is empty, and another") {
  StoredReplica disk;
  disk.perform({append(0)}, true, at_nanos(0));
  disk.wipe();
  CHECK(disk.contents().log.end_offset() == Offset(0));
  CHECK(disk.synced_end() == Offset(0));
  CHECK(disk.generation() == 1);
}

}  // namespace kraftsim::kraft_host
