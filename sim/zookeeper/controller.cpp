// Events, the plan, elections, and what brokers are told. A job that waits is the first of the plan; everything that
// happens meanwhile queues as an event.
#include "sim/zookeeper/controller.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/check.hpp"
#include "core/base/overloaded.hpp"

namespace kraftsim::zookeeper {

using kraft::overloaded;

// ---- what happens ----

void Controller::elect(Time now, SessionId session, Output& out) {
  session_ = session;
  post(now, Elect{}, out);
}

void Controller::session_expired() {
  resign();
  plan_.clear();
  events_.clear();
  worker_.stop();
}

void Controller::watch_fired(Time now, const Watch& watch, Output& out) {
  using Kind = Path::Kind;
  if (watch.path.kind == Kind::kController) post(now, Elect{}, out);
  if (!active_ || watch.kind != WatchKind::kChildren) return;
  if (watch.path.kind == Kind::kBrokerIds) post(now, BrokersChanged{}, out);
  if (watch.path.kind == Kind::kTopics) post(now, TopicsChanged{}, out);
  if (watch.path.kind == Kind::kDeleteTopics) post(now, DeletionsChanged{}, out);
}

void Controller::shutdown_requested(Time now, NodeId broker, Output& out) {
  if (active_) {
    post(now, ShutdownRequested{broker}, out);
  } else {
    out.sends.emplace_back(broker, ControlledShutdownReply{.done = false});
  }
}

void Controller::alter_partition(Time now, NodeId leader, const AlterPartition& request, Output& out) {
  if (active_) {
    post(now, IsrsGrow{leader, request}, out);
  } else {
    out.sends.emplace_back(leader, AlterPartitionReply{.accepted = false});
  }
}

void Controller::results(Time now, const std::vector<Result>& results, Output& out) {
  ENSURE(!plan_.empty(), "nothing was asked");
  run(now, &results, out);
}

void Controller::timer(Time now, Output& out) {
  channels_.timer(now, out.sends);
  if (worker_.run(now)) run(now, nullptr, out);
}

void Controller::broker_replied(Time, NodeId broker, std::int64_t number, Output& out) {
  channels_.answered(broker, number, out.sends);
  check_told(broker, out);
}

// ---- events and plans ----

void Controller::post(Time now, Event event, Output& out) {
  events_.push_back(std::move(event));
  if (plan_.empty()) run(now, nullptr, out);
}

void Controller::run(Time now, const std::vector<Result>* results, Output& out) {
  for (;;) {
    if (plan_.empty()) {
      if (events_.empty()) return;
      const Event event = std::move(events_.front());
      events_.pop_front();
      plan_for(event);
      continue;
    }
    // Out of the plan while it works: it may put others in its place, or end the plan.
    Job job = std::move(plan_.front());
    plan_.pop_front();
    Step step{.now = now, .out = out, .results = results};
    const Wait wait = std::visit([&](auto& j) { return work(j, step); }, job);
    results = nullptr;
    if (wait == Wait::kNothing) continue;
    plan_.push_front(std::move(job));
    return;
  }
}

void Controller::plan_for(const Event& event) {
  if (!active_ && !std::holds_alternative<Elect>(event)) return;
  std::visit(overloaded{
                 [&](const Elect&) { plan_.push_back(FindController{}); },
                 [&](const BrokersChanged&) { plan_.push_back(ReadBrokers{}); },
                 [&](const TopicsChanged&) { plan_.push_back(ReadTopics{}); },
                 [&](const DeletionsChanged&) { plan_.push_back(ReadDeletions{}); },
                 [&](const ShutdownRequested& e) {
                   shutting_down_.insert(e.broker);
                   plan_.push_back(ElectLeaders{});
                   plan_.push_back(StopFollowers{e.broker});
                   plan_.push_back(TakeOffline{.broker = e.broker});
                   plan_.push_back(AnswerShutdown{e.broker});
                 },
                 [&](const IsrsGrow& e) { plan_.push_back(GrowIsrs{.leader = e.leader, .request = e.request}); },
             },
             event);
}

/// What a plan was for is over: it ends here, and so does everything that only the active controller deals with.
void Controller::resign() {
  if (!active_) return;
  active_ = false;
  ready_ = false;
  plan_.clear();
  live_.clear();
  shutting_down_.clear();
  topics_.clear();
  to_delete_.clear();
  wanted_.clear();
  untold_.clear();
  channels_.clear();
}

bool Controller::moved(const std::vector<Result>& results) const {
  // The first change of every write is the check of /controller_epoch.
  return std::ranges::any_of(results, [](const Result& r) { return r.error != Error::kNone && r.failed == 0; });
}

Controller::Wait Controller::ask(Step& step, std::vector<Request> requests) {
  ENSURE(step.out.group.empty());
  step.out.group = std::move(requests);
  return Wait::kResults;
}

Controller::Wait Controller::compute(Step& step, std::size_t partitions) {
  worker_.start(step.now, costs_.take(Service::kControllerPartition, static_cast<std::int64_t>(partitions)));
  return Wait::kComputing;
}

Request Controller::checked(Change change) const {
  return Write{{Check{path(Path::Kind::kControllerEpoch), epoch_version_}, std::move(change)}};
}

// ---- election ----

Controller::Wait Controller::work(FindController& job, Step& step) {
  const Path controller = path(Path::Kind::kController);
  switch (job.stage) {
    case Stage::kBegin:
      job.stage = Stage::kListed;
      return ask(step, {exists(controller, true)});
    case Stage::kListed:
      job.stage = Stage::kRead;
      return ask(step, {get(controller)});
    case Stage::kRead: break;
    case Stage::kWritten:
    case Stage::kComputed: ENSURE(false); break;
  }
  const Result& found = step.results->front();
  if (found.error == Error::kNoNode) {
    resign();
    plan_.push_front(Claim{});
  } else if (as<ControllerData>(found.data).broker != self_) {
    resign();
  } else if (!active_ && found.owner == session_) {
    plan_.push_front(Claim{.own = true});
  }
  return Wait::kNothing;
}

Controller::Wait Controller::work(Claim& job, Step& step) {
  const Path epoch_path = path(Path::Kind::kControllerEpoch);
  if (job.stage == Stage::kBegin) {
    job.stage = Stage::kRead;
    return ask(step, {get(epoch_path)});
  }
  const Result& result = step.results->front();
  if (job.stage == Stage::kRead) {
    job.epoch = as<ControllerEpochData>(result.data).epoch;
    job.version = result.version;
    if (!job.own) {
      job.stage = Stage::kWritten;
      const auto next = kraft::share<Data>(ControllerEpochData{job.epoch + 1});
      return ask(step, {Write{{Create{path(Path::Kind::kController), kraft::share<Data>(ControllerData{self_}), true},
                               SetData{epoch_path, next, job.version}}}});
    }
  } else if (result.error != Error::kNone) {
    plan_.push_front(FindController{});  // somebody was faster
    return Wait::kNothing;
  } else {
    ++job.epoch;
    ++job.version;
  }
  active_ = true;
  epoch_ = job.epoch;
  epoch_version_ = job.version;
  plan_failover();
  return Wait::kNothing;
}

/// KafkaController.onControllerFailover.
void Controller::plan_failover() {
  plan_.push_back(ReadSmallThings{});
  plan_.push_back(ReadBrokers{.failover = true});
  plan_.push_back(ReadTopics{.failover = true});
  plan_.push_back(WatchBrokers{});
  plan_.push_back(ReadStates{});
  plan_.push_back(ReadDeletions{});
  plan_.push_back(TellAll{});
}

Controller::Wait Controller::work(FinishFailover&, Step& step) {
  ready_ = true;
  step.out.facts.emplace_back(self_, cluster::ActiveControllerChanged{self_});
  for (const NodeId broker : live_brokers()) untold_[broker] = channels_.last_number();
  for (const NodeId broker : live_brokers()) check_told(broker, step.out);
  return Wait::kNothing;
}

// ---- telling brokers ----

std::vector<NodeId> Controller::live_brokers() const {
  std::vector<NodeId> brokers;
  for (const auto& [broker, zxid] : live_) brokers.push_back(broker);
  return brokers;
}

void Controller::send(NodeId broker, Channels::Body body, Output& out) {
  channels_.send(broker, self_, epoch_, std::move(body), out.sends);
}

void Controller::tell(const Partitions& partitions, const std::vector<NodeId>& brokers, UpdateMetadata extra,
                      Output& out) {
  tell_leaders(partitions, brokers, out);
  extra.partitions = std::ssize(partitions);
  for (const NodeId broker : brokers) send(broker, extra, out);
}

void Controller::tell_leaders(const Partitions& partitions, const std::vector<NodeId>& brokers, Output& out) {
  std::map<NodeId, LeaderAndIsr> requests;
  for (const PartitionKey& key : partitions) {
    const Partition& partition = at(key);
    for (const NodeId replica : partition.replicas) {
      LeaderAndIsr& request = requests[replica];
      ++request.partitions;
      const auto& [leader, leader_epoch, controller_epoch, isr] = partition.state;
      if (leader != kNoLeader && std::ranges::find(isr, replica) == isr.end()) {
        request.joining.emplace_back(leader, key);
      }
    }
  }
  for (const NodeId broker : brokers) {
    if (const auto request = requests.find(broker); request != requests.end()) {
      send(broker, std::move(request->second), out);
    }
  }
}

void Controller::reached(cluster::Phase phase, Output& out) const {
  out.facts.emplace_back(self_, cluster::PhaseReached{.phase = phase, .epoch = epoch_, .cause = {}});
}

void Controller::check_told(NodeId broker, Output& out) {
  const auto untold = untold_.find(broker);
  if (untold == untold_.end() || !channels_.has_answered(broker, untold->second)) return;
  untold_.erase(untold);
  if (is_live(broker)) out.facts.emplace_back(broker, cluster::BrokerServed{self_});
  if (untold_.empty()) reached(cluster::Phase::kLastBrokerTold, out);
}

std::vector<Replicas> Controller::assign(TopicNumber topic, std::int32_t partitions, std::int32_t replication) const {
  Racks usable;
  for (const auto& [broker, zxid] : live_) {
    if (may_lead(broker)) usable[broker] = racks_.at(broker);
  }
  return place(usable, partitions, replication, topic.value());
}

std::string Controller::describe() const {
  if (!active_) return "standby";
  return fmt::format("controller e{}{} brokers={} topics={} events={} jobs={}", epoch_, ready_ ? "" : " loading",
                     live_.size(), topics_.size(), events_.size(), plan_.size());
}

}  // namespace kraftsim::zookeeper
