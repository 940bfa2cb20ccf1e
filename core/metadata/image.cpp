// Views of an image and its text. Nothing here changes one, and nothing here scans one, but for equality and the count
// of partitions in `line`.
#include "core/metadata/image.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

namespace kraft::metadata {
namespace {

char merged(char c) { return c == '.' ? '_' : c; }

std::vector<std::int32_t> raw(const Replicas& replicas) {
  std::vector<std::int32_t> ids;
  for (const NodeId id : replicas) ids.push_back(id.value());
  return ids;
}

}  // namespace

bool contains(const Replicas& replicas, NodeId id) {
  return std::find(replicas.begin(), replicas.end(), id) != replicas.end();
}

bool CollidingNamesAdjacent::operator()(std::string_view a, std::string_view b) const {
  const std::size_t common = std::min(a.size(), b.size());
  for (std::size_t i = 0; i < common; ++i) {
    if (merged(a[i]) != merged(b[i])) return merged(a[i]) < merged(b[i]);
  }
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

bool Image::is_active(NodeId broker) const {
  const Broker* const found = brokers.find(broker);
  return found != nullptr && found->active();
}

const Topic* Image::topic(std::string_view name) const {
  const TopicId* const id = topics_by_name.find(std::string(name));
  return id == nullptr ? nullptr : topics.find(*id);
}

const Partition* Image::partition(const TopicPartition& id) const {
  const Topic* const found = topics.find(id.topic_id);
  return found == nullptr ? nullptr : found->partitions.find(id.partition_id);
}

CowSet<TopicPartition> Image::replicas_on(NodeId broker) const {
  const BrokerShare* const share = shares.find(broker);
  return share == nullptr ? CowSet<TopicPartition>{} : share->replicas;
}

std::int64_t Image::leaders_on(NodeId broker) const {
  const BrokerShare* const share = shares.find(broker);
  return share == nullptr ? 0 : share->leaders;
}

const std::string* Image::colliding_name(std::string_view name) const {
  // '.' sorts before '_', so the spelling with dots only is the first that can collide.
  std::string first(name);
  std::replace(first.begin(), first.end(), '_', '.');
  const auto it = topics_by_name.lower_bound(first);
  if (it == topics_by_name.end() || !std::equal(it->key.begin(), it->key.end(), name.begin(), name.end(),
                                                [](char a, char b) { return merged(a) == merged(b); })) {
    return nullptr;
  }
  return &it->key;
}

bool operator==(const Image& a, const Image& b) {
  return a.end_offset == b.end_offset && a.epoch == b.epoch && a.brokers == b.brokers && a.topics == b.topics &&
         a.topics_by_name == b.topics_by_name && a.shares == b.shares && a.leaderless == b.leaderless;
}

std::string line(const TopicPartition& partition) {
  return fmt::format("{}-{}", line(partition.topic_id), partition.partition_id.value());
}

std::string line(const Partition& partition) {
  return fmt::format("leader={} le={} pe={} replicas=({}) isr=({})", partition.leader.value(),
                     partition.leader_epoch.value(), partition.partition_epoch.value(),
                     fmt::join(raw(partition.replicas), ","), fmt::join(raw(partition.isr), ","));
}

std::string line(const Image& image) {
  std::size_t partitions = 0;
  for (const auto& [id, topic] : image.topics) partitions += topic.partitions.size();
  return fmt::format("end={}@{} brokers={} topics={} partitions={}", image.end_offset.value(), image.epoch.value(),
                     image.brokers.size(), image.topics.size(), partitions);
}

}  // namespace kraft::metadata
