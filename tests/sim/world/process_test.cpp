// A process: its turns, its CPU, its disk, its timer, pauses, crashes and restarts.
#include "tests/sim/world/lab.hpp"

using namespace kraftsim::world;
using kraft::kNever;

// ---- turns and CPU --------------------------------------------------------------------------------------------------

TEST_CASE("an idle process deals with a message in the event of its arrival") {
  Lab lab(2);
  lab.connect({{0, 1}});
  const auto events = lab.world.events();
  lab.world.request(n(0), n(1), text("a"));
  CHECK(lab.run(20ms) == Log{"11ms 1<-0 a"});
  CHECK(lab.world.events() == events + 1);
}

TEST_CASE("a busy process takes what came meanwhile one at a time, in order") {
  Lab lab(4);
  lab.connect({{1, 0}, {2, 0}, {3, 0}});
  for (int client = 1; client <= 3; ++client) lab.world.request(n(client), n(0), text("x"));
  const auto react = [&](const What& what) {
    if (std::holds_alternative<Arrived>(what)) lab.world.occupy(n(0), 2ms);
  };
  CHECK(lab.run(30ms, react) == Log{"11ms 0<-1 x", "13ms 0<-2 x", "15ms 0<-3 x"});
}

TEST_CASE("occupy adds up, and what the process sends leaves when that is spent") {
  Lab lab(2);
  lab.connect({{0, 1}});
  lab.world.occupy(n(0), 2ms);
  lab.world.request(n(0), n(1), text("early"));
  lab.world.occupy(n(0), 3ms);
  lab.world.request(n(0), n(1), text("late"));
  CHECK(lab.run(30ms) == Log{"13ms 1<-0 early", "16ms 1<-0 late"});
}

// ---- the disk -------------------------------------------------------------------------------------------------------

TEST_CASE("a write begins when the CPU is done and blocks the process; its completion comes before the inbox") {
  Lab lab(2);
  lab.connect({{1, 0}});
  lab.world.occupy(n(0), 2ms);
  lab.world.write(n(0), 1000, /*sync=*/true);
  lab.world.request(n(1), n(0), text("a"));
  lab.world.request(n(1), n(0), text("b"));
  lab.world.set_timer(n(0), at(12ms));
  CHECK(lab.run(30ms) == Log{"17ms 0 written", "17ms 0<-1 a", "17ms 0<-1 b", "17ms 0 timer"});
}

TEST_CASE("what is asked of the CPU after a write has begun comes before its completion is dealt with") {
  Lab lab(1);
  lab.world.write(n(0), 0, true);
  lab.world.occupy(n(0), 8ms);
  CHECK(lab.run(30ms) == Log{"8ms 0 written"});
}

TEST_CASE("how long a write takes: the write, its bytes, and the fsync only if asked for") {
  World world(plain_options());
  world.add_node(n(0), {.write = Quantiles(1ms), .fsync = Quantiles(5ms), .bandwidth_bytes_per_s = 1'000'000});
  world.start(n(0));
  CHECK(world.advance(at(0ms)) != nullptr);
  world.write(n(0), 2000, false);
  CHECK(world.advance(at(1s))->at == at(3ms));
  world.write(n(0), 2000, true);
  CHECK(world.advance(at(1s))->at == at(11ms));
  world.slow_disk(n(0), {.write = Quantiles(10ms), .fsync = Quantiles(20ms), .bandwidth_bytes_per_s = 0});
  world.write(n(0), 2000, true);
  CHECK(world.advance(at(1s))->at == at(49ms));
  world.slow_disk(n(0), {.write = {}, .fsync = {}, .bandwidth_bytes_per_s = 0});
  world.write(n(0), 2000, true);
  CHECK(world.advance(at(1s))->at == at(57ms));
}

// ---- timers ---------------------------------------------------------------------------------------------------------

TEST_CASE("a timer fires once, at its time; setting replaces, kNever clears, a time in the past is now") {
  Lab lab(1);
  lab.world.set_timer(n(0), at(5ms));
  CHECK(lab.run(10ms) == Log{"5ms 0 timer"});
  lab.world.set_timer(n(0), at(20ms));
  lab.world.set_timer(n(0), at(15ms));
  CHECK(lab.run(30ms) == Log{"5ms 0 timer", "15ms 0 timer"});
  lab.world.set_timer(n(0), at(40ms));
  lab.world.set_timer(n(0), kNever);
  lab.run(50ms);
  lab.world.set_timer(n(0), at(1ms));
  CHECK(lab.run(60ms) == Log{"5ms 0 timer", "15ms 0 timer", "50ms 0 timer"});
}

TEST_CASE("a timer that is pushed back again and again costs one event for each time it surfaces") {
  Lab lab(1);
  const auto events = lab.world.events();
  for (int i = 0; i < 1000; ++i) lab.world.set_timer(n(0), at(10ms + i * 1us));
  CHECK(lab.run(20ms) == Log{"10.999ms 0 timer"});
  CHECK(lab.world.events() == events + 2);
}

TEST_CASE("a timer that is due while the process is busy waits its turn") {
  Lab lab(2);
  lab.connect({{1, 0}});
  lab.world.occupy(n(0), 5ms);
  lab.world.request(n(1), n(0), text("a"));
  lab.world.set_timer(n(0), at(12ms));
  CHECK(lab.run(30ms) == Log{"15ms 0<-1 a", "15ms 0 timer"});
}

TEST_CASE("a timer that waits its turn and is set anew meanwhile is told only at its new time") {
  Lab lab(2);
  lab.connect({{1, 0}});
  lab.world.occupy(n(0), 5ms);
  lab.world.request(n(1), n(0), text("a"));
  lab.world.set_timer(n(0), at(12ms));
  CHECK(lab.run(30ms, [&](const What& what) {
    if (std::holds_alternative<Arrived>(what)) lab.world.set_timer(n(0), at(25ms));
  }) == Log{"15ms 0<-1 a", "25ms 0 timer"});
}

// ---- pauses ---------------------------------------------------------------------------------------------------------

TEST_CASE("a paused process does nothing; afterwards its timer is late and its inbox in order") {
  Lab lab(2);
  lab.connect({{1, 0}});
  lab.world.set_timer(n(0), at(12ms));
  lab.world.pause(n(0), 20ms);
  CHECK(lab.world.process(n(0)) == ProcessState::kPaused);
  lab.world.request(n(1), n(0), text("a"));
  lab.world.request(n(1), n(0), text("b"));
  CHECK(lab.run(40ms) == Log{"30ms 0<-1 a", "30ms 0<-1 b", "30ms 0 timer"});
  CHECK(lab.world.process(n(0)) == ProcessState::kUp);
}

TEST_CASE("overlapping pauses end with the last") {
  Lab lab(1);
  lab.world.set_timer(n(0), at(1ms));
  lab.world.pause(n(0), 10ms);
  lab.run(5ms);
  lab.world.pause(n(0), 10ms);
  lab.world.pause(n(0), 2ms);
  CHECK(lab.run(40ms) == Log{"15ms 0 timer"});
}

TEST_CASE("what the CPU had left to do before the pause it does after it") {
  Lab lab(1);
  lab.world.occupy(n(0), 5ms);
  lab.world.set_timer(n(0), at(1ms));
  lab.run(2ms);
  lab.world.pause(n(0), 10ms);
  lab.run(4ms);
  lab.world.pause(n(0), 20ms);  // 12 ms longer than the first
  CHECK(lab.run(40ms) == Log{"27ms 0 timer"});
}

TEST_CASE("the disk goes on while the process is paused; the process hears of it afterwards, and first") {
  Lab lab(2);
  lab.connect({{1, 0}});
  lab.world.request(n(1), n(0), text("a"));
  lab.world.write(n(0), 0, true);
  lab.world.pause(n(0), 20ms);
  CHECK(lab.run(40ms) == Log{"30ms 0 written", "30ms 0<-1 a"});
}

// ---- crash, stop, start ---------------------------------------------------------------------------------------------

TEST_CASE("a crash loses the inbox, the timer, the write and everything that had not left yet") {
  Lab lab(3);
  lab.connect({{0, 1}, {2, 0}});
  lab.world.request(n(0), n(1), text("left"));
  lab.world.occupy(n(0), 5ms);
  lab.world.request(n(0), n(1), text("not left"));
  lab.world.request(n(2), n(0), text("waits"));
  lab.world.set_timer(n(0), at(12ms));
  lab.world.write(n(0), 0, true);
  lab.run(13ms);
  lab.world.crash(n(0));
  CHECK(lab.world.process(n(0)) == ProcessState::kDown);
  lab.world.start(n(0));
  lab.run(1s);  // the reset comes behind what the kernel thought it had sent
  CHECK(lab.log == Log{"11ms 1<-0 left", "13ms 0 crashed", "13ms 0 started", "14ms 2 lost server 0",
                       "16.000001ms 1 lost client 0"});
}

TEST_CASE("stopping loses nothing that was sent, and tells no crash") {
  Lab lab(2);
  lab.connect({{0, 1}});
  lab.world.occupy(n(0), 5ms);
  lab.world.request(n(0), n(1), text("farewell"));
  lab.world.stop(n(0));
  CHECK(lab.world.process(n(0)) == ProcessState::kDown);
  CHECK(lab.run(1s) == Log{"16ms 1<-0 farewell", "16.000001ms 1 lost client 0"});
}

TEST_CASE("crash, start, crash and start at one instant are told in that order, however ties are shuffled") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    WorldOptions options = plain_options();
    options.seed = seed;
    options.shuffle_ties = true;
    Lab lab(1, options);
    lab.world.crash(n(0));
    lab.world.start(n(0));
    CHECK(lab.world.process(n(0)) == ProcessState::kDown);  // until it is told
    CHECK(lab.run(1ms) == Log{"0s 0 crashed", "0s 0 started"});
    lab.world.crash(n(0));
    lab.world.start(n(0));
    lab.world.crash(n(0));  // before it came up
    CHECK(lab.run(2ms) == Log{"0s 0 crashed", "0s 0 started", "1ms 0 crashed"});
  }
}

TEST_CASE("starting what runs and crashing what is down change nothing") {
  Lab lab(1);
  lab.world.start(n(0));
  CHECK(lab.run(1ms) == Log{});
  lab.world.crash(n(0));
  lab.world.crash(n(0));
  lab.world.pause(n(0), 5ms);
  CHECK(lab.run(10ms) == Log{"1ms 0 crashed"});
  CHECK(lab.world.process(n(0)) == ProcessState::kDown);
}

TEST_CASE("a new process is not paused, busy or writing because the one before was") {
  Lab lab(1);
  lab.world.occupy(n(0), 50ms);
  lab.world.write(n(0), 0, true);
  lab.world.pause(n(0), 100ms);
  lab.world.crash(n(0));
  lab.world.start(n(0));
  CHECK(lab.run(1s, [&](const What& what) {
    if (std::holds_alternative<Started>(what)) lab.world.set_timer(n(0), at(3ms));
  }) == Log{"0s 0 crashed", "0s 0 started", "3ms 0 timer"});
}

TEST_CASE("the turn that the process before had still to take is none of the new one's") {
  Lab lab(2);
  lab.connect({{1, 0}});
  lab.world.occupy(n(0), 5ms);
  lab.world.request(n(1), n(0), text("lost"));
  lab.run(12ms);
  lab.world.crash(n(0));
  lab.world.start(n(0));
  const auto events = lab.world.events();
  lab.run(1s, [&](const What& what) {
    if (!std::holds_alternative<Started>(what)) return;
    lab.world.occupy(n(0), 8ms);
    lab.world.set_timer(n(0), at(14ms));
  });
  CHECK(lab.log == Log{"12ms 0 crashed", "12ms 0 started", "13ms 1 lost server 0", "20ms 0 timer"});
  CHECK(lab.world.events() == events + 6);  // the four told, the timer's arrival, and the old turn at 15 ms
}

// ---- the host's own events ------------------------------------------------------------------------------------------

TEST_CASE("a host's own event is told at its time unless it was cancelled") {
  Lab lab(0);
  lab.world.schedule(at(2ms), 1, 20);
  auto handle = lab.world.schedule(at(3ms), 1, 30);
  CHECK(lab.world.cancel(handle));
  CHECK_FALSE(lab.world.cancel(handle));
  CHECK(lab.run(10ms) == Log{"2ms due 1 20"});
}

TEST_CASE("the clock reads what advance was asked for, and the present event is 0 between runs") {
  Lab lab(1);
  lab.world.set_timer(n(0), at(5ms));
  CHECK(lab.world.advance(at(3ms)) == nullptr);
  CHECK(lab.world.now() == at(3ms));
  CHECK(lab.world.current_event() == 0);
  const Happening* happening = lab.world.advance(kNever);
  REQUIRE(happening != nullptr);
  CHECK(lab.world.current_event() == happening->event);
  CHECK(lab.world.now() == at(5ms));
  CHECK(lab.world.local_now(n(0)) == at(5ms));
  CHECK(lab.world.advance(kNever) == nullptr);
  CHECK(lab.world.now() == at(5ms));
}
