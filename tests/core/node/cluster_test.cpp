// Controllers and brokers together, end to end, against the timing that Kafka's configuration promises.
#include <doctest/doctest.h>

#include <set>
#include <string>

#include "tests/core/metadata/fixtures.hpp"
#include "tests/core/node/harness.hpp"

namespace kraft::node {
namespace {

using namespace kraft::node::testing;
using metadata::testing::broken_invariant;

bool all_running(const Cluster& cluster, int brokers) {
  for (int id = 101; id <= 100 + brokers; ++id) {
    if (cluster.broker(id).state() != BrokerState::kRunning) return false;
  }
  return true;
}

/// A cluster whose brokers run and which has one topic of 12 partitions, as replicated as it can be (3 at most).
Cluster running(int controllers, int brokers) {
  Cluster cluster(controllers, brokers);
  REQUIRE(cluster.run_until_true(20s, [&] { return all_running(cluster, brokers); }));
  const auto id = cluster.request(NodeId(101), CreateTopicsRequest{{{"t", 12, std::int16_t(std::min(brokers, 3))}}});
  cluster.run_for(1s);
  REQUIRE(cluster.answers.contains(id));
  REQUIRE(error_of(cluster.answers.at(id).body) == Error::kNone);
  return cluster;
}

const metadata::Image& latest(const Cluster& cluster) {
  return *cluster.controller(cluster.active().value()).committed_image();
}

TEST_CASE("one controller and two brokers come up: registered, caught up, unfenced") {
  Cluster cluster(1, 2);
  REQUIRE(cluster.run_until_true(20s, [&] { return all_running(cluster, 2); }));
  CHECK(cluster.first_seen("1: active e1") < cluster.first_seen("BrokerRegistrationResponse e"));
  CHECK(cluster.first_seen("101: RECOVERY") < cluster.first_seen("101: RUNNING"));
  CHECK(cluster.first_seen("101: controller 1") != kNever);
  cluster.run_for(100ms);
  CHECK(*cluster.broker(101).image() == *cluster.controller(1).committed_image());
  CHECK(cluster.broker(101).image() == cluster.broker(102).image());  // the very same: applied once
  CHECK(latest(cluster).brokers.find(NodeId(101))->active());
  CHECK_FALSE(cluster.broker(101).is_fenced());
  CHECK(cluster.broker(101).broker_epoch() == latest(cluster).brokers.find(NodeId(101))->epoch);
}

TEST_CASE("heartbeats follow 2 s after each answer, one at a time") {
  Cluster cluster = running(1, 1);
  cluster.log.clear();
  cluster.run_for(20s);
  std::vector<Time> sent;
  for (const auto& [when, text] : cluster.log) {
    if (text.starts_with("101->1 BrokerHeartbeat ")) sent.push_back(when);
  }
  REQUIRE(sent.size() >= 9);
  for (std::size_t i = 1; i < sent.size(); ++i) {
    CHECK(sent[i] - sent[i - 1] >= 2s + 2 * kLatency);
    CHECK(sent[i] - sent[i - 1] <= 2s + 2 * kLatency + 40ms);  // at most waiting for a no-op's commit
  }
}

TEST_CASE("a quiet cluster writes a no-op every 500 ms, and nothing else") {
  Cluster cluster = running(3, 2);
  const Offset before = latest(cluster).end_offset;
  cluster.run_for(10s);
  CHECK(latest(cluster).end_offset - before == 20);
}

TEST_CASE("commit latency stages: linger 25 ms, the leader's fsync, a round trip") {
  Cluster cluster = running(3, 1);
  cluster.batches.clear();
  cluster.run_for(5s);
  REQUIRE(cluster.batches.size() >= 9);
  for (const BatchCommitted& batch : cluster.batches) {
    CHECK(batch.end_offset - batch.base_offset == 1);
    CHECK(batch.appended - batch.queued == 25ms);
    CHECK(batch.durable - batch.appended == kFsync);
  }
}

TEST_CASE("a silent broker is fenced 9 s after its last heartbeat, by a check every session/8, and unfenced at once") {
  Cluster cluster = running(1, 3);
  cluster.run_for(3s);
  const Time cut = cluster.now();
  const Time last = cluster.last_seen("101->1 BrokerHeartbeat ");
  cluster.cut(NodeId(101));
  cluster.run_for(13s);
  const Time fenced = cluster.first_seen("1: fenced 101 session expired", cut);
  REQUIRE(fenced != kNever);
  CHECK(fenced - last > 9s);
  CHECK(fenced - last <= 9s + 1125ms);
  CHECK(latest(cluster).leaders_on(NodeId(101)) == 0);
  CHECK(latest(cluster).leaderless.empty());
  CHECK(broken_invariant(latest(cluster)).empty());
  const auto& partition = latest(cluster).topic("t")->partitions.begin()->value;
  CHECK_FALSE(metadata::contains(partition.isr, NodeId(101)));

  cluster.heal(NodeId(101));
  REQUIRE(cluster.run_until_true(15s, [&] { return latest(cluster).brokers.find(NodeId(101))->active(); }));
  CHECK(cluster.first_seen("1: unfenced 101", cut) != kNever);
  CHECK(cluster.broker(101).state() == BrokerState::kRunning);
}

TEST_CASE("many dead brokers are fenced one per event, 10 ms apart") {
  Cluster cluster = running(1, 4);
  const Time cut = cluster.now();
  for (int id = 101; id <= 103; ++id) cluster.kill(NodeId(id));
  cluster.run_for(12s);
  std::vector<Time> fenced;
  for (int id = 101; id <= 103; ++id) {
    fenced.push_back(cluster.first_seen("1: fenced " + std::to_string(id), cut));
    REQUIRE(fenced.back() != kNever);
  }
  std::sort(fenced.begin(), fenced.end());
  CHECK(fenced[1] - fenced[0] >= 10ms);
  CHECK(fenced[2] - fenced[1] >= 10ms);
}

TEST_CASE("controlled shutdown: leaders move, everybody hears of it, then the broker goes and is fenced") {
  Cluster cluster = running(1, 3);
  const Time begin = cluster.now();
  cluster.shut_down(NodeId(101));
  REQUIRE(cluster.run_until_true(10s, [&] { return !cluster.is_up(NodeId(101)); }));
  const Duration took = cluster.now() - begin;
  CHECK(took >= 50ms);
  CHECK(took <= 4500ms);  // the others' next heartbeats, then its own
  CHECK(cluster.first_seen("101: PENDING_CONTROLLED_SHUTDOWN", begin) != kNever);
  CHECK(cluster.first_seen("101: SHUTTING_DOWN", begin) != kNever);
  cluster.run_for(100ms);
  const metadata::Broker& gone = *latest(cluster).brokers.find(NodeId(101));
  CHECK(gone.fenced);
  CHECK(gone.in_controlled_shutdown);
  CHECK(latest(cluster).leaders_on(NodeId(101)) == 0);
  CHECK(latest(cluster).leaderless.empty());

  const BrokerEpoch old_epoch = gone.epoch;
  cluster.start(NodeId(101));  // a clean shutdown leaves no session behind: it may register at once
  REQUIRE(cluster.run_until_true(3s, [&] { return cluster.broker(101).state() == BrokerState::kRunning; }));
  CHECK(*cluster.broker(101).broker_epoch() > old_epoch);
  CHECK_FALSE(latest(cluster).brokers.find(NodeId(101))->in_controlled_shutdown);
}

TEST_CASE("a broker that restarts fast waits for its old session's end") {
  Cluster cluster = running(1, 2);
  cluster.kill(NodeId(101));
  const Time begin = cluster.now();
  cluster.start(NodeId(101));
  REQUIRE(cluster.run_until_true(20s, [&] { return cluster.broker(101).state() == BrokerState::kRunning; }));
  CHECK(cluster.first_seen("DUPLICATE_BROKER_REGISTRATION", begin) != kNever);
  CHECK(cluster.now() - begin > 6s);
}

TEST_CASE("a broker that starts again asks under other numbers: a late answer to its earlier life is for nobody") {
  Cluster cluster = running(1, 1);
  const auto lives = [&] {
    std::set<std::string> numbers;
    for (const auto& [when, text] : cluster.log) {
      if (text.find(" BrokerRegistration ") != std::string::npos) numbers.insert(text.substr(text.rfind('#')));
    }
    return numbers;
  };
  REQUIRE(lives().size() == 1);
  cluster.kill(NodeId(101));
  cluster.start(NodeId(101));
  REQUIRE(cluster.run_until_true(20s, [&] { return cluster.broker(101).state() == BrokerState::kRunning; }));
  CHECK(lives().size() > 1);
}

TEST_CASE("failover: another controller takes over, brokers find it, nobody is fenced for it") {
  Cluster cluster = running(3, 3);
  const int old = cluster.active().value();
  const Time begin = cluster.now();
  cluster.kill(NodeId(old));
  REQUIRE(cluster.run_until_true(10s, [&] { return cluster.active().has_value(); }));
  const int next = cluster.active().value();
  CHECK(next != old);
  cluster.run_for(5s);
  for (int id = 101; id <= 103; ++id) {
    const std::string text = std::to_string(id) + ": controller " + std::to_string(next);
    CHECK(cluster.first_seen(text, begin) != kNever);
  }
  cluster.run_for(15s);
  CHECK(cluster.first_seen(": fenced", begin) == kNever);
  const auto id = cluster.request(NodeId(102), CreateTopicsRequest{{{"u", 3, 3}}});
  cluster.run_for(1s);
  REQUIRE(cluster.answers.contains(id));
  CHECK(error_of(cluster.answers.at(id).body) == Error::kNone);
  CHECK(broken_invariant(latest(cluster)).empty());

  cluster.start(NodeId(old));
  cluster.run_for(5s);
  CHECK(*cluster.controller(old).committed_image() == *cluster.controller(next).committed_image());
}

TEST_CASE("after a failover a dead broker is fenced only a whole session after the activation") {
  Cluster cluster = running(3, 3);
  cluster.run_for(2s);
  cluster.kill(NodeId(101));
  cluster.run_for(7s);  // silent for almost a session
  cluster.kill(NodeId(cluster.active().value()));
  const Time begin = cluster.now();
  REQUIRE(cluster.run_until_true(10s, [&] { return cluster.active().has_value(); }));
  const Time activated = cluster.now();
  cluster.run_for(15s);
  const Time fenced = cluster.first_seen("fenced 101", begin);
  REQUIRE(fenced != kNever);
  CHECK(fenced - activated >= 9s - 1ms);
  CHECK(fenced - activated <= 10200ms);
}

TEST_CASE("a controller that is stopped leaves in order: it renounces and another one leads soon") {
  Cluster cluster = running(3, 1);
  const int old = cluster.active().value();
  const Time begin = cluster.now();
  cluster.shut_down(NodeId(old));
  REQUIRE(cluster.run_until_true(3s, [&] { return cluster.active() && cluster.active() != old; }));
  CHECK(cluster.first_seen(": renounced", begin) != kNever);
  CHECK(cluster.now() - begin < 1s);
  REQUIRE(cluster.run_until_true(5s, [&] { return !cluster.is_up(NodeId(old)); }));
}

TEST_CASE("a broker that never finds a controller gives up after the initial registration time-out") {
  Cluster cluster(1, 1);
  cluster.kill(NodeId(1));
  cluster.run_until(at_nanos(0) + 59s);
  CHECK(cluster.is_up(NodeId(101)));
  cluster.run_until(at_nanos(0) + 61s);
  CHECK_FALSE(cluster.is_up(NodeId(101)));
}

TEST_CASE("a client's request to a broker survives a failover; one without a controller times out after 60 s") {
  Cluster cluster = running(3, 2);
  cluster.kill(NodeId(cluster.active().value()));
  const auto id = cluster.request(NodeId(101), CreateTopicsRequest{{{"during", 1, 1}}});
  cluster.run_for(10s);
  REQUIRE(cluster.answers.contains(id));
  CHECK(error_of(cluster.answers.at(id).body) == Error::kNone);

  cluster.kill(NodeId(cluster.active().value()));  // no majority any more
  const Time begin = cluster.now();
  const auto lost = cluster.request(NodeId(101), DeleteTopicsRequest{{"during"}});
  REQUIRE(cluster.run_until_true(90s, [&] { return cluster.answers.contains(lost); }));
  CHECK(error_of(cluster.answers.at(lost).body) == Error::kRequestTimedOut);
  CHECK(cluster.now() - begin >= 60s);
}

}  // namespace
}  // namespace kraft::node
