// The soft state of heartbeats: one contact per registered broker, and the questions that a controller asks about them
// all. It must not know of requests or records.
#include "core/metadata/heartbeat_tracker.hpp"

#include "core/base/check.hpp"

namespace kraft::metadata {

std::string line(BrokerControlState state) {
  switch (state) {
    case BrokerControlState::kFenced: return "FENCED";
    case BrokerControlState::kUnfenced: return "UNFENCED";
    case BrokerControlState::kControlledShutdown: return "CONTROLLED_SHUTDOWN";
    case BrokerControlState::kShutdownNow: return "SHUTDOWN_NOW";
  }
  return "?";
}

HeartbeatTracker::HeartbeatTracker(const Image& image, Duration session_timeout, Time now)
    : session_timeout_(session_timeout) {
  contacts_.reserve(image.brokers.size());
  for (const auto& [id, broker] : image.brokers) registered(id, broker.fenced, now);
}

void HeartbeatTracker::registered(NodeId broker, bool fenced, Time now) { touch(broker, fenced, Offset(-1), now); }

void HeartbeatTracker::touch(NodeId broker, bool fenced, Offset metadata_offset, Time now) {
  Contact& contact = contacts_[broker];
  contact.last = now;
  contact.fenced = fenced;
  contact.metadata_offset = metadata_offset;
  // Who is fenced leaves controlled shutdown: its next heartbeat is told to shut down at once.
  if (fenced) contact.controlled_shutdown_offset.reset();
}

void HeartbeatTracker::fence(NodeId broker) {
  const Contact& known = contact(broker);
  touch(broker, true, known.metadata_offset, known.last);
}

void HeartbeatTracker::begin_controlled_shutdown(NodeId broker, Offset offset) {
  Contact& contact = contacts_[broker];
  ENSURE(!contact.fenced, "a fenced broker shuts down without ceremony");
  if (!contact.controlled_shutdown_offset) contact.controlled_shutdown_offset = offset;
}

bool HeartbeatTracker::has_session(NodeId broker, Time now) const {
  const auto it = contacts_.find(broker);
  return it != contacts_.end() && !it->second.fenced && it->second.last + session_timeout_ >= now;
}

std::optional<NodeId> HeartbeatTracker::expired(Time now) const {
  std::optional<NodeId> found;
  Time oldest = now - session_timeout_;
  for (const auto& [id, contact] : contacts_) {
    if (contact.fenced || contact.last >= oldest) continue;
    oldest = contact.last;
    found = id;
  }
  return found;
}

BrokerControlState HeartbeatTracker::state(NodeId broker) const {
  const Contact& known = contact(broker);
  if (known.controlled_shutdown_offset) return BrokerControlState::kControlledShutdown;
  return known.fenced ? BrokerControlState::kFenced : BrokerControlState::kUnfenced;
}

std::optional<Offset> HeartbeatTracker::controlled_shutdown_offset(NodeId broker) const {
  return contact(broker).controlled_shutdown_offset;
}

std::optional<Offset> HeartbeatTracker::lowest_active_offset() const {
  std::optional<Offset> lowest;
  for (const auto& [id, contact] : contacts_) {
    if (contact.fenced || contact.controlled_shutdown_offset) continue;
    if (!lowest || contact.metadata_offset < *lowest) lowest = contact.metadata_offset;
  }
  return lowest;
}

const HeartbeatTracker::Contact& HeartbeatTracker::contact(NodeId broker) const {
  const auto it = contacts_.find(broker);
  ENSURE(it != contacts_.end(), "a broker that never registered");
  return it->second;
}

}  // namespace kraft::metadata
