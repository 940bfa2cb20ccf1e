// Topic decisions: every check first, then every draw, so that a refused request draws nothing. Pure but for the random
// stream: the image comes in const, records go out.
#include "core/metadata/topic_control.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/metadata/replica_placer.hpp"

namespace kraft::metadata {
namespace {

using records::MetadataRecords;
using records::PartitionRecord;
using records::RemoveTopicRecord;
using records::TopicRecord;

/// Two names of one request collide if one is the other but for '.' and '_'; an equal name collides too.
bool collides(std::string_view a, std::string_view b) {
  const auto merged = [](char c) { return c == '.' ? '_' : c; };
  return std::ranges::equal(a, b, {}, merged, merged);
}

/// Brokers that leave get no new replicas; fenced ones may follow.
std::vector<UsableBroker> usable_brokers(const Image& image) {
  std::vector<UsableBroker> usable;
  for (const auto& [id, broker] : image.brokers) {
    if (broker.in_controlled_shutdown && !broker.fenced) continue;
    usable.push_back({.id = id, .rack = broker.rack, .fenced = broker.fenced});
  }
  return usable;
}

Error validate(const Image& image, const std::vector<NewTopic>& topics, std::size_t index) {
  const NewTopic& topic = topics[index];
  if (!is_valid_topic_name(topic.name)) return Error::kInvalidTopic;
  for (std::size_t earlier = 0; earlier < index; ++earlier) {
    if (topics[earlier].name == topic.name) return Error::kInvalidRequest;
    if (collides(topics[earlier].name, topic.name)) return Error::kInvalidTopic;
  }
  if (image.topics_by_name.contains(topic.name)) return Error::kTopicAlreadyExists;
  if (image.colliding_name(topic.name) != nullptr) return Error::kInvalidTopic;
  if (topic.replication_factor < 1) return Error::kInvalidReplicationFactor;
  if (topic.partitions < 1) return Error::kInvalidPartitions;
  return Error::kNone;
}

Error check_replication_factor(const NewTopic& topic, const std::vector<UsableBroker>& usable) {
  const bool all_fenced = std::ranges::all_of(usable, &UsableBroker::fenced);
  if (all_fenced || static_cast<std::size_t>(topic.replication_factor) > usable.size()) {
    return Error::kInvalidReplicationFactor;
  }
  return Error::kNone;
}

/// A random id that no topic has and that Kafka does not reserve (the zero UUID, and one for the metadata topic).
TopicId new_topic_id(const Image& image, Rng& rng) {
  TopicId id;
  do {
    id.high = rng.next();
    id.low = rng.next();
  } while (id.high == 0 || image.topics.contains(id));
  return id;
}

/// Kafka's TopicRecord, then its PartitionRecords. Only active replicas begin in sync; the first of them leads.
void append_topic(const Image& image, const NewTopic& topic, TopicId id, ReplicaPlacer& placer,
                  MetadataRecords& records) {
  records.push_back(TopicRecord{.name = topic.name, .topic_id = id});
  for (std::int32_t p = 0; p < topic.partitions; ++p) {
    PartitionRecord record;
    record.topic_id = id;
    record.partition_id = PartitionId(p);
    record.replicas = placer.place(static_cast<std::size_t>(topic.replication_factor));
    record.isr.reserve(record.replicas.size());
    std::ranges::copy_if(record.replicas, std::back_inserter(record.isr),
                         [&](NodeId replica) { return image.is_active(replica); });
    record.leader = record.isr.front();  // the placer puts an unfenced broker first
    records.push_back(std::move(record));
  }
}

}  // namespace

bool is_valid_topic_name(std::string_view name) {
  constexpr std::string_view kLegal = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  constexpr std::size_t kMaxLength = 249;
  return !name.empty() && name.size() <= kMaxLength && name != "." && name != ".." &&
         name.find_first_not_of(kLegal) == std::string_view::npos;
}

Decision<CreateTopicsResponse> decide(const Image& image, const CreateTopicsRequest& request, std::int64_t max_records,
                                      Rng& rng) {
  const std::vector<UsableBroker> usable = usable_brokers(image);
  std::int64_t count = 0;
  for (std::size_t i = 0; i < request.topics.size(); ++i) {
    const NewTopic& topic = request.topics[i];
    Error error = validate(image, request.topics, i);
    if (error == Error::kNone) error = check_replication_factor(topic, usable);
    if (error != Error::kNone) return {.records = {}, .response = {.error = error, .topic_ids = {}}};
    count += 1 + topic.partitions;
    if (count > max_records) {
      return {.records = {}, .response = {.error = Error::kPolicyViolation, .topic_ids = {}}, .refused = true};
    }
  }
  Decision<CreateTopicsResponse> decision;
  decision.records.reserve(static_cast<std::size_t>(count));
  for (const NewTopic& topic : request.topics) {
    const TopicId id = new_topic_id(image, rng);
    ReplicaPlacer placer(usable, rng);
    append_topic(image, topic, id, placer, decision.records);
    decision.response.topic_ids.push_back(id);
  }
  return decision;
}

Decision<DeleteTopicsResponse> decide(const Image& image, const DeleteTopicsRequest& request) {
  Decision<DeleteTopicsResponse> decision;
  for (auto name = request.names.begin(); name != request.names.end(); ++name) {
    if (std::find(request.names.begin(), name, *name) != name) {
      return {.records = {}, .response = {.error = Error::kInvalidRequest}};
    }
    const TopicId* const id = image.topics_by_name.find(*name);
    if (id == nullptr) return {.records = {}, .response = {.error = Error::kUnknownTopicOrPartition}};
    decision.records.push_back(RemoveTopicRecord{.topic_id = *id});
  }
  return decision;
}

}  // namespace kraft::metadata
