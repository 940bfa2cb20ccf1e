// Jobs that read the cluster from ZooKeeper: steps 1 to 10 of onControllerFailover, and what child watches lead to.
// Every read is a request of its own; the pipeline below decides how many travel at a time.
#include <algorithm>
#include <array>

#include "core/base/check.hpp"
#include "sim/zookeeper/controller.hpp"

namespace kraftsim::zookeeper {

using Kind = Path::Kind;

Controller::Wait Controller::work(ReadSmallThings& job, Step& step) {
  // One after the other, as the code has them; the two notification lists are empty and cost a read each.
  constexpr std::array kPaths{Kind::kFeature, Kind::kReassignPartitions, Kind::kPreferredElection, Kind::kLogDirEvents,
                              Kind::kIsrChanges};
  if (job.next == kPaths.size()) return Wait::kNothing;
  return ask(step, {get(path(kPaths[job.next++]))});
}

// ---- brokers ----

Controller::Wait Controller::work(ReadBrokers& job, Step& step) {
  if (job.stage == Stage::kBegin) {
    job.stage = Stage::kListed;
    return ask(step, {children(path(Kind::kBrokerIds), true)});
  }
  if (job.stage == Stage::kListed) {
    job.stage = Stage::kRead;
    std::vector<Request> reads;
    for (const std::int32_t id : step.results->front().children) {
      job.ids.push_back(NodeId(id));
      reads.push_back(get(broker_path(NodeId(id))));
    }
    if (!reads.empty()) return ask(step, std::move(reads));
  }
  std::map<NodeId, Zxid> seen;
  for (std::size_t i = 0; i < job.ids.size(); ++i) {
    const Result& result = (*step.results)[i];
    if (result.error == Error::kNone) seen[job.ids[i]] = result.created;
  }
  if (!job.failover) {
    compare_brokers(seen);
    return Wait::kNothing;
  }
  live_ = seen;
  for (const auto& [broker, zxid] : live_) channels_.open(broker);
  return Wait::kNothing;
}

/// KafkaController.processBrokerChange: the dead, the bounced (same id, newer znode) and the new.
void Controller::compare_brokers(const std::map<NodeId, Zxid>& seen) {
  std::vector<NodeId> dead;
  std::map<NodeId, Zxid> fresh;
  for (const auto& [broker, zxid] : live_) {
    const auto now = seen.find(broker);
    if (now == seen.end() || now->second != zxid) dead.push_back(broker);
  }
  for (const auto& [broker, zxid] : seen) {
    const auto before = live_.find(broker);
    if (before == live_.end() || before->second != zxid) fresh[broker] = zxid;
  }
  for (const NodeId broker : dead) {
    live_.erase(broker);
    shutting_down_.erase(broker);
    channels_.close(broker);
  }
  // onBrokerFailure: first new leaders, then out of the ISRs, for each broker in turn.
  if (!dead.empty()) plan_.push_back(ElectLeaders{});
  for (const NodeId broker : dead) plan_.push_back(TakeOffline{.broker = broker});
  if (!fresh.empty()) plan_.push_back(StartBrokers{.brokers = fresh});
}

Controller::Wait Controller::work(WatchBrokers& job, Step& step) {
  if (job.stage == Stage::kListed || live_.empty()) return Wait::kNothing;
  job.stage = Stage::kListed;
  std::vector<Request> watches;
  for (const auto& [broker, zxid] : live_) watches.push_back(exists(broker_path(broker), true));
  return ask(step, std::move(watches));
}

// ---- topics and partitions ----

Controller::Wait Controller::work(ReadTopics& job, Step& step) {
  if (job.stage == Stage::kBegin) {
    job.stage = Stage::kListed;
    return ask(step, {children(path(Kind::kTopics), true)});
  }
  if (job.stage == Stage::kListed) {
    job.stage = Stage::kRead;
    std::vector<Request> reads;
    for (const std::int32_t number : step.results->front().children) {
      const TopicNumber topic(number);
      if (topics_.contains(topic)) continue;
      job.fresh.push_back(topic);
      reads.push_back(get(topic_path(topic), true));
    }
    if (reads.empty()) return Wait::kNothing;
    return ask(step, std::move(reads));
  }
  for (std::size_t i = 0; i < job.fresh.size(); ++i) {
    const Result& result = (*step.results)[i];
    if (result.error != Error::kNone) continue;  // deleted meanwhile
    auto& partitions = topics_[job.fresh[i]];
    for (const Replicas& replicas : as<AssignmentData>(result.data).partitions) {
      partitions.push_back({.replicas = replicas, .state = {}});
    }
    if (!job.failover) plan_.push_back(CreatePartitions{.topic = job.fresh[i]});
  }
  return Wait::kNothing;
}

Controller::Wait Controller::work(ReadStates& job, Step& step) {
  if (job.stage == Stage::kBegin) {
    job.stage = Stage::kRead;
    job.partitions = partitions_where([](const Partition&) { return true; });
    if (job.partitions.empty()) return Wait::kNothing;
    return ask(step, state_reads(job.partitions));
  }
  absorb_states(job.partitions, *step.results);
  return Wait::kNothing;
}

Controller::Wait Controller::work(ReadDeletions& job, Step& step) {
  if (job.stage == Stage::kBegin) {
    job.stage = Stage::kListed;
    return ask(step, {children(path(Kind::kDeleteTopics), true)});
  }
  for (const std::int32_t number : step.results->front().children) {
    const TopicNumber topic(number);
    const bool fresh = topics_.contains(topic) && to_delete_.insert(topic).second;
    // At a failover they have their turn once everything is told.
    if (fresh && ready_) plan_.push_back(DeleteTopic{.topic = topic});
  }
  return Wait::kNothing;
}

}  // namespace kraftsim::zookeeper
