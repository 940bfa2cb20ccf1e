// Text of what goes into a node and what comes out: one line each, Raft's notices and writes in Raft's own notation.
// It must not know who prints it.
#include "core/node/step.hpp"

#include <fmt/format.h>

#include "core/base/overloaded.hpp"

namespace kraft::node {

std::string line(BrokerState state) {
  switch (state) {
    case BrokerState::kStarting: return "STARTING";
    case BrokerState::kRecovery: return "RECOVERY";
    case BrokerState::kRunning: return "RUNNING";
    case BrokerState::kPendingControlledShutdown: return "PENDING_CONTROLLED_SHUTDOWN";
    case BrokerState::kShuttingDown: return "SHUTTING_DOWN";
  }
  return "?";
}

std::string line(const Input& input) {
  return std::visit(overloaded{[](const Receive& r) { return line(r.message); },
                               [](const Tick&) { return std::string("tick"); },
                               [](const Persisted&) { return std::string("persisted"); },
                               [](const Disconnected& d) { return fmt::format("disconnected {}", d.peer.value()); },
                               [](const Shutdown&) { return std::string("shutdown"); }},
                    input);
}

std::string line(const Notice& notice) {
  return std::visit(
      overloaded{
          [](const raft::Notice& n) { return raft::line(n); },
          [](const BecameActive& n) { return fmt::format("active e{}", n.epoch.value()); },
          [](const Renounced& n) {
            return fmt::format("renounced e{} dropped={}", n.epoch.value(), n.dropped_records);
          },
          [](const BrokerFenced& n) {
            return fmt::format("fenced {}{}", n.broker_id.value(), n.by_session ? " session expired" : "");
          },
          [](const BrokerUnfenced& n) { return fmt::format("unfenced {}", n.broker_id.value()); },
          [](const MetadataApplied& n) { return fmt::format("applied {}", n.offset.value()); },
          [](const ControllerFound& n) { return fmt::format("controller {}", n.controller_id.value()); },
          [](const BrokerStateChanged& n) { return line(n.state); },
          [](const BatchCommitted& n) {
            return fmt::format("batch [{}..{}) committed queued={} appended={} durable={}", n.base_offset.value(),
                               n.end_offset.value(), kraft::line(n.queued), kraft::line(n.appended),
                               kraft::line(n.durable));
          }},
      notice);
}

void Effects::clear() {
  sends.clear();
  persist.reset();
  disconnects.clear();
  notices.clear();
  work = {};
  wake_at = kNever;
  shutdown_complete = false;
}

std::string line(const Effects& effects) {
  std::string text;
  const auto add = [&text](const std::string& item) { text += (text.empty() ? "" : "; ") + item; };
  for (const Notice& notice : effects.notices) add(line(notice));
  for (const NodeId peer : effects.disconnects) add("disconnect " + line(peer));
  for (const Message& message : effects.sends) add(line(message));
  if (effects.persist) {
    std::string writes;
    for (const raft::Write& write : effects.persist->writes) writes += " " + raft::line(write);
    add("persist" + writes + (effects.persist->sync ? " sync" : ""));
    for (const Message& message : effects.persist->then) add("then " + line(message));
  }
  if (effects.shutdown_complete) add("shutdown complete");
  add("wake " + kraft::line(effects.wake_at));
  return text;
}

}  // namespace kraft::node
