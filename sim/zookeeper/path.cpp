// Paths as ZooKeeper prints them, and which znodes are listed by their parents: only those that Kafka lists, so that
// no other parent's children need be found.
#include "sim/zookeeper/path.hpp"

#include <fmt/format.h>

namespace kraftsim::zookeeper {

using Kind = Path::Kind;

std::optional<Path> listed_parent(const Path& child) {
  if (child.kind == Kind::kBroker) return path(Kind::kBrokerIds);
  if (child.kind == Kind::kTopic) return path(Kind::kTopics);
  if (child.kind == Kind::kDeleteTopic) return path(Kind::kDeleteTopics);
  return std::nullopt;
}

std::optional<Kind> child_kind(Kind parent) {
  if (parent == Kind::kBrokerIds) return Kind::kBroker;
  if (parent == Kind::kTopics) return Kind::kTopic;
  if (parent == Kind::kDeleteTopics) return Kind::kDeleteTopic;
  return std::nullopt;
}

std::string line(const Path& path) {
  switch (path.kind) {
    case Kind::kFeature: return "/feature";
    case Kind::kController: return "/controller";
    case Kind::kControllerEpoch: return "/controller_epoch";
    case Kind::kBrokerIds: return "/brokers/ids";
    case Kind::kBroker: return fmt::format("/brokers/ids/{}", path.first);
    case Kind::kTopics: return "/brokers/topics";
    case Kind::kTopic: return fmt::format("/brokers/topics/{}", path.first);
    case Kind::kPartitions: return fmt::format("/brokers/topics/{}/partitions", path.first);
    case Kind::kPartition: return fmt::format("/brokers/topics/{}/partitions/{}", path.first, path.second);
    case Kind::kPartitionState: return fmt::format("/brokers/topics/{}/partitions/{}/state", path.first, path.second);
    case Kind::kTopicConfig: return fmt::format("/config/topics/{}", path.first);
    case Kind::kDeleteTopics: return "/admin/delete_topics";
    case Kind::kDeleteTopic: return fmt::format("/admin/delete_topics/{}", path.first);
    case Kind::kReassignPartitions: return "/admin/reassign_partitions";
    case Kind::kPreferredElection: return "/admin/preferred_replica_election";
    case Kind::kIsrChanges: return "/isr_change_notification";
    case Kind::kLogDirEvents: return "/log_dir_event_notification";
  }
  return {};
}

}  // namespace kraftsim::zookeeper
