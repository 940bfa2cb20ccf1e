// HeartbeatTracker: what the active controller knows of brokers only from their heartbeats (Kafka's
// BrokerHeartbeatManager). Soft state: it is never in the log, begins anew with each activation and goes with it. So a
// new controller gives every registered broker a whole session before it fences it, and until a live broker has sent a
// heartbeat its unknown offset holds back every controlled shutdown.
//
// A few hundred entries, asked in full about once a second: a sorted vector, walked.
#pragma once

#include <boost/container/flat_map.hpp>
#include <optional>

#include "core/base/ids.hpp"
#include "core/base/time.hpp"
#include "core/metadata/image.hpp"

namespace kraft::metadata {

/// Where a broker stands with the controller (Kafka's BrokerControlState).
enum class BrokerControlState : std::uint8_t { kFenced, kUnfenced, kControlledShutdown, kShutdownNow };
[[nodiscard]] std::string line(BrokerControlState state);  // "CONTROLLED_SHUTDOWN"
[[nodiscard]] constexpr bool is_fenced(BrokerControlState state) {
  return state == BrokerControlState::kFenced || state == BrokerControlState::kShutdownNow;
}

class HeartbeatTracker {
 public:
  /// Activation: every registered broker counts as heard from `now`, with nothing yet said of its offset.
  HeartbeatTracker(const Image& image, Duration session_timeout, Time now);

  /// A registration was written: a contact that says nothing of the broker's offset.
  void registered(NodeId broker, bool fenced, Time now);
  /// A heartbeat was answered and left the broker fenced or not.
  void touch(NodeId broker, bool fenced, Offset metadata_offset, Time now);
  void fence(NodeId broker);
  /// The broker may go once every active broker has reported `offset`. Only the first call counts.
  void begin_controlled_shutdown(NodeId broker, Offset offset);

  /// Unfenced and heard from within the session time-out.
  [[nodiscard]] bool has_session(NodeId broker, Time now) const;
  /// The broker longest silent among those whose session is over.
  [[nodiscard]] std::optional<NodeId> expired(Time now) const;
  [[nodiscard]] BrokerControlState state(NodeId broker) const;
  [[nodiscard]] std::optional<Offset> controlled_shutdown_offset(NodeId broker) const;
  /// The least offset reported by a broker that is neither fenced nor shutting down; none if there is no such broker.
  [[nodiscard]] std::optional<Offset> lowest_active_offset() const;

 private:
  struct Contact {
    Time last{};
    bool fenced = true;
    Offset metadata_offset{-1};
    std::optional<Offset> controlled_shutdown_offset;
  };
  [[nodiscard]] const Contact& contact(NodeId broker) const;

  Duration session_timeout_;
  boost::container::flat_map<NodeId, Contact> contacts_;
};

}  // namespace kraft::metadata
