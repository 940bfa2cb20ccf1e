// A small cluster built from the records that build real ones, and the invariants that any image keeps.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/rng.hpp"
#include "core/metadata/apply.hpp"
#include "core/metadata/broker_control.hpp"
#include "core/metadata/image.hpp"
#include "core/metadata/topic_control.hpp"

namespace kraft::metadata::testing {

inline constexpr std::int64_t kManyRecords = 10'000;

inline Ref<Image> after(const Ref<Image>& image, const records::MetadataRecords& records) {
  return apply(image, records, Epoch(1));
}

inline NodeId broker_id(int n) { return NodeId(100 + n); }

/// Brokers 101.., unfenced, in racks "a".. in turn (none if `racks` is 0).
inline Ref<Image> cluster(int brokers, int racks = 0) {
  Ref<Image> image = share<Image>();
  for (int n = 1; n <= brokers; ++n) {
    BrokerRegistrationRequest request{.broker_id = broker_id(n), .incarnation_id = {1, std::uint64_t(n)}, .rack = {}};
    if (racks > 0) request.rack = std::string(1, static_cast<char>('a' + (n - 1) % racks));
    image = after(image, decide(*image, request, false).records);
    image = after(image, {records::BrokerRegistrationChangeRecord{
                             .broker_id = broker_id(n),
                             .broker_epoch = image->brokers.find(broker_id(n))->epoch,
                             .fenced = false}});
  }
  return image;
}

inline Ref<Image> with_topic(const Ref<Image>& image, const std::string& name, int partitions, int replication,
                             Rng& rng) {
  const CreateTopicsRequest request{
      {{.name = name, .partitions = partitions, .replication_factor = static_cast<std::int16_t>(replication)}}};
  return after(image, decide(*image, request, kManyRecords, rng).records);
}

/// A topic of one partition with exactly these replicas; ISR and leader as given.
inline const TopicPartition kOnly{TopicId{7, 7}, PartitionId(0)};
inline Ref<Image> with_partition(const Ref<Image>& image, const std::vector<NodeId>& replicas,
                                 const std::vector<NodeId>& isr, NodeId leader) {
  return after(image, {records::TopicRecord{.name = "only", .topic_id = kOnly.topic_id},
                       records::PartitionRecord{.topic_id = kOnly.topic_id,
                                                .partition_id = kOnly.partition_id,
                                                .replicas = replicas,
                                                .isr = isr,
                                                .leader = leader,
                                                .leader_epoch = LeaderEpoch(5),
                                                .partition_epoch = PartitionEpoch(9)}});
}

inline Ref<Image> fenced(const Ref<Image>& image, NodeId id, bool fence = true) {
  return after(image, {records::BrokerRegistrationChangeRecord{
                          .broker_id = id, .broker_epoch = image->brokers.find(id)->epoch, .fenced = fence}});
}

/// The first of metadata-and-zookeeper.md F's invariants that does not hold in this image, as text; empty if all do.
inline std::string broken_invariant(const Image& image) {
  std::map<NodeId, std::int64_t> leaders;
  std::map<NodeId, std::size_t> replicas;
  std::size_t leaderless = 0;
  for (const auto& [topic_id, topic] : image.topics) {
    const TopicId* const named = image.topics_by_name.find(topic.name);
    if (named == nullptr || *named != topic_id) return "topics_by_name is the inverse of topics: " + topic.name;
    for (const auto& [partition_id, partition] : topic.partitions) {
      const std::string where = topic.name + " " + line(partition);
      if (partition.isr.empty()) return "the ISR is never empty: " + where;
      for (const NodeId id : partition.isr) {
        if (!contains(partition.replicas, id)) return "ISR within replicas: " + where;
      }
      for (const NodeId id : partition.replicas) {
        ++replicas[id];
        if (!image.replicas_on(id).contains({topic_id, partition_id})) return "replicas are indexed: " + where;
      }
      if (partition.leader == records::kNoLeader) {
        ++leaderless;
        if (!image.leaderless.contains({topic_id, partition_id})) return "leaderless are indexed: " + where;
      } else {
        ++leaders[partition.leader];
        if (!contains(partition.isr, partition.leader)) return "leader within ISR: " + where;
        if (image.brokers.find(partition.leader)->fenced) return "no fenced leader: " + where;
      }
    }
  }
  if (image.topics_by_name.size() != image.topics.size()) return "topics_by_name has strays";
  if (leaderless != image.leaderless.size()) return "leaderless has strays";
  for (const auto& [id, share] : image.shares) {
    if (share.leaders != leaders[id]) return "leaders are counted: " + line(id);
    if (share.replicas.size() != replicas[id]) return "replica index has strays: " + line(id);
  }
  return {};
}

}  // namespace kraft::metadata::testing
