// The key table. Defaults and limits are Kafka's (QuorumConfig, KRaftConfigs, ServerConfigs in 4.x).
#include "sim/kraft/config_keys.hpp"

#include <algorithm>

namespace kraftsim::kraft_host {
namespace {

using cluster::ConfigKey;
using cluster::ConfigValues;
using cluster::KeyRole;
using kraft::Duration;

constexpr std::int64_t kDay = 86'400'000;
constexpr std::int64_t kGiB = std::int64_t{1} << 30;
constexpr std::int64_t kMost = std::int64_t{1} << 40;

std::vector<ConfigKey> quorum_keys(KeyRole role) {
  return {
      {"controller.quorum.election.timeout.ms", role, 1000, 1, kDay,
       "How long a voter without a leader waits before it asks for votes; drawn between once and twice this."},
      {"controller.quorum.fetch.timeout.ms", role, 2000, 1, kDay,
       "How long a follower accepts silence from its leader; a leader resigns after 1.5 times this without a "
       "majority."},
      {"controller.quorum.election.backoff.max.ms", role, 1000, 0, kDay,
       "Longest wait of a successor that a resigning leader did not prefer."},
      {"controller.quorum.request.timeout.ms", role, 2000, 1, kDay,
       "After so long without an answer a Raft request has failed."},
      {"controller.quorum.retry.backoff.ms", role, 20, 0, kDay, "Pause before a failed Raft request is tried again."},
      {"controller.quorum.append.linger.ms", role, 25, 0, kDay,
       "How long the leader gathers records before it appends them as one batch."},
      {"controller.quorum.fetch.max.bytes", role, std::int64_t{1} << 20, 1, kGiB,
       "Most bytes of records in one Fetch response; one batch always fits."},
      {"controller.quorum.fetch.snapshot.max.bytes", role, std::int64_t{1} << 20, 1, kGiB,
       "Most bytes of a snapshot in one FetchSnapshot response."},
      {"controller.quorum.fetch.max.wait.ms", role, 500, 0, kDay,
       "How long a Fetch without news is parked (fixed in Kafka)."},
      {"metadata.log.max.record.bytes.between.snapshots", role, std::int64_t{20} << 20, 1, kMost,
       "A node makes a snapshot after so many bytes of committed records."},
      {"metadata.log.max.snapshot.interval.ms", role, 3'600'000, 0, kMost,
       "A node makes a snapshot so long after the last, if there were records since; 0: never by time."},
      {"metadata.max.retention.bytes", role, std::int64_t{100} << 20, 0, kMost,
       "When log and snapshots are larger, old snapshots go, and the log before the next."},
      {"metadata.max.retention.ms", role, 7 * kDay, 0, kMost,
       "A snapshot whose last record is older goes, and the log before the next."},
      {"metadata.log.clean.interval.ms", role, 60'000, 1, kDay,
       "How often it is looked whether old snapshots may go (fixed in Kafka)."},
  };
}

std::vector<ConfigKey> all_keys() {
  std::vector<ConfigKey> keys = quorum_keys(KeyRole::kController);
  keys.push_back({"controller.quorum.auto.join.enable", KeyRole::kController, 0, 0, 1,
                  "1: a controller that does not vote asks to, and to replace itself with an older disk (KIP-853)."});
  keys.push_back({"broker.session.timeout.ms", KeyRole::kController, 9000, 1, kDay,
                  "A broker silent for so long is fenced."});
  keys.push_back({"metadata.max.idle.interval.ms", KeyRole::kController, 500, 0, kDay,
                  "The active controller writes a NoOpRecord this often; 0 writes none."});
  for (ConfigKey& key : quorum_keys(KeyRole::kBroker)) keys.push_back(key);
  keys.push_back({"broker.heartbeat.interval.ms", KeyRole::kBroker, 2000, 1, kDay,
                  "Pause between the answer to one heartbeat and the next."});
  keys.push_back({"broker.session.timeout.ms", KeyRole::kBroker, 9000, 1, kDay,
                  "Heartbeat and registration requests time out after half of this."});
  keys.push_back({"initial.broker.registration.timeout.ms", KeyRole::kBroker, 60'000, 1, kDay,
                  "A broker that could not register in this time gives up."});
  return keys;
}

/// Reads values under one node's role.
class Reader {
 public:
  Reader(const ConfigValues& values, KeyRole role) : values_(values), role_(role) {}

  [[nodiscard]] std::int64_t number(std::string_view name) const {
    if (const auto set = values_.find(name); set != values_.end()) return set->second;
    const auto& keys = config_keys();
    const auto key = std::find_if(keys.begin(), keys.end(),
                                  [&](const ConfigKey& k) { return k.role == role_ && k.name == name; });
    ENSURE(key != keys.end(), name);
    return key->default_value;
  }
  [[nodiscard]] Duration ms(std::string_view name) const { return std::chrono::milliseconds(number(name)); }

 private:
  const ConfigValues& values_;
  KeyRole role_;
};

kraft::raft::Config raft_config(const Reader& read, const cluster::ClusterSpec& spec) {
  kraft::raft::Config config;
  config.election_timeout = read.ms("controller.quorum.election.timeout.ms");
  config.fetch_timeout = read.ms("controller.quorum.fetch.timeout.ms");
  config.election_backoff_max = read.ms("controller.quorum.election.backoff.max.ms");
  config.request_timeout = read.ms("controller.quorum.request.timeout.ms");
  config.retry_backoff = read.ms("controller.quorum.retry.backoff.ms");
  config.append_linger = read.ms("controller.quorum.append.linger.ms");
  config.fetch_max_bytes = read.number("controller.quorum.fetch.max.bytes");
  config.fetch_snapshot_max_bytes = read.number("controller.quorum.fetch.snapshot.max.bytes");
  config.fetch_max_wait = read.ms("controller.quorum.fetch.max.wait.ms");
  config.retention_bytes = read.number("metadata.max.retention.bytes");
  config.retention = read.ms("metadata.max.retention.ms");
  config.clean_interval = read.ms("metadata.log.clean.interval.ms");
  if (spec.kraft_version > 0) {
    for (const cluster::NodeSpec& controller : spec.coordinators) config.bootstrap_servers.push_back(controller.id);
  }
  if (spec.raft_paper) {
    const cluster::RaftPaperPolicy& paper = *spec.raft_paper;
    config.election = kraft::raft::Config::raft_paper_policy({paper.timeout_low, paper.timeout_high}, paper.pre_vote,
                                                             paper.check_quorum);
    config.election.candidate_timeout = {paper.candidate_timeout_low, paper.candidate_timeout_high};
    // The papers' leader speaks every low/2 (Raft §9.3); with pull replication that is how long a Fetch may be parked.
    config.fetch_max_wait = paper.timeout_low / 2;
  } else {
    config.election = kraft::raft::Config::kafka_policy(config.election_timeout, config.fetch_timeout);
  }
  return config;
}

kraft::node::SnapshotConfig snapshot_config(const Reader& read) {
  return {.max_bytes_between = read.number("metadata.log.max.record.bytes.between.snapshots"),
          .max_interval = read.ms("metadata.log.max.snapshot.interval.ms")};
}

}  // namespace

const std::vector<ConfigKey>& config_keys() {
  // tidy: allow(static) because it is a constant table.
  static const std::vector<ConfigKey> kKeys = all_keys();
  return kKeys;
}

const std::vector<cluster::ServiceName>& service_names() {
  // tidy: allow(static) because it is a constant table.
  static const std::vector<cluster::ServiceName> kNames = {
      {"raft.fetch", "dealing with a Fetch or FetchSnapshot request (leader)"},
      {"raft.fetch_response", "dealing with a response to one of them (follower, observer)"},
      {"raft.vote", "dealing with a Vote request"},
      {"raft.vote_response", "dealing with a Vote response"},
      {"raft.begin_epoch", "dealing with a BeginQuorumEpoch request or response"},
      {"raft.end_epoch", "dealing with an EndQuorumEpoch request or response"},
      {"raft.timer", "acting on a timer"},
      {"raft.quorum_state",
       "replacing the quorum-state file (create, write, rename, sync the folder), beside the fsync"},
      {"raft.become_leader", "what a new leader does between its quorum-state write and its first BeginQuorumEpoch"},
      {"raft.write_done", "going on after a write"},
      {"controller.request",
       "dealing with a registration, a heartbeat, a client's request, or what voters ask and tell of themselves"},
      {"controller.activate", "a new active controller's start, once its log is caught up"},
      {"controller.shutdown", "what a process does between SIGTERM and its protocol's first step"},
      {"broker.response", "dealing with a controller's answer (broker)"},
      {"record.decide", "making one record and applying it ahead of its commit (controller)"},
      {"record.apply", "applying one committed record"},
      {"client.response", "a client reading an answer"},
  };
  return kNames;
}

kraft::node::ControllerConfig controller_config(const cluster::ClusterSpec& spec, const cluster::NodeSpec& node) {
  const Reader read(node.config, KeyRole::kController);
  kraft::node::ControllerConfig config;
  config.raft = raft_config(read, spec);
  config.raft.can_become_voter = true;
  config.raft.auto_join = read.number("controller.quorum.auto.join.enable") != 0;
  config.snapshot = snapshot_config(read);
  config.broker_session_timeout = read.ms("broker.session.timeout.ms");
  config.max_idle_interval = read.ms("metadata.max.idle.interval.ms");
  return config;
}

kraft::node::BrokerConfig broker_config(const cluster::ClusterSpec& spec, const cluster::NodeSpec& node) {
  const Reader read(node.config, KeyRole::kBroker);
  kraft::node::BrokerConfig config;
  config.raft = raft_config(read, spec);
  config.snapshot = snapshot_config(read);
  config.rack = node.rack;
  config.heartbeat_interval = read.ms("broker.heartbeat.interval.ms");
  config.session_timeout = read.ms("broker.session.timeout.ms");
  config.initial_registration_timeout = read.ms("initial.broker.registration.timeout.ms");
  return config;
}

}  // namespace kraftsim::kraft_host
