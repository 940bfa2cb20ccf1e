// Jobs that change leaders and in-sync replicas: ReplicaStateMachine, PartitionStateMachine and what calls them.
//
// A change reads the states, writes those that differ, then spends the CPU time of building the requests, then tells.
#include <algorithm>

#include "core/base/check.hpp"
#include "sim/zookeeper/controller.hpp"

namespace kraftsim::zookeeper {

namespace {

bool contains(const Replicas& replicas, NodeId broker) {
  return std::ranges::find(replicas, broker) != replicas.end();
}

}  // namespace

// ---- reading and writing states ----

std::vector<Request> Controller::state_reads(const Partitions& partitions) {
  std::vector<Request> reads;
  reads.reserve(partitions.size());
  for (const PartitionKey& key : partitions) reads.push_back(get(state_path(key)));
  return reads;
}

void Controller::absorb_states(const Partitions& partitions, const std::vector<Result>& results) {
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    if (results[i].error != Error::kNone) continue;  // not created yet
    Partition& partition = at(partitions[i]);
    partition.state = as<PartitionState>(results[i].data);
    partition.version = results[i].version;
  }
}

Controller::Wait Controller::ask_writes(Step& step) {
  std::vector<Request> writes;
  writes.reserve(wanted_.size());
  for (auto& [key, state] : wanted_) {
    state.controller_epoch = epoch_;
    writes.push_back(checked(SetData{state_path(key), kraft::share<Data>(state), at(key).version}));
  }
  return ask(step, std::move(writes));
}

Controller::Partitions Controller::absorb_writes(const std::vector<Result>& results) {
  Partitions failed;
  std::size_t i = 0;
  for (const auto& [key, state] : wanted_) {
    if (results[i++].error != Error::kNone) {
      failed.push_back(key);
      continue;
    }
    Partition& partition = at(key);
    partition.state = state;
    partition.version += 1;
  }
  wanted_.clear();
  return failed;
}

// ---- failover ----

Controller::Wait Controller::work(TellAll& job, Step& step) {
  const Partitions all = partitions_where([](const Partition&) { return true; });
  if (job.stage == Stage::kBegin) {
    job.stage = Stage::kComputed;
    reached(cluster::Phase::kStateLoaded, step.out);
    for (const NodeId broker : live_brokers()) send(broker, UpdateMetadata{}, step.out);
    return compute(step, all.size());
  }
  tell(all, live_brokers(), {}, step.out);
  std::set<NodeId> dead;
  for (const PartitionKey& key : all) {
    for (const NodeId replica : at(key).replicas) {
      if (!is_live(replica)) dead.insert(replica);
    }
  }
  // ReplicaStateMachine.startup comes before PartitionStateMachine.startup: what the dead led is leaderless in between.
  for (const NodeId broker : dead) plan_.push_back(TakeOffline{.broker = broker});
  plan_.push_back(ElectLeaders{});
  for (const auto& [topic, partitions] : topics_) {  // an earlier controller did not finish creating these
    if (std::ranges::any_of(partitions, [](const Partition& p) { return p.version < 0; })) {
      plan_.push_back(CreatePartitions{.topic = topic});
    }
  }
  plan_.push_back(FinishFailover{});
  for (const TopicNumber topic : to_delete_) plan_.push_back(DeleteTopic{.topic = topic});
  return Wait::kNothing;
}

// ---- brokers that go ----

Controller::Wait Controller::work(TakeOffline& job, Step& step) {
  const NodeId broker = job.broker;
  switch (job.stage) {
    case Stage::kBegin:
      if (job.partitions.empty()) {
        job.partitions = partitions_where([&](const Partition& p) {
          return contains(p.replicas, broker) && !(is_live(broker) && p.state.leader == broker);
        });
      }
      if (job.partitions.empty()) return Wait::kNothing;
      job.stage = Stage::kRead;
      return ask(step, state_reads(job.partitions));
    case Stage::kRead:
      absorb_states(job.partitions, *step.results);
      for (const PartitionKey& key : job.partitions) {
        const Partition& partition = at(key);
        if (!contains(partition.state.isr, broker)) continue;
        PartitionState& state = wanted_[key] = partition.state;
        if (state.leader == broker) state.leader = kNoLeader;
        if (state.isr.size() > 1) state.isr.erase(std::ranges::find(state.isr, broker));  // the last one stays
        state.leader_epoch += 1;
      }
      if (wanted_.empty()) return Wait::kNothing;
      job.stage = Stage::kWritten;
      return ask_writes(step);
    case Stage::kWritten: {
      if (moved(*step.results)) {
        resign();
        plan_.push_front(FindController{});
        return Wait::kNothing;
      }
      job.partitions.clear();
      for (const auto& [key, state] : wanted_) job.partitions.push_back(key);
      const Partitions failed = absorb_writes(*step.results);
      if (!failed.empty()) plan_.push_front(TakeOffline{.broker = broker, .partitions = failed});
      job.stage = Stage::kComputed;
      return compute(step, job.partitions.size());
    }
    case Stage::kComputed: tell(job.partitions, live_brokers(), {}, step.out); return Wait::kNothing;
    case Stage::kListed: ENSURE(false); break;
  }
  return Wait::kNothing;
}

/// OfflinePartitionLeaderElectionStrategy and, for those that shut down, the controlled one: the first replica that may
/// lead and is in the ISR. kNoLeader: there is no such replica, or the partition has a leader that may lead.
NodeId Controller::elected(const Partition& partition) const {
  if (may_lead(partition.state.leader)) return kNoLeader;
  const auto leader = std::ranges::find_if(partition.replicas, [&](NodeId replica) {
    return may_lead(replica) && contains(partition.state.isr, replica);
  });
  return leader == partition.replicas.end() ? kNoLeader : *leader;
}

Controller::Wait Controller::work(ElectLeaders& job, Step& step) {
  switch (job.stage) {
    case Stage::kBegin:
      if (job.partitions.empty()) {
        job.partitions = partitions_where(
            [&](const Partition& p) { return p.version >= 0 && !may_lead(p.state.leader); });
      }
      if (job.partitions.empty()) return Wait::kNothing;
      job.stage = Stage::kRead;
      return ask(step, state_reads(job.partitions));
    case Stage::kRead:
      absorb_states(job.partitions, *step.results);
      for (const PartitionKey& key : job.partitions) {
        const NodeId leader = elected(at(key));
        if (leader == kNoLeader) continue;
        PartitionState& state = wanted_[key] = at(key).state;
        state.leader = leader;
        state.leader_epoch += 1;
        const auto gone = std::ranges::remove_if(state.isr, [&](NodeId member) { return !may_lead(member); });
        state.isr.erase(gone.begin(), gone.end());
      }
      if (wanted_.empty()) return Wait::kNothing;
      job.stage = Stage::kWritten;
      return ask_writes(step);
    case Stage::kWritten: {
      if (moved(*step.results)) {
        resign();
        plan_.push_front(FindController{});
        return Wait::kNothing;
      }
      job.partitions.clear();
      for (const auto& [key, state] : wanted_) job.partitions.push_back(key);
      const Partitions failed = absorb_writes(*step.results);
      if (!failed.empty()) plan_.push_front(ElectLeaders{.partitions = failed});
      job.stage = Stage::kComputed;
      return compute(step, job.partitions.size());
    }
    case Stage::kComputed: tell(job.partitions, live_brokers(), {}, step.out); return Wait::kNothing;
    case Stage::kListed: ENSURE(false); break;
  }
  return Wait::kNothing;
}

// ---- brokers that come ----

/// KafkaController.onBrokerStartup.
Controller::Wait Controller::work(StartBrokers& job, Step& step) {
  const auto held = [&](const Partition& p) {
    return std::ranges::any_of(p.replicas, [&](NodeId replica) { return job.brokers.contains(replica); });
  };
  if (job.stage == Stage::kBegin) {
    job.stage = Stage::kRead;
    for (const NodeId broker : live_brokers()) send(broker, UpdateMetadata{}, step.out);
    std::vector<Request> watches;
    for (const auto& [broker, zxid] : job.brokers) {
      live_[broker] = zxid;
      channels_.open(broker);
      watches.push_back(exists(broker_path(broker), true));
    }
    return ask(step, std::move(watches));
  }
  if (job.stage == Stage::kRead) {
    job.stage = Stage::kComputed;
    return compute(step, partitions_where(held).size());
  }
  std::vector<NodeId> brokers;
  for (const auto& [broker, zxid] : job.brokers) brokers.push_back(broker);
  tell_leaders(partitions_where(held), brokers, step.out);
  const auto all = std::ssize(partitions_where([](const Partition&) { return true; }));
  for (const NodeId broker : brokers) send(broker, UpdateMetadata{.partitions = all}, step.out);
  plan_.push_back(ElectLeaders{});
  for (const TopicNumber topic : to_delete_) plan_.push_back(DeleteTopic{.topic = topic});
  return Wait::kNothing;
}

Controller::Wait Controller::work(GrowIsrs& job, Step& step) {
  if (job.stage == Stage::kBegin) {
    for (const auto& [key, member] : job.request.joined) {
      const auto topic = topics_.find(key.topic);
      if (topic == topics_.end()) continue;
      const Partition& partition = at(key);
      if (partition.state.leader != job.leader || !may_lead(member) || contains(partition.state.isr, member)) continue;
      if (!wanted_.contains(key)) wanted_[key] = partition.state;
      wanted_[key].isr.push_back(member);
      job.partitions.push_back(key);
    }
    if (!wanted_.empty()) {
      job.stage = Stage::kWritten;
      return ask_writes(step);
    }
  } else {
    if (moved(*step.results)) {
      resign();
      plan_.push_front(FindController{});
      return Wait::kNothing;
    }
    const Partitions failed = absorb_writes(*step.results);
    for (const NodeId broker : live_brokers()) {
      send(broker, UpdateMetadata{.partitions = std::ssize(job.partitions) - std::ssize(failed)}, step.out);
    }
  }
  step.out.sends.emplace_back(job.leader, AlterPartitionReply{.accepted = true});
  return Wait::kNothing;
}

// ---- controlled shutdown ----

Controller::Wait Controller::work(StopFollowers& job, Step& step) {
  const Partitions followed = partitions_where(
      [&](const Partition& p) { return contains(p.replicas, job.broker) && p.state.leader != job.broker; });
  send(job.broker, StopReplica{.partitions = std::ssize(followed)}, step.out);
  return Wait::kNothing;
}

Controller::Wait Controller::work(AnswerShutdown& job, Step& step) {
  const Partitions led = partitions_where(
      [&](const Partition& p) { return p.state.leader == job.broker && p.replicas.size() > 1; });
  step.out.sends.emplace_back(job.broker, ControlledShutdownReply{.done = led.empty()});
  return Wait::kNothing;
}

}  // namespace kraftsim::zookeeper
