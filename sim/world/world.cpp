// The World's clock, event loop and processes: who is told what, and when its turn comes. Connections are in
// connections.cpp, text in describe.cpp.
#include "sim/world/world.hpp"

#include <algorithm>

#include "core/base/check.hpp"
#include "core/base/overloaded.hpp"

namespace kraftsim::world {

using kraft::kNever;
using kraft::overloaded;

World::World(const WorldOptions& options)
    : seed_(options.seed), network_(options.seed, options.link, options.connection) {
  if (options.shuffle_ties) queue_.shuffle_ties(kraft::Rng::stream(options.seed, -1, "engine.ties"));
  if (options.trace) trace_.enable();
}

// ---- building -------------------------------------------------------------------------------------------------------

void World::add_node(NodeId node, const DiskProfile& disk) {
  ENSURE_GE(node.value(), 0);
  const auto index = static_cast<std::size_t>(node.value());
  if (index >= processes_.size()) processes_.resize(index + 1);
  ENSURE(!processes_[index].has_value(), "a node is added once");
  processes_[index].emplace(node, Disk(seed_, node.value(), disk));
}

void World::set_link(NodeId from, NodeId to, const LinkProfile& link) { network_.set_link(from, to, link); }

Process& World::at(NodeId node) {
  const auto index = static_cast<std::size_t>(node.value());
  ENSURE(index < processes_.size() && processes_[index].has_value(), "no such node");
  return *processes_[index];
}

const Process& World::at(NodeId node) const {
  const auto index = static_cast<std::size_t>(node.value());
  ENSURE(index < processes_.size() && processes_[index].has_value(), "no such node");
  return *processes_[index];
}

Process& World::running(NodeId node) {
  Process& process = at(node);
  ENSURE(process.state != ProcessState::kDown, "a process that is down does nothing");
  return process;
}

// ---- time and the event loop ----------------------------------------------------------------------------------------

const Happening* World::advance(Time until) {
  if (told_) {
    // Only now is it known how long the process is busy with what it was told.
    arm_cpu(at(*told_));
    told_.reset();
  }
  while (const auto next = queue_.next_time()) {
    if (*next > until) break;
    if (process_next()) return &happening_;
  }
  current_ = 0;
  if (until != kNever) now_ = std::max(now_, until);
  return nullptr;
}

bool World::process_next() {
  auto event = queue_.pop();
  now_ = event.at;
  current_ = event.id;
  cause_ = event.cause;
  ++events_;
  add_to_digest(event.body);
  const auto process = [this](auto& body) { return handle(body); };
  if (!trace_.enabled()) return std::visit(process, event.body);

  engine::TraceEntry entry = describe(event.body);
  remark_ = nullptr;
  const bool told = std::visit(process, event.body);
  entry.at = now_;
  entry.event = current_;
  entry.cause = cause_;
  if (remark_ != nullptr) entry.text += std::string(" [") + remark_ + "]";
  trace_.add(std::move(entry));
  return told;
}

engine::Handle World::push(Time time, Event&& event) { return queue_.schedule(time, current_, std::move(event)); }

Time World::now() const { return now_; }
Time World::local_now(NodeId node) const { return at(node).clock.read(now_); }
EventId World::current_event() const { return current_; }

engine::Handle World::schedule(Time time, std::uint32_t kind, std::uint64_t value) {
  ENSURE_GE(time, now_);
  return push(time, HostDue{kind, value});
}

bool World::cancel(engine::Handle& handle) { return queue_.cancel(handle); }

bool World::handle(Nothing&) { return false; }

bool World::handle(HostDue& due) {
  happening_ = Happening{now_, current_, Due{due.kind, due.value}};
  return true;
}

// ---- a process's turns ----------------------------------------------------------------------------------------------

bool World::offer(Process& process, Waiting item) {
  if (process.state == ProcessState::kDown) return false;
  if (process.is_idle(now_)) return tell(process, std::move(item));
  remark("waits");
  process.inbox.push(std::move(item));
  arm_cpu(process);
  return false;
}

bool World::tell(Process& process, Waiting item) {
  if (item.connection.generation != 0 && std::holds_alternative<ConnectionLost>(item.what)) {
    network_[item.connection.index].state = Connection::Client::kClosed;
  }
  cause_ = item.event == current_ ? cause_ : item.event;
  told_ = process.node;
  happening_ = Happening{now_, current_, std::move(item.what)};
  return true;
}

bool World::take_turn(Process& process) {
  if (process.write == Process::Write::kDone) {
    process.write = Process::Write::kNone;
    return tell(process, {.event = process.write_event, .what = WriteDone{process.node}});
  }
  while (!process.inbox.empty()) {
    Waiting item = process.inbox.pop();
    const bool old_timer = std::holds_alternative<TimerFired>(item.what) && item.timer != process.timer;
    const bool abandoned =
        item.connection.generation != 0 && item.connection.generation <= network_[item.connection.index].abandoned;
    if (!old_timer && !abandoned) return tell(process, std::move(item));
  }
  return false;
}

void World::arm_cpu(Process& process) {
  if (process.state != ProcessState::kUp || process.cpu_free_armed || !process.has_work()) return;
  process.cpu_free_armed = true;
  push(std::max(now_, process.busy_until), CpuFree{process.node, process.boot()});
}

bool World::handle(CpuFree& due) {
  Process& process = at(due.node);
  if (process.boot() != due.boot) return false;
  process.cpu_free_armed = false;
  if (process.can_act(now_) && process.has_work()) return take_turn(process);
  arm_cpu(process);
  return false;
}

void World::occupy(NodeId node, Duration cpu) {
  ENSURE_GE(cpu, Duration::zero());
  Process& process = running(node);
  process.busy_until = process.ready_at(now_) + cpu * process.cpu_percent / 100;
}

// ---- timers ---------------------------------------------------------------------------------------------------------

void World::set_timer(NodeId node, Time time) {
  Process& process = running(node);
  ++process.timer;
  process.timer_at = time;
  process.timer_set_by = current_;
  if (time == kNever || process.timer_entry_at <= process.clock.reads_at(time, now_)) return;
  queue_.cancel(process.timer_entry);
  arm_timer(process);
}

void World::arm_timer(Process& process) {
  process.timer_entry_at = std::max(process.clock.reads_at(process.timer_at, now_), now_);
  process.timer_entry = push(process.timer_entry_at, TimerDue{process.node});
}

bool World::handle(TimerDue& due) {
  Process& process = at(due.node);
  process.timer_entry = {};
  process.timer_entry_at = kNever;
  if (process.timer_at > process.clock.read(now_)) {
    remark("not yet");
    if (process.timer_at != kNever) arm_timer(process);
    return false;
  }
  process.timer_at = kNever;
  cause_ = process.timer_set_by;
  return offer(process, {.event = current_, .what = TimerFired{process.node}, .timer = process.timer});
}

// ---- the disk -------------------------------------------------------------------------------------------------------

void World::write(NodeId node, std::int64_t bytes, bool sync) {
  Process& process = running(node);
  ENSURE(process.write == Process::Write::kNone, "a process that is blocked on a write does nothing else");
  process.write = Process::Write::kInFlight;
  process.write_synced = sync;
  const Time done = process.ready_at(now_) + process.disk.write(bytes, sync);
  push(done, WriteCompleted{node, process.boot()});
}

bool World::handle(WriteCompleted& completed) {
  Process& process = at(completed.node);
  if (process.boot() != completed.boot) return false;
  if (process.disk.stalled_until() > now_) {
    remark("stalls");
    push(process.disk.stalled_until(), completed);
    return false;
  }
  if (process.disk.fails_write(process.write_synced)) {
    remark("the disk refuses");
    die_of_disk(completed.node);
    return false;
  }
  process.write = Process::Write::kDone;
  process.write_event = current_;
  if (process.can_act(now_)) return take_turn(process);
  remark("waits");
  arm_cpu(process);
  return false;
}

void World::slow_cpu(NodeId node, std::int32_t percent) {
  ENSURE_GE(percent, 1);
  at(node).cpu_percent = percent;
}

void World::slow_disk(NodeId node, const DiskProfile& extra) { at(node).disk.slow_by(extra); }
void World::stall_disk(NodeId node, Duration length) { at(node).disk.stall(now_ + length); }
void World::fail_disk(NodeId node, DiskError error) { at(node).disk.fail(error); }
bool World::refuses_write(NodeId node) const { return at(node).disk.fails_write(false); }
bool World::lacks_disk(NodeId node) const { return at(node).lacks_disk; }

// ---- start, crash, stop, pause --------------------------------------------------------------------------------------

ProcessState World::process(NodeId node) const { return at(node).state; }

void World::start(NodeId node) {
  Process& process = at(node);
  if (process.state != ProcessState::kDown || process.start_wanted) return;
  process.machine_up = true;
  process.start_wanted = true;
  if (!process.crash_untold) push(now_, StartDue{node});
}

bool World::handle(StartDue& due) {
  Process& process = at(due.node);
  if (!process.start_wanted) return false;
  process.start_wanted = false;
  process.lacks_disk = process.disk.fails_read();
  if (process.lacks_disk) {
    remark("cannot read its disk");
    return false;
  }
  process.state = ProcessState::kUp;
  process.clock.forget_readings(now_);
  return tell(process, {.event = current_, .what = Started{due.node}});
}

void World::crash(NodeId node, bool machine) {
  Process& process = at(node);
  if (machine) process.machine_up = false;
  process.start_wanted = false;
  if (process.state == ProcessState::kDown) return;
  process.crash_untold = true;
  push(now_, CrashDue{node});
  process.end(now_);
  network_.clear_wires(node, now_);
  close_connections(node, machine, now_);
}

void World::die_of_disk(NodeId node) {
  crash(node);
  at(node).lacks_disk = true;
}

bool World::handle(CrashDue& due) {
  Process& process = at(due.node);
  process.crash_untold = false;
  if (process.start_wanted) push(now_, StartDue{due.node});
  return tell(process, {.event = current_, .what = Crashed{due.node}});
}

void World::stop(NodeId node) {
  Process& process = at(node);
  process.start_wanted = false;
  if (process.state == ProcessState::kDown) return;
  const Time closed = process.ready_at(now_);
  process.end(kNever);
  close_connections(node, false, closed);
}

void World::pause(NodeId node, Duration length) {
  Process& process = at(node);
  if (process.state == ProcessState::kDown) return;
  process.pause_until(now_, now_ + length);
  push(now_ + length, PauseEnd{node});
}

bool World::handle(PauseEnd& end) {
  Process& process = at(end.node);
  if (process.state != ProcessState::kPaused || process.paused_until > now_) return false;
  process.state = ProcessState::kUp;
  if (process.can_act(now_) && process.has_work()) return take_turn(process);
  arm_cpu(process);
  return false;
}

// ---- clocks ---------------------------------------------------------------------------------------------------------

void World::jump_clock(NodeId node, Duration by) {
  Process& process = at(node);
  process.clock.jump(now_, by);
  if (process.timer_at == kNever) return;
  queue_.cancel(process.timer_entry);
  arm_timer(process);
}

void World::drift_clock(NodeId node, std::int32_t ppm) {
  at(node).own_drift_ppm = ppm;
  disturb_clock(node, std::nullopt);
}

void World::disturb_clock(NodeId node, std::optional<std::int32_t> ppm) {
  Process& process = at(node);
  process.clock.drift(now_, ppm.value_or(process.own_drift_ppm));
  if (process.timer_at == kNever) return;
  queue_.cancel(process.timer_entry);
  arm_timer(process);
}

std::size_t World::boot(NodeId node) const { return at(node).ends.size(); }

// ---- the network's faults -------------------------------------------------------------------------------------------

void World::cut(NodeId from, NodeId to) { network_.cut(from, to); }
void World::heal(NodeId from, NodeId to) { network_.heal(from, to); }
bool World::is_cut(NodeId from, NodeId to) const { return network_.is_cut(from, to); }
bool World::is_whole(NodeId from, NodeId to) const { return network_.is_whole(from, to); }
DamageId World::damage_link(NodeId from, NodeId to, const LinkDamage& damage) {
  return network_.damage(from, to, damage);
}
void World::mend_link(NodeId from, NodeId to, DamageId damage) { network_.mend(from, to, damage); }

// ---- the end of faults ----------------------------------------------------------------------------------------------

bool World::is_slowed(NodeId node) const {
  const Process& process = at(node);
  return process.cpu_percent != 100 || process.disk.is_slowed() || process.disk.stalled_until() > now_;
}

void World::mend(NodeId node) {
  Process& process = at(node);
  process.cpu_percent = 100;
  process.disk.mend();
  if (process.clock.drift_ppm() != 0) drift_clock(node, 0);
  if (process.state != ProcessState::kPaused) return;
  process.resume(now_);
  push(now_, PauseEnd{node});
}

void World::mend(NodeId from, NodeId to) { network_.mend(from, to); }

// ---- what the run was -----------------------------------------------------------------------------------------------

std::uint64_t World::events() const { return events_; }
void World::note_digest(std::uint64_t value) { digest_.add(value); }
engine::Trace& World::trace() { return trace_; }
const engine::Trace& World::trace() const { return trace_; }

std::uint64_t World::digest() const {
  kraft::Digest whole = digest_;
  network_.add_streams_to(whole);
  for (const auto& process : processes_) {
    if (process) process->disk.add_streams_to(whole);
  }
  return whole.value();
}

void World::note(NodeId node, std::string text) {
  if (!trace_.enabled()) return;
  trace_.add({.at = now_,
              .event = current_,
              .cause = current_,
              .node = node,
              .kind = engine::TraceEntry::Kind::kNote,
              .text = std::move(text)});
}

void World::add_to_digest(const Event& event) {
  // Values only, two words and the time: the kind with a node, and what else tells it from its like.
  const auto add = [this, kind = event.index()](NodeId node, std::uint64_t rest) {
    digest_.add(kraft::nanos(now_));
    digest_.add((std::uint64_t{kind} << 32U) | static_cast<std::uint32_t>(node.value()));
    digest_.add(rest);
  };
  const auto peer = [this](ConnectionRef ref, NodeId node) {
    const Connection& connection = network_[ref.index];
    const NodeId other = connection.client == node ? connection.server : connection.client;
    return (std::uint64_t{ref.generation} << 32U) | static_cast<std::uint32_t>(other.value());
  };
  const auto at_client = [&](ConnectionRef ref) {
    const NodeId client = network_[ref.index].client;
    add(client, peer(ref, client));
  };
  const auto at_receiver = [&](ConnectionRef ref, Direction direction) {
    const NodeId receiver = network_[ref.index].receiver(direction);
    add(receiver, peer(ref, receiver));
  };
  std::visit(overloaded{
                 [&](const Nothing&) { add(NodeId{-1}, 0); },
                 [&](const Deliver& m) {
                   at_receiver(m.connection, m.direction);
                   digest_.add(m.payload->fingerprint());
                 },
                 [&](const Handshake& e) { at_client(e.connection); },
                 [&](const ConnectDone& e) { at_client(e.connection); },
                 [&](const ConnectTimedOut& e) { at_client(e.connection); },
                 [&](const Reset& e) { at_receiver(e.connection, e.direction); },
                 [&](const Retransmit& e) { at_receiver(e.connection, e.direction); },
                 [&](const CpuFree& e) { add(e.node, e.boot); },
                 [&](const TimerDue& e) { add(e.node, 0); },
                 [&](const WriteCompleted& e) { add(e.node, e.boot); },
                 [&](const PauseEnd& e) { add(e.node, 0); },
                 [&](const CrashDue& e) { add(e.node, 0); },
                 [&](const StartDue& e) { add(e.node, 0); },
                 [&](const HostDue& e) {
                   add(NodeId{-1}, e.kind);
                   digest_.add(e.value);
                 },
             },
             event);
}

}  // namespace kraftsim::world
