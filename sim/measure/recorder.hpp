// Recorder: folds what a run does, one fact at a time and in the order of time, into its Measures. A copyable value, so
// that it forks with the simulation it watches.
//
// What counts as one failover. Signals (a voter gave up, asked for votes, won; a session expired) are collected as
// they come; only once a controller is active again are they read back, because only then is it known which leadership
// won and which were on the way to it. The failover starts with the latest fault that struck the leader of that moment;
// failing that, with the latest fault, or end of one, near enough before the first signal; failing that, with the
// signal itself. Each phase is the first time it was reached after that: detected, pre-vote and candidate by anyone;
// elected and what follows by the leadership that lasted. A leader struck between its election and its first act as
// controller ends one failover, unfinished, and begins the next.
//
// Signals that lead nowhere (a voter that was paused itself wakes up, finds its timer expired, and is told that the
// leader lives) are no failover: under KRaft a commit by the leader that was given up clears them.
//
// It must not know how either coordination works, only what their phases are called.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sim/cluster/observation.hpp"
#include "sim/cluster/spec.hpp"
#include "sim/measure/measures.hpp"

namespace kraftsim::measure {

class Recorder {
 public:
  /// Every node of the spec counts as up until told otherwise.
  explicit Recorder(const cluster::ClusterSpec& spec);

  /// Measuring begins, now or later: what the cluster is stays known, what it does before `at` does not count.
  void begin(Time at);

  void observe(const cluster::Observation& observation);
  /// Returns a number for `fault_ended`.
  std::size_t fault_started(std::string text, const std::vector<NodeId>& nodes, Time at);
  void fault_ended(std::size_t fault, Time at);
  /// A process is gone, or one has started.
  void node_down(NodeId node, Time at);
  void node_up(NodeId node, Time at);

  /// Those that are decided so far, in order; the last one may still be waiting for brokers.
  [[nodiscard]] const std::vector<Failover>& failovers() const { return measures_.failovers; }
  /// True once there was a failover after every fault that struck a leader, and the last one has reached every phase
  /// that is to be expected of it.
  [[nodiscard]] bool settled() const;

  /// Closes what is open and hands everything over, with times that count from `begin`.
  [[nodiscard]] Measures finish(Time end) const;

 private:
  struct FaultSeen {
    std::string text;
    Time at{};
    std::optional<Time> ended;
    bool struck_leader = false;  // it hit who led, or was the active controller, at that moment
  };
  struct Signal {
    Phase phase{};
    std::int64_t epoch = 0;
    NodeId node{-1};
    Time at{};
    std::string cause;
  };
  using Signals = std::vector<Signal>;
  /// What a failover counts from.
  struct Origin {
    std::string fault;
    Time at{};
  };

  void on(const cluster::Observation& observation, const cluster::PhaseReached& reached);
  void on(const cluster::Observation& observation, const cluster::ActiveControllerChanged& changed);
  void on(const cluster::Observation& observation, const cluster::BrokerServed& served);
  void on(const cluster::Observation& observation, const cluster::BrokerFenceChanged& changed);
  void on(const cluster::Observation& observation, const cluster::BatchCommitted& batch);
  void on(const cluster::Observation& observation, const cluster::OperationDone& done);
  void on(const cluster::Observation& observation, const cluster::LeaderlessPartitions& partitions);
  void on(const cluster::Observation& observation, const cluster::CommitAdvanced& advanced);

  void controller_is_active(NodeId node, Time at);
  [[nodiscard]] const Signal* last_elected(const Signals& signals) const;
  [[nodiscard]] Origin origin_of(const Signals& signals, Time until) const;
  [[nodiscard]] std::vector<Failover> fold(const Signals& signals, std::optional<std::int64_t> won, Time until) const;
  void settle_brokers();
  [[nodiscard]] bool leader_is_struck() const;
  void set_active(std::optional<NodeId> controller, Time at);
  void count_inactive(Measures& measures, Time until) const;
  void count_commit_gap(Measures& measures, Time until) const;
  void count_leaderless(Measures& measures, Time until) const;

  // how to read what is observed
  bool kraft_ = true;
  bool quorum_ = false;           // more than one coordinator
  Duration reach_{};              // how long after a fault has ended its effects may still begin
  std::set<NodeId> brokers_up_;

  Measures measures_;

  // the cluster as it is
  std::optional<NodeId> leader_;  // the newest one elected, while its process lives
  std::int64_t leader_epoch_ = -1;
  std::optional<NodeId> active_;
  std::set<NodeId> fenced_;
  std::map<NodeId, Time> served_;  // brokers, by the newest leader

  // the failover under way
  std::vector<FaultSeen> faults_;
  Signals signals_;                 // since the last failover was complete
  std::optional<std::int64_t> won_;  // epoch of the last leadership that became active
  Time won_at_{};                   // its election: earlier faults have had their effect
  bool last_is_won_ = false;        // the last of measures_.failovers is how it won, and may still reach phases

  // availability
  Time inactive_since_{};
  Time began_{};
  std::optional<Time> last_commit_;
  Duration quiet_gap_{};
  bool disturbed_ = false;          // a fault has happened: gaps count
  Time leaderless_since_{};
  std::int64_t leaderless_ = 0;
};

}  // namespace kraftsim::measure
