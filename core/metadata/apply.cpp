// One function per record type (Kafka's *Delta.replay methods), each keeping the image's indexes in step with what the
// record says. It must not decide anything: a record that does not fit is an error of whoever wrote it.
#include "core/metadata/apply.hpp"

#include <algorithm>
#include <variant>

#include "core/base/check.hpp"
#include "core/base/overloaded.hpp"
#include "core/base/rng.hpp"

namespace kraft::metadata {
namespace {

using namespace kraft::records;

/// Counts `by` (1 or -1) for the partition's leader, or keeps the partition among the leaderless.
void index_leader(Image& image, const TopicPartition& id, const Partition& partition, std::int64_t by) {
  if (partition.leader != kNoLeader) {
    image.shares.upsert(partition.leader).leaders += by;
  } else if (by > 0) {
    image.leaderless.upsert(id);
  } else {
    image.leaderless.erase(id);
  }
}

void index(Image& image, const TopicPartition& id, const Partition& partition) {
  for (const NodeId replica : partition.replicas) image.shares.upsert(replica).replicas.upsert(id);
  index_leader(image, id, partition, 1);
}

void unindex(Image& image, const TopicPartition& id, const Partition& partition) {
  index_leader(image, id, partition, -1);
  for (const NodeId replica : partition.replicas) {
    BrokerShare& share = image.shares.upsert(replica);
    share.replicas.erase(id);
    if (share.replicas.empty()) image.shares.erase(replica);
  }
}

Broker& registered(Image& image, NodeId id, BrokerEpoch epoch) {
  Broker* const broker = image.brokers.find_mutable(id);
  ENSURE(broker != nullptr, "a record about a broker that is not registered");
  ENSURE_EQ(broker->epoch, epoch, "a record about another incarnation");
  return *broker;
}

void apply_one(Image& image, const RegisterBrokerRecord& record) {
  image.brokers.upsert(record.broker_id) = Broker{.incarnation_id = record.incarnation_id,
                                                  .epoch = record.broker_epoch,
                                                  .rack = record.rack,
                                                  .fenced = record.fenced,
                                                  .in_controlled_shutdown = record.in_controlled_shutdown,
                                                  .registered_at = image.end_offset};
}

void apply_one(Image& image, const UnregisterBrokerRecord& record) {
  registered(image, record.broker_id, record.broker_epoch);
  image.brokers.erase(record.broker_id);
}

void apply_one(Image& image, const TopicRecord& record) {
  ENSURE(!image.topics.contains(record.topic_id), "a topic created twice");
  ENSURE(!image.topics_by_name.contains(record.name), "a topic name used twice");
  image.topics.upsert(record.topic_id).name = record.name;
  image.topics_by_name.upsert(record.name) = record.topic_id;
}

void apply_one(Image& image, const PartitionRecord& record) {
  Topic* const topic = image.topics.find_mutable(record.topic_id);
  ENSURE(topic != nullptr, "a partition of an unknown topic");
  const TopicPartition id{record.topic_id, record.partition_id};
  Partition& partition = topic->partitions.upsert(record.partition_id);
  if (!partition.replicas.empty()) unindex(image, id, partition);  // a record for a known partition replaces it
  partition = Partition{.replicas = Replicas(record.replicas.begin(), record.replicas.end()),
                        .isr = Replicas(record.isr.begin(), record.isr.end()),
                        .leader = record.leader,
                        .leader_epoch = record.leader_epoch,
                        .partition_epoch = record.partition_epoch};
  index(image, id, partition);
}

void apply_one(Image& image, const PartitionChangeRecord& record) {
  Topic* const topic = image.topics.find_mutable(record.topic_id);
  ENSURE(topic != nullptr, "a change of an unknown topic");
  Partition* const partition = topic->partitions.find_mutable(record.partition_id);
  ENSURE(partition != nullptr, "a change of an unknown partition");
  if (record.isr) partition->isr.assign(record.isr->begin(), record.isr->end());
  if (record.leader) {
    const TopicPartition id{record.topic_id, record.partition_id};
    index_leader(image, id, *partition, -1);
    partition->leader = *record.leader;
    partition->leader_epoch += 1;  // even when it is the leader that was
    index_leader(image, id, *partition, 1);
  }
  partition->partition_epoch += 1;
}

void apply_one(Image& image, const RemoveTopicRecord& record) {
  const Topic* const topic = image.topics.find(record.topic_id);
  ENSURE(topic != nullptr, "an unknown topic removed");
  for (const auto& [partition_id, partition] : topic->partitions) {
    unindex(image, {record.topic_id, partition_id}, partition);
  }
  image.topics_by_name.erase(topic->name);
  image.topics.erase(record.topic_id);
}

void apply_one(Image& image, const BrokerRegistrationChangeRecord& record) {
  Broker& broker = registered(image, record.broker_id, record.broker_epoch);
  if (record.fenced) broker.fenced = *record.fenced;
  if (record.enter_controlled_shutdown) broker.in_controlled_shutdown = true;
}

void apply_one(Image&, const NoOpRecord&) {}  // it is there for its offset

std::uint64_t extend(std::uint64_t history, std::initializer_list<std::int64_t> parts) {
  for (const std::int64_t part : parts) {
    std::uint64_t state = history ^ static_cast<std::uint64_t>(part);
    history = splitmix64(state);
  }
  return history;
}

}  // namespace

// Epoch, offset and time of its append name a batch; the rest makes sure.
std::uint64_t extend(std::uint64_t history, const RecordBatch& batch) {
  return extend(history, {std::int64_t{batch.epoch.value()}, batch.base_offset.value(), nanos(batch.append_time),
                          batch.count, batch.size_bytes});
}

void apply(Image& image, const MetadataRecord& record) {
  std::visit([&image](const auto& one) { apply_one(image, one); }, record);
  image.end_offset += 1;
}

Ref<Image> apply(const Ref<Image>& image, std::span<const MetadataRecord> records, Epoch epoch) {
  ENSURE_LE(image->epoch, epoch);
  const boost::intrusive_ptr<Image> next(new Image(*image));
  next->epoch = epoch;
  for (const MetadataRecord& record : records) apply(*next, record);
  return next;
}

Ref<Image> apply(const Ref<Image>& image, const RecordBatch& batch) {
  ENSURE_EQ(image->end_offset, batch.base_offset);
  ENSURE_LE(image->epoch, batch.epoch);
  const boost::intrusive_ptr<Image> next(new Image(*image));
  next->epoch = batch.epoch;
  next->history = extend(image->history, batch);
  std::visit(overloaded{[&](const MetadataRecords& records) {
                          for (const MetadataRecord& record : records) apply(*next, record);
                        },
                        [&](const ControlRecords&) { next->end_offset = batch.end_offset(); }},
             batch.records);
  return next;
}

Ref<Image> skip_to(const Ref<Image>& image, Offset end) {
  const boost::intrusive_ptr<Image> next(new Image(*image));
  next->end_offset = end;
  return next;
}

Ref<Image> load(const Snapshot& snapshot) {
  const boost::intrusive_ptr<Image> image(new Image);
  for (const BatchRef& batch : snapshot.batches) {
    const auto* records = std::get_if<MetadataRecords>(&batch->records);
    if (records == nullptr) continue;
    for (const MetadataRecord& record : *records) {
      image->end_offset = snapshot.header.end_offset - 1;  // every record counts as the last that it contains
      apply(*image, record);
    }
  }
  image->end_offset = snapshot.header.end_offset;
  image->epoch = snapshot.header.epoch;
  // An image that was loaded has a history of its own: nobody replayed its way to it.
  image->history = extend(0, {image->end_offset.value(), std::int64_t{image->epoch.value()}, snapshot.size_bytes});
  return image;
}

}  // namespace kraft::metadata
