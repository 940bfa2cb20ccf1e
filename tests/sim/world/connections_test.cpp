// Connections: making, using and losing them, under cuts, loss, bandwidth, crashes and pauses.
#include "tests/sim/world/lab.hpp"

#include <algorithm>

using namespace kraftsim::world;

// ---- making ---------------------------------------------------------------------------------------------------------

TEST_CASE("the first request makes the connection; what is asked meanwhile goes after it, in order") {
  Lab lab(2);
  lab.world.request(n(0), n(1), text("a"));
  lab.world.request(n(0), n(1), text("b"));
  CHECK(lab.run(10ms) == Log{"3ms 1<-0 a", "3.000001ms 1<-0 b"});
}

TEST_CASE("negotiation is the client's wait after the handshake") {
  WorldOptions options = plain_options();
  options.connection.negotiation = Quantiles(20ms);
  Lab lab(2, options);
  lab.world.request(n(0), n(1), text("a"));
  CHECK(lab.run(50ms) == Log{"23ms 1<-0 a"});
  lab.world.request(n(0), n(1), text("b"));
  CHECK(lab.run(60ms) == Log{"23ms 1<-0 a", "51ms 1<-0 b"});
}

TEST_CASE("an answer goes over the asker's connection, and nowhere if there is none") {
  Lab lab(2);
  lab.world.respond(n(1), n(0), text("nobody asked"));
  lab.connect({{0, 1}});
  lab.world.respond(n(1), n(0), text("answer"));
  lab.world.respond(n(0), n(1), text("1 never connected to 0"));
  CHECK(lab.run(20ms) == Log{"11ms 0<-1 answer"});
}

TEST_CASE("a machine without the process refuses after the round trip") {
  Lab lab(2);
  lab.world.stop(n(1));
  lab.world.request(n(0), n(1), text("a"));
  lab.world.request(n(0), n(1), text("b"));
  CHECK(lab.run(20ms) == Log{"2ms 0 lost server 1"});
}

TEST_CASE("no machine, or a cut in either direction, and the attempt times out") {
  const auto attempt = [](auto fault) {
    Lab lab(2);
    fault(lab.world);
    lab.world.request(n(0), n(1), text("a"));
    Log log = lab.run(60s);
    return log;
  };
  const Log timed_out{"10s 0 lost server 1"};
  CHECK(attempt([](World& world) { world.cut(n(0), n(1)); }) == timed_out);
  CHECK(attempt([](World& world) { world.cut(n(1), n(0)); }) == timed_out);
  CHECK(attempt([](World& world) { world.crash(n(1), true); }) == Log{"0s 1 crashed", "10s 0 lost server 1"});
}

TEST_CASE("RFC 6298: an unanswered SYN is sent again after 1 s, 3 s, 7 s; the first one answered makes it") {
  Lab lab(2);
  lab.world.cut(n(0), n(1));
  lab.world.request(n(0), n(1), text("a"));
  lab.run(2s);
  lab.world.heal(n(0), n(1));
  CHECK(lab.run(60s) == Log{"3.003s 1<-0 a"});
}

TEST_CASE("a paused server's kernel accepts, but negotiation waits for the process") {
  WorldOptions options = plain_options();
  options.connection.negotiation = Quantiles(20ms);
  Lab lab(2, options);
  lab.world.pause(n(1), 100ms);
  lab.world.request(n(0), n(1), text("a"));
  CHECK(lab.run(1s) == Log{"121ms 1<-0 a"});

  Lab other(2, options);
  other.world.request(n(0), n(1), text("a"));
  other.run(10ms);  // in the middle of the negotiation
  other.world.pause(n(1), 100ms);
  CHECK(other.run(1s) == Log{"111ms 1<-0 a"});
}

TEST_CASE("a paused client sends what waited for the connection when it runs again") {
  Lab lab(2);
  lab.world.request(n(0), n(1), text("a"));
  lab.world.pause(n(0), 50ms);
  CHECK(lab.run(1s) == Log{"51ms 1<-0 a"});
}

TEST_CASE("the server dies during the negotiation: a reset if it left a kernel, else a time-out") {
  WorldOptions options = plain_options();
  options.connection.negotiation = Quantiles(20ms);
  for (const bool machine : {false, true}) {
    Lab lab(2, options);
    lab.world.request(n(0), n(1), text("a"));
    lab.run(10ms);
    lab.world.crash(n(1), machine);
    CHECK(lab.run(60s) ==
          Log{"10ms 1 crashed", machine ? "10.022s 0 lost server 1" : "11ms 0 lost server 1"});
  }
}

TEST_CASE("two channels to one peer are two connections: each is made, and answered on, by itself") {
  Lab lab(2);
  lab.connect({{0, 1}});
  lab.world.request(n(0), n(1), text("a"));
  lab.world.request(n(0), n(1), text("b"), 1);  // whose handshake comes first
  Log channels;
  CHECK(lab.run(30ms, [&](const What& what) {
    const auto* arrived = std::get_if<Arrived>(&what);
    if (arrived == nullptr) return;
    channels.push_back(lab.log.back() + " on " + std::to_string(arrived->channel));
    if (arrived->node == n(1)) lab.world.respond(n(1), n(0), text("answer"), arrived->channel);
  }) == Log{"11ms 1<-0 a", "12ms 0<-1 answer", "13ms 1<-0 b", "14ms 0<-1 answer"});
  CHECK(channels == Log{"11ms 1<-0 a on 0", "12ms 0<-1 answer on 0", "13ms 1<-0 b on 1", "14ms 0<-1 answer on 1"});
  lab.log.clear();
  lab.world.disconnect(n(0), n(1));
  CHECK(lab.run(40ms) == Log{"31ms 1 lost client 0", "31ms 1 lost client 0"});
}

TEST_CASE("a client that lost its connection waits before it tries again, twice as long each time, up to a limit") {
  WorldOptions options = plain_options();
  options.connection.reconnect_backoff = 50ms;
  options.connection.reconnect_backoff_max = 200ms;
  Lab lab(2, options);
  lab.world.stop(n(1));
  Time last{};
  std::vector<Duration> waits;
  const auto react = [&](const What& what) {
    if (!std::holds_alternative<ConnectionLost>(what)) return;
    waits.push_back(lab.world.now() - last - 2ms);  // the handshake
    last = lab.world.now();
    lab.world.request(n(0), n(1), text("a"));
  };
  lab.world.request(n(0), n(1), text("a"));
  lab.run(1s, react);
  REQUIRE(waits.size() >= 6);
  const std::vector<Duration> nominal{0ms, 50ms, 100ms, 200ms, 200ms, 200ms};
  for (std::size_t i = 0; i < nominal.size(); ++i) {
    CHECK(waits[i] >= nominal[i] * 4 / 5);
    CHECK(waits[i] <= nominal[i] * 6 / 5);
  }
  // Once it stood, the next failure is the first again.
  lab.world.start(n(1));
  lab.run(2s, react);
  CHECK(lab.log.back().ends_with("1<-0 a"));
  waits.clear();
  last = lab.world.now() - 1ms;
  lab.world.crash(n(1));
  lab.run(2200ms, react);
  REQUIRE(waits.size() >= 2);
  CHECK(waits[1] <= 60ms);
}

// ---- loss, cuts, bandwidth ------------------------------------------------------------------------------------------

TEST_CASE("bandwidth: messages queue behind each other on the link") {
  Lab lab(2);
  lab.connect({{0, 1}});
  lab.world.set_link(n(0), n(1), {.latency = Quantiles(1ms), .bandwidth_bytes_per_s = 1'000'000});
  lab.world.request(n(0), n(1), text("a", 5000));
  lab.world.request(n(0), n(1), text("b", 5000));
  lab.world.request(n(0), n(1), text("c", 1000));
  CHECK(lab.run(100ms) == Log{"16ms 1<-0 a", "21ms 1<-0 b", "22ms 1<-0 c"});
}

TEST_CASE("a crash takes what it had queued on the wire with it") {
  Lab lab(2);
  lab.connect({{0, 1}});
  lab.world.set_link(n(0), n(1), {.latency = Quantiles(1ms), .bandwidth_bytes_per_s = 1'000});
  lab.world.pause(n(0), 1s);
  lab.world.request(n(0), n(1), text("an hour's worth", 3'600'000));
  lab.world.crash(n(0));
  lab.world.start(n(0));
  CHECK(lab.run(60s, [&](const What& what) {
    if (std::holds_alternative<Started>(what)) lab.world.request(n(0), n(1), text("a", 1'000));
  }).back() == "1.013s 1<-0 a");
}

TEST_CASE("order holds when a later message would be faster") {
  Lab lab(2);
  lab.connect({{0, 1}});
  lab.world.set_link(n(0), n(1), {.latency = Quantiles(5ms)});
  lab.world.request(n(0), n(1), text("slow"));
  lab.world.set_link(n(0), n(1), {.latency = Quantiles(1ms)});
  lab.world.request(n(0), n(1), text("fast"));
  CHECK(lab.run(100ms) == Log{"15ms 1<-0 slow", "15.000001ms 1<-0 fast"});
}

TEST_CASE("loss delays a message by the retransmission time-out, doubled each time, and all behind it") {
  Lab lab(2);
  lab.connect({{0, 1}});
  lab.world.set_link(n(0), n(1), {.latency = Quantiles(1ms), .loss_millionths = 300'000});
  std::vector<std::int64_t> delays;
  for (int i = 0; i < 1000; ++i) {
    const Time sent = lab.world.now();
    lab.world.request(n(0), n(1), text("a"));
    const Happening* arrived = lab.world.advance(kraft::kNever);
    delays.push_back((arrived->at - sent - 1ms) / 200ms);
  }
  const auto share = [&](std::int64_t timeouts) { return std::count(delays.begin(), delays.end(), timeouts); };
  // 0, 200 ms, 600 ms, 1,400 ms … with probabilities 0.7, 0.21, 0.063: five standard deviations either side.
  CHECK(std::abs(share(0) - 700) < 72);
  CHECK(std::abs(share(1) - 210) < 64);
  CHECK(std::abs(share(3) - 63) < 38);
  CHECK(share(2) == 0);

  lab.world.request(n(0), n(1), text("first"));
  for (int i = 0; i < 50; ++i) lab.world.request(n(0), n(1), text(std::to_string(i)));
  lab.world.advance(kraft::kNever);
  for (int i = 0; i < 50; ++i) {
    const Happening* next = lab.world.advance(kraft::kNever);
    CHECK(std::get<Arrived>(next->what).payload->text() == std::to_string(i));
  }
}

TEST_CASE("a cut in one direction stalls that direction only; after the heal all comes in order at the back-off") {
  Lab lab(2);
  lab.connect({{0, 1}});
  lab.world.cut(n(0), n(1));
  CHECK(lab.world.is_cut(n(0), n(1)));
  CHECK_FALSE(lab.world.is_cut(n(1), n(0)));
  lab.world.request(n(0), n(1), text("a"));
  lab.run(20ms);
  lab.world.request(n(0), n(1), text("b"));
  lab.world.respond(n(1), n(0), text("other way"));
  lab.run(1s);
  lab.world.heal(n(0), n(1));
  lab.run(1200ms);
  lab.world.request(n(0), n(1), text("c"));
  // Sent at 10 ms: tried again at 210 ms, 610 ms and 1410 ms.
  CHECK(lab.run(5s) == Log{"21ms 0<-1 other way", "1.411s 1<-0 a", "1.411000001s 1<-0 b", "1.411000002s 1<-0 c"});
  lab.world.request(n(0), n(1), text("d"));
  CHECK(lab.run(6s).back() == "5.001s 1<-0 d");
}

TEST_CASE("the back-off starts afresh after a success") {
  Lab lab(2);
  lab.connect({{0, 1}});
  for (const Duration start : {10ms, 5010ms}) {
    lab.run(start);
    lab.world.cut(n(0), n(1));
    lab.world.request(n(0), n(1), text("a"));
    lab.run(start + 50ms);
    lab.world.heal(n(0), n(1));
    CHECK(lab.run(start + 3s).back() == kraft::line(start + 201ms) + " 1<-0 a");
  }
}

TEST_CASE("what is in flight when the cut begins is lost too, and what follows does not overtake it") {
  Lab lab(2);
  lab.world.set_link(n(0), n(1), {.latency = Quantiles(300ms)});
  lab.world.request(n(0), n(1), text("hello"));
  lab.run(1s);
  lab.log.clear();
  lab.world.request(n(0), n(1), text("a"));
  lab.run(1200ms);
  lab.world.request(n(0), n(1), text("b"));  // in flight when a is lost
  lab.world.cut(n(0), n(1));
  lab.run(1350ms);
  lab.world.heal(n(0), n(1));
  CHECK(lab.run(10s) == Log{"1.800000001s 1<-0 a", "1.800000002s 1<-0 b"});
}

TEST_CASE("what is sent between the heal and the retransmission does not overtake what stalls") {
  Lab lab(2);
  lab.connect({{0, 1}});
  lab.world.cut(n(0), n(1));
  lab.world.request(n(0), n(1), text("a"));  // tried again at 210 ms
  lab.run(209500us);
  lab.world.heal(n(0), n(1));
  lab.world.request(n(0), n(1), text("b"));
  CHECK(lab.run(1s) == Log{"211ms 1<-0 a", "211.000001ms 1<-0 b"});
}

TEST_CASE("cuts count: each needs a heal of its own") {
  Lab lab(2);
  lab.world.cut(n(0), n(1));
  lab.world.cut(n(0), n(1));
  lab.world.heal(n(0), n(1));
  CHECK(lab.world.is_cut(n(0), n(1)));
  lab.world.heal(n(0), n(1));
  CHECK_FALSE(lab.world.is_cut(n(0), n(1)));
}

// ---- crashes --------------------------------------------------------------------------------------------------------

TEST_CASE("a process that crashes leaves a kernel that resets its connections, at either end") {
  Lab lab(3);
  lab.connect({{0, 1}, {2, 0}});
  lab.world.crash(n(0));
  CHECK(lab.run(1s) == Log{"10ms 0 crashed", "11ms 1 lost client 0", "11ms 2 lost server 0"});
}

TEST_CASE("a request that arrives after the crash is lost with the connection") {
  Lab lab(2);
  lab.connect({{0, 1}});
  lab.world.crash(n(1));
  lab.world.request(n(0), n(1), text("a"));
  CHECK(lab.run(1s) == Log{"10ms 1 crashed", "11ms 0 lost server 1"});
}

TEST_CASE("a machine that vanishes is silent; its peer learns of it from the restarted one, by sending") {
  Lab lab(2);
  lab.connect({{0, 1}});
  lab.world.crash(n(1), true);
  lab.run(1s);
  CHECK(lab.log == Log{"10ms 1 crashed"});
  lab.world.request(n(0), n(1), text("a"));  // tried again at 1.2 s, 1.6 s, 2.4 s
  lab.run(2s);
  lab.world.start(n(1));
  CHECK(lab.run(10s) == Log{"10ms 1 crashed", "2s 1 started", "2.402s 0 lost server 1"});
  lab.world.request(n(0), n(1), text("b"));
  CHECK(lab.run(20s).back() == "10.003s 1<-0 b");
}

TEST_CASE("the server's end of a vanished client stays open until the server sends") {
  Lab lab(2);
  lab.connect({{0, 1}});
  lab.world.crash(n(0), true);
  lab.world.start(n(0));
  lab.run(100ms);
  CHECK(lab.log == Log{"10ms 0 crashed", "10ms 0 started"});
  lab.world.respond(n(1), n(0), text("answer"));
  CHECK(lab.run(1s).back() == "102ms 1 lost client 0");
  lab.world.respond(n(1), n(0), text("answer"));
  CHECK(lab.run(2s).back() == "102ms 1 lost client 0");
}

TEST_CASE("a reset that a cut swallows leaves the peer's end open until it sends after the heal") {
  Lab lab(2);
  lab.connect({{0, 1}});
  lab.world.cut(n(1), n(0));
  lab.world.crash(n(1));
  lab.world.start(n(1));
  lab.run(100ms);
  lab.world.request(n(0), n(1), text("a"));  // the refusal cannot come back: tried again at 300 ms
  lab.run(200ms);
  lab.world.heal(n(1), n(0));
  CHECK(lab.run(1s) == Log{"10ms 1 crashed", "10ms 1 started", "302ms 0 lost server 1"});
}

TEST_CASE("a message is not delivered to the process that came after the one it was sent to") {
  Lab lab(2);
  lab.connect({{0, 1}});
  lab.world.request(n(0), n(1), text("a"));
  lab.world.crash(n(1));
  lab.world.start(n(1));
  CHECK(lab.run(1s) == Log{"10ms 1 crashed", "10ms 1 started", "11ms 0 lost server 1"});
}

TEST_CASE("what is asked between the break and the process's hearing of it is lost") {
  Lab lab(2);
  lab.connect({{0, 1}});
  lab.world.occupy(n(0), 5ms);
  lab.world.crash(n(1));
  lab.world.start(n(1));
  lab.run(12ms);
  lab.world.request(n(0), n(1), text("into a dead socket"));
  CHECK(lab.run(1s, [&](const What& what) {
    if (std::holds_alternative<ConnectionLost>(what)) lab.world.request(n(0), n(1), text("anew"));
  }) == Log{"10ms 1 crashed", "10ms 1 started", "15ms 0 lost server 1", "18ms 1<-0 anew"});
}

// ---- the client closes ----------------------------------------------------------------------------------------------

TEST_CASE("disconnect: what was asked still arrives, no answer comes back, the server is told") {
  Lab lab(2);
  lab.connect({{0, 1}});
  lab.world.request(n(0), n(1), text("asked"));
  lab.world.disconnect(n(0), n(1));
  lab.world.disconnect(n(0), n(1));
  CHECK(lab.run(1s, [&](const What& what) {
    if (std::holds_alternative<Arrived>(what)) lab.world.respond(n(1), n(0), text("answer"));
  }) == Log{"11ms 1<-0 asked", "11.000001ms 1 lost client 0"});
}

TEST_CASE("disconnect: an answer that waits in the inbox is dropped, one on the next connection is not") {
  Lab lab(2);
  lab.connect({{0, 1}});
  lab.world.respond(n(1), n(0), text("old"));
  lab.world.occupy(n(0), 10ms);
  lab.run(15ms);
  lab.world.disconnect(n(0), n(1));
  lab.world.request(n(0), n(1), text("again"));
  CHECK(lab.run(1s, [&](const What& what) {
    const auto* arrived = std::get_if<Arrived>(&what);
    if (arrived != nullptr && arrived->node == n(1)) lab.world.respond(n(1), n(0), text("new"));
  }) == Log{"21ms 1 lost client 0", "23ms 1<-0 again", "24ms 0<-1 new"});
}

TEST_CASE("disconnect while connecting: the attempt and its requests are forgotten") {
  Lab lab(2);
  lab.world.request(n(0), n(1), text("a"));
  lab.world.disconnect(n(0), n(1));
  lab.run(1ms);
  lab.world.request(n(0), n(1), text("b"));
  CHECK(lab.run(1s) == Log{"4ms 1<-0 b"});
}

TEST_CASE("a broken connection that waits in the inbox is not told once the client has closed it itself") {
  Lab lab(2);
  lab.connect({{0, 1}});
  lab.world.occupy(n(0), 10ms);
  lab.world.crash(n(1));
  lab.world.start(n(1));
  lab.run(15ms);
  lab.world.disconnect(n(0), n(1));
  lab.world.request(n(0), n(1), text("anew"));
  CHECK(lab.run(1s) == Log{"10ms 1 crashed", "10ms 1 started", "23ms 1<-0 anew"});
}

// ---- streams and trace ----------------------------------------------------------------------------------------------

TEST_CASE("more traffic on one link moves no other link's latencies") {
  WorldOptions options = plain_options();
  options.link = {.latency = Quantiles::uniform(1ms, 9ms), .loss_millionths = 100'000};
  const auto arrivals = [&](bool more) {
    Lab lab(3, options);
    Log between_0_and_1;
    lab.world.request(n(0), n(1), text("ping"));
    if (more) lab.world.request(n(2), n(1), text("noise"));
    lab.run(10s, [&](const What& what) {
      const auto* arrived = std::get_if<Arrived>(&what);
      if (arrived == nullptr) return;
      if (arrived->from == n(2)) {
        lab.world.request(n(2), n(1), text("noise"));
        return;
      }
      between_0_and_1.push_back(lab.log.back());
      if (arrived->node == n(1)) {
        lab.world.respond(n(1), n(0), text("pong"));
      } else {
        lab.world.request(n(0), n(1), text("ping"));
      }
    });
    return between_0_and_1;
  };
  const Log quiet = arrivals(false);
  CHECK(quiet.size() > 100);
  CHECK(arrivals(true) == quiet);
}

TEST_CASE("each processed event is traced with its cause; what waited names what brought it") {
  WorldOptions options = plain_options();
  options.trace = true;
  Lab lab(2, options);
  lab.connect({{0, 1}});
  const std::size_t entries = lab.world.trace().entries().size();
  const std::uint64_t events = lab.world.events();
  lab.world.occupy(n(1), 5ms);
  lab.world.request(n(0), n(1), text("Vote"));
  lab.world.request(n(0), n(1), text("Fetch"));
  lab.world.set_timer(n(1), at(20ms));
  lab.run(30ms, [&](const What& what) {
    if (!std::holds_alternative<Arrived>(what)) return;
    lab.world.note(n(1), "looks at it");
    lab.world.set_timer(n(1), at(25ms));
  });
  Log lines;
  for (std::size_t i = entries; i < lab.world.trace().entries().size(); ++i) {
    lines.push_back(kraftsim::engine::line(lab.world.trace().entries()[i]));
  }
  CHECK(lines == Log{"0.011000s #5<-0 n1 message 0->1 Vote [waits]", "0.011000001s #6<-0 n1 message 0->1 Fetch [waits]",
                     "0.015000s #8<-5 n1 process takes its next turn", "0.015000s #8<-8 n1 note looks at it",
                     "0.015000s #9<-6 n1 process takes its next turn", "0.015000s #9<-9 n1 note looks at it",
                     "0.020000s #7<-0 n1 timer due [not yet]", "0.025000s #10<-9 n1 timer due"});
  CHECK(lab.world.events() == events + 6);  // each has one line, and there are two notes
}

TEST_CASE("the digest covers the streams: what was drawn matters even before it shows") {
  const auto digest = [](std::uint64_t seed) {
    WorldOptions options = plain_options();
    options.seed = seed;
    World world(options);
    world.set_link(n(0), n(1), {});
    return world.digest();
  };
  CHECK(digest(1) == digest(1));
  CHECK(digest(1) != digest(2));
}

TEST_CASE("the digest covers what messages say, not only when they come") {
  const auto digest = [](const char* content) {
    Lab lab(2);
    lab.world.request(n(0), n(1), text(content));
    lab.run(10ms);
    return lab.world.digest();
  };
  CHECK(digest("a") == digest("a"));
  CHECK(digest("a") != digest("b"));
}

TEST_CASE("a run that is not traced is the same run") {
  const auto digest = [](bool trace) {
    WorldOptions options = plain_options();
    options.trace = trace;
    Lab lab(2, options);
    lab.connect({{0, 1}});
    lab.run(1s);
    return lab.world.digest();
  };
  CHECK(digest(true) == digest(false));
}
