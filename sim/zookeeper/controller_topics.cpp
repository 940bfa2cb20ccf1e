// Jobs that create and delete the partitions of a topic. Each stage is one group of writes; a znode that is there
// already, or gone already, is what an earlier controller left, and no error.
#include <algorithm>

#include "core/base/check.hpp"
#include "sim/zookeeper/controller.hpp"

namespace kraftsim::zookeeper {

using Kind = Path::Kind;

Controller::Partitions Controller::partitions_of(TopicNumber topic) const {
  Partitions keys;
  for (std::int32_t p = 0; p < std::ssize(topics_.at(topic)); ++p) keys.push_back({topic, p});
  return keys;
}

/// KafkaController.onNewPartitionCreation: a parent znode, then a znode and a state per partition.
Controller::Wait Controller::work(CreatePartitions& job, Step& step) {
  const Partitions keys = partitions_of(job.topic);
  if (step.results != nullptr && moved(*step.results)) {
    resign();
    plan_.push_front(FindController{});
    return Wait::kNothing;
  }
  std::vector<Request> writes;
  switch (job.stage) {
    case Stage::kBegin:
      job.stage = Stage::kListed;
      return ask(step, {checked(Create{topic_path(Kind::kPartitions, job.topic), kraft::share<Data>(NoData{})})});
    case Stage::kListed:
      job.stage = Stage::kRead;
      for (const PartitionKey& key : keys) {
        writes.push_back(checked(Create{partition_path(key), kraft::share<Data>(NoData{})}));
      }
      return ask(step, std::move(writes));
    case Stage::kRead:
      for (const PartitionKey& key : keys) {
        Partition& partition = at(key);
        if (partition.version >= 0) continue;  // an earlier controller came this far
        partition.state.controller_epoch = epoch_;
        for (const NodeId replica : partition.replicas) {
          if (may_lead(replica)) partition.state.isr.push_back(replica);
        }
        if (!partition.state.isr.empty()) partition.state.leader = partition.state.isr.front();
        partition.version = 0;
        writes.push_back(checked(Create{state_path(key), kraft::share<Data>(partition.state)}));
      }
      job.stage = Stage::kWritten;
      if (writes.empty()) return Wait::kNothing;
      return ask(step, std::move(writes));
    case Stage::kWritten: job.stage = Stage::kComputed; return compute(step, keys.size());
    case Stage::kComputed:
      tell(keys, live_brokers(), {.created = {job.topic}}, step.out);
      return Wait::kNothing;
  }
  return Wait::kNothing;
}

bool Controller::is_deletable(TopicNumber topic) const {
  return std::ranges::all_of(topics_.at(topic), [&](const Partition& partition) {
    return std::ranges::all_of(partition.replicas, [&](NodeId replica) { return is_live(replica); });
  });
}

/// TopicDeletionManager: waits until all replicas live, stops them, then removes the znodes from the leaves up.
Controller::Wait Controller::work(DeleteTopic& job, Step& step) {
  if (step.results != nullptr && moved(*step.results)) {
    resign();
    plan_.push_front(FindController{});
    return Wait::kNothing;
  }
  if (job.stage == Stage::kBegin && (!topics_.contains(job.topic) || !is_deletable(job.topic))) return Wait::kNothing;
  const Partitions keys = partitions_of(job.topic);
  std::vector<Request> writes;
  switch (job.stage) {
    case Stage::kBegin:
      for (const NodeId broker : live_brokers()) {
        const auto held = std::ranges::count_if(topics_.at(job.topic), [&](const Partition& p) {
          return std::ranges::find(p.replicas, broker) != p.replicas.end();
        });
        if (held > 0) send(broker, StopReplica{.partitions = held}, step.out);
      }
      job.stage = Stage::kListed;
      for (const PartitionKey& key : keys) writes.push_back(checked(Delete{state_path(key)}));
      return ask(step, std::move(writes));
    case Stage::kListed:
      job.stage = Stage::kRead;
      for (const PartitionKey& key : keys) writes.push_back(checked(Delete{partition_path(key)}));
      return ask(step, std::move(writes));
    case Stage::kRead:
      job.stage = Stage::kWritten;
      for (const Kind kind : {Kind::kPartitions, Kind::kTopic, Kind::kTopicConfig, Kind::kDeleteTopic}) {
        writes.push_back(checked(Delete{topic_path(kind, job.topic)}));
      }
      return ask(step, std::move(writes));
    case Stage::kWritten:
      topics_.erase(job.topic);
      to_delete_.erase(job.topic);
      tell({}, live_brokers(), {.deleted = {job.topic}}, step.out);
      return Wait::kNothing;
    case Stage::kComputed: ENSURE(false); break;
  }
  return Wait::kNothing;
}

}  // namespace kraftsim::zookeeper
