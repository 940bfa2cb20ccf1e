// FastLeaderElection among servers that hear each other at once: who wins, and when.
#include "sim/zookeeper/election.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <deque>

using namespace kraftsim::zookeeper;
using namespace std::chrono_literals;

namespace {

struct Mail {
  NodeId from;
  NodeId to;
  Notification notification;
};

/// Three servers; what one sends arrives before time goes on.
struct Ensemble {
  std::vector<NodeId> ids{NodeId(1), NodeId(2), NodeId(3)};
  std::map<NodeId, Election> servers;
  std::deque<Mail> mail;
  Time now{};

  Ensemble() {
    for (const NodeId id : ids) servers.try_emplace(id, id, ids, server_config({}));
  }
  void post(NodeId from, const Election::Out& out) {
    for (const auto& [to, notification] : out) mail.push_back({from, to, notification});
  }
  void start(NodeId id, Vote own) {
    Election::Out out;
    servers.at(id).start(now, own, out);
    post(id, out);
  }
  void deliver(std::vector<NodeId> up) {
    while (!mail.empty()) {
      const Mail m = mail.front();
      mail.pop_front();
      if (std::find(up.begin(), up.end(), m.to) == up.end() || servers.at(m.to).winner()) continue;
      Election::Out out;
      servers.at(m.to).receive(now, m.from, m.notification, out);
      post(m.to, out);
    }
  }
  /// Until everyone who is up has decided.
  void run(std::vector<NodeId> up) {
    for (int guard = 0; guard < 1000; ++guard) {
      deliver(up);
      Time next = kraft::kNever;
      for (const NodeId id : up) next = std::min(next, servers.at(id).wake_at());
      if (next == kraft::kNever) return;
      now = next;
      for (const NodeId id : up) {
        Election::Out out;
        if (servers.at(id).wake_at() <= now) servers.at(id).timer(now, out);
        post(id, out);
      }
    }
    FAIL("no decision");
  }
};

}  // namespace

TEST_CASE("the vote with the greatest epoch, then zxid, then id wins, after finalizeWait") {
  Ensemble e;
  e.start(NodeId(1), {.peer_epoch = 2, .zxid = Zxid(10), .leader = NodeId(1)});
  e.start(NodeId(2), {.peer_epoch = 2, .zxid = Zxid(12), .leader = NodeId(2)});
  e.start(NodeId(3), {.peer_epoch = 1, .zxid = Zxid(99), .leader = NodeId(3)});
  e.run(e.ids);
  for (const NodeId id : e.ids) CHECK(e.servers.at(id).winner()->leader == NodeId(2));
  CHECK(e.now == Time(200ms));
}

TEST_CASE("equal histories: the greatest id wins") {
  Ensemble e;
  for (const NodeId id : e.ids) e.start(id, {.peer_epoch = 0, .zxid = Zxid(0), .leader = id});
  e.run(e.ids);
  for (const NodeId id : e.ids) CHECK(e.servers.at(id).winner()->leader == NodeId(3));
}

TEST_CASE("two of three decide without the third") {
  Ensemble e;
  e.start(NodeId(1), {.leader = NodeId(1)});
  e.start(NodeId(2), {.leader = NodeId(2)});
  e.run({NodeId(1), NodeId(2)});
  CHECK(e.servers.at(NodeId(1)).winner()->leader == NodeId(2));
  CHECK(e.servers.at(NodeId(2)).winner()->leader == NodeId(2));
}

TEST_CASE("one of three decides nothing and sends its vote at doubling intervals") {
  Ensemble e;
  Election& alone = e.servers.at(NodeId(1));
  e.start(NodeId(1), {.leader = NodeId(1)});
  std::vector<Time> sent;
  while (sent.size() < 11) {
    e.now = alone.wake_at();
    Election::Out out;
    alone.timer(e.now, out);
    CHECK(out.size() == 2);
    sent.push_back(e.now);
  }
  CHECK(!alone.winner());
  CHECK(sent[0] == Time(200ms));
  CHECK(sent[1] - sent[0] == 400ms);
  CHECK(sent[2] - sent[1] == 800ms);
  CHECK(sent[10] - sent[9] == 60s);  // maxNotificationInterval
}

TEST_CASE("a better vote during finalizeWait is adopted, and the wait begins anew") {
  Ensemble e;
  e.start(NodeId(1), {.zxid = Zxid(5), .leader = NodeId(1)});
  e.start(NodeId(2), {.zxid = Zxid(6), .leader = NodeId(2)});
  e.deliver({NodeId(1), NodeId(2)});
  e.now = Time(150ms);
  e.start(NodeId(3), {.zxid = Zxid(7), .leader = NodeId(3)});
  e.run(e.ids);
  for (const NodeId id : e.ids) CHECK(e.servers.at(id).winner()->leader == NodeId(3));
  CHECK(e.now == Time(350ms));
}

TEST_CASE("a newcomer joins a leader that a quorum follows, at once, but not on the word of followers alone") {
  Ensemble e;
  e.start(NodeId(3), {.zxid = Zxid(9), .leader = NodeId(3)});
  Election& newcomer = e.servers.at(NodeId(3));
  const Vote elected{.peer_epoch = 1, .zxid = Zxid(8), .leader = NodeId(2)};
  Election::Out out;
  newcomer.receive(e.now, NodeId(1), {PeerState::kFollowing, elected, 4}, out);
  CHECK(!newcomer.winner());
  newcomer.receive(e.now, NodeId(2), {PeerState::kLeading, elected, 4}, out);
  REQUIRE(newcomer.winner());
  CHECK(newcomer.winner()->leader == NodeId(2));
  CHECK(newcomer.round() == 4);
}

TEST_CASE("who is behind in rounds is told, and its vote is not counted") {
  Ensemble e;
  e.start(NodeId(1), {.leader = NodeId(1)});
  e.start(NodeId(1), {.leader = NodeId(1)});  // round 2
  Election::Out out;
  e.servers.at(NodeId(1)).receive(e.now, NodeId(2), {PeerState::kLooking, {.leader = NodeId(1)}, 1}, out);
  REQUIRE(out.size() == 1);
  CHECK(out.front().first == NodeId(2));
  CHECK(out.front().second.round == 2);
  CHECK(e.servers.at(NodeId(1)).wake_at() == Time(200ms));  // still the resend, no finalizeWait
}
