// What goes into a replica and what comes out: plain values, no callbacks.
//
// The contract between a replica and whoever hosts it (the duties of the host):
//  1. Call `step(now, input, effects)` with a `now` that never goes back.
//  2. Perform `effects.persist`, if any: all its writes in order, then, when `sync` is set, one fsync. Until that is
//     durable give the replica no other input, and keep `persist->then` back; once it is, step `Persisted` and send
//     `then`. (Kafka's Raft thread blocks on its fsync in just this way.) What is not synced may be lost by a crash:
//     any suffix of what came after the last sync.
//  3. Drop the connections to `effects.disconnects`; then send `effects.sends` at once, each at most once, in order per
//     destination; loss is allowed, corruption is not.
//  4. Step `Tick` as soon as the clock reaches `effects.wake_at` (each step's value replaces the one before).
//  5. Tell `Disconnected{peer}` when a connection to a peer was lost or refused: requests in flight there have failed.
//  6. After a crash, build a new Replica from what the disk then holds.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/time.hpp"
#include "core/raft/message.hpp"
#include "core/raft/types.hpp"

namespace kraft::raft {

// ---- inputs ----

struct Receive {
  Message message{};
};
/// The clock reached `wake_at`. Stepping it early is harmless.
struct Tick {};
/// The last `persist` is durable.
struct Persisted {};
/// Leader only, and only in `epoch`: append these records, all or none, in one batch with others that linger; they fit
/// into one (`Config::max_batch_bytes`). Their first offset is `Replica::next_append_offset()` as it stood before the
/// step. In another epoch nothing happens and `AppendRefused` comes out.
struct Append {
  Epoch epoch{};
  records::MetadataRecords records{};
};
/// The connection to `peer` was lost or could not be made.
struct Disconnected {
  NodeId peer{};
};
/// Stop for good, in an orderly way: a leader resigns and names successors; `ShutdownComplete` comes out when there is
/// nothing more to wait for, at the latest after `timeout` (Kafka: 5 s).
struct Shutdown {
  Duration timeout{};
};
/// A leader gives up its epoch (KafkaRaftClient.resign); ignored in another epoch or role.
struct Resign {
  Epoch epoch{};
};

/// A snapshot of what is committed, to be kept beside the log (KIP-630). It must end at a batch boundary; one that is
/// not newer than the latest changes nothing.
struct CreateSnapshot {
  records::SnapshotRef snapshot{};
};

using Input = std::variant<Receive, Tick, Persisted, Append, Disconnected, Shutdown, Resign, CreateSnapshot>;
[[nodiscard]] std::string line(const Input& input);

// ---- effects ----

struct WriteQuorumState {
  QuorumStateData data{};
};
struct AppendBatches {
  std::vector<records::BatchRef> batches{};
};
struct TruncateLog {
  Offset end_offset{};
};
/// A new snapshot beside those there are. It exists once it is durable, whole, and not at all before.
struct WriteSnapshot {
  records::SnapshotRef snapshot{};
};
/// The log before the snapshot with this id goes, and with it all older snapshots.
struct TrimLog {
  OffsetAndEpoch snapshot_id{};
};
/// The whole log goes; it starts and ends at the snapshot with this id, the only one left.
struct ResetLog {
  OffsetAndEpoch snapshot_id{};
};
using Write = std::variant<WriteQuorumState, AppendBatches, TruncateLog, WriteSnapshot, TrimLog, ResetLog>;
[[nodiscard]] std::string line(const Write& write);

struct Persist {
  std::vector<Write> writes{};
  bool sync = false;           // fsync needed before `then` may leave and before the next input
  std::vector<Message> then{};   // what may be said only once the writes are durable
};

/// Why a replica changed its role: the text is stable and is what reports and `explain` print.
enum class Reason : std::uint8_t {
  kFetchTimeout,          // follower heard nothing from its leader in time
  kElectionTimeout,       // no leader was found in time
  kEndQuorumEpoch,        // the leader said goodbye and named this node a successor (or not)
  kPreVoteMajority,
  kPreVoteRejected,
  kVoteMajority,
  kHigherEpoch,           // somebody spoke in a newer epoch
  kLeaderDiscovered,
  kVoteGranted,
  kCheckQuorum,           // leader: no majority fetched in time
  kResignRequested,
  kShutdown,
  kRemovedFromVoters,     // leader: the voter set without it is committed
};
[[nodiscard]] std::string line(Reason reason);  // "fetch timeout"

/// Things that happened, for whoever lives above the replica (a controller, a broker) and for traces. They are facts
/// about this step, in order.
struct Transitioned {
  Role from{};
  Role to{};
  Epoch epoch{};
  std::optional<NodeId> leader_id{};
  Reason reason{};
};
/// The high watermark rose: everything below it is committed and may be read from `log()`.
struct Committed {
  Offset high_watermark{};
};
/// The leader known for `epoch` changed. A leader hears of itself only once its log is committed up to its own epoch's
/// start (KafkaRaftClient.maybeFireLeaderChange), so that it never acts on old state.
struct LeaderChanged {
  LeaderAndEpoch leader{};
};
struct Appended {
  Offset base_offset{};
  Offset end_offset{};
};
struct Truncated {
  Offset end_offset{};
};
struct AppendRefused {
  Epoch current_epoch{};
};
struct ShutdownComplete {};
/// Another snapshot is kept: of its own making, or fetched, and then the log has made way for it.
struct SnapshotKept {
  OffsetAndEpoch id{};
  bool fetched = false;
};
struct LogTrimmed {
  Offset start_offset{};
};
/// Other voters count, or another kraft.version, as the end of the log has it.
struct VotersChanged {
  KRaftVersion kraft_version = 0;
  VoterSet voters{};
};

using Notice = std::variant<Transitioned, Committed, LeaderChanged, Appended, Truncated, AppendRefused,
                            ShutdownComplete, SnapshotKept, LogTrimmed, VotersChanged>;
[[nodiscard]] std::string line(const Notice& notice);

struct Effects {
  std::vector<Message> sends{};      // may leave at once
  std::optional<Persist> persist{};  // at most one a step; everything said after a write of the step is in its `then`
  /// Requests there timed out: drop the connection, as Kafka's NetworkClient does, before anything is sent.
  std::vector<NodeId> disconnects{};
  std::vector<Notice> notices{};
  Time wake_at = kNever;

  /// Ready for the next step, keeping the memory.
  void clear();
};
[[nodiscard]] std::string line(const Effects& effects);

}  // namespace kraft::raft
