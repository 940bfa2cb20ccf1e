// What an active controller promises: answers only after the commit, decisions on what runs ahead of it, and nothing
// left of that once the leadership is gone.
#include "core/node/controller.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "core/metadata/apply.hpp"
#include "tests/core/metadata/fixtures.hpp"
#include "tests/core/node/harness.hpp"

namespace kraft::node {
namespace {

using namespace kraft::node::testing;
using metadata::testing::broken_invariant;

/// What replaying a controller's log up to its committed end gives.
Ref<metadata::Image> replayed(const Controller& controller) {
  Ref<metadata::Image> image = share<metadata::Image>();
  for (const auto& batch : controller.replica().log().batches()) {
    if (batch->end_offset() > controller.committed_image()->end_offset) break;
    image = metadata::apply(image, *batch);
  }
  return image;
}

/// Three controllers and no brokers but registered ones that a test speaks for.
Cluster quorum() {
  Cluster cluster(3, 0);
  REQUIRE(cluster.run_until_true(10s, [&] { return cluster.active().has_value(); }));
  return cluster;
}

BrokerRegistrationRequest registration(int id) {
  return {.broker_id = NodeId(id), .incarnation_id = {5, std::uint64_t(id)}, .rack = std::nullopt};
}

TEST_CASE("an answer leaves when its record is committed, not before") {
  Cluster cluster = quorum();
  const NodeId active(cluster.active().value());
  const Time begin = cluster.now();
  const auto id = cluster.request(active, registration(101));
  std::optional<Offset> wanted;
  bool early = false;
  REQUIRE(cluster.run_until_true(2s, [&] {
    const Controller& controller = cluster.controller(active.value());
    if (controller.latest_image()->brokers.contains(NodeId(101)) && !wanted) {
      wanted = controller.latest_image()->end_offset;
    }
    const bool committed = wanted && controller.committed_image()->end_offset >= *wanted;
    early = early || (cluster.answers.contains(id) && !committed);
    return cluster.answers.contains(id);
  }));
  CHECK_FALSE(early);
  CHECK(cluster.now() - begin >= 25ms);  // at least the linger
  const auto& response = std::get<BrokerRegistrationResponse>(cluster.answers.at(id).body);
  CHECK(response.broker_epoch == BrokerEpoch(wanted->value() - 1));
  CHECK(cluster.answers.at(id).controller_id == active);
}

TEST_CASE("decisions see what is not committed yet, and answers without records wait for it") {
  Cluster cluster = quorum();
  const NodeId active(cluster.active().value());
  const auto first = cluster.request(active, registration(101));
  cluster.run_for(100ms);
  const auto epoch = std::get<BrokerRegistrationResponse>(cluster.answers.at(first).body).broker_epoch;
  BrokerHeartbeatRequest heartbeat{
      .broker_id = NodeId(101), .broker_epoch = epoch, .current_metadata_offset = Offset(99)};
  heartbeat.want_fence = false;
  const auto unfence = cluster.request(active, heartbeat);
  const auto create = cluster.request(active, CreateTopicsRequest{{{"t", 2, 1}}});
  const auto again = cluster.request(active, CreateTopicsRequest{{{"t", 2, 1}}});
  const auto stale = cluster.request(active, BrokerHeartbeatRequest{NodeId(101), BrokerEpoch(999), Offset(0)});
  cluster.run_for(3ms);
  CHECK(cluster.answers.size() == 2);  // Kafka throws STALE_BROKER_EPOCH: that one does not wait
  CHECK(error_of(cluster.answers.at(stale).body) == Error::kStaleBrokerEpoch);
  CHECK(cluster.controller(active.value()).pending_replies() == 3);
  CHECK(cluster.controller(active.value()).latest_image()->topic("t") != nullptr);
  CHECK(cluster.controller(active.value()).committed_image()->topic("t") == nullptr);
  cluster.run_for(100ms);
  CHECK(error_of(cluster.answers.at(unfence).body) == Error::kNone);
  CHECK(error_of(cluster.answers.at(create).body) == Error::kNone);
  CHECK(error_of(cluster.answers.at(again).body) == Error::kTopicAlreadyExists);
}

TEST_CASE("with nothing on the way an answer without records is immediate") {
  Cluster cluster = quorum();
  const NodeId active(cluster.active().value());
  const auto idle = [&] {
    const Controller& controller = cluster.controller(active.value());
    return controller.latest_image() == controller.committed_image();
  };
  REQUIRE(cluster.run_until_true(2s, idle));
  const auto id = cluster.request(active, DeleteTopicsRequest{{"none"}});
  cluster.run_for(2 * kLatency);
  REQUIRE(cluster.answers.contains(id));
  CHECK(error_of(cluster.answers.at(id).body) == Error::kUnknownTopicOrPartition);
}

TEST_CASE("who is not active says so, and names the leader it knows") {
  Cluster cluster = quorum();
  const int active = cluster.active().value();
  const NodeId other(active % 3 + 1);
  for (const Body& body : std::vector<Body>{registration(101), BrokerHeartbeatRequest{}, CreateTopicsRequest{},
                                            DeleteTopicsRequest{}, AlterPartitionRequest{}}) {
    const auto id = cluster.request(other, body);
    cluster.run_for(10ms);
    REQUIRE(cluster.answers.contains(id));
    CHECK(error_of(cluster.answers.at(id).body) == Error::kNotController);
    CHECK(cluster.answers.at(id).controller_id == NodeId(active));
  }
}

TEST_CASE("renouncing drops what was ahead, fails what waited, and leaves the committed replay") {
  Cluster cluster = quorum();
  const int old = cluster.active().value();
  cluster.request(NodeId(old), registration(101));
  cluster.run_for(100ms);
  for (int id = 1; id <= 3; ++id) {
    if (id != old) cluster.cut(NodeId(id));  // it can append but not commit
  }
  const auto id = cluster.request(NodeId(old), registration(102));
  cluster.run_for(200ms);
  CHECK(cluster.controller(old).latest_image()->brokers.contains(NodeId(102)));
  CHECK_FALSE(cluster.answers.contains(id));
  REQUIRE(cluster.run_until_true(10s, [&] { return !cluster.controller(old).is_active(); }));  // check quorum: 3 s
  cluster.run_for(kLatency);
  REQUIRE(cluster.answers.contains(id));
  CHECK(error_of(cluster.answers.at(id).body) == Error::kNotController);
  CHECK(cluster.first_seen(std::to_string(old) + ": renounced") != kNever);
  CHECK_FALSE(cluster.controller(old).latest_image()->brokers.contains(NodeId(102)));
  CHECK(*cluster.controller(old).latest_image() == *replayed(cluster.controller(old)));

  for (int peer = 1; peer <= 3; ++peer) cluster.heal(NodeId(peer));
  cluster.run_for(10s);
  REQUIRE(cluster.active().has_value());
  CHECK(*cluster.controller(old).committed_image() == *replayed(cluster.controller(old)));
}

TEST_CASE("non-atomic writes are split into batches of at most the permitted size") {
  Cluster small(1, 1);
  small.controller_config.max_records_per_batch = 4;
  small.kill(NodeId(1));
  small.start(NodeId(1));
  REQUIRE(small.run_until_true(20s, [&] { return small.broker(101).state() == BrokerState::kRunning; }));
  const auto id = small.request(NodeId(1), CreateTopicsRequest{{{"t", 10, 1}}});
  small.run_for(200ms);
  REQUIRE(error_of(small.answers.at(id).body) == Error::kNone);
  CHECK(small.controller(1).committed_image()->topic("t")->partitions.size() == 10);
  small.kill(NodeId(101));
  small.run_for(12s);
  CHECK(small.controller(1).committed_image()->leaderless.size() == 10);
  CHECK(*small.controller(1).committed_image() == *replayed(small.controller(1)));
}

TEST_CASE("a batch has a size in bytes too: writes are split by it, and topics that need more are refused") {
  Cluster small(1, 1);
  small.controller_config.raft.max_batch_bytes = 300;
  small.kill(NodeId(1));
  small.start(NodeId(1));
  REQUIRE(small.run_until_true(20s, [&] { return small.broker(101).state() == BrokerState::kRunning; }));
  const auto large = small.request(NodeId(1), CreateTopicsRequest{{{"large", 40, 1}}});
  std::vector<CorrelationId> others;
  for (const char* name : {"a", "b", "c", "d"}) {
    others.push_back(small.request(NodeId(1), CreateTopicsRequest{{{name, 3, 1}}}));
    small.run_for(200ms);
  }
  CHECK(error_of(small.answers.at(large).body) == Error::kPolicyViolation);
  for (const CorrelationId id : others) CHECK(error_of(small.answers.at(id).body) == Error::kNone);
  small.kill(NodeId(101));
  small.run_for(12s);
  CHECK(small.controller(1).committed_image()->leaderless.size() == 12);
  CHECK(*small.controller(1).committed_image() == *replayed(small.controller(1)));
}

TEST_CASE("a controller is a value: a copy goes on by itself and reaches the same state") {
  Cluster cluster = quorum();
  const int active = cluster.active().value();
  Controller a = cluster.controller(active);
  Controller b = a;
  metadata::ApplyCache cache_a;
  metadata::ApplyCache cache_b;
  Effects effects_a;
  Effects effects_b;
  const Rpc rpc{NodeId(101), NodeId(active), CorrelationId(1), registration(101), {}};
  a.step(cluster.now(), Receive{rpc}, cache_a, effects_a);
  CHECK_FALSE(b.latest_image()->brokers.contains(NodeId(101)));
  b.step(cluster.now(), Receive{rpc}, cache_b, effects_b);
  CHECK(line(effects_a) == line(effects_b));
  CHECK(*a.latest_image() == *b.latest_image());
}

TEST_CASE("whatever happens, every controller's committed image is the replay of its log") {
  const bool ok = rc::check("ahead and committed under faults", [] {
    Rng rng(*rc::gen::arbitrary<std::uint64_t>());
    Cluster cluster(3, 2, rng.next());
    std::string broken;
    cluster.after_controller_step = [&](NodeId, const Controller& controller) {
      const metadata::Image& ahead = *controller.latest_image();
      const auto high_watermark = controller.replica().high_watermark();
      if (high_watermark && controller.committed_image()->end_offset > *high_watermark) broken = "applied too early";
      if (ahead.end_offset < controller.committed_image()->end_offset) broken = "the latest image is behind";
      if (ahead.end_offset == controller.committed_image()->end_offset && !(ahead == *controller.committed_image())) {
        broken = "same offset, different images";
      }
    };
    for (int step = 0; step < 25; ++step) {
      const NodeId controller(1 + static_cast<int>(rng.below(3)));
      const std::string name = "t" + std::to_string(rng.below(4));
      switch (rng.below(8)) {
        case 0:
          if (cluster.is_up(controller)) cluster.kill(controller);
          break;
        case 1:
        case 2:
          if (!cluster.is_up(controller)) cluster.start(controller);
          break;
        case 3: cluster.cut(controller); break;
        case 4:
          for (int id = 1; id <= 3; ++id) cluster.heal(NodeId(id));
          break;
        case 5:
          if (const auto active = cluster.active()) cluster.request(NodeId(*active), DeleteTopicsRequest{{name}});
          break;
        default:
          if (const auto active = cluster.active()) {
            cluster.request(NodeId(*active), CreateTopicsRequest{{{name, 3, 1}}});
          }
      }
      cluster.run_for(rng.between(1ms, 3s));
    }
    for (int id = 1; id <= 3; ++id) {
      cluster.heal(NodeId(id));
      if (!cluster.is_up(NodeId(id))) cluster.start(NodeId(id));
    }
    cluster.run_for(20s);
    RC_ASSERT(broken.empty());
    RC_ASSERT(cluster.active().has_value());
    for (int id = 1; id <= 3; ++id) {
      const Controller& controller = cluster.controller(id);
      RC_ASSERT(*controller.committed_image() == *replayed(controller));
      const std::string invariant = broken_invariant(*controller.committed_image());
      if (!invariant.empty()) RC_FAIL(invariant);
    }
    const metadata::Image& one = *cluster.controller(1).committed_image();
    const metadata::Image& two = *cluster.controller(2).committed_image();
    RC_ASSERT(one.end_offset != two.end_offset || one == two);
  });
  CHECK(ok);
}

}  // namespace
}  // namespace kraft::node
