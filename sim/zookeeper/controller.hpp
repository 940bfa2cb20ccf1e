// Controller: Kafka's ZooKeeper-mode controller, as every broker carries one (KafkaController, ReplicaStateMachine,
// PartitionStateMachine, TopicDeletionManager of 3.9).
//
// Whoever creates the ephemeral /controller is active. It then reads everything from ZooKeeper, one znode per topic and
// one per partition, tells every broker all of it, and from then on deals with one event at a time. Each event becomes
// a plan: jobs that run one after another, each of which waits for groups of ZooKeeper requests and for its own
// computing. Every write carries a check of /controller_epoch, so that a deposed controller can write nothing.
//
//   controller.cpp             events, the plan, election, telling the brokers
//   controller_load.cpp        jobs that read the cluster from ZooKeeper
//   controller_partitions.cpp  jobs that change leaders and ISRs
//   controller_topics.cpp      jobs that create and delete topics
//
// A value without a pointer to its broker: it puts what it wants into an Output. Left out: reassignment, preferred
// leader election and its five-minute rebalance, unclean election, log directory events.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "sim/cluster/observation.hpp"
#include "sim/zookeeper/channels.hpp"
#include "sim/zookeeper/placement.hpp"
#include "sim/zookeeper/service_costs.hpp"
#include "sim/zookeeper/transaction.hpp"
#include "sim/zookeeper/worker.hpp"

namespace kraftsim::zookeeper {

class Controller {
 public:
  struct Output {
    std::vector<Request> group;  // to ZooKeeper, at most one group at a time; the results go to `results`
    Channels::Sends sends;       // to brokers
    std::vector<std::pair<NodeId, cluster::Fact>> facts;
  };

  Controller(NodeId self, const Racks& racks, ServiceCosts costs)
      : self_(self), racks_(racks), costs_(std::move(costs)) {}

  /// Look who is the controller and, if nobody is, try to become it. To be called once the broker is registered.
  void elect(Time now, SessionId session, Output& out);
  /// The ZooKeeper session is gone, and with it everything that it stood for.
  void session_expired();
  void watch_fired(Time now, const Watch& watch, Output& out);
  void results(Time now, const std::vector<Result>& results, Output& out);
  void timer(Time now, Output& out);
  [[nodiscard]] Time wake_at() const { return std::min(worker_.wake_at(), channels_.wake_at()); }

  // ---- from brokers ----
  void broker_replied(Time now, NodeId broker, std::int64_t number, Output& out);
  void broker_connection_lost(Time now, NodeId broker) { channels_.connection_lost(now, broker); }
  void shutdown_requested(Time now, NodeId broker, Output& out);
  void alter_partition(Time now, NodeId leader, const AlterPartition& request, Output& out);

  [[nodiscard]] bool is_active() const { return active_; }
  /// Everything is loaded and told: events are dealt with as they come.
  [[nodiscard]] bool is_ready() const { return ready_; }
  [[nodiscard]] std::int64_t epoch() const { return epoch_; }
  /// The assignment of a topic to be created; empty if there are too few live brokers.
  [[nodiscard]] std::vector<Replicas> assign(TopicNumber topic, std::int32_t partitions,
                                             std::int32_t replication) const;
  [[nodiscard]] std::string describe() const;

 private:
  // ---- what it knows (ControllerContext) ----
  struct Partition {
    Replicas replicas;
    PartitionState state;
    std::int32_t version = -1;  // of the state znode; -1: not written yet
  };
  using Partitions = std::vector<PartitionKey>;

  // ---- events ----
  struct Elect {};
  struct BrokersChanged {};
  struct TopicsChanged {};
  struct DeletionsChanged {};
  struct ShutdownRequested {
    NodeId broker;
  };
  struct IsrsGrow {
    NodeId leader;
    AlterPartition request;
  };
  using Event = std::variant<Elect, BrokersChanged, TopicsChanged, DeletionsChanged, ShutdownRequested, IsrsGrow>;

  // ---- jobs: data of their own, and how far they have come ----
  enum class Stage : std::uint8_t { kBegin, kListed, kRead, kWritten, kComputed };

  /// Who is the controller? Watches /controller.
  struct FindController {
    Stage stage = Stage::kBegin;
  };
  /// Creates /controller and counts /controller_epoch up; `own`: that has been done, only the answer was lost.
  struct Claim {
    bool own = false;
    Stage stage = Stage::kBegin;
    std::int64_t epoch = 0;
    std::int32_t version = 0;
  };
  /// The feature, reassignment, preferred election and notification znodes, one after the other.
  struct ReadSmallThings {
    std::size_t next = 0;
  };
  /// Lists and reads /brokers/ids; what differs from what is known becomes further jobs.
  struct ReadBrokers {
    bool failover = false;
    Stage stage = Stage::kBegin;
    std::vector<NodeId> ids{};
  };
  /// Lists /brokers/topics and reads the assignments that are not known yet.
  struct ReadTopics {
    bool failover = false;
    Stage stage = Stage::kBegin;
    std::vector<TopicNumber> fresh{};
  };
  /// Sets a watch on each live broker's znode.
  struct WatchBrokers {
    Stage stage = Stage::kBegin;
  };
  struct ReadStates {
    Stage stage = Stage::kBegin;
    Partitions partitions{};
  };
  struct ReadDeletions {
    Stage stage = Stage::kBegin;
  };
  /// Everything to every broker (ReplicaStateMachine.startup).
  struct TellAll {
    Stage stage = Stage::kBegin;
  };
  /// A broker's replicas leave their ISRs; all partitions that it follows or led, unless told which.
  struct TakeOffline {
    NodeId broker;
    Partitions partitions{};
    Stage stage = Stage::kBegin;
  };
  /// New leaders for all partitions whose leader may not lead, unless told which.
  struct ElectLeaders {
    Partitions partitions{};
    Stage stage = Stage::kBegin;
  };
  struct StartBrokers {
    std::map<NodeId, Zxid> brokers{};
    Stage stage = Stage::kBegin;
  };
  struct GrowIsrs {
    NodeId leader;
    AlterPartition request{};
    Partitions partitions{};
    Stage stage = Stage::kBegin;
  };
  struct StopFollowers {
    NodeId broker;
  };
  struct AnswerShutdown {
    NodeId broker;
  };
  struct CreatePartitions {
    TopicNumber topic;
    Stage stage = Stage::kBegin;
  };
  struct DeleteTopic {
    TopicNumber topic;
    Stage stage = Stage::kBegin;
  };
  struct FinishFailover {};
  using Job = std::variant<FindController, Claim, ReadSmallThings, ReadBrokers, ReadTopics, WatchBrokers, ReadStates,
                           ReadDeletions, TellAll, TakeOffline, ElectLeaders, StartBrokers, GrowIsrs, StopFollowers,
                           AnswerShutdown, CreatePartitions, DeleteTopic, FinishFailover>;

  /// What a job waits for; kNothing: it is done.
  enum class Wait : std::uint8_t { kNothing, kResults, kComputing };
  struct Step {
    Time now;
    Output& out;
    const std::vector<Result>* results = nullptr;  // none at a job's beginning and after computing
  };

  // ---- controller.cpp ----
  void post(Time now, Event event, Output& out);
  void run(Time now, const std::vector<Result>* results, Output& out);
  void plan_for(const Event& event);
  void resign();
  [[nodiscard]] bool moved(const std::vector<Result>& results) const;
  [[nodiscard]] Wait ask(Step& step, std::vector<Request> requests);
  [[nodiscard]] Wait compute(Step& step, std::size_t partitions);
  [[nodiscard]] Request checked(Change change) const;
  Wait work(FindController& job, Step& step);
  Wait work(Claim& job, Step& step);
  Wait work(FinishFailover& job, Step& step);
  void plan_failover();
  /// LeaderAndIsr to those that hold replicas of the partitions, then UpdateMetadata to `brokers`.
  void tell(const Partitions& partitions, const std::vector<NodeId>& brokers, UpdateMetadata extra, Output& out);
  void tell_leaders(const Partitions& partitions, const std::vector<NodeId>& brokers, Output& out);
  void send(NodeId broker, Channels::Body body, Output& out);
  void check_told(NodeId broker, Output& out);
  void reached(cluster::Phase phase, Output& out) const;

  // ---- controller_load.cpp ----
  Wait work(ReadSmallThings& job, Step& step);
  Wait work(ReadBrokers& job, Step& step);
  Wait work(ReadTopics& job, Step& step);
  Wait work(WatchBrokers& job, Step& step);
  Wait work(ReadStates& job, Step& step);
  Wait work(ReadDeletions& job, Step& step);
  void compare_brokers(const std::map<NodeId, Zxid>& seen);

  // ---- controller_partitions.cpp ----
  Wait work(TellAll& job, Step& step);
  Wait work(TakeOffline& job, Step& step);
  Wait work(ElectLeaders& job, Step& step);
  Wait work(StartBrokers& job, Step& step);
  Wait work(GrowIsrs& job, Step& step);
  Wait work(StopFollowers& job, Step& step);
  Wait work(AnswerShutdown& job, Step& step);
  [[nodiscard]] NodeId elected(const Partition& partition) const;
  [[nodiscard]] static std::vector<Request> state_reads(const Partitions& partitions);
  void absorb_states(const Partitions& partitions, const std::vector<Result>& results);
  /// Writes the `wanted_` states of these partitions.
  [[nodiscard]] Wait ask_writes(Step& step);
  /// Takes over the states whose writes succeeded; returns the partitions whose did not.
  [[nodiscard]] Partitions absorb_writes(const std::vector<Result>& results);

  // ---- controller_topics.cpp ----
  Wait work(CreatePartitions& job, Step& step);
  Wait work(DeleteTopic& job, Step& step);
  [[nodiscard]] bool is_deletable(TopicNumber topic) const;
  [[nodiscard]] Partitions partitions_of(TopicNumber topic) const;

  // ---- looking things up ----
  [[nodiscard]] Partition& at(PartitionKey key) {
    return topics_.at(key.topic)[static_cast<std::size_t>(key.partition)];
  }
  [[nodiscard]] bool is_live(NodeId broker) const { return live_.contains(broker); }
  /// May lead: lives and is not shutting down.
  [[nodiscard]] bool may_lead(NodeId broker) const { return is_live(broker) && !shutting_down_.contains(broker); }
  [[nodiscard]] std::vector<NodeId> live_brokers() const;
  template <class Predicate>
  [[nodiscard]] Partitions partitions_where(Predicate predicate) const;

  NodeId self_;
  Racks racks_;
  ServiceCosts costs_;

  bool active_ = false;
  bool ready_ = false;
  std::int64_t epoch_ = 0;
  std::int32_t epoch_version_ = 0;
  std::map<NodeId, Zxid> live_;  // and the zxid that created the znode: the broker's epoch
  std::set<NodeId> shutting_down_;
  std::map<TopicNumber, std::vector<Partition>> topics_;
  std::set<TopicNumber> to_delete_;  // waiting until all their replicas live

  SessionId session_;
  std::map<PartitionKey, PartitionState> wanted_;  // states that the present job writes
  std::deque<Event> events_;
  std::deque<Job> plan_;
  Worker worker_;
  Channels channels_;
  std::map<NodeId, std::int64_t> untold_;  // at the end of a failover: what each broker has still to answer
};

template <class Predicate>
Controller::Partitions Controller::partitions_where(Predicate predicate) const {
  Partitions found;
  for (const auto& [topic, partitions] : topics_) {
    for (std::size_t p = 0; p < partitions.size(); ++p) {
      if (predicate(partitions[p])) found.push_back({topic, static_cast<std::int32_t>(p)});
    }
  }
  return found;
}

}  // namespace kraftsim::zookeeper
