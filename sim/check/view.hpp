// What an invariant sees: the state of each node and of its disk as plain data, before and after one event.
//
// Invariants judge states, not what the code says of itself: they read roles, logs, high watermarks, voters, snapshots,
// images and disks of the nodes, and the Raft messages that came and left. Because they see only this, each can be
// shown a made-up history in a test. Views own nothing, so that one is made and compared at every event at the price of
// a few loads.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <boost/container/vector.hpp>

#include "core/base/ids.hpp"
#include "core/base/time.hpp"
#include "core/metadata/image.hpp"
#include "core/raft/config.hpp"
#include "core/raft/log.hpp"
#include "core/raft/message.hpp"
#include "core/raft/types.hpp"
#include "core/raft/voter_history.hpp"
#include "core/records/snapshot.hpp"
#include "sim/kraft/kraft_cluster.hpp"

namespace kraftsim::check {

using kraft::Epoch;
using kraft::NodeId;
using kraft::Offset;
using kraft::Time;
using kraft::raft::Message;
using kraft_host::VoteCast;

/// How a log stands: enough to tell in the time of what was appended whether it was only appended to. Whoever keeps a
/// mark holds its last batch too, so that no other comes to have its address.
struct LogMark {
  Offset start{0};
  Offset end{0};
  const kraft::records::RecordBatch* last = nullptr;

  [[nodiscard]] static LogMark of(const kraft::raft::Log& log) {
    return {log.start_offset(), log.end_offset(), log.batches().empty() ? nullptr : log.batches().back().get()};
  }
  [[nodiscard]] bool same(const kraft::raft::Log& log) const { return *this == of(log); }
  /// True if everything that was there at the mark still is, in `log` or in the snapshot before its start.
  [[nodiscard]] bool is_prefix_of(const kraft::raft::Log& log) const {
    if (end <= log.start_offset()) return true;
    if (last == nullptr) return false;  // it started where this log has not come to, or not again
    for (auto batch = log.batches().rbegin(); batch != log.batches().rend(); ++batch) {
      if ((*batch)->base_offset <= last->base_offset) return batch->get() == last;
    }
    return false;
  }
  friend bool operator==(const LogMark&, const LogMark&) = default;
};

struct NodeView {
  NodeId id;
  bool voter = false;  // a controller, whether or not it is in the voter set
  bool up = false;
  std::uint64_t incarnation = 0;
  // of the process; meaningless while it is down
  kraft::raft::Role role{};
  Epoch epoch;
  std::optional<NodeId> leader_id;
  std::optional<Offset> high_watermark;
  LogMark log_mark;
  const kraft::records::Snapshot* snapshot = nullptr;  // the latest; nullptr if there is none
  bool writing = false;            // blocked on its disk: what it has decided is neither durable nor said
  Time wake_at = kraft::kNever;    // when a timer of its own is due
  Offset image_end{0};             // of the metadata that it has applied
  std::uint64_t image_history = 0; // fingerprint of the batches that made it
  bool active = false;             // acts as controller; then also:
  Offset epoch_start{0};           //   where its epoch starts in the log
  Offset ahead_end{0};             //   the state that it decides on
  Offset next_append{0};           //   the offset of the next record that it will append
  // of the disk
  std::uint64_t disk_number = 0;  // of those that this node has had: a wiped one is a new one
  kraft::DirectoryId directory{}; // of that disk: whom a voter set with directories means
  bool disk_forgot = false;       // it lost what it had called durable
  kraft::raft::QuorumStateData disk_state;
  LogMark disk_mark;
  Offset synced_end{0};
  const kraft::records::Snapshot* disk_snapshot = nullptr;
  const kraft::raft::Log* disk_log = nullptr;
  // What follows is there in the view, after the event, of the node that it concerned, if its process runs.
  const kraft::raft::Log* log = nullptr;
  const kraft::raft::VoterSet* voter_set = nullptr;  // in force at the node
  const kraft::raft::VoterHistory* voter_history = nullptr;
  const kraft::raft::VoterSet* configured_voters = nullptr;  // what it would go by without a log
  const kraft::raft::Config* config = nullptr;
  const kraft::metadata::Image* image = nullptr;
};

/// What an event was about, as flags. An invariant names in `kLooksAt` those without which it has nothing to judge or
/// to note, and is asked only after events that had one of them: most events have two or three.
using Facets = std::uint32_t;
namespace about {
inline constexpr Facets kTimer = 1U << 0U;
inline constexpr Facets kDisconnected = 1U << 1U;
inline constexpr Facets kElections = 1U << 2U;  // a Vote, BeginQuorumEpoch or EndQuorumEpoch was heard or said
inline constexpr Facets kFetches = 1U << 3U;    // a Fetch or FetchSnapshot
inline constexpr Facets kOtherTalk = 1U << 4U;
inline constexpr Facets kTalk = kElections | kFetches | kOtherTalk;
inline constexpr Facets kProcess = 1U << 5U;   // it started, ended, or is another
inline constexpr Facets kStanding = 1U << 6U;  // its role, epoch or leader changed
inline constexpr Facets kCommits = 1U << 7U;   // its high watermark did
inline constexpr Facets kLog = 1U << 8U;
inline constexpr Facets kQuorumState = 1U << 9U;  // on disk
inline constexpr Facets kDisk = 1U << 10U;        // the log on disk, how far it is synced, or the disk is a new one
inline constexpr Facets kSnapshots = 1U << 11U;
inline constexpr Facets kImage = 1U << 12U;
inline constexpr Facets kActive = 1U << 13U;   // what it does as the active controller
inline constexpr Facets kWriting = 1U << 14U;  // it began or ended to wait for its disk
inline constexpr Facets kState = ~(kTimer | kDisconnected | kTalk);
}  // namespace about

struct Step {
  Time now{};
  Time local{};                      // the same by the node's own clock
  bool timer = false;                // the event was the node's timer
  const NodeView* before = nullptr;  // of the node that the event concerned
  const NodeView* after = nullptr;
  std::span<const NodeView> nodes;   // all, after the event
  std::span<const VoteCast> votes;   // cast in this event
  std::size_t index = 0;             // of the node among all
  bool disconnected = false;         // it lost or dropped a connection: a request may have failed
  const Message* received = nullptr;         // the Raft message that the event brought to the node
  std::span<const Message* const> sent{};    // the Raft messages that left it in this event
  Facets facets = 0;                         // all that applies, by `note_facets`

  [[nodiscard]] bool is_about(Facets any) const { return (facets & any) != 0; }
};

/// True if the event found the node's process running and left that same one running.
[[nodiscard]] inline bool same_process(const Step& step) { return step.after->up && !step.is_about(about::kProcess); }
/// What differs between two views of a node.
[[nodiscard]] inline Facets differences(const NodeView& before, const NodeView& after) {
  Facets facets = 0;
  if (before.up != after.up || before.incarnation != after.incarnation) facets |= about::kProcess;
  if (before.role != after.role || before.epoch != after.epoch || before.leader_id != after.leader_id) {
    facets |= about::kStanding;
  }
  if (before.high_watermark != after.high_watermark) facets |= about::kCommits;
  if (before.log_mark != after.log_mark) facets |= about::kLog;
  if (before.disk_state != after.disk_state) facets |= about::kQuorumState;
  if (before.disk_mark != after.disk_mark || before.synced_end != after.synced_end ||
      before.disk_number != after.disk_number) {
    facets |= about::kDisk;
  }
  if (before.snapshot != after.snapshot || before.disk_snapshot != after.disk_snapshot) facets |= about::kSnapshots;
  if (before.image_end != after.image_end || before.image_history != after.image_history) facets |= about::kImage;
  if (before.active != after.active || before.epoch_start != after.epoch_start ||
      before.ahead_end != after.ahead_end || before.next_append != after.next_append) {
    facets |= about::kActive;
  }
  if (before.writing != after.writing) facets |= about::kWriting;
  return facets;
}

[[nodiscard]] inline Facets facets_of(const Message& message) {
  // By the alternatives of raft::Body, in order.
  using namespace about;
  constexpr std::array<Facets, 20> kOf{kElections, kElections, kElections, kFetches,   kElections,
                                       kElections, kElections, kFetches,   kFetches,   kFetches,
                                       kOtherTalk, kOtherTalk, kOtherTalk, kOtherTalk, kOtherTalk,
                                       kOtherTalk, kOtherTalk, kOtherTalk, kOtherTalk, kOtherTalk};
  static_assert(std::variant_size_v<kraft::raft::Body> == kOf.size());
  return kOf[message.body.index()];
}

/// Completes a step whose other fields are set.
inline void note_facets(Step& step) {
  step.facets = differences(*step.before, *step.after);
  if (step.timer) step.facets |= about::kTimer;
  if (step.disconnected) step.facets |= about::kDisconnected;
  if (!step.votes.empty()) step.facets |= about::kElections;
  if (step.received != nullptr) step.facets |= facets_of(*step.received);
  for (const Message* message : step.sent) step.facets |= facets_of(*message);
}

/// Counted here: what judges an election must not ask the code that held it.
[[nodiscard]] inline std::size_t majority_size(const kraft::raft::VoterSet& voters) { return voters.size() / 2 + 1; }

/// The candidate's log ends before `log` does (Raft §5.4.1).
[[nodiscard]] inline bool is_behind(const kraft::raft::VoteRequest& asked, const kraft::raft::Log& log) {
  const auto own = log.end();
  return asked.last_epoch < own.epoch || (asked.last_epoch == own.epoch && asked.last_offset < own.offset);
}

/// Index of the first batch of the node's log that was not in it before the event.
[[nodiscard]] inline std::size_t first_new_batch(const Step& step) {
  const bool grew = same_process(step) && step.before->log_mark.is_prefix_of(*step.after->log);
  return grew ? step.after->log->index_of(step.before->log_mark.end) : 0;
}

/// One value per node, by the step's index; made at first use.
template <class T>
class PerNode {
 public:
  PerNode() = default;
  explicit PerNode(T initial) : initial_(std::move(initial)) {}
  [[nodiscard]] T& operator[](std::size_t index) {
    if (values_.size() <= index) values_.resize(index + 1, initial_);
    return values_[index];
  }

 private:
  T initial_{};
  boost::container::vector<T> values_;  // of bools too
};

/// What an invariant says when it is broken; none while it holds.
using Broken = std::optional<std::string>;

struct Violation {
  std::string invariant;  // its name
  std::string detail;
};

/// What a promise can be judged on.
enum class PromiseKind : std::uint8_t {
  kBasic,     // the cluster as it is, with what was committed until then
  kDelta,     // a step: what changed, was heard or said, and what went before
  kHistory,   // all that clients were told in a run
  kLiveness,  // whether something comes about in time
};

/// An invariant's card, for `list invariants`, reports and docs.
struct Card {
  const char* name;
  const char* promise;  // one sentence
  const char* source;
  PromiseKind kind;
  bool of_one_process = false;  // what a process does within its life: no disk that lost something excuses it
};
inline constexpr PromiseKind kBasic = PromiseKind::kBasic;
inline constexpr PromiseKind kDelta = PromiseKind::kDelta;
inline constexpr bool kOfOneProcess = true;

}  // namespace kraftsim::check
