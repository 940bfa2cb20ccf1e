// Controller: a member of the quorum, or one that may become one, with the metadata state machine on top (Kafka's
// QuorumController).
//
// While it leads, and its log is committed up to its own epoch, it is active: it decides on the *uncommitted* image,
// which runs ahead of the committed one by exactly the records that are on their way through Raft, and parks each
// answer until the offset that it waits for is committed. Losing the leadership drops that image, the parked answers
// and the soft state of heartbeats, in time proportional to what was pending and not to the image.
//
// Every request, and every timer, goes through `decide` (core/metadata) and `apply`; nothing here knows a record.
#pragma once

#include <optional>
#include <vector>

#include "core/base/rng.hpp"
#include "core/metadata/heartbeat_tracker.hpp"
#include "core/node/config.hpp"
#include "core/node/replicated_image.hpp"
#include "core/node/step.hpp"

namespace kraft::node {

class Controller {
 public:
  /// Starts, or restarts, at `now` from what its disk holds; step `Tick` right after. `placement_rng` draws topic ids
  /// and where replicas go.
  Controller(const ControllerConfig& config, raft::ReplicaKey self, raft::VoterSet voters, raft::Durable durable,
             Rng raft_rng, Rng placement_rng, Time now);

  /// Consumes one input; `effects` must be clear. See step.hpp for what the host then owes.
  void step(Time now, Input&& input, metadata::ApplyCache& cache, Effects& effects);

  // ---- views ----
  [[nodiscard]] const raft::Replica& replica() const { return log_.replica(); }
  [[nodiscard]] const Ref<metadata::Image>& committed_image() const { return log_.image(); }
  /// What decisions are made on: ahead of the committed image while active, the committed image otherwise.
  [[nodiscard]] const Ref<metadata::Image>& latest_image() const { return active_ ? active_->ahead : log_.image(); }
  [[nodiscard]] bool is_active() const { return active_.has_value(); }
  /// Answers that wait for a commit.
  [[nodiscard]] std::size_t pending_replies() const { return active_ ? active_->parked.size() : 0; }
  [[nodiscard]] Time wake_at() const;

 private:
  /// What every part of one step needs.
  struct Step {
    Time now;
    metadata::ApplyCache& cache;
    Effects& effects;
  };
  /// An answer that leaves once everything below `offset` is committed (Kafka's DeferredEventQueue).
  struct Parked {
    Offset offset;
    Rpc reply;
  };
  /// Records handed to Raft, until they are committed: of one request, then of the batch that they went into.
  struct Write {
    Offset base;
    Offset end;
    Time queued{};
    std::optional<Time> appended;
    std::optional<Time> durable;
  };
  struct Active {
    Epoch epoch;
    Ref<metadata::Image> ahead;
    metadata::HeartbeatTracker heartbeats;
    Time next_no_op = kNever;
    Time next_fence_check = kNever;
    std::vector<Parked> parked;                    // by offset
    std::vector<records::MetadataRecords> outbox;  // decided and applied, not yet taken by the replica
    std::vector<Write> writes;                     // by offset
    std::uint64_t history = 0;                     // of all batches in the log, committed or not
  };

  void raft_step(const Step& step, raft::Input&& input);
  void claim(const Step& step);
  void renounce(const Step& step);
  void track_append(const Step& step, const raft::Appended& appended);
  void settle_committed(const Step& step);

  void receive(const Step& step, Rpc&& rpc);
  void handle(const Step& step, const Rpc& rpc, const BrokerRegistrationRequest& request);
  void handle(const Step& step, const Rpc& rpc, const BrokerHeartbeatRequest& request);
  void handle(const Step& step, const Rpc& rpc, const CreateTopicsRequest& request);
  void handle(const Step& step, const Rpc& rpc, const DeleteTopicsRequest& request);
  void handle(const Step& step, const Rpc& rpc, const AlterPartitionRequest& request);
  template <class Response>
  void carry_out(const Step& step, const Rpc& rpc, metadata::Decision<Response>&& decision);

  void write(const Step& step, records::MetadataRecords&& records);
  void send_outbox(const Step& step);
  void run_timers(const Step& step);
  void fence_one_stale_broker(const Step& step);
  [[nodiscard]] Rpc reply_to(const Rpc& rpc, Body&& body) const;

  ControllerConfig config_;
  ReplicatedImage log_;
  Rng placement_rng_;
  std::optional<Active> active_;
};

/// "n1 leader e4 leader=1 end=120@4 hw=118 active".
[[nodiscard]] std::string line(const Controller& controller);

}  // namespace kraft::node
