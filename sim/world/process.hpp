// Process: one node's process and the machine under it: whether it runs, what waits in its inbox, until when its CPU
// is busy, what it is writing, which timer it has set.
//
// A process is one queue with one server. It takes the next thing when it is up, its CPU is idle and it is not blocked
// on a write; the completion of a write comes before anything in the inbox. The World moves it; it knows no event
// queue.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "sim/engine/queue.hpp"
#include "sim/world/clock.hpp"
#include "sim/world/disk.hpp"
#include "sim/world/event.hpp"
#include "sim/world/fifo.hpp"
#include "sim/world/happening.hpp"

namespace kraftsim::world {

enum class ProcessState : std::uint8_t { kDown, kUp, kPaused };

/// Something that waits for its turn.
struct Waiting {
  EventId event = 0;           // that brought it
  What what;
  ConnectionRef connection{};  // of the client: void once it has closed that one; generation 0: nobody's
  std::uint32_t timer = 0;     // for TimerFired: void once the timer was set anew
};

struct Process {
  enum class Write : std::uint8_t { kNone, kInFlight, kDone };

  NodeId node;
  Disk disk;
  Clock clock;
  std::int32_t own_drift_ppm = 0;  // of the clock when no fault disturbs it
  ProcessState state = ProcessState::kDown;
  bool machine_up = true;
  bool start_wanted = false;
  bool lacks_disk = false;  // down because its disk refused it
  bool crash_untold = false;  // a start waits until the host has been told
  bool cpu_free_armed = false;
  Write write = Write::kNone;
  bool write_synced = false;
  EventId write_event = 0;
  std::int32_t cpu_percent = 100;  // of the time that work takes by itself
  Time busy_until{};
  Time paused_until{};
  Fifo<Waiting> inbox;

  // The timer keeps one entry in the event queue. Setting it later leaves the entry, which is moved when it surfaces:
  // a timer that is pushed back with every message costs no queue operation.
  Time timer_at = kraft::kNever;        // by the node's own clock
  Time timer_entry_at = kraft::kNever;
  engine::Handle timer_entry;
  std::uint32_t timer = 0;  // counts settings
  EventId timer_set_by = 0;

  /// When each boot ended: nothing that was to depart later was ever sent. The last one is the present boot.
  std::vector<Time> ends{kraft::kNever};

  Process(NodeId id, const Disk& its_disk) : node(id), disk(its_disk) {}

  [[nodiscard]] std::uint32_t boot() const { return static_cast<std::uint32_t>(ends.size() - 1); }
  [[nodiscard]] bool departed(std::uint32_t of_boot, Time departs) const { return departs <= ends[of_boot]; }
  /// When what the process wants next can begin.
  [[nodiscard]] Time ready_at(Time now) const { return std::max({now, busy_until, paused_until}); }
  [[nodiscard]] bool can_act(Time now) const { return state == ProcessState::kUp && busy_until <= now; }
  /// Something could be dealt with, were the CPU free.
  [[nodiscard]] bool has_work() const {
    return write == Write::kDone || (write == Write::kNone && !inbox.empty());
  }
  /// Nothing is in the way of dealing with something new at once.
  [[nodiscard]] bool is_idle(Time now) const { return can_act(now) && write == Write::kNone && inbox.empty(); }

  /// The process is gone, and what it knew. `sent_until`: what departs later is never sent.
  void end(Time sent_until) {
    ends.back() = sent_until;
    ends.push_back(kraft::kNever);
    state = ProcessState::kDown;
    start_wanted = false;
    cpu_free_armed = false;
    write = Write::kNone;
    busy_until = Time{};
    paused_until = Time{};
    inbox.clear();
    timer_at = kraft::kNever;
    ++timer;
  }

  /// What the CPU had still to do, it does after the pause. What it was to send meanwhile leaves on time nevertheless:
  /// at most one happening's worth of messages, in flight as it were.
  void pause_until(Time now, Time until) {
    const Time from = state == ProcessState::kPaused ? paused_until : now;
    if (busy_until > now && until > from) busy_until += until - from;
    paused_until = std::max(paused_until, until);
    state = ProcessState::kPaused;
  }
  /// The pause is over sooner than it was to be; so is the work that it had put off.
  void resume(Time now) {
    if (busy_until > paused_until) busy_until = now + (busy_until - paused_until);
    paused_until = now;
  }
};

}  // namespace kraftsim::world
