// What an invariant sees: the state of each node and of its disk as plain data, before and after one event.
//
// Invariants judge states, not what the code says of itself: they read the roles, logs, high watermarks and disks of
// the nodes, and the votes that left on the wire. Because they see only this, each can be shown a made-up history in a
// test.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

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

/// How a log stands: enough to tell in the time of what was appended whether it was only appended to. The last batch is
/// held, so that its address stays its own.
struct LogMark {
  Offset start{0};
  Offset end{0};
  kraft::records::BatchRef last;

  [[nodiscard]] static LogMark of(const kraft::raft::Log& log) {
    return {log.start_offset(), log.end_offset(), log.batches().empty() ? nullptr : log.batches().back()};
  }
  [[nodiscard]] bool same(const kraft::raft::Log& log) const {
    return start == log.start_offset() && end == log.end_offset() &&
           (last == nullptr ? log.batches().empty() : !log.batches().empty() && last == log.batches().back());
  }
  /// True if everything that was there at the mark still is, in `log` or in the snapshot before its start.
  [[nodiscard]] bool is_prefix_of(const kraft::raft::Log& log) const {
    if (end <= log.start_offset()) return true;
    if (last == nullptr) return false;  // it started where this log has not come to, or not again
    for (auto batch = log.batches().rbegin(); batch != log.batches().rend(); ++batch) {
      if ((*batch)->base_offset <= last->base_offset) return *batch == last;
    }
    return false;
  }
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
  kraft::records::SnapshotRef snapshot;  // the latest; nullptr if there is none
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
  kraft::raft::QuorumStateData disk_state;
  LogMark disk_mark;
  Offset synced_end{0};
  kraft::records::SnapshotRef disk_snapshot;
  // the logs themselves, as they are after the event
  const kraft::raft::Log* log = nullptr;       // nullptr while the process is down
  const kraft::raft::Log* disk_log = nullptr;
  // who votes as the process has it, and what it would go by without a log; nullptr while it is down
  const kraft::raft::VoterHistory* voter_history = nullptr;
  const kraft::raft::VoterSet* configured_voters = nullptr;
  // nullptr while the process is down
  const kraft::raft::VoterSet* voter_set = nullptr;  // in force at the node
  const kraft::raft::Config* config = nullptr;
  const kraft::metadata::Image* image = nullptr;
};

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
};

/// True if the event found the node's process running and left that same one running.
[[nodiscard]] inline bool same_process(const Step& step) {
  return step.before->up && step.after->up && step.before->incarnation == step.after->incarnation;
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
    while (values_.size() <= index) values_.push_back(initial_);
    return values_[index];
  }

 private:
  T initial_{};
  std::deque<T> values_;
};

/// What an invariant says when it is broken; none while it holds.
using Broken = std::optional<std::string>;

struct Violation {
  std::string invariant;  // its name
  std::string detail;
};

/// An invariant's card, for `list invariants`, reports and docs.
struct Card {
  const char* name;
  const char* promise;  // one sentence
  const char* source;
};

}  // namespace kraftsim::check
