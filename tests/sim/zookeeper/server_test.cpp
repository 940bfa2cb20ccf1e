// One server alone is an ensemble too: sockets, order of answers, watches, durability, driven by hand.
#include "sim/zookeeper/server.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "sim/zookeeper/initial_tree.hpp"

using namespace kraftsim::zookeeper;
using namespace std::chrono_literals;
using Kind = Path::Kind;

namespace {

constexpr NodeId kSelf{1};
constexpr NodeId kAlice{101};
constexpr NodeId kBob{102};

/// A server and everything it said; writes complete when the test says so.
struct Alone {
  Server server{kSelf,
                {kSelf},
                server_config({{"tickTime", 2000}}),
                ZnodeTree(make_initial_tree({{.count = 1, .partitions = 1, .replication = 1}}, {{kAlice, 0}})),
                ServiceCosts({}, kraft::Rng(1)),
                kraft::Rng(1)};
  Effects fx;
  Time now{};

  Alone() {
    server.start(now, fx);
    while (!server.is_serving()) step();
    fx = {};
  }
  /// The next timer, and the write it may cause.
  void step() {
    now = std::max(now, server.wake_at());
    server.timer(now, fx);
    finish_write();
  }
  void finish_write() {
    if (fx.write_bytes == 0) return;
    fx.write_bytes = 0;
    server.write_done(now, fx);
  }
  void receive(NodeId from, const Packet& packet) { server.receive(now, from, packet, fx); }
  void flush() {
    server.timer(now, fx);
    finish_write();
  }
  template <class P>
  std::vector<P> to(NodeId node) {
    std::vector<P> found;
    for (const Act& act : fx.acts) {
      const auto* response = std::get_if<SendResponse>(&act);
      if (response == nullptr || response->to != node) continue;
      if (const auto* p = std::get_if<P>(&response->message->packet())) found.push_back(*p);
    }
    return found;
  }
  SessionId connect(NodeId node, Duration timeout = 6s) {
    receive(node, ConnectRequest{.socket = 1, .timeout = timeout});
    flush();
    return to<ConnectResponse>(node).back().session;
  }
  void ask(NodeId node, std::int64_t xid, Request request) { receive(node, ClientRequest{1, xid, std::move(request)}); }
};

Request create(Path path, bool ephemeral = false) {
  return Write{{Create{path, kraft::share<Data>(NoData{}), ephemeral}}};
}

}  // namespace

TEST_CASE("the timeout granted lies between 2 and 20 ticks") {
  for (const auto& [asked, granted] : {std::pair{1s, 4s}, {6s, 6s}, {18s, 18s}, {100s, 40s}}) {
    Alone alone;
    alone.connect(kAlice, asked);
    CHECK(alone.to<ConnectResponse>(kAlice).back().timeout == granted);
  }
}

TEST_CASE("a write is answered only once it is durable, and the reads behind it after it") {
  Alone alone;
  alone.connect(kAlice);
  alone.ask(kAlice, 1, get(path(Kind::kFeature)));
  CHECK(alone.to<ClientReply>(kAlice).size() == 1);
  alone.ask(kAlice, 2, create(broker_path(kAlice), true));
  alone.ask(kAlice, 3, get(broker_path(kAlice)));
  CHECK(alone.to<ClientReply>(kAlice).size() == 1);
  alone.server.timer(alone.now, alone.fx);
  CHECK(alone.fx.write_bytes > 0);
  CHECK(alone.to<ClientReply>(kAlice).size() == 1);
  alone.finish_write();
  const auto replies = alone.to<ClientReply>(kAlice);
  REQUIRE(replies.size() == 3);
  CHECK(replies[1].xid == 2);
  CHECK(replies[2].xid == 3);
  CHECK(replies[2].result.error == Error::kNone);  // it sees its own write
}

TEST_CASE("what waits is written together") {
  Alone alone;
  alone.connect(kAlice);
  alone.fx = {};
  for (std::int32_t i = 0; i < 5; ++i) alone.ask(kAlice, i + 1, create(topic_path(TopicNumber(10 + i))));
  alone.flush();
  CHECK(alone.fx.committed.size() == 5);
  CHECK(alone.to<ClientReply>(kAlice).size() == 5);
}

TEST_CASE("a refused write has its place in the order") {
  Alone alone;
  alone.connect(kAlice);
  alone.ask(kAlice, 1, create(topic_path(TopicNumber(9))));
  alone.ask(kAlice, 2, create(topic_path(TopicNumber(9))));  // refused because of a proposal not yet committed
  alone.flush();
  const auto replies = alone.to<ClientReply>(kAlice);
  REQUIRE(replies.size() == 2);
  CHECK(replies[0].result.error == Error::kNone);
  CHECK(replies[1].result.error == Error::kNodeExists);
  CHECK(replies[1].zxid > replies[0].zxid);
}

TEST_CASE("watches fire once, before the change can be read, and come back only when set again") {
  Alone alone;
  alone.connect(kAlice);
  alone.connect(kBob);
  alone.ask(kBob, 1, exists(broker_path(kAlice), true));
  alone.ask(kBob, 2, children(path(Kind::kBrokerIds), true));
  alone.ask(kAlice, 1, create(broker_path(kAlice), true));
  alone.flush();
  CHECK(alone.to<WatchEvent>(kBob).size() == 2);
  alone.ask(kAlice, 2, Write{{Delete{broker_path(kAlice)}}});
  alone.flush();
  CHECK(alone.to<WatchEvent>(kBob).size() == 2);
  alone.ask(kBob, 3, exists(broker_path(kAlice), true));
  alone.ask(kAlice, 3, create(broker_path(kAlice), true));
  alone.flush();
  CHECK(alone.to<WatchEvent>(kBob).size() == 3);
}

TEST_CASE("a get of a missing znode sets no watch, a set fires no child watch") {
  Alone alone;
  alone.connect(kAlice);
  alone.ask(kAlice, 1, get(path(Kind::kController), true));
  alone.ask(kAlice, 2, children(path(Kind::kTopics), true));
  alone.ask(kAlice, 3, create(path(Kind::kController), true));
  alone.ask(kAlice, 4, Write{{SetData{topic_path(TopicNumber(1)), kraft::share<Data>(AssignmentData{})}}});
  alone.flush();
  CHECK(alone.to<WatchEvent>(kAlice).empty());
}

TEST_CASE("watches set again fire at once for what was missed") {
  Alone alone;
  alone.connect(kAlice);
  alone.ask(kAlice, 1, create(path(Kind::kController), true));
  alone.flush();
  const Zxid then = alone.server.tree().last_zxid();
  alone.connect(kBob);
  alone.ask(kAlice, 2, Write{{Delete{path(Kind::kController)}}});
  alone.flush();
  alone.receive(kBob, SetWatches{.socket = 1,
                                 .since = then,
                                 .watches = {{{WatchKind::kNode, path(Kind::kController)}, true},
                                             {{WatchKind::kChildren, path(Kind::kTopics)}, true}}});
  const auto events = alone.to<WatchEvent>(kBob);
  REQUIRE(events.size() == 1);
  CHECK(events.front().watch.path == path(Kind::kController));
}

TEST_CASE("a silent session expires after (T, T + tick], its ephemerals and its socket with it") {
  Alone alone;
  const SessionId session = alone.connect(kAlice);
  alone.ask(kAlice, 1, create(broker_path(kAlice), true));
  alone.flush();
  const Time touched = alone.now;
  while (alone.fx.expired.empty()) alone.step();
  CHECK(alone.fx.expired.front() == session);
  CHECK(alone.now - touched > 6s);
  CHECK(alone.now - touched <= 8s);
  alone.step();
  CHECK(alone.server.tree().find(broker_path(kAlice)) == nullptr);
  CHECK(alone.to<SocketClosed>(kAlice).size() == 1);
  // The reconnect is told.
  alone.receive(kAlice, ConnectRequest{.socket = 2, .session = session, .timeout = 6s});
  CHECK(alone.to<ConnectResponse>(kAlice).back().timeout == 0s);
}

TEST_CASE("a ping keeps a session") {
  Alone alone;
  alone.connect(kAlice);
  for (int i = 0; i < 20; ++i) {
    const Time next = alone.now + 2s;
    while (alone.server.wake_at() <= next) alone.step();
    alone.now = next;
    alone.receive(kAlice, Ping{1});
  }
  CHECK(alone.fx.expired.empty());
  CHECK(alone.to<Pong>(kAlice).size() == 20);
}

TEST_CASE("a client that has seen more than the server is turned away") {
  Alone alone;
  alone.receive(kAlice, ConnectRequest{.socket = 1, .timeout = 6s, .last_zxid = first_zxid(9)});
  CHECK(alone.to<SocketClosed>(kAlice).size() == 1);
  CHECK(alone.server.sockets() == 0);
}

TEST_CASE("a crash loses what was not synced, and nothing else") {
  Alone alone;
  alone.connect(kAlice);
  alone.ask(kAlice, 1, create(topic_path(TopicNumber(8))));
  alone.flush();
  alone.ask(kAlice, 2, create(topic_path(TopicNumber(9))));
  alone.server.crash();
  alone.fx = {};
  alone.server.start(alone.now, alone.fx);
  while (!alone.server.is_serving()) alone.step();
  CHECK(alone.server.tree().find(topic_path(TopicNumber(8))) != nullptr);
  CHECK(alone.server.tree().find(topic_path(TopicNumber(9))) == nullptr);
  CHECK(alone.server.tree().sessions().size() == 1);
  CHECK(alone.server.epoch() == 2);
}

TEST_CASE("a learner acknowledges an epoch, a history and a proposal only when they are on its disk") {
  Server learner(kSelf, {NodeId(1), NodeId(2), NodeId(3)}, server_config({}),
                 ZnodeTree(make_initial_tree({}, {{kAlice, 0}})), ServiceCosts({}, kraft::Rng(1)), kraft::Rng(1));
  const NodeId leader(3);
  const Time now{};
  Effects fx;
  learner.start(now, fx);
  const Vote elected{.leader = leader};
  learner.receive(now, NodeId(2), Notification{PeerState::kFollowing, elected, 1}, fx);
  learner.receive(now, leader, Notification{PeerState::kLeading, elected, 1}, fx);

  const auto said = [&]<class P>(const P&) {
    return std::ranges::any_of(fx.acts, [&](const Act& act) {
      const auto* request = std::get_if<SendRequest>(&act);
      return request != nullptr && request->to == leader && std::holds_alternative<P>(request->message->packet());
    });
  };
  const auto answers_once_durable = [&](const Packet& packet, const auto& answer) {
    fx = {};
    learner.receive(now, leader, packet, fx);
    learner.timer(now, fx);
    CHECK(fx.write_bytes > 0);
    CHECK(!said(answer));
    learner.write_done(now, fx);
    CHECK(said(answer));
  };
  CHECK(said(FollowerInfo{}));
  answers_once_durable(LeaderInfo{1}, AckEpoch{});
  answers_once_durable(Sync{}, AckNewLeader{});
  learner.receive(now, leader, UpToDate{}, fx);
  CHECK(learner.is_serving());
  const auto txn = kraft::share<Txn>(first_zxid(1) + 1, SessionId(5), 0, OpenSession{6s});
  answers_once_durable(Proposal{txn}, Ack{});
  CHECK(learner.tree().sessions().empty());
  learner.receive(now, leader, Commit{txn->zxid}, fx);
  CHECK(learner.tree().sessions().size() == 1);
}
