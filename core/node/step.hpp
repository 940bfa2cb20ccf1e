// What goes into a node (controller or broker) and what comes out. The duties of the host are those of raft/step.hpp,
// one floor up: one Persist at a time, `then` kept back until it is durable, `wake_at` obeyed.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/time.hpp"
#include "core/node/message.hpp"
#include "core/raft/step.hpp"

namespace kraft::node {

struct Receive {
  Message message;
};
struct Tick {};
struct Persisted {};
struct Disconnected {
  NodeId peer;
};
/// SIGTERM: a controller resigns its quorum, a broker asks for a controlled shutdown. ShutdownComplete says when done.
struct Shutdown {};

using Input = std::variant<Receive, Tick, Persisted, Disconnected, Shutdown>;
[[nodiscard]] std::string line(const Input& input);

struct Persist {
  std::vector<raft::Write> writes;
  bool sync = false;
  std::vector<Message> then;
};

// ---- notices: what happened, for traces and measures ----

/// The controller claimed its epoch: its own records are committed and it may write.
struct BecameActive {
  Epoch epoch;
};
/// The controller gave its epoch up; `dropped` records of uncommitted state went with it.
struct Renounced {
  Epoch epoch;
  std::int64_t dropped_records;
};
struct BrokerFenced {
  NodeId broker_id;
  bool by_session = false;  // false: it asked to be (shutdown)
};
struct BrokerUnfenced {
  NodeId broker_id;
};
/// Broker side: now follows `leader` and has applied up to `offset`.
struct MetadataApplied {
  Offset offset;
};
/// Broker side: this node's heartbeats or registration were accepted by `controller` for the first time since its
/// controller changed.
struct ControllerFound {
  NodeId controller_id;
};
enum class BrokerState : std::uint8_t {
  kStarting = 1,
  kRecovery = 2,
  kRunning = 3,
  kPendingControlledShutdown = 6,
  kShuttingDown = 7,
};
[[nodiscard]] std::string line(BrokerState state);
struct BrokerStateChanged {
  BrokerState state;
};
/// Records that this leader appended are committed now: the stages of their commit latency on its own clock.
struct BatchCommitted {
  Offset base_offset;
  Offset end_offset;
  Time queued;    // its first record was handed to Raft
  Time appended;  // it left the accumulator (append linger) for the log
  Time durable;   // the leader's own fsync was done
};

using Notice = std::variant<raft::Notice, BecameActive, Renounced, BrokerFenced, BrokerUnfenced, MetadataApplied,
                            ControllerFound, BrokerStateChanged, BatchCommitted>;
[[nodiscard]] std::string line(const Notice& notice);

/// How much a step did, so that a host can charge for it.
struct Work {
  std::int64_t records_decided = 0;  // made by `decide` and applied ahead of their commit
  std::int64_t records_applied = 0;  // replayed from committed batches
};

struct Effects {
  std::vector<Message> sends;
  std::optional<Persist> persist;
  std::vector<NodeId> disconnects;
  std::vector<Notice> notices;
  Work work;
  Time wake_at = kNever;
  bool shutdown_complete = false;

  void clear();
};
[[nodiscard]] std::string line(const Effects& effects);

}  // namespace kraft::node
