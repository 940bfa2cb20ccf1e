// Decisions about partitions: who leads and who is in sync when a broker goes or comes, and what a leader may make of
// its ISR (Kafka's ReplicationControlManager and PartitionChangeBuilder, with ELR, reassignment and unclean election
// not here yet).
//
// The rules that hold at every step (metadata-and-zookeeper.md F): the leader is in the ISR or there is none; the ISR
// is within the replicas and never empty, because its last member stays in it when it loses the leadership; nobody
// fenced or shutting down becomes leader or joins an ISR.
#pragma once

#include <optional>

#include "core/metadata/image.hpp"
#include "core/metadata/request.hpp"

namespace kraft::metadata {

/// What is about to change of the brokers, ahead of its record being applied.
struct BrokerShift {
  std::optional<NodeId> leaving;    // counts as inactive and leaves every target ISR
  std::optional<NodeId> returning;  // counts as active
};

/// ONLINE election (Kafka's ElectionType): the present leader if it may go on, else the first replica, in order of
/// assignment, that is in `target_isr` and active; kNoLeader if there is none.
[[nodiscard]] NodeId elect(const Image& image, const Partition& partition, const Replicas& target_isr,
                           const BrokerShift& shift);

/// The record that brings a partition to `target_isr` and the leader that follows; none if nothing changes.
[[nodiscard]] std::optional<records::PartitionChangeRecord> change_partition(const Image& image,
                                                                             const TopicPartition& id,
                                                                             const Replicas& target_isr,
                                                                             const BrokerShift& shift);

/// Takes `broker` out of every ISR that can spare it and moves its leaderships.
void append_changes_without(const Image& image, NodeId broker, records::MetadataRecords& records);
/// Elects leaders for the partitions that have none, now that `broker` is back.
void append_changes_with(const Image& image, NodeId broker, records::MetadataRecords& records);

[[nodiscard]] Decision<AlterPartitionResponse> decide(const Image& image, const AlterPartitionRequest& request);

}  // namespace kraft::metadata
