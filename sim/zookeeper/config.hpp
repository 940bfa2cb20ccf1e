// The settings of a ZooKeeper server and of a broker's use of ZooKeeper, typed. Keys and defaults stand in config.cpp
// and nowhere else; protocol objects see no text.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/cluster/spec.hpp"
#include "sim/zookeeper/ids.hpp"

namespace kraftsim::zookeeper {

struct ServerConfig {
  Duration tick{};
  std::int64_t init_limit = 0;  // ticks
  std::int64_t sync_limit = 0;  // ticks
  Duration min_session{};
  Duration max_session{};
  Duration finalize_wait{};             // FastLeaderElection waits so long for a better vote
  Duration min_notification_interval{};  // votes are sent again after this, then after twice as long, …
  Duration max_notification_interval{};  // … and at last after this
  Duration dial_retry{};                 // Learner.leaderConnectDelayDuringRetryMs
  std::int64_t dial_attempts = 0;        // Learner.connectToLeader
};

struct BrokerConfig {
  Duration session_timeout{};
  std::int32_t max_in_flight = 0;
  Duration connection_timeout{};
};

/// Every key that this room reads.
[[nodiscard]] const std::vector<cluster::ConfigKey>& config_keys();
[[nodiscard]] ServerConfig server_config(const cluster::ConfigValues& values);
[[nodiscard]] BrokerConfig broker_config(const cluster::ConfigValues& values);

}  // namespace kraftsim::zookeeper
