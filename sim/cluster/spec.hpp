// ClusterSpec: what to build, in words that both coordinations share.
//
// A scenario is read into this; sim/kraft and sim/zookeeper each build their cluster from it. Config values stay under
// Kafka's and ZooKeeper's own keys, already checked and in the key's own unit; each room turns those it knows into its
// typed configuration. Node ids: coordinators (controllers or ZooKeeper servers) from 1, brokers from 101, and one node
// for all clients.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/time.hpp"
#include "sim/engine/quantiles.hpp"
#include "sim/world/profile.hpp"

namespace kraftsim::cluster {

using kraft::Duration;
using kraft::NodeId;
using kraft::Time;

enum class Coordination : std::uint8_t { kKraft, kZookeeper };
[[nodiscard]] std::string line(Coordination coordination);  // "kraft", "zookeeper"

inline constexpr std::int32_t kFirstCoordinator = 1;
inline constexpr NodeId kClientNode{100};
inline constexpr std::int32_t kFirstBroker = 101;

[[nodiscard]] constexpr NodeId coordinator_id(std::int32_t number) { return NodeId(kFirstCoordinator + number - 1); }
[[nodiscard]] constexpr NodeId broker_id(std::int32_t number) { return NodeId(kFirstBroker + number - 1); }
[[nodiscard]] constexpr bool is_broker(NodeId node) { return node.value() >= kFirstBroker; }
[[nodiscard]] constexpr bool is_coordinator(NodeId node) { return node.value() < kClientNode.value(); }

// ---- configuration keys ----

enum class KeyRole : std::uint8_t { kController, kBroker, kZookeeperServer };

/// One configuration key as a scenario may set it. Tables of these drive the reader, the schema and the docs.
struct ConfigKey {
  std::string_view name;   // "controller.quorum.election.timeout.ms"
  KeyRole role;
  std::int64_t default_value;
  std::int64_t min;
  std::int64_t max;
  std::string_view what;   // one sentence
};

/// Values by key, in the key's own unit (milliseconds for `.ms`). Only what a scenario set.
using ConfigValues = std::map<std::string, std::int64_t, std::less<>>;

/// The value set, or the key's default. The key must be in `keys`.
[[nodiscard]] std::int64_t config_value(const ConfigValues& values, const std::vector<ConfigKey>& keys,
                                        std::string_view name);

// ---- service times ----

/// CPU time of one kind of work, by the name a profile gives it ("raft.fetch", "zookeeper.read", "record.apply" …).
/// What is not named takes no time. Each room publishes the names it charges for.
using ServiceTimes = std::map<std::string, engine::Quantiles, std::less<>>;

struct ServiceName {
  std::string_view name;
  std::string_view what;
};

// ---- nodes ----

struct NodeSpec {
  NodeId id;
  std::optional<std::string> rack;
  ConfigValues config;
  world::DiskProfile disk;
  ServiceTimes service;
  Duration clock_skew{};  // how far its clock is ahead
  std::int32_t clock_drift_ppm = 0;
};

struct TopicSpec {
  std::int32_t count = 1;
  std::int32_t partitions = 1;
  std::int32_t replication = 1;
};

/// How a Raft quorum elects: Kafka's way, or the Raft papers' randomised time-outs on the same code.
struct RaftPaperPolicy {
  Duration timeout_low{};
  Duration timeout_high{};
  bool pre_vote = false;
  bool check_quorum = false;
  Duration candidate_timeout_low{};
  Duration candidate_timeout_high{};
  std::int32_t shorter_logs = 0;  // of the first voters, no two alike ("different logs", thesis §9.3)
};

struct LinkSpec {
  NodeId from;
  NodeId to;
  world::LinkProfile link;
};

/// What clients ask for. Operations go to a live broker drawn by the stream "workload", which sees to the rest.
struct CreateTopicsLoad {
  Duration every{};
  std::int32_t partitions = 1;
  std::int32_t replication = 1;
  std::int32_t keep = 100;  // when more exist, the oldest is deleted in its place
  std::int32_t rivals = 0;  // who ask for the same at the same time, through brokers of their own
};
/// What an administrator asks of the quorum itself (KIP-853): kafka-metadata-quorum.sh add-controller and
/// remove-controller, kafka-features.sh upgrade.
struct QuorumChange {
  enum class Kind : std::uint8_t { kAddVoter, kRemoveVoter, kFinalizeVersion } kind = Kind::kAddVoter;
  Duration at{};
  NodeId controller{};              // to add or remove
  std::int16_t kraft_version = 0;  // to finalize
};
struct Workload {
  std::int32_t zookeeper_sessions = 0;  // of clients other than brokers; there are none under KRaft
  std::vector<CreateTopicsLoad> create_topics;
  std::vector<QuorumChange> quorum_changes;  // KRaft only
};

struct ClusterSpec {
  Coordination coordination = Coordination::kKraft;
  std::vector<NodeSpec> coordinators;
  std::int32_t observers = 0;        // KRaft: the last so many controllers do not vote at first
  std::int16_t kraft_version = 0;    // KRaft: 0: configured voters; 1: voters in the log
  std::vector<NodeSpec> brokers;
  std::vector<TopicSpec> topics;
  world::LinkProfile link;
  std::vector<LinkSpec> links;  // exceptions
  world::ConnectionProfile connection;
  Workload workload;
  std::optional<RaftPaperPolicy> raft_paper;
};

}  // namespace kraftsim::cluster
