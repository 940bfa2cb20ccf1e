// What each disk fault does to writes, to what a disk holds, and to who depends on it.
#include "tests/fault/story.hpp"

#include <algorithm>

#include "core/records/record.hpp"

using namespace kraftsim::scenario;
using kraft::Epoch;
using kraft::Offset;
using kraft::Time;
using kraftsim::cluster::CrashFault;
using kraftsim::cluster::DamageLogFault;
using kraftsim::cluster::LogDamage;
using kraftsim::cluster::Unsynced;
using kraftsim::kraft_host::StoredReplica;
namespace raft = kraft::raft;

namespace {

/// Appends one batch of one record at each offset from `first` to `last`.
std::vector<raft::Write> appends(std::int64_t first, std::int64_t last) {
  raft::AppendBatches writes;
  for (std::int64_t offset = first; offset <= last; ++offset) {
    writes.batches.push_back(kraft::records::make_batch(
        Offset(offset), Epoch(1), Time{}, kraft::records::MetadataRecords{kraft::records::NoOpRecord{}}));
  }
  return {writes};
}

StoredReplica with_ten_batches() {
  StoredReplica disk;
  disk.perform(appends(0, 9), true, Time{});
  return disk;
}

raft::QuorumStateData epoch(std::int32_t number) { return {.leader_epoch = Epoch(number)}; }

/// Three batches synced, two written since, one and the quorum state on their way.
struct Disk {
  StoredReplica replica;
  std::vector<raft::Write> in_flight = appends(5, 5);

  Disk() {
    replica.perform(appends(0, 2), true, Time{});
    replica.perform(appends(3, 4), false, Time{});
    in_flight.emplace_back(raft::WriteQuorumState{epoch(2)});
  }
  Offset end_after(const CrashFault& how) {
    replica.crash(Time(1s), how, in_flight);
    return replica.contents().log.end_offset();
  }
};

std::int64_t median_commit(std::string_view faults) {
  Story story(faults);
  auto times = story.end().result().measures.commit.total_ns;
  std::ranges::sort(times);
  return times.at(times.size() / 2);
}

/// The end of the log on a disk.
std::int64_t end_of(const Story& story, NodeId node) {
  return story.host(node).disk.contents().log.end_offset().value();
}

}  // namespace

TEST_CASE("slow writes and slow fsync") {
  const auto normal = median_commit("");
  for (const std::string what : {"write", "fsync"}) {
    CAPTURE(what);
    CHECK(median_commit(R"({"at": "1s", "slow_disk": {"node": "coordinators", ")" + what +
                        R"(": {"uniform": ["30ms", "40ms"]}, "for": "18s"}})") >= normal + 30'000'000);
  }
}

TEST_CASE("slow disk: bandwidth") {
  // A batch has more than 61 bytes, its header: 30 ms at the least.
  CHECK(median_commit(R"({"at": "1s", "slow_disk": {"node": "coordinators", "bandwidth": "2kB/s", "for": "18s"}})") >=
        median_commit("") + 30'000'000);
}

TEST_CASE("disk stall") {
  Story story(R"({"at": "2s", "stall_disk": {"node": "controller:2", "for": "3s"}})");
  const auto before = end_of(story.until(2100ms), coordinator_id(2));
  CHECK(end_of(story.until(4900ms), coordinator_id(2)) == before);
  CHECK(story.traced("[stalls]") >= 1);
  CHECK(end_of(story.until(6s), coordinator_id(2)) > before);
}

TEST_CASE("disk full: whoever writes dies of it and is started when there is room") {
  Story story(R"({"at": "2s", "fail_disk": {"node": "active_controller", "error": "full", "for": "5s"}})");
  const NodeId victim = story.until(1s).leader();
  CHECK(story.until(6s).process(victim) == ProcessState::kDown);
  CHECK(story.leader() != victim);
  CHECK(story.traced("[the disk refuses]") == 1);
  CHECK(story.until(8s).process(victim) == ProcessState::kUp);
}

TEST_CASE("room on a disk starts nobody who is down for another reason") {
  Story story(R"({"at": "2s", "crash": {"node": "controller:1", "restart_after": "10s"}},
                 {"at": "3s", "fail_disk": {"node": "controller:1", "error": "full", "for": "2s"}})");
  CHECK(story.until(9s).process(coordinator_id(1)) == ProcessState::kDown);
  CHECK(story.until(13s).process(coordinator_id(1)) == ProcessState::kUp);
}

TEST_CASE("EIO on write strikes all that write, and on fsync those that sync") {
  for (const auto& [error, broker] : {std::pair{"eio_write", ProcessState::kDown}, {"eio_fsync", ProcessState::kUp}}) {
    CAPTURE(error);
    Story story(R"({"at": "2s", "fail_disk": {"node": ["controller:1", "broker:1"], "for": "3s", "error": ")" +
                std::string(error) + R"("}})");
    story.until(4s);
    CHECK(story.process(coordinator_id(1)) == ProcessState::kDown);
    CHECK(story.process(broker_id(1)) == broker);
  }
}

TEST_CASE("EIO on read: a process that runs goes on and one that starts does not") {
  Story story(R"({"at": "2s", "fail_disk": {"node": "controller:1", "error": "eio_read", "for": "8s"}},
                 {"at": "4s", "crash": {"node": "controller:1", "restart_after": "1s"}})");
  CHECK(story.until(3500ms).process(coordinator_id(1)) == ProcessState::kUp);
  CHECK(story.until(9s).process(coordinator_id(1)) == ProcessState::kDown);
  CHECK(story.traced("[cannot read its disk]") == 1);
  CHECK(story.until(11s).process(coordinator_id(1)) == ProcessState::kUp);
}

TEST_CASE("unsynced writes lost or kept") {
  CHECK(Disk().end_after({}) == Offset(3));
  Disk kept;
  CHECK(kept.end_after({.unsynced = Unsynced::kKept}) == Offset(6));
  CHECK(kept.replica.synced_end() == Offset(6));
  CHECK(kept.replica.contents().quorum_state == epoch(2));
  CHECK_FALSE(kept.replica.forgot());
  Story story(R"({"at": "4s", "crash": {"node": "broker:1", "unsynced": "kept", "restart_after": "1s"}},
                 {"at": "4s", "crash": {"node": "broker:2", "restart_after": "1s"}})");
  story.until(4500ms);
  CHECK(end_of(story, broker_id(1)) > end_of(story, broker_id(2)));
}

TEST_CASE("torn tail") {
  Disk torn;
  CHECK(torn.end_after({.unsynced = Unsynced::kTorn}) == Offset(5));
  CHECK_FALSE(torn.replica.forgot());
  Story story(R"({"at": "4s", "crash": {"node": "active_controller", "machine": true, "unsynced": "torn",
                 "restart_after": "1s"}})");
  CHECK(story.end().result().verdict == Verdict::kHeld);
}

TEST_CASE("loss of unsynced data with any subset kept") {
  // Bits from the lowest: the quorum-state file comes after the batch that was in flight before it.
  CHECK(Disk().end_after({.unsynced = Unsynced::kSubset, .subset = 0b1110}) == Offset(6));
  CHECK(Disk().end_after({.unsynced = Unsynced::kSubset, .subset = 0b1010}) == Offset(4));
  CHECK(Disk().end_after({.unsynced = Unsynced::kSubset, .subset = 0b1100}) == Offset(3));
  Disk some;
  some.end_after({.unsynced = Unsynced::kSubset, .subset = 0b0001});
  CHECK(some.replica.contents().quorum_state == epoch(2));
  Story story(R"({"at": "4s", "every": "3s", "times": 4, "crash": {"node": "brokers", "machine": true,
                 "unsynced": "random", "restart_after": "1s"}})");
  story.end();
  CHECK(story.executed().at(0).find("\"subset\": ") != std::string::npos);
  CHECK(story.result().verdict == Verdict::kHeld);
}

TEST_CASE("bit rot: the next start cuts the log there") {
  Story story(R"({"at": "4s", "bit_rot": {"node": "controller:1"}},
                 {"at": "5s", "crash": {"node": "controller:1", "restart_after": "1s"}})");
  const auto before = end_of(story.until(4900ms), coordinator_id(1));
  story.until(5900ms);
  CHECK(end_of(story, coordinator_id(1)) >= before);  // nobody has noticed
  CHECK(story.traced("recovery cuts the log") == 0);
  story.until(6001ms);
  CHECK(story.traced("recovery cuts the log") == 1);
  CHECK(story.host(coordinator_id(1)).disk.forgot());
  StoredReplica disk = with_ten_batches();
  kraft::Rng rng(1);
  CHECK(disk.damage({.node = {}, .damage = LogDamage::kBitRot, .offsets = {4}}, rng) == std::vector<std::int64_t>{4});
  CHECK(disk.contents().log.end_offset() == Offset(10));
  CHECK(disk.recover() == Offset(4));
  CHECK(disk.contents().log.end_offset() == Offset(4));
  CHECK(disk.synced_end() == Offset(4));
}

TEST_CASE("lost write") {
  StoredReplica disk = with_ten_batches();
  kraft::Rng rng(1);
  CHECK(disk.damage({.node = {}, .damage = LogDamage::kLostWrite, .offsets = {}}, rng) ==
        std::vector<std::int64_t>{9});
  disk.perform(appends(10, 12), true, Time{});
  CHECK(disk.recover() == Offset(9));
  CHECK(disk.forgot());
  Story story(R"({"at": "4s", "lost_write": {"node": "controller:1"}},
                 {"at": "5s", "crash": {"node": "controller:1", "restart_after": "1s"}})");
  CHECK(story.until(6100ms).traced("recovery cuts the log") == 1);
}

TEST_CASE("misdirected write: two batches are damaged") {
  StoredReplica disk = with_ten_batches();
  kraft::Rng rng(2);
  const auto damaged = disk.damage({.node = {}, .damage = LogDamage::kMisdirected, .offsets = {}}, rng);
  REQUIRE(damaged.size() == 2);
  CHECK(damaged.back() == 9);
  CHECK(disk.recover() == Offset(damaged.front()));
  Story story(R"({"at": "4s", "misdirected_write": {"node": "controller:1"}},
                 {"at": "5s", "crash": {"node": "controller:1", "restart_after": "1s"}})");
  CHECK(story.until(6100ms).traced("recovery cuts the log") == 1);
}

TEST_CASE("what is truncated and written again is whole again") {
  StoredReplica disk = with_ten_batches();
  kraft::Rng rng(1);
  (void)disk.damage({.node = {}, .damage = LogDamage::kLostWrite, .offsets = {7}}, rng);
  disk.perform({raft::TruncateLog{Offset(6)}}, true, Time{});
  disk.perform(appends(6, 9), true, Time{});
  CHECK_FALSE(disk.recover().has_value());
}

TEST_CASE("lying fsync: a power failure takes what was synced meanwhile and a kill does not") {
  StoredReplica disk;
  disk.perform(appends(0, 2), true, Time{});
  disk.lie(true);
  disk.perform(appends(3, 4), true, Time{});
  CHECK(disk.synced_end() == Offset(5));
  StoredReplica killed = disk;
  killed.crash(Time(1s), {}, {});
  CHECK(killed.contents().log.end_offset() == Offset(5));
  StoredReplica honest = disk;
  honest.lie(false);
  honest.crash(Time(1s), {.machine = true}, {});
  CHECK(honest.contents().log.end_offset() == Offset(5));
  CHECK_FALSE(honest.forgot());
  disk.crash(Time(1s), {.machine = true}, {});
  CHECK(disk.contents().log.end_offset() == Offset(3));
  CHECK(disk.forgot());
}

TEST_CASE("durability lost by design makes a run inconclusive and not violated") {
  constexpr std::string_view kLie = R"({"at": "3s", "lying_fsync": {"node": "coordinators"}},
      {"at": "6s", "crash": {"node": "coordinators", "machine": true, "restart_after": "1s"}})";
  Story story(kLie);
  CHECK_FALSE(story.until(5s).run().durability_lost().has_value());
  const RunResult result = story.end().result();
  CHECK(result.verdict == Verdict::kInconclusive);
  CHECK_FALSE(result.invariant.has_value());
  INFO(result.detail);
  CHECK(result.detail.starts_with("unrecoverable by design: of 3 voters n1, n2, n3 lost what their disks had called "
                                  "durable; then LeaderCompleteness"));
  // Of four voters two quorums share two: one that forgets is not enough to excuse anything.
  Story four(R"({"at": "4s", "bit_rot": {"node": "controller:1", "offsets": [3]}},
                {"at": "5s", "crash": {"node": "controller:1", "restart_after": "1s"}})",
             {.controllers = 4});
  CHECK(four.until(7s).run().plane().forgetful().size() == 1);
  CHECK_FALSE(four.run().durability_lost().has_value());
}
