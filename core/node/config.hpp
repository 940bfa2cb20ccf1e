// Configuration of a controller and of a broker's control half: Kafka's keys with Kafka's defaults
// (metadata-and-zookeeper.md A2, A5), each holding the Raft configuration of its replica.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/base/time.hpp"
#include "core/raft/config.hpp"

namespace kraft::node {

struct SnapshotConfig {
  std::int64_t max_bytes_between = 20 << 20;           // metadata.log.max.record.bytes.between.snapshots
  Duration max_interval = std::chrono::hours(1);       // metadata.log.max.snapshot.interval.ms; 0: never by time
};

struct ControllerConfig {
  raft::Config raft;
  SnapshotConfig snapshot;
  Duration broker_session_timeout = std::chrono::milliseconds(9000);    // broker.session.timeout.ms
  Duration max_idle_interval = std::chrono::milliseconds(500);          // metadata.max.idle.interval.ms; 0: no no-ops
  Duration shutdown_timeout = std::chrono::milliseconds(5000);          // hard-coded in Kafka's Raft driver
  std::int64_t max_records_per_batch = 10'000;                          // hard-coded in QuorumController
  std::int64_t max_records_per_user_op = 10'000;                        // hard-coded in QuorumController
};

struct BrokerConfig {
  raft::Config raft;
  SnapshotConfig snapshot;
  std::optional<std::string> rack;                                        // broker.rack
  Duration heartbeat_interval = std::chrono::milliseconds(2000);          // broker.heartbeat.interval.ms
  Duration session_timeout = std::chrono::milliseconds(9000);             // broker.session.timeout.ms; RPCs: half of it
  Duration initial_registration_timeout = std::chrono::milliseconds(60'000);  // initial.broker.registration.timeout.ms
  Duration controlled_shutdown_timeout = std::chrono::minutes(5);         // hard-coded in KafkaBroker.shutdown
};

}  // namespace kraft::node
