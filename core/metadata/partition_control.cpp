// Partition decisions: one function elects, one makes the change record from a target ISR, and everything else walks
// the partitions that a broker's coming or going touches. Pure: the image comes in const, records go out.
#include "core/metadata/partition_control.hpp"

#include <algorithm>
#include <utility>

#include "core/base/check.hpp"

namespace kraft::metadata {
namespace {

using records::kNoLeader;
using records::MetadataRecords;
using records::PartitionChangeRecord;

Replicas without(const Replicas& replicas, NodeId id) {
  Replicas rest = replicas;
  rest.erase(std::remove(rest.begin(), rest.end(), id), rest.end());
  return rest;
}

bool is_subset_without_repeats(const Replicas& isr, const Replicas& replicas) {
  for (auto it = isr.begin(); it != isr.end(); ++it) {
    if (!contains(replicas, *it) || std::find(isr.begin(), it, *it) != it) return false;
  }
  return true;
}

/// The checks in Kafka's order (ReplicationControlManager.validateAlterPartitionData).
Error validate(const Image& image, const AlterPartitionRequest& request, const Replicas& new_isr) {
  const Partition* const partition = image.partition({request.topic_id, request.partition_id});
  if (partition == nullptr) return Error::kUnknownTopicOrPartition;
  // The leader is ahead of this controller, which therefore cannot be the active one for long.
  if (request.leader_epoch > partition->leader_epoch || request.partition_epoch > partition->partition_epoch) {
    return Error::kNotController;
  }
  if (request.leader_epoch < partition->leader_epoch) return Error::kFencedLeaderEpoch;
  if (request.broker_id != partition->leader) return Error::kInvalidRequest;
  if (request.partition_epoch < partition->partition_epoch) return Error::kInvalidUpdateVersion;
  if (!is_subset_without_repeats(new_isr, partition->replicas)) return Error::kInvalidRequest;
  if (!contains(new_isr, request.broker_id)) return Error::kInvalidRequest;
  const auto active = [&](NodeId id) { return image.is_active(id); };
  if (!std::all_of(new_isr.begin(), new_isr.end(), active)) return Error::kIneligibleReplica;
  return Error::kNone;
}

}  // namespace

NodeId elect(const Image& image, const Partition& partition, const Replicas& target_isr, const BrokerShift& shift) {
  const auto is_valid = [&](NodeId id) {
    return contains(target_isr, id) && id != shift.leaving && (id == shift.returning || image.is_active(id));
  };
  if (is_valid(partition.leader)) return partition.leader;
  const auto it = std::find_if(partition.replicas.begin(), partition.replicas.end(), is_valid);
  return it == partition.replicas.end() ? kNoLeader : *it;
}

std::optional<PartitionChangeRecord> change_partition(const Image& image, const TopicPartition& id,
                                                      const Replicas& target_isr, const BrokerShift& shift) {
  const Partition* const partition = image.partition(id);
  ENSURE(partition != nullptr, "only partitions of the image change");
  PartitionChangeRecord record{
      .topic_id = id.topic_id, .partition_id = id.partition_id, .isr = std::nullopt, .leader = std::nullopt};
  const NodeId leader = elect(image, *partition, target_isr, shift);
  if (leader != partition->leader) record.leader = leader;
  // Without ELR (KIP-966) the last member stays: it alone may lead again without losing data.
  if (!target_isr.empty() && target_isr != partition->isr) {
    record.isr.emplace(target_isr.begin(), target_isr.end());
  }
  if (!record.leader && !record.isr) return std::nullopt;
  return record;
}

void append_changes_without(const Image& image, NodeId broker, MetadataRecords& records) {
  const BrokerShift shift{.leaving = broker, .returning = std::nullopt};
  const CowSet<TopicPartition> replicas = image.replicas_on(broker);
  for (const auto& [id, unit] : replicas) {
    const Replicas& isr = image.partition(id)->isr;
    if (!contains(isr, broker)) continue;
    if (auto record = change_partition(image, id, without(isr, broker), shift)) records.push_back(std::move(*record));
  }
}

void append_changes_with(const Image& image, NodeId broker, MetadataRecords& records) {
  const BrokerShift shift{.leaving = std::nullopt, .returning = broker};
  for (const auto& [id, unit] : image.leaderless) {
    const Replicas& isr = image.partition(id)->isr;
    if (auto record = change_partition(image, id, isr, shift)) records.push_back(std::move(*record));
  }
}

Decision<AlterPartitionResponse> decide(const Image& image, const AlterPartitionRequest& request) {
  const Broker* const broker = image.brokers.find(request.broker_id);
  if (broker == nullptr || broker->epoch != request.broker_epoch) {
    return {.records = {}, .response = {.error = Error::kStaleBrokerEpoch}, .refused = true};
  }
  const Replicas new_isr(request.new_isr.begin(), request.new_isr.end());
  const Error error = validate(image, request, new_isr);
  if (error != Error::kNone) return {.records = {}, .response = {.error = error}};
  Decision<AlterPartitionResponse> decision;
  if (auto record = change_partition(image, {request.topic_id, request.partition_id}, new_isr, {})) {
    decision.records.push_back(std::move(*record));
  }
  return decision;
}

}  // namespace kraft::metadata
