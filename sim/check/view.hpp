// What an invariant sees: the state of each node and of its disk as plain data, before and after one event.
//
// Invariants judge states, not what the code says of itself: they read the roles, logs, high watermarks and disks of
// the nodes, and the votes that left on the wire. Because they see only this, each can be shown a made-up history in a
// test.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/time.hpp"
#include "core/raft/log.hpp"
#include "core/raft/types.hpp"
#include "core/raft/voter_history.hpp"
#include "core/records/snapshot.hpp"
#include "sim/kraft/kraft_cluster.hpp"

namespace kraftsim::check {

using kraft::Epoch;
using kraft::NodeId;
using kraft::Offset;
using kraft::Time;
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
  // of the disk
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
};

struct Step {
  Time now{};
  bool timer = false;                // the event was the node's timer
  const NodeView* before = nullptr;  // of the node that the event concerned
  const NodeView* after = nullptr;
  std::span<const NodeView> nodes;   // all, after the event
  std::span<const VoteCast> votes;   // cast in this event
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
