// Keys and defaults of ZooKeeper 3.8.4 (QuorumPeerConfig, FastLeaderElection, Learner) and of Kafka 3.9's broker. The
// one place that knows them by name.
#include "sim/zookeeper/config.hpp"

namespace kraftsim::zookeeper {

const std::vector<cluster::ConfigKey>& config_keys() {
  using cluster::ConfigKey;
  constexpr auto kServer = cluster::KeyRole::kZookeeperServer;
  constexpr auto kBroker = cluster::KeyRole::kBroker;
  constexpr std::int64_t kDay = 86'400'000;
  // tidy: allow(static) because it is constant and of a type that cannot be constexpr
  static const std::vector<ConfigKey> keys{
      {"tickTime", kServer, 3000, 1, kDay, "Length of a tick, the unit of ZooKeeper's timers, in milliseconds."},
      {"initLimit", kServer, 10, 1, 1'000'000, "Ticks within which followers must connect to and sync with a leader."},
      {"syncLimit", kServer, 5, 1, 1'000'000, "Ticks after which a silent follower or leader is given up."},
      {"minSessionTimeout", kServer, -1, -1, kDay, "Shortest session timeout granted, in milliseconds; -1: 2 ticks."},
      {"maxSessionTimeout", kServer, -1, -1, kDay, "Longest session timeout granted, in milliseconds; -1: 20 ticks."},
      {"zookeeper.fastleader.finalizeWait", kServer, 200, 0, kDay,
       "How long an election waits for a better vote once a quorum agrees, in milliseconds."},
      {"zookeeper.fastleader.minNotificationInterval", kServer, 200, 1, kDay,
       "First interval after which votes are sent again, in milliseconds; it doubles each time."},
      {"zookeeper.fastleader.maxNotificationInterval", kServer, 60'000, 1, kDay,
       "Longest interval after which votes are sent again, in milliseconds."},
      {"zookeeper.leaderConnectDelayDuringRetryMs", kServer, 100, 1, kDay,
       "Pause between two attempts of a follower to reach the leader, in milliseconds."},
      {"zookeeper.session.timeout.ms", kBroker, 18'000, 1, kDay, "ZooKeeper session timeout that the broker asks for."},
      {"zookeeper.max.in.flight.requests", kBroker, 10, 1, 1'000'000,
       "Requests that the broker has outstanding at ZooKeeper at a time."},
      {"zookeeper.connection.timeout.ms", kBroker, -1, -1, kDay,
       "How long a starting broker waits for ZooKeeper before it gives up; -1: the session timeout."},
  };
  return keys;
}

namespace {

Duration milliseconds(const cluster::ConfigValues& values, std::string_view key) {
  return std::chrono::milliseconds(cluster::config_value(values, config_keys(), key));
}

/// -1 stands for what other settings make of it.
Duration milliseconds_or(const cluster::ConfigValues& values, std::string_view key, Duration otherwise) {
  const Duration set = milliseconds(values, key);
  return set < Duration::zero() ? otherwise : set;
}

}  // namespace

ServerConfig server_config(const cluster::ConfigValues& values) {
  const Duration tick = milliseconds(values, "tickTime");
  return {
      .tick = tick,
      .init_limit = cluster::config_value(values, config_keys(), "initLimit"),
      .sync_limit = cluster::config_value(values, config_keys(), "syncLimit"),
      .min_session = milliseconds_or(values, "minSessionTimeout", 2 * tick),
      .max_session = milliseconds_or(values, "maxSessionTimeout", 20 * tick),
      .finalize_wait = milliseconds(values, "zookeeper.fastleader.finalizeWait"),
      .min_notification_interval = milliseconds(values, "zookeeper.fastleader.minNotificationInterval"),
      .max_notification_interval = milliseconds(values, "zookeeper.fastleader.maxNotificationInterval"),
      .dial_retry = milliseconds(values, "zookeeper.leaderConnectDelayDuringRetryMs"),
      .dial_attempts = 5,  // a constant in ZooKeeper
  };
}

BrokerConfig broker_config(const cluster::ConfigValues& values) {
  const Duration session = milliseconds(values, "zookeeper.session.timeout.ms");
  return {
      .session_timeout = session,
      .max_in_flight = static_cast<std::int32_t>(
          cluster::config_value(values, config_keys(), "zookeeper.max.in.flight.requests")),
      .connection_timeout = milliseconds_or(values, "zookeeper.connection.timeout.ms", session),
  };
}

}  // namespace kraftsim::zookeeper
