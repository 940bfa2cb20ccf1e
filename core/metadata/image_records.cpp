// One record per broker, topic and partition: whatever changed a thing since it was made is in the record that makes
// it. It must not know what was in the log.
#include "core/metadata/image_records.hpp"

#include <cstddef>
#include <utility>

namespace kraft::metadata {
namespace {

constexpr std::size_t kRecordsPerBatch = 1024;  // RaftSnapshotWriter, as SnapshotEmitter makes it

}  // namespace

std::vector<records::MetadataRecords> image_records(const Image& image) {
  std::vector<records::MetadataRecords> batches;
  const auto add = [&](records::MetadataRecord record) {
    if (batches.empty() || batches.back().size() == kRecordsPerBatch) {
      batches.emplace_back().reserve(kRecordsPerBatch);
    }
    batches.back().push_back(std::move(record));
  };
  for (const auto& [id, broker] : image.brokers) {
    add(records::RegisterBrokerRecord{.broker_id = id,
                                      .incarnation_id = broker.incarnation_id,
                                      .broker_epoch = broker.epoch,
                                      .rack = broker.rack,
                                      .fenced = broker.fenced,
                                      .in_controlled_shutdown = broker.in_controlled_shutdown});
  }
  for (const auto& [topic_id, topic] : image.topics) {
    add(records::TopicRecord{.name = topic.name, .topic_id = topic_id});
    for (const auto& [partition_id, partition] : topic.partitions) {
      add(records::PartitionRecord{.topic_id = topic_id,
                                   .partition_id = partition_id,
                                   .replicas = {partition.replicas.begin(), partition.replicas.end()},
                                   .isr = {partition.isr.begin(), partition.isr.end()},
                                   .leader = partition.leader,
                                   .leader_epoch = partition.leader_epoch,
                                   .partition_epoch = partition.partition_epoch});
    }
  }
  return batches;
}

}  // namespace kraft::metadata
