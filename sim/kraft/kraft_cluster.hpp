// KraftCluster: controllers and brokers of core/node, hosted on a World; one implementation of the ControlPlane port.
//
// A host does for a node what raft/step.hpp asks of it and nothing else: it hands over what arrived, charges the CPU
// for it, performs the writes, keeps back what must wait for them, sends the rest, arms the timer. What the node
// notices becomes observations. The node code does not know that it is simulated, and nothing here decides anything for
// it.
//
// Checkers look in through `hosts()`: const views of each live node and of its disk.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/metadata/apply_cache.hpp"
#include "core/node/broker.hpp"
#include "core/node/controller.hpp"
#include "sim/cluster/control_plane.hpp"
#include "sim/cluster/spec.hpp"
#include "sim/kraft/service.hpp"
#include "sim/kraft/stored_replica.hpp"
#include "sim/world/world.hpp"

namespace kraftsim::kraft_host {

using cluster::ClusterSpec;
using kraft::NodeId;
using kraft::Time;

/// A real vote on its way: granted to a candidate, or a candidate's own when it asks for others'.
struct VoteCast {
  NodeId voter;
  kraft::Epoch epoch;
  NodeId candidate;
};

/// One node's place: its machine's disk, and the process that runs on it, if one does.
/// A request that came to a process, which answers on the connection that brought it.
struct OpenRequest {
  NodeId from;
  kraft::CorrelationId id;
  world::Channel channel = 0;
  std::uint32_t generation = 0;  // of the connection
};

struct Host {
  NodeId id;
  const cluster::NodeSpec* spec = nullptr;  // within the cluster's shared, immutable ClusterSpec
  std::variant<std::monostate, kraft::node::Controller, kraft::node::Broker> process;
  StoredReplica disk;
  cluster::CrashFault next_crash;                 // what the crash under way does to the disk
  std::optional<kraft::node::Persist> writing;    // the process is blocked on it
  std::vector<cluster::PhaseReached> when_durable;  // true once `writing` is done
  bool stop_wanted = false;                       // SIGTERM came while the process was blocked on its disk
  std::uint64_t incarnation = 0;                  // processes started here so far
  ServiceTimer service;
  kraft::Rng start_rng{0};                        // seeds of what starts here
  std::vector<OpenRequest> asked;                 // of it, and not answered yet
  kraft::Epoch served_epoch{-1};                  // broker: the last controller epoch that served it

  /// The Raft replica of the live process; nullptr while it is down.
  [[nodiscard]] const kraft::raft::Replica* replica() const;
  [[nodiscard]] const kraft::node::Controller* controller() const {
    return std::get_if<kraft::node::Controller>(&process);
  }
  /// Of the process that runs here, or of the next one: with each disk comes a new directory id.
  [[nodiscard]] kraft::raft::ReplicaKey key() const;
  /// Its disk, or one before it that it was known by, has lost what it had called durable. Where the voters are in the
  /// log, each is known with its directory: a new disk is a stranger that has promised nothing.
  [[nodiscard]] bool forgot(const ClusterSpec& cluster) const {
    return cluster.kraft_version > 0 ? disk.forgot_itself() : disk.forgot();
  }
  [[nodiscard]] const kraft::node::Broker* broker() const { return std::get_if<kraft::node::Broker>(&process); }
};

class KraftCluster final : public cluster::ControlPlane {
 public:
  KraftCluster(ClusterSpec spec, world::WorldOptions options);

  [[nodiscard]] std::unique_ptr<cluster::ControlPlane> clone() const override;
  [[nodiscard]] world::World& world() override { return world_; }
  [[nodiscard]] const world::World& world() const override { return world_; }
  void boot() override;
  void handle(const world::Happening& happening) override;
  void submit(const cluster::Operation& operation) override;
  [[nodiscard]] std::vector<NodeId> resolve(const cluster::Target& target, kraft::Rng& rng) const override;
  void stop_cleanly(NodeId node) override;
  [[nodiscard]] bool reads_wall_clock() const override { return true; }
  [[nodiscard]] bool keeps_disk_contents() const override { return true; }
  void before_crash(NodeId node, const cluster::CrashFault& how) override;
  void lie_about_fsync(NodeId node, bool lying) override;
  std::vector<std::int64_t> damage_log(NodeId node, const cluster::DamageLogFault& fault, kraft::Rng& rng) override;
  [[nodiscard]] std::vector<NodeId> forgetful() const override;
  void give_up_quorum_changes() override;
  [[nodiscard]] bool ready() const override;
  void take_observations(std::vector<cluster::Observation>& out) override;
  [[nodiscard]] std::vector<std::string> describe() const override;

  // ---- for checkers ----
  [[nodiscard]] const std::vector<Host>& hosts() const { return hosts_; }
  [[nodiscard]] const ClusterSpec& spec() const { return *spec_; }
  /// controller.quorum.voters, which names no directories. Under kraft.version 1 nobody is configured.
  [[nodiscard]] kraft::raft::VoterSet configured_voters() const;
  /// The host whose state the last `handle` may have changed; none if it changed none.
  [[nodiscard]] const Host* touched() const { return touched_ < hosts_.size() ? &hosts_[touched_] : nullptr; }

  /// Raft messages that left a node in the last `handle`, in order.
  [[nodiscard]] const std::vector<const kraft::raft::Message*>& sent() const { return sent_; }
  /// True if the node dropped connections in the last `handle`, because requests on them timed out.
  [[nodiscard]] bool dropped_connections() const { return dropped_connections_; }
  /// Real votes that left a node in the last `handle`.
  [[nodiscard]] const std::vector<VoteCast>& votes_cast() const { return votes_cast_; }

 private:
  static constexpr std::uint32_t kDueOperationTimeout = cluster::kFirstCoordinationDue;
  static constexpr std::uint32_t kDueShutdown = cluster::kFirstCoordinationDue + 1;
  static constexpr std::uint32_t kDueAskQuorum = cluster::kFirstCoordinationDue + 2;

  struct PendingOperation {
    cluster::Operation operation;
    Time submitted{};
    engine::Handle timeout;
    int attempts = 0;
  };

  [[nodiscard]] std::size_t index_of(NodeId node) const;
  [[nodiscard]] Host* find(NodeId node);
  void start_process(Host& host);
  void shut_down(Host& host);
  void step(Host& host, kraft::node::Input&& input, Service kind);
  void step(Host& host, kraft::node::Input&& input);
  void settle(Host& host);
  void perform(Host& host, kraft::node::Persist&& persist);
  void send(Host& host, kraft::node::Message&& said);
  static void note_request(Host& host, const world::Arrived& request, kraft::CorrelationId id);
  void send_from_client(const kraft::node::Rpc& rpc);
  void note_vote(const kraft::raft::Message& message);
  void finish_write(Host& host);
  void go_on_after_write(Host& host, kraft::node::Persist&& done);
  void observe(Host& host, const kraft::node::Notice& notice);
  void observe_transition(Host& host, const kraft::raft::Transitioned& transition);
  void note_established(const kraft::raft::Transitioned& transition);
  void note_served();
  void set_active(std::optional<NodeId> controller);
  void emit(NodeId node, cluster::Fact fact);
  void client_handle(const world::Happening& happening);
  void finish_operation(std::uint64_t id, kraft::node::Error error);
  void ask_quorum(std::uint64_t id);
  void hear_quorum(const kraft::raft::Message& answer);
  [[nodiscard]] const kraft::raft::Replica* leader() const;
  [[nodiscard]] static std::vector<kraft::node::CreateTopicsRequest> requests_for(const ClusterSpec& spec);
  void create_initial_topics();
  [[nodiscard]] std::optional<NodeId> a_running_broker() const;

  std::shared_ptr<const ClusterSpec> spec_;
  world::World world_;
  std::uint64_t seed_;
  std::vector<Host> hosts_;            // coordinators, then brokers, in order of id
  std::vector<std::size_t> index_of_;  // in `hosts_`, by id; SIZE_MAX where there is none
  kraft::metadata::ApplyCache applied_;
  kraft::node::Effects effects_;  // of the step in progress
  std::vector<cluster::Observation> observations_;
  std::size_t touched_ = SIZE_MAX;
  std::vector<VoteCast> votes_cast_;
  bool dropped_connections_ = false;
  std::vector<world::PayloadRef> sent_payloads_;  // keep alive what `sent_` points to
  std::vector<const kraft::raft::Message*> sent_;

  std::optional<NodeId> active_;
  kraft::Epoch active_epoch_{-1};
  kraft::Epoch established_epoch_{-1};
  kraft::Epoch writable_epoch_{-1};
  kraft::Epoch served_epoch_{-1};
  std::int64_t leaderless_ = 0;
  std::int64_t partitions_ = 0;

  std::map<std::uint64_t, PendingOperation> operations_;  // by correlation id, which is the operation's id
  std::size_t initial_topics_done_ = 0;                   // operations of the initial topics that succeeded
  std::size_t initial_topics_sent_ = 0;
  std::vector<kraft::node::CreateTopicsRequest> initial_topics_;
};

}  // namespace kraftsim::kraft_host
