// Text: what an event in the queue is, and what a happening says. Apart from the rest of the World because only a run
// that is traced needs it, and so that only this file formats.
#include <fmt/format.h>

#include "core/base/overloaded.hpp"
#include "sim/world/world.hpp"

namespace kraftsim::world {

using kraft::overloaded;
using Kind = engine::TraceEntry::Kind;

engine::TraceEntry World::describe(const Event& event) const {
  const auto entry = [](NodeId node, Kind kind, std::string text) {
    return engine::TraceEntry{.node = node, .kind = kind, .text = std::move(text)};
  };
  const auto at_client = [&](ConnectionRef ref, const char* what) {
    const Connection& connection = network_[ref.index];
    return entry(connection.client, Kind::kConnection,
                 fmt::format("{}->{} {}", connection.client.value(), connection.server.value(), what));
  };
  const auto in_direction = [&](ConnectionRef ref, Direction direction, const char* what) {
    const Connection& connection = network_[ref.index];
    const NodeId receiver = connection.receiver(direction);
    return entry(receiver, Kind::kConnection,
                 fmt::format("{}->{} {}", connection.sender(direction).value(), receiver.value(), what));
  };
  return std::visit(
      overloaded{
          [&](const Nothing&) { return entry(NodeId{-1}, Kind::kNote, "nothing"); },
          [&](const Deliver& m) {
            engine::TraceEntry result = in_direction(m.connection, m.direction, m.payload->text().c_str());
            result.kind = Kind::kMessage;
            return result;
          },
          [&](const Handshake& e) { return at_client(e.connection, "handshake"); },
          [&](const ConnectDone& e) { return at_client(e.connection, "connected"); },
          [&](const ConnectTimedOut& e) { return at_client(e.connection, "connect timed out"); },
          [&](const Reset& e) { return in_direction(e.connection, e.direction, "reset"); },
          [&](const Retransmit& e) { return in_direction(e.connection, e.direction, "retransmit"); },
          [&](const CpuFree& e) { return entry(e.node, Kind::kProcess, "takes its next turn"); },
          [&](const TimerDue& e) { return entry(e.node, Kind::kTimer, "due"); },
          [&](const WriteCompleted& e) { return entry(e.node, Kind::kDisk, "write done"); },
          [&](const PauseEnd& e) { return entry(e.node, Kind::kFault, "pause ends"); },
          [&](const CrashDue& e) { return entry(e.node, Kind::kFault, "crashed"); },
          [&](const StartDue& e) { return entry(e.node, Kind::kProcess, "started"); },
          [&](const HostDue& e) {
            return entry(NodeId{-1}, Kind::kWorkload, fmt::format("kind={} value={}", e.kind, e.value));
          },
      },
      event);
}

std::string line(const Happening& happening) {
  const std::string what = std::visit(
      overloaded{
          [](const Arrived& e) {
            return fmt::format("n{} message {}->{} {}", e.node.value(), e.from.value(), e.node.value(),
                               e.payload->text());
          },
          [](const TimerFired& e) { return fmt::format("n{} timer", e.node.value()); },
          [](const WriteDone& e) { return fmt::format("n{} write done", e.node.value()); },
          [](const ConnectionLost& e) {
            return fmt::format("n{} connection {} n{} lost", e.node.value(), e.as_client ? "to" : "from",
                               e.peer.value());
          },
          [](const Crashed& e) { return fmt::format("n{} crashed", e.node.value()); },
          [](const Started& e) { return fmt::format("n{} started", e.node.value()); },
          [](const Due& e) { return fmt::format("due kind={} value={}", e.kind, e.value); },
      },
      happening.what);
  return fmt::format("{} #{} {}", kraft::line(happening.at), happening.event, what);
}

}  // namespace kraftsim::world
