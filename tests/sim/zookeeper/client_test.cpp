// The client library against a server that the test plays: pings, time-outs, reconnects, watches.
#include "sim/zookeeper/client.hpp"

#include <doctest/doctest.h>

#include <set>

#include "sim/zookeeper/requests.hpp"

using namespace kraftsim::zookeeper;
using namespace std::chrono_literals;

namespace {

const std::vector<NodeId> kHosts{NodeId(1), NodeId(2), NodeId(3)};

/// A client and what it did.
struct Played {
  Client client;
  ClientEffects fx;
  Time now{};

  explicit Played(Duration timeout, std::uint64_t seed = 1) : client(0, kHosts, timeout, kraft::Rng(seed)) {
    client.start(now, fx);
  }
  template <class P>
  std::vector<P> sent() {
    std::vector<P> found;
    for (const auto& [to, packet] : fx.sends) {
      if (const auto* p = std::get_if<P>(&packet)) found.push_back(*p);
    }
    return found;
  }
  template <class E>
  std::size_t events() {
    std::size_t count = 0;
    for (const auto& event : fx.events) count += std::holds_alternative<E>(event);
    return count;
  }
  void accept(Duration timeout, SessionId session = SessionId(77)) {
    client.receive(now, ConnectResponse{client.socket(), session, timeout}, fx);
  }
  void fire() {
    now = client.wake_at();
    client.timer(now, fx);
  }
  void reply(std::int64_t xid, Zxid zxid, Result result = {}) {
    client.receive(now, ClientReply{client.socket(), xid, zxid, std::move(result)}, fx);
  }
};

}  // namespace

TEST_CASE("an idle client pings every third of its timeout: 6 s of 18, 2 s of 6, 10 s of 30") {
  // The loop sleeps readTimeout/2 after it last sent and is not woken in between; see client.hpp.
  for (const auto& [timeout, period] : {std::pair{18s, 6s}, {6s, 2s}, {30s, 10s}}) {
    Played played(timeout);
    played.accept(timeout);
    std::vector<Time> pings;
    while (pings.size() < 4) {
      const std::size_t before = played.sent<Ping>().size();
      played.fire();
      if (played.sent<Ping>().size() == before) continue;
      pings.push_back(played.now);
      played.now += 1ms;
      played.client.receive(played.now, Pong{played.client.socket()}, played.fx);
    }
    for (std::size_t i = 1; i < pings.size(); ++i) CHECK(pings[i] - pings[i - 1] == period);
  }
}

TEST_CASE("a loop that is woken in the last second before a ping sends it then") {
  Played played(18s);
  played.accept(18s);
  const Time sent = played.now;
  for (const auto& [idle, pings] : {std::pair{4900ms, 0U}, {5000ms, 1U}}) {
    played.now = sent + idle;
    played.client.receive(played.now, WatchEvent{played.client.socket(), {}}, played.fx);
    CHECK(played.sent<Ping>().size() == pings);
  }
}

TEST_CASE("silence of two thirds of the timeout ends the socket, and the next host is tried within a second") {
  Played played(6s);
  played.accept(6s);
  const NodeId first = played.client.server();
  const std::int64_t xid = played.client.submit(played.now, get(path(Path::Kind::kFeature)), played.fx);
  while (played.client.is_connected()) played.fire();
  CHECK(played.now == Time(4s));
  REQUIRE(played.fx.closed.size() == 1);
  CHECK(played.fx.closed.front().first == first);
  CHECK(played.events<ClientDisconnected>() == 1);
  REQUIRE(played.events<ClientLost>() == 1);
  CHECK(std::get<ClientLost>(played.fx.events.back()).xid == xid);
  CHECK(played.client.wake_at() <= played.now + 1s);
  played.fire();
  CHECK(played.client.server() != first);
  CHECK(played.sent<ConnectRequest>().back().session == SessionId(77));  // the same session
}

TEST_CASE("a connect is given up after the timeout divided by the hosts; a full round costs a second more") {
  Played played(6s);
  std::vector<NodeId> tried;
  Duration longest{};
  for (int i = 0; i < 4; ++i) {
    tried.push_back(played.client.server());
    const Time begun = played.now;
    played.fire();
    CHECK(played.now - begun == 2s);
    longest = std::max(longest, played.client.wake_at() - played.now);
    if (i == 2) {
      CHECK(played.client.wake_at() - played.now >= 1s);
    } else {
      CHECK(played.client.wake_at() - played.now < 1s);
    }
    played.fire();
  }
  CHECK(std::set<NodeId>(tried.begin(), tried.end()).size() == 3);
  CHECK(tried[3] == tried[0]);
  CHECK(longest < 2s);
}

TEST_CASE("only a server's word ends a session") {
  Played played(6s);
  played.accept(6s);
  played.client.receive(played.now, SocketClosed{played.client.socket()}, played.fx);
  played.now += 1h;
  played.client.timer(played.now, played.fx);
  CHECK(played.events<ClientExpired>() == 0);
  played.accept(0s);
  CHECK(played.events<ClientExpired>() == 1);
  CHECK(played.client.wake_at() == kraft::kNever);
}

TEST_CASE("packets of an earlier socket mean nothing") {
  Played played(6s);
  played.accept(6s);
  const std::int64_t old = played.client.socket();
  played.client.receive(played.now, SocketClosed{old}, played.fx);
  played.fire();
  CHECK(played.client.socket() != old);
  played.client.receive(played.now, ConnectResponse{old, SessionId(77), 6s}, played.fx);
  CHECK(!played.client.is_connected());
}

TEST_CASE("watches are one-shot, and those not fired are set again after a reconnect") {
  Played played(6s);
  played.accept(6s);
  const Path controller = path(Path::Kind::kController);
  const Path brokers = path(Path::Kind::kBrokerIds);
  const auto a = played.client.submit(played.now, exists(controller, true), played.fx);
  const auto b = played.client.submit(played.now, children(brokers, true), played.fx);
  played.reply(a, Zxid(5), {.error = Error::kNoNode});
  played.reply(b, Zxid(6));
  const WatchEvent event{played.client.socket(), {WatchKind::kChildren, brokers}};
  played.client.receive(played.now, event, played.fx);
  played.client.receive(played.now, event, played.fx);
  CHECK(played.events<ClientWatched>() == 1);

  played.client.receive(played.now, SocketClosed{played.client.socket()}, played.fx);
  played.fire();
  played.accept(6s);
  const auto again = played.sent<SetWatches>();
  REQUIRE(again.size() == 1);
  CHECK(again.front().since == Zxid(6));
  REQUIRE(again.front().watches.size() == 1);
  CHECK(again.front().watches.front().watch == Watch{WatchKind::kNode, controller});
  CHECK(!again.front().watches.front().existed);
}

TEST_CASE("a group keeps so many requests in flight, and what was lost is sent again") {
  Played played(6s);
  played.accept(6s);
  Requests requests(10);
  std::vector<Request> reads;
  for (std::int32_t p = 0; p < 25; ++p) reads.push_back(get(state_path({TopicNumber(1), p})));
  const auto group = requests.add(reads);
  requests.pump(played.now, played.client, played.fx);
  CHECK(played.sent<ClientRequest>().size() == 10);

  const auto xids = played.sent<ClientRequest>();
  CHECK(!requests.replied(xids[0].xid, {}));
  requests.pump(played.now, played.client, played.fx);
  CHECK(played.sent<ClientRequest>().size() == 11);

  for (std::size_t i = 1; i < 11; ++i) requests.lost(played.sent<ClientRequest>()[i].xid);
  CHECK(requests.in_flight() == 0);
  std::size_t done = 1;
  std::size_t next = 11;
  for (;;) {
    requests.pump(played.now, played.client, played.fx);
    const auto sent = played.sent<ClientRequest>();
    REQUIRE(next < sent.size());
    const auto version = std::get<Read>(sent[next].request).path.second;
    const auto finished = requests.replied(sent[next].xid, {.version = version});
    ++next;
    ++done;
    if (!finished) continue;
    CHECK(finished->group == group);
    REQUIRE(finished->results.size() == 25);
    for (std::int32_t p = 1; p < 25; ++p) CHECK(finished->results[static_cast<std::size_t>(p)].version == p);
    break;
  }
  CHECK(done == 25);
}
