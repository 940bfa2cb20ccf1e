// The controller against a ZooKeeper that answers at once: how many requests each event costs, and that a deposed
// controller writes nothing.
#include "sim/zookeeper/controller.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "sim/zookeeper/initial_tree.hpp"

using namespace kraftsim::zookeeper;
using namespace std::chrono_literals;
using Kind = Path::Kind;

namespace {

constexpr SessionId kSession{1};
constexpr std::int32_t kBrokers = 5;
constexpr std::int32_t kTopics = 10;
constexpr std::int32_t kPartitions = 10;  // of each topic; three replicas

Racks racks() {
  Racks result;
  for (std::int32_t i = 0; i < kBrokers; ++i) result[NodeId(101 + i)] = i;
  return result;
}
DataRef nothing() { return kraft::share<Data>(NoData{}); }

/// Broker 101's controller, the znodes, and brokers that answer whatever they are told.
struct Played {
  ZnodeTree tree{make_initial_tree({{.count = kTopics, .partitions = kPartitions, .replication = 3}}, racks())};
  Controller controller{NodeId(101), racks(), ServiceCosts({}, kraft::Rng(1))};
  Zxid zxid = first_zxid(1);
  Time now{};
  int reads = 0;
  int writes = 0;
  std::vector<std::pair<NodeId, ControllerRequest>> told;
  std::vector<Packet> replies;

  Played() {
    for (const auto& [broker, rack] : racks()) apply(Changes{Create{broker_path(broker), nothing(), true}}, broker);
    Controller::Output out;
    controller.elect(now, kSession, out);
    settle(out);
  }
  /// Each broker's session has its id; the controller's has kSession.
  void apply(Txn::Body body, NodeId session) { apply(std::move(body), SessionId(session.value())); }
  void apply(Txn::Body body, SessionId session) {
    std::vector<Path> touched;
    zxid += 1;
    tree.apply(Txn(zxid, session, 0, std::move(body)), touched);
  }
  Result answer(const Request& request) {
    if (const auto* read = std::get_if<Read>(&request)) {
      ++reads;
      return tree.read(*read);
    }
    ++writes;
    const Changes& changes = std::get<Write>(request).changes;
    const Refused refused = tree.refuse(changes);
    if (refused.error != Error::kNone) return {.error = refused.error, .failed = refused.failed};
    apply(changes, kSession);
    return {.created = zxid};
  }
  /// Until the controller wants nothing more.
  void settle(Controller::Output& out) {
    for (;;) {
      const auto sends = std::move(out.sends);
      const auto group = std::move(out.group);
      out = {};
      for (const auto& [to, packet] : sends) {
        const auto* request = std::get_if<ControllerRequest>(&packet);
        if (request == nullptr) {
          replies.push_back(packet);
          continue;
        }
        told.emplace_back(to, *request);
        controller.broker_replied(now, to, request->number, out);
      }
      if (!group.empty()) {
        std::vector<Result> results;
        for (const Request& request : group) results.push_back(answer(request));
        controller.results(now, results, out);
      } else if (sends.empty()) {
        if (controller.wake_at() == kraft::kNever) return;
        now = std::max(now, controller.wake_at());
        controller.timer(now, out);
      }
    }
  }
  void forget() {
    reads = writes = 0;
    told.clear();
    replies.clear();
  }
  void watch(WatchKind kind, Kind of) {
    Controller::Output out;
    controller.watch_fired(now, {kind, path(of)}, out);
    settle(out);
  }
  PartitionState state(std::int32_t topic, std::int32_t partition) const {
    return as<PartitionState>(tree.find(state_path({TopicNumber(topic), partition}))->data);
  }
  template <class Predicate>
  int count(Predicate predicate) const {
    int n = 0;
    for (std::int32_t t = 1; t <= kTopics; ++t) {
      for (std::int32_t p = 0; p < kPartitions; ++p) n += predicate(state(t, p)) ? 1 : 0;
    }
    return n;
  }
  /// Requests of one kind, and the partitions in them.
  template <class Body>
  std::pair<int, std::int64_t> sum(NodeId broker) const {
    std::pair<int, std::int64_t> total;
    for (const auto& [to, request] : told) {
      const auto* body = std::get_if<Body>(&request.body);
      if (to != broker || body == nullptr) continue;
      ++total.first;
      total.second += body->partitions;
    }
    return total;
  }
};

bool in_isr(const PartitionState& state, NodeId broker) {
  return std::ranges::find(state.isr, broker) != state.isr.end();
}
/// At the start every replica is in sync.
int replicas_on(const Played& played, NodeId broker) {
  return played.count([&](const PartitionState& s) { return in_isr(s, broker); });
}

}  // namespace

TEST_CASE("a failover reads each topic and each partition once, and each broker twice") {
  Played played;
  CHECK(played.controller.is_ready());
  CHECK(played.controller.epoch() == 1);
  CHECK(played.writes == 1);  // /controller and its epoch
  // exists and get /controller, get the epoch; five small znodes; three listings.
  CHECK(played.reads == kTopics + kTopics * kPartitions + 2 * kBrokers + 11);
  for (const auto& [broker, rack] : racks()) {
    CHECK(played.sum<LeaderAndIsr>(broker) == std::pair{1, std::int64_t{replicas_on(played, broker)}});
    CHECK(played.sum<UpdateMetadata>(broker) == std::pair{2, std::int64_t{kTopics * kPartitions}});
  }
}

TEST_CASE("a dead broker that led L and followed F partitions costs 2L + F reads and L + F writes") {
  Played played;
  const NodeId dead(103);
  const int led = played.count([&](const PartitionState& s) { return s.leader == dead; });
  const int followed = played.count([&](const PartitionState& s) { return s.leader != dead && in_isr(s, dead); });
  REQUIRE(led > 0);
  REQUIRE(followed > 0);
  played.forget();
  played.apply(EndSession{}, dead);
  played.watch(WatchKind::kChildren, Kind::kBrokerIds);
  CHECK(played.reads == 1 + (kBrokers - 1) + 2 * led + followed);
  CHECK(played.writes == led + followed);
  CHECK(played.count([&](const PartitionState& s) { return s.leader == dead || in_isr(s, dead); }) == 0);
  CHECK(played.count([](const PartitionState& s) { return s.leader == kNoLeader; }) == 0);
  CHECK(played.sum<UpdateMetadata>(NodeId(102)) == std::pair{2, std::int64_t{led + followed}});
  CHECK(played.sum<LeaderAndIsr>(dead).first == 0);
}

TEST_CASE("the preferred order decides who leads next, among those in sync") {
  Played played;
  const PartitionState before = played.state(1, 0);
  played.apply(EndSession{}, before.leader);
  played.watch(WatchKind::kChildren, Kind::kBrokerIds);
  CHECK(played.state(1, 0).leader == before.isr[1]);
  CHECK(played.state(1, 0).leader_epoch == before.leader_epoch + 1);
  CHECK(played.state(1, 0).isr == Replicas(before.isr.begin() + 1, before.isr.end()));
}

TEST_CASE("the last in-sync replica stays in the ISR of a leaderless partition, and leads again when it returns") {
  Played played;
  const Replicas isr = played.state(1, 0).isr;
  for (const NodeId dead : isr) {
    played.apply(EndSession{}, dead);
    played.watch(WatchKind::kChildren, Kind::kBrokerIds);
  }
  CHECK(played.state(1, 0).leader == kNoLeader);
  CHECK(played.state(1, 0).isr == Replicas{isr.back()});
  played.apply(Changes{Create{broker_path(isr.front()), nothing(), true}}, isr.front());
  played.watch(WatchKind::kChildren, Kind::kBrokerIds);
  CHECK(played.state(1, 0).leader == kNoLeader);  // no unclean election
  played.apply(Changes{Create{broker_path(isr.back()), nothing(), true}}, isr.back());
  played.watch(WatchKind::kChildren, Kind::kBrokerIds);
  CHECK(played.state(1, 0).leader == isr.back());
}

TEST_CASE("a bounced broker, the same id with a newer znode, is failed and started") {
  Played played;
  const NodeId bounced(104);
  const int held = played.count([&](const PartitionState& s) { return in_isr(s, bounced); });
  played.apply(EndSession{}, bounced);
  played.apply(Changes{Create{broker_path(bounced), nothing(), true}}, bounced);
  played.forget();
  played.watch(WatchKind::kChildren, Kind::kBrokerIds);
  CHECK(played.writes == held);
  CHECK(played.count([&](const PartitionState& s) { return in_isr(s, bounced); }) == 0);
  CHECK(played.sum<LeaderAndIsr>(bounced) == std::pair{1, std::int64_t{held}});
  CHECK(played.sum<UpdateMetadata>(bounced) == std::pair{1, std::int64_t{kTopics * kPartitions}});
}

TEST_CASE("a leader's request puts a caught-up follower back, and nobody else's does") {
  Played played;
  const NodeId gone(103);
  played.apply(EndSession{}, gone);
  played.watch(WatchKind::kChildren, Kind::kBrokerIds);
  played.apply(Changes{Create{broker_path(gone), nothing(), true}}, gone);
  played.watch(WatchKind::kChildren, Kind::kBrokerIds);
  PartitionKey key{TopicNumber(1), 0};
  for (std::int32_t p = 0; p < kPartitions && played.state(1, p).isr.size() == 3; ++p) key.partition = p + 1;
  const NodeId leader = played.state(1, key.partition).leader;
  const auto ask = [&](NodeId from) {
    Controller::Output out;
    played.controller.alter_partition(played.now, from, AlterPartition{{{key, gone}}}, out);
    played.settle(out);
  };
  ask(gone);
  CHECK(played.state(1, key.partition).isr.size() == 2);
  ask(leader);
  CHECK(played.state(1, key.partition).isr.size() == 3);
  CHECK(played.state(1, key.partition).isr.back() == gone);
}

TEST_CASE("a deposed controller writes nothing, notices, and stands back") {
  Played played;
  // Another broker became controller while this one was away.
  const Path epoch = path(Kind::kControllerEpoch);
  const auto other = kraft::share<Data>(ControllerData{NodeId(102)});
  played.apply(Changes{SetData{epoch, kraft::share<Data>(ControllerEpochData{2})},
                       SetData{path(Kind::kController), other}},
               NodeId(102));
  const NodeId dead(105);
  const int led = played.count([&](const PartitionState& s) { return s.leader == dead; });
  played.apply(EndSession{}, dead);
  played.forget();
  played.watch(WatchKind::kChildren, Kind::kBrokerIds);
  CHECK(played.writes == led);  // all refused
  CHECK(played.count([&](const PartitionState& s) { return s.leader == dead; }) == led);
  CHECK(!played.controller.is_active());
  CHECK(played.sum<LeaderAndIsr>(NodeId(102)).first == 0);
}

TEST_CASE("who finds /controller taken watches it, and runs when it is gone") {
  Played first;
  Controller second(NodeId(102), racks(), ServiceCosts({}, kraft::Rng(2)));
  std::swap(first.controller, second);
  Controller::Output out;
  first.controller.elect(first.now, SessionId(2), out);
  first.settle(out);
  CHECK(!first.controller.is_active());
  first.apply(EndSession{}, kSession);
  first.watch(WatchKind::kNode, Kind::kController);
  CHECK(first.controller.is_ready());
  CHECK(first.controller.epoch() == 2);
}

TEST_CASE("a controlled shutdown moves leaders, then ISRs, then answers") {
  Played played;
  const NodeId leaving(102);
  const int replicas = replicas_on(played, leaving);
  played.forget();
  Controller::Output out;
  played.controller.shutdown_requested(played.now, leaving, out);
  played.settle(out);
  REQUIRE(played.replies.size() == 1);
  CHECK(std::get<ControlledShutdownReply>(played.replies.front()).done);
  CHECK(played.count([&](const PartitionState& s) { return s.leader == leaving || in_isr(s, leaving); }) == 0);
  CHECK(played.sum<StopReplica>(leaving).second == replicas);
  CHECK(std::ranges::none_of(played.controller.assign(TopicNumber(99), 20, 3), [&](const Replicas& replicas) {
    return std::ranges::find(replicas, leaving) != replicas.end();
  }));
}
