// Observations: what a cluster did that people want to measure, as facts with a time and an event, in the same terms
// for both coordinations. Nothing here is an opinion: phases and latencies are folded from these by sim/measure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "core/base/ids.hpp"
#include "core/base/time.hpp"
#include "sim/engine/queue.hpp"

namespace kraftsim::cluster {

using kraft::NodeId;
using kraft::Time;

/// The steps of a failover (DESIGN §7). The first eight are a Raft quorum's, the rest ZooKeeper's; `kElected` is
/// both's.
enum class Phase : std::uint8_t {
  kDetected,      // a voter gave its leader up
  kPreVote,       // a voter asks for pre-votes
  kCandidate,     // a voter asks for votes
  kElected,       // a majority granted, durably; ZooKeeper: a broker created /controller
  kEstablished,   // every reachable voter follows the new leader
  kWritable,      // the first commit of the new epoch
  kActive,        // the controller has caught up and claimed
  kBrokersServed, // the last live broker was accepted by the new controller
  kSessionExpired,
  kEphemeralDeleted,
  kStateLoaded,
  kLastBrokerTold,
};
[[nodiscard]] std::string line(Phase phase);  // "pre_vote": the JSON name
inline constexpr int kPhases = 12;

struct PhaseReached {
  Phase phase;
  std::int64_t epoch = 0;    // the Raft epoch, or ZooKeeper's controller epoch
  std::string cause;         // "fetch timeout"; empty where there is nothing to say
};
/// Who may write changed: the active controller, or none. A node that merely believes it is active while a newer one
/// exists does not count.
struct ActiveControllerChanged {
  std::optional<NodeId> controller;
};
/// The node now accepts that controller (a Raft observer that follows it and was answered; a ZooKeeper-mode broker that
/// got its metadata).
struct BrokerServed {
  NodeId controller;
};
struct BrokerFenceChanged {
  bool fenced = false;
};
/// One committed record batch and when it passed each stage (DESIGN §7, commit latency).
struct BatchCommitted {
  Time queued{};          // its first record reached the coordinator
  Time lingered{};        // the batch was closed and appended
  Time leader_durable{};  // on the leader's disk
  Time committed{};       // on a majority's, and known to be
};
/// One client operation ended.
struct OperationDone {
  std::uint64_t operation = 0;
  Time submitted{};
  bool ok = false;
  std::string error;  // Kafka's name of it; empty if ok
};
/// Partitions that have no leader, and partitions in all, as the cluster's truth has it.
struct LeaderlessPartitions {
  std::int64_t leaderless = 0;
  std::int64_t total = 0;
};
/// A commit anywhere: for "seconds without commits".
struct CommitAdvanced {};

using Fact = std::variant<PhaseReached, ActiveControllerChanged, BrokerServed, BrokerFenceChanged, BatchCommitted,
                          OperationDone, LeaderlessPartitions, CommitAdvanced>;

struct Observation {
  Time at{};
  engine::EventId event = 0;
  NodeId node{-1};
  Fact fact;
};
[[nodiscard]] std::string line(const Observation& observation);

}  // namespace kraftsim::cluster
