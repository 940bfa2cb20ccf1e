// World: machines, their processes and disks, and the network between them, under one simulated clock. A value.
//
// How a host drives it:
//
//   while (const Happening* h = world.advance(until)) {
//     // let the node deal with it: step the protocol object, then tell the world what that took and what it wants
//     world.occupy(node, service_time);        // CPU; everything below starts when it is spent
//     world.request(node, peer, payload);      // or respond(...)
//     world.write(node, bytes, sync);          // the process blocks until WriteDone
//     world.set_timer(node, at);
//   }
//
// A process is one queue: it deals with one happening at a time; what comes meanwhile waits in its inbox, in order. A
// paused process (GC) deals with none, while its kernel still accepts connections and data. A crashed one loses its
// inbox, its connections are reset, and what it had not yet sent is never sent.
//
// One entry of the event queue per message, timer, disk completion, connection attempt, fault: an idle process deals
// with a message in the very event of its arrival. It must not know Raft, Kafka or ZooKeeper.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/digest.hpp"
#include "core/base/ids.hpp"
#include "core/base/time.hpp"
#include "sim/engine/queue.hpp"
#include "sim/engine/trace.hpp"
#include "sim/world/event.hpp"
#include "sim/world/happening.hpp"
#include "sim/world/network.hpp"
#include "sim/world/payload.hpp"
#include "sim/world/process.hpp"
#include "sim/world/profile.hpp"

namespace kraftsim::world {

struct WorldOptions {
  std::uint64_t seed = 0;
  bool shuffle_ties = false;
  bool trace = false;
  LinkProfile link;              // between any two nodes, unless set_link says otherwise
  ConnectionProfile connection;
};

class World {
 public:
  explicit World(const WorldOptions& options);

  // ---- building ----
  /// Node ids are small non-negative integers. A node starts down; `start` it.
  void add_node(NodeId node, const DiskProfile& disk);
  /// One direction.
  void set_link(NodeId from, NodeId to, const LinkProfile& link);

  // ---- time ----
  /// Processes events until one concerns a host, and returns it; nullptr once the next event is later than `until` (the
  /// clock then reads `until`) or there is none. The result is valid until the next call.
  const Happening* advance(Time until);
  [[nodiscard]] Time now() const;
  /// What the node's own clock reads.
  [[nodiscard]] Time local_now(NodeId node) const;
  /// Tells `Due{kind, value}` at `at`; the returned handle cancels it.
  engine::Handle schedule(Time at, std::uint32_t kind, std::uint64_t value);
  bool cancel(engine::Handle& handle);

  // ---- what a process does (about the node whose happening was told last, or any that is up) ----
  /// Dealing with the present happening takes `cpu`. Adds up when called more than once.
  void occupy(NodeId node, Duration cpu);
  /// On the node's own connection to `to`, which is made first if there is none. Lost if the connection breaks.
  void request(NodeId from, NodeId to, PayloadRef payload, Channel channel = 0);
  /// On the connection that `to` made to the node: the one of that generation (`Arrived` tells it), or, if 0, the one
  /// that stands. Dropped if that is gone.
  void respond(NodeId from, NodeId to, PayloadRef payload, Channel channel = 0, std::uint32_t generation = 0);
  /// Closes the node's own connections to `peer`; nothing more comes out of them.
  void disconnect(NodeId node, NodeId peer);
  /// Starts when the CPU is done; the process deals with nothing else until `WriteDone`.
  void write(NodeId node, std::int64_t bytes, bool sync);
  /// `TimerFired` as soon as the node's clock reads `at`; replaces the one before; kNever: none.
  void set_timer(NodeId node, Time at);

  // ---- faults ----
  /// Starts a process that is down: `Started` is told now or as soon as it can be.
  void start(NodeId node);
  /// Kills the process: its kernel resets its connections. With `machine`, the whole machine is gone and resets
  /// nothing.
  void crash(NodeId node, bool machine = false);
  /// The process has ended of its own will (after a clean shutdown): as a crash, but nothing is lost. No `Crashed`.
  void stop(NodeId node);
  /// Freezes the process for `length`; overlapping pauses end with the last.
  void pause(NodeId node, Duration length);
  /// Cuts one direction of a link; cuts count, so that each needs a heal of its own.
  void cut(NodeId from, NodeId to);
  void heal(NodeId from, NodeId to);
  [[nodiscard]] bool is_cut(NodeId from, NodeId to) const;
  /// Neither cut nor damaged.
  [[nodiscard]] bool is_whole(NodeId from, NodeId to) const;
  /// Every later write, fsync of the node takes this much longer than it does by itself. An all-zero profile ends that.
  void slow_disk(NodeId node, const DiskProfile& extra);
  /// No write of the node is completed in the next `length`, one in flight included.
  void stall_disk(NodeId node, Duration length);
  /// From now on the disk refuses that; kNone ends it. Whoever is refused a write dies of it once the disk has
  /// answered; whoever is refused to read its disk does not start.
  void fail_disk(NodeId node, DiskError error);
  /// Whether a write that is not waited for is refused; one that is (`write`) is dealt with here.
  [[nodiscard]] bool refuses_write(NodeId node) const;
  /// Kills the process whose disk has refused it.
  void die_of_disk(NodeId node);
  /// Whether the node is down because its disk refused it, and waits for it to be put right.
  [[nodiscard]] bool lacks_disk(NodeId node) const;
  /// The node's clock is set forward, or back if `by` is negative.
  void jump_clock(NodeId node, Duration by);
  /// From now on the node's clock, by itself, gains so much; a negative number loses.
  void drift_clock(NodeId node, std::int32_t ppm);
  /// For the time being it gains so much instead; none: as by itself again.
  void disturb_clock(NodeId node, std::optional<std::int32_t> ppm);
  /// Damages one direction of a link until it is mended.
  [[nodiscard]] DamageId damage_link(NodeId from, NodeId to, const LinkDamage& damage);
  void mend_link(NodeId from, NodeId to, DamageId damage);
  /// From now on, whatever the node's processes do takes `percent` of its own time: 200 is half as fast, 100 as before.
  void slow_cpu(NodeId node, std::int32_t percent);
  [[nodiscard]] ProcessState process(NodeId node) const;
  /// Which of the node's processes it is that runs, or will run next, by number.
  [[nodiscard]] std::size_t boot(NodeId node) const;
  /// Something makes the node slower than it is by itself.
  [[nodiscard]] bool is_slowed(NodeId node) const;

  // ---- the end of faults, however many there were ----
  /// The node is as good as new: its pause ends, its disk and CPU are as fast as ever, its clock runs at the right
  /// pace. What is down stays down.
  void mend(NodeId node);
  /// One direction of a link, without its cuts and damages.
  void mend(NodeId from, NodeId to);

  // ---- what the run was ----
  /// Entries taken from the event queue so far.
  [[nodiscard]] std::uint64_t events() const;
  /// Over every processed event and every stream's state.
  [[nodiscard]] std::uint64_t digest() const;
  /// Hosts add what they did to the digest (roles, epochs): a difference shows at the event where it arose.
  void note_digest(std::uint64_t value);
  [[nodiscard]] engine::Trace& trace();
  [[nodiscard]] const engine::Trace& trace() const;
  /// Hangs a line under the present event, if tracing.
  void note(NodeId node, std::string text);
  /// The event being dealt with; 0 between two calls of `advance` the last of which returned nullptr.
  [[nodiscard]] EventId current_event() const;

 private:
  // ---- the event loop: true if something was told ----
  bool process_next();
  bool handle(Nothing&);
  bool handle(Deliver& message);
  bool handle(Handshake& attempt);
  bool handle(ConnectDone& done);
  bool handle(ConnectTimedOut& attempt);
  bool handle(Reset& reset);
  bool handle(Retransmit& due);
  bool handle(CpuFree& due);
  bool handle(TimerDue& due);
  bool handle(WriteCompleted& completed);
  bool handle(PauseEnd& end);
  bool handle(CrashDue& due);
  bool handle(StartDue& due);
  bool handle(HostDue& due);
  engine::Handle push(Time at, Event&& event);
  void add_to_digest(const Event& event);

  // ---- processes (world.cpp) ----
  Process& at(NodeId node);
  [[nodiscard]] const Process& at(NodeId node) const;
  Process& running(NodeId node);
  void arm_timer(Process& process);
  /// Sees to it that the process takes its next turn once it can.
  void arm_cpu(Process& process);
  /// The process deals with it now, or it waits in the inbox.
  bool offer(Process& process, Waiting item);
  bool take_turn(Process& process);
  bool tell(Process& process, Waiting item);

  // ---- connections (connections.cpp) ----
  void send(ConnectionRef ref, Direction direction, PayloadRef payload);
  void transmit(Deliver message);
  void stall(Deliver message);
  void connect(ConnectionRef ref, Time departs);
  void attempt_handshake(Handshake attempt);
  bool connected(ConnectionRef ref);
  bool lose_client(ConnectionRef ref);
  void disconnect(std::uint32_t connection);
  void send_reset(ConnectionRef ref, Direction direction, Time departs);
  void close_connections(NodeId node, bool silently, Time departs);
  [[nodiscard]] bool is_connecting(ConnectionRef ref) const;
  /// Nothing sent in this direction is answered: there is a cut, or no machine, or a refusal cannot come back.
  [[nodiscard]] bool is_silent(ConnectionRef ref, Direction direction) const;

  // ---- what happened (describe.cpp) ----
  [[nodiscard]] engine::TraceEntry describe(const Event& event) const;
  /// What became of the present event, if not the usual.
  void remark(const char* text) { remark_ = text; }

  std::uint64_t seed_;
  engine::EventQueue<Event> queue_;
  std::vector<std::optional<Process>> processes_;  // by id
  Network network_;
  engine::Trace trace_;
  kraft::Digest digest_;

  Time now_{};
  std::uint64_t events_ = 0;
  EventId current_ = 0;
  EventId cause_ = 0;  // of the present event, as the trace tells it
  const char* remark_ = nullptr;
  std::optional<NodeId> told_;  // who may have more waiting, once the host has dealt with the happening
  Happening happening_;
};

}  // namespace kraftsim::world
