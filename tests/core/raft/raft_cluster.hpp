// RaftCluster: a handful of replicas with disks, a network and one clock, all in the test's hands. The dumbest world in
// which the core can run: it draws nothing by itself and nothing happens but what the test orders.
//
// Messages wait in flight until they are delivered, dropped or cut off. A disk does a step's writes at once, unless the
// test holds it; a crash keeps what was synced and as many of the later writes as the test says. Every step is watched
// by the Oracle, which knows what no replica does: everything.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/raft/replica.hpp"

namespace kraft::raft::testing {

/// Raft's safety properties (Raft, figure 3) over all that a cluster ever did. Fails by ENSURE.
class Oracle {
 public:
  /// A replica after a step that yielded `effects`.
  void observe(const Replica& replica, const Effects& effects);
  /// A message that leaves its node.
  void observe_sent(const Message& message);
  /// The leader's high watermark is this while its voters' disks hold, durably, these logs.
  void observe_commit(Offset high_watermark, const std::map<NodeId, const Log*>& durable);

  [[nodiscard]] const std::vector<records::BatchRef>& committed() const { return committed_; }
  [[nodiscard]] std::size_t elections() const { return leaders_.size(); }

 private:
  void check_log(const Log& log, Offset from);

  struct Predecessor {
    records::BatchRef batch;
    Epoch previous_epoch;
  };
  std::map<Epoch, NodeId> leaders_;
  std::map<std::pair<NodeId, Epoch>, NodeId> votes_;
  std::map<std::pair<Offset, Epoch>, Predecessor> batches_;
  std::vector<records::BatchRef> committed_;
  Offset committed_end_{0};
};

class RaftCluster {
 public:
  struct Options {
    int voters = 3;
    int observers = 0;  // brokers
    int spares = 0;     // controllers that do not vote, or not yet: they follow the voters in number
    KRaftVersion kraft_version = 0;
    Config config;
    std::uint64_t seed = 1;
    Time start = at_nanos(0);
  };
  struct InFlight {
    Message message;
    int from_incarnation;
    int to_incarnation;
  };

  /// Voters are 1..voters, observers 101... All are started, none has ticked. Under kraft.version 1 the voters' disks
  /// are formatted with the voters, and nobody is configured with them.
  explicit RaftCluster(Options options);

  // ---- a node's life ----
  void start(int node);
  /// Loses its memory, what was not synced (but for the first `kept` writes), and its connections.
  void crash(int node, std::size_t kept = 0);
  [[nodiscard]] bool is_up(int node) const { return nodes_.at(NodeId(node)).replica.has_value(); }
  [[nodiscard]] const Replica& at(int node) const { return *nodes_.at(NodeId(node)).replica; }
  [[nodiscard]] const Durable& disk(int node) const { return nodes_.at(NodeId(node)).durable; }
  [[nodiscard]] std::size_t unsynced(int node) const { return nodes_.at(NodeId(node)).unsynced.size(); }
  /// Writes over what the disk of a node that is down holds.
  void set_disk(int node, Durable durable);
  /// The disk of a node that is down is exchanged for a new one, with a directory id of its own.
  void wipe(int node);
  /// The node is down; from its next start its software can run these.
  void install(int node, KRaftVersionRange software);
  [[nodiscard]] const ReplicaKey& key(int node) const { return nodes_.at(NodeId(node)).key; }

  // ---- inputs; while a node's disk is busy they queue ----
  void input(int node, Input input);
  void append(int node, int records = 1);
  /// A snapshot of all that the node knows to be committed; false if it cannot make one now.
  bool snapshot(int node);
  /// A request by somebody outside the cluster; its answer, once there is one, is in `answers`.
  CorrelationId request(int node, Body body);
  std::map<CorrelationId, Body> answers;

  // ---- disk ----
  /// From now on writes wait for `sync`.
  void hold_disk(int node) { nodes_.at(NodeId(node)).disk_held = true; }
  /// Finishes what waits, and holds no more.
  void release_disk(int node);

  // ---- network ----
  [[nodiscard]] const std::deque<InFlight>& in_flight() const { return in_flight_; }
  void deliver(std::size_t index);
  void drop(std::size_t index);
  void duplicate(std::size_t index) { in_flight_.push_back(in_flight_[index]); }
  /// Delivers in order until nothing is in flight.
  void deliver_all();
  /// A cut link swallows what is sent over it, in this one direction.
  void cut(int from, int to) { cuts_.insert({NodeId(from), NodeId(to)}); }
  void isolate(int node);
  void heal() { cuts_.clear(); }

  // ---- time ----
  [[nodiscard]] Time now() const { return now_; }
  /// Just moves the clock, and nobody looks at it.
  void skip(Duration duration) { now_ += duration; }
  /// Steps Tick where wake_at says so, delivering everything at once in between, until `duration` is over.
  void run(Duration duration);
  /// The same until `done`, for at most `limit`: whether it was.
  bool run_until(const std::function<bool()>& done, Duration limit = std::chrono::seconds(60));
  /// Lets the one node reach its own wake_at, delivering nothing.
  void expire(int node);
  [[nodiscard]] Time next_wake() const;
  /// Ticks every node whose time has come.
  void tick_due();

  // ---- what tests ask ----
  /// The leader of the largest epoch among nodes that are up; 0 if there is none.
  [[nodiscard]] int leader() const;
  /// Makes `node` the leader, and delivers nothing but votes. All others that are up restart as its deadline comes, so
  /// that theirs is far.
  void win(int node);
  /// The same, and then everything is delivered.
  void elect(int node);
  /// Every replica that is up follows one leader, holds its log and knows all of it to be committed.
  [[nodiscard]] bool is_settled() const;
  [[nodiscard]] const Effects& last_effects(int node) const { return nodes_.at(NodeId(node)).effects; }
  [[nodiscard]] const Oracle& oracle() const { return oracle_; }
  [[nodiscard]] const std::vector<NodeId>& ids() const { return ids_; }
  /// Steps taken.
  [[nodiscard]] std::int64_t steps() const { return steps_; }
  /// Called after every step of a replica.
  std::function<void(NodeId, const Input&, const Effects&)> on_step;

 private:
  struct Node {
    ReplicaKey key;
    KRaftVersionRange software{};
    std::optional<Replica> replica;
    int incarnation = 0;
    Durable durable;
    std::vector<Write> unsynced;
    std::optional<Persist> pending;
    std::deque<Input> inbox;
    bool disk_held = false;
    Effects effects;
  };

  void step(Node& node, Input input);
  void finish_persist(Node& node);
  void send(const Message& message);

  Options options_;
  VoterSet voters_;  // at first
  std::uint64_t directories_ = 0;
  std::int64_t requests_ = 0;
  std::vector<NodeId> ids_;
  std::map<NodeId, Node> nodes_;
  std::deque<InFlight> in_flight_;
  std::set<std::pair<NodeId, NodeId>> cuts_;
  Time now_;
  std::int64_t steps_ = 0;
  Oracle oracle_;
};

/// A log of batches of one record each: {1, 1, 2} has epochs 1, 1 and 2 at offsets 0, 1 and 2.
[[nodiscard]] Log log_of(const std::vector<int>& epochs);

}  // namespace kraft::raft::testing
