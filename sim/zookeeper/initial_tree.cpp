// Every partition starts with all its replicas in sync and its first as leader. Topics differ in where on the ring of
// brokers they begin, by their number.
#include "sim/zookeeper/initial_tree.hpp"

#include <algorithm>
#include <set>
#include <string>

#include "core/base/check.hpp"

namespace kraftsim::zookeeper {

using Kind = Path::Kind;

Racks racks_of(const std::vector<cluster::NodeSpec>& brokers) {
  std::set<std::string> names;
  for (const auto& broker : brokers) {
    if (broker.rack) names.insert(*broker.rack);
  }
  Racks racks;
  for (const auto& broker : brokers) {
    if (broker.rack) {
      racks[broker.id] = static_cast<std::int32_t>(std::distance(names.begin(), names.find(*broker.rack)));
    } else {
      racks[broker.id] = static_cast<std::int32_t>(names.size()) + broker.id.value();
    }
  }
  return racks;
}

std::int32_t count_topics(const std::vector<cluster::TopicSpec>& topics) {
  std::int32_t count = 0;
  for (const auto& topic : topics) count += topic.count;
  return count;
}

kraft::Ref<InitialTree> make_initial_tree(const std::vector<cluster::TopicSpec>& topics, const Racks& racks) {
  std::vector<std::pair<Path, Znode>> znodes;
  const auto nothing = kraft::share<Data>(NoData{});
  const auto add = [&](const Path& path, DataRef data) { znodes.emplace_back(path, Znode{.data = std::move(data)}); };
  for (const Kind kind : {Kind::kFeature, Kind::kBrokerIds, Kind::kTopics, Kind::kDeleteTopics, Kind::kIsrChanges,
                          Kind::kLogDirEvents}) {
    add(path(kind), nothing);
  }
  add(path(Kind::kControllerEpoch), kraft::share<Data>(ControllerEpochData{}));

  std::int32_t number = 0;
  for (const auto& spec : topics) {
    for (std::int32_t i = 0; i < spec.count; ++i) {
      const TopicNumber topic(++number);
      auto assignment = place(racks, spec.partitions, spec.replication, number);
      ENSURE(!assignment.empty(), "a topic's replication is at most the number of brokers");
      for (std::int32_t p = 0; p < spec.partitions; ++p) {
        const Replicas& replicas = assignment[static_cast<std::size_t>(p)];
        add(partition_path({topic, p}), nothing);
        add(state_path({topic, p}), kraft::share<Data>(PartitionState{.leader = replicas.front(), .isr = replicas}));
      }
      add(topic_path(Kind::kPartitions, topic), nothing);
      add(topic_path(Kind::kTopicConfig, topic), nothing);
      add(topic_path(topic), kraft::share<Data>(AssignmentData{std::move(assignment)}));
    }
  }
  std::ranges::sort(znodes, {}, &std::pair<Path, Znode>::first);
  return kraft::share<InitialTree>(std::move(znodes));
}

}  // namespace kraftsim::zookeeper
