// Decisions about brokers: registration, heartbeats, fencing, controlled shutdown (Kafka's ClusterControlManager,
// BrokerHeartbeatManager.calculateNextBrokerState, ReplicationControlManager.processBrokerHeartbeat; KIP-631, KIP-841).
#pragma once

#include <optional>

#include "core/metadata/heartbeat_tracker.hpp"
#include "core/metadata/image.hpp"
#include "core/metadata/request.hpp"

namespace kraft::metadata {

/// `has_session`: a registration under this id is alive. Another incarnation must wait until that session is over, or
/// two processes would act under one broker id.
[[nodiscard]] Decision<BrokerRegistrationResponse> decide(const Image& image, const BrokerRegistrationRequest& request,
                                                          bool has_session);

/// What a heartbeat is judged by, besides itself.
struct HeartbeatSituation {
  BrokerControlState state = BrokerControlState::kFenced;
  Offset registered_at;                              // of its RegisterBrokerRecord
  bool leads = false;                                // at least one partition
  std::optional<Offset> controlled_shutdown_offset;  // set in kControlledShutdown
  std::optional<Offset> lowest_active_offset;        // none: no broker is active
};

/// The state table of metadata-and-zookeeper.md A2.
[[nodiscard]] BrokerControlState next_state(const HeartbeatSituation& situation, const BrokerHeartbeatRequest& request);

struct HeartbeatDecision : Decision<BrokerHeartbeatResponse> {
  BrokerControlState before = BrokerControlState::kFenced;
  BrokerControlState after = BrokerControlState::kFenced;
};
[[nodiscard]] HeartbeatDecision decide(const Image& image, const HeartbeatTracker& tracker,
                                       const BrokerHeartbeatRequest& request);

/// A session ended, or a broker asked to go: its partitions move, then it is fenced.
[[nodiscard]] records::MetadataRecords fence(const Image& image, NodeId broker);

}  // namespace kraft::metadata
