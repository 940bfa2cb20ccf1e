// Broker decisions. Pure: the image and the tracker come in const, records and an answer go out. The order of the
// records of one decision is part of it: at no offset may a fenced broker lead.
#include "core/metadata/broker_control.hpp"

#include "core/base/check.hpp"
#include "core/metadata/partition_control.hpp"

namespace kraft::metadata {
namespace {

using records::BrokerRegistrationChangeRecord;
using records::MetadataRecords;
using records::RegisterBrokerRecord;

BrokerRegistrationChangeRecord change_of(NodeId id, const Broker& broker) {
  return {.broker_id = id, .broker_epoch = broker.epoch, .fenced = std::nullopt};
}

/// First the broker, then the partitions that waited for it: they may name a leader only once it is unfenced.
MetadataRecords unfence(const Image& image, NodeId id, const Broker& broker) {
  BrokerRegistrationChangeRecord change = change_of(id, broker);
  change.fenced = false;
  MetadataRecords records{change};
  append_changes_with(image, id, records);
  return records;
}

MetadataRecords begin_controlled_shutdown(const Image& image, NodeId id, const Broker& broker) {
  MetadataRecords records;
  if (!broker.in_controlled_shutdown) {
    BrokerRegistrationChangeRecord change = change_of(id, broker);
    change.enter_controlled_shutdown = true;
    records.push_back(change);
  }
  append_changes_without(image, id, records);
  return records;
}

MetadataRecords records_for(const Image& image, NodeId id, const Broker& broker, BrokerControlState next) {
  switch (next) {
    case BrokerControlState::kFenced:
    case BrokerControlState::kShutdownNow: return fence(image, id);
    case BrokerControlState::kUnfenced: return unfence(image, id, broker);
    case BrokerControlState::kControlledShutdown: return begin_controlled_shutdown(image, id, broker);
  }
  return {};
}

}  // namespace

Decision<BrokerRegistrationResponse> decide(const Image& image, const BrokerRegistrationRequest& request,
                                            bool has_session) {
  const Broker* const known = image.brokers.find(request.broker_id);
  const bool amends = known != nullptr && known->incarnation_id == request.incarnation_id;
  if (known != nullptr && !amends && has_session) {
    return {.records = {}, .response = {Error::kDuplicateBrokerRegistration, {}}, .refused = true};
  }
  // A new incarnation's epoch is the offset where its registration is written: unique and rising. The same incarnation
  // keeps what it has; only a new one leaves controlled shutdown.
  RegisterBrokerRecord record{.broker_id = request.broker_id,
                              .incarnation_id = request.incarnation_id,
                              .broker_epoch = BrokerEpoch(image.end_offset.value()),
                              .rack = request.rack};
  if (amends) {
    record.broker_epoch = known->epoch;
    record.fenced = known->fenced;
    record.in_controlled_shutdown = known->in_controlled_shutdown;
  }
  const BrokerEpoch epoch = record.broker_epoch;
  MetadataRecords records;
  // The process that led is gone. Its session ended, but nobody may have looked since; the registration is fenced
  // (ReplicationControlManager.handleBrokerShutdown).
  if (known != nullptr && !amends) append_changes_without(image, request.broker_id, records);
  records.push_back(std::move(record));
  return {.records = std::move(records), .response = {Error::kNone, epoch}};
}

BrokerControlState next_state(const HeartbeatSituation& situation, const BrokerHeartbeatRequest& request) {
  switch (situation.state) {
    case BrokerControlState::kFenced:
    case BrokerControlState::kShutdownNow:
      if (request.want_shut_down) return BrokerControlState::kShutdownNow;
      // Its own registration is all it must have seen: the log's end it might never catch (KAFKA-13955).
      if (!request.want_fence && request.current_metadata_offset >= situation.registered_at) {
        return BrokerControlState::kUnfenced;
      }
      return BrokerControlState::kFenced;
    case BrokerControlState::kUnfenced:
      if (request.want_fence) {
        return request.want_shut_down ? BrokerControlState::kShutdownNow : BrokerControlState::kFenced;
      }
      if (!request.want_shut_down) return BrokerControlState::kUnfenced;
      return situation.leads ? BrokerControlState::kControlledShutdown : BrokerControlState::kShutdownNow;
    case BrokerControlState::kControlledShutdown:
      if (situation.leads) return BrokerControlState::kControlledShutdown;
      // Every active broker must know the new leaders before the old one goes.
      ENSURE(situation.controlled_shutdown_offset.has_value());
      return !situation.lowest_active_offset ||
                     *situation.controlled_shutdown_offset <= *situation.lowest_active_offset
                 ? BrokerControlState::kShutdownNow
                 : BrokerControlState::kControlledShutdown;
  }
  return situation.state;
}

HeartbeatDecision decide(const Image& image, const HeartbeatTracker& tracker, const BrokerHeartbeatRequest& request) {
  HeartbeatDecision decision;
  const Broker* const broker = image.brokers.find(request.broker_id);
  if (broker == nullptr || broker->epoch != request.broker_epoch) {
    decision.response.error = Error::kStaleBrokerEpoch;
    decision.refused = true;
    return decision;
  }
  const HeartbeatSituation situation{
      .state = tracker.state(request.broker_id),
      .registered_at = broker->registered_at,
      .leads = image.leaders_on(request.broker_id) > 0,
      .controlled_shutdown_offset = tracker.controlled_shutdown_offset(request.broker_id),
      .lowest_active_offset = tracker.lowest_active_offset()};
  decision.before = situation.state;
  decision.after = next_state(situation, request);
  if (decision.after != decision.before) {
    decision.records = records_for(image, request.broker_id, *broker, decision.after);
  }
  decision.response = {.error = Error::kNone,
                       .is_caught_up = request.current_metadata_offset >= broker->registered_at,
                       .is_fenced = is_fenced(decision.after),
                       .should_shut_down = decision.after == BrokerControlState::kShutdownNow};
  return decision;
}

MetadataRecords fence(const Image& image, NodeId id) {
  const Broker* const broker = image.brokers.find(id);
  ENSURE(broker != nullptr, "only registered brokers are fenced");
  MetadataRecords records;
  append_changes_without(image, id, records);
  BrokerRegistrationChangeRecord change = change_of(id, *broker);
  change.fenced = true;
  records.push_back(change);
  return records;
}

}  // namespace kraft::metadata
