// The table itself, an object per function. Descriptions are sentences for people who write scenarios: they end up in
// the schema, where editors show them, and in scenarios/README.md.
#include "sim/scenario/fields.hpp"

#include <algorithm>

#include "core/base/check.hpp"
#include "sim/check/markers.hpp"
#include "sim/measure/metrics.hpp"
#include "sim/scenario/fault_fields.hpp"

namespace kraftsim::scenario {
namespace {

using cluster::KeyRole;

constexpr std::int64_t kMostBrokers = 10'000;
constexpr std::int64_t kMost = 100'000'000;
constexpr std::int64_t kMostRivals = 9;
constexpr std::int64_t kMostPartitions = 9'999;  // of one request: Kafka makes 10,000 records of it at most

std::vector<std::string_view> coordinations() { return {"kraft", "zookeeper"}; }

/// Those that a duration can bound.
std::vector<std::string_view> metric_names() {
  std::vector<std::string_view> names;
  for (const measure::Metric& metric : measure::metrics()) {
    if (metric.unit == measure::Unit::kNanoseconds) names.push_back(metric.name);
  }
  return names;
}

std::vector<std::string_view> markers() {
  std::vector<std::string_view> names;
  for (const check::MarkerName& marker : check::marker_names()) names.push_back(marker.name);
  return names;
}

Field source() {
  return {.name = "source", .what = "Where these numbers come from."};
}
Field racks() {
  return {.name = "racks", .shape = Shape::kList, .what = "Racks that they are in by turns; none: no racks."};
}
Field disk() {
  return {.name = "disk", .kind = Kind::kObject, .of = "disk", .what = "What its disks are like, where they differ."};
}
Field service() {
  return {.name = "service", .kind = Kind::kService, .what = "CPU time per kind of work, where it differs."};
}

ObjectType scenario() {
  return {
      .name = "scenario",
      .what = "One experiment.",
      .fields = {
          {.name = "$schema", .what = "Path of the JSON Schema, for editors."},
          {.name = "version", .kind = Kind::kInteger, .required = true, .min = 1, .max = 1,
           .what = "Version of this format."},
          {.name = "name", .what = "Name in results; by default the file's."},
          {.name = "description", .required = true, .what = "What the scenario shows."},
          {.name = "duration", .kind = Kind::kDuration, .required = true, .min = 1,
           .what = "How long a run lasts, in simulated time after the warm-up."},
          {.name = "warm_up", .kind = Kind::kDuration, .fallback = "5s",
           .what = "How long after the cluster is ready the run's time 0 is."},
          {.name = "stop_at_first_failover", .kind = Kind::kBoolean, .fallback = "false",
           .what = "End the run once its last fault's failover is over."},
          {.name = "coordination", .kind = Kind::kChoice, .shape = Shape::kOneOrList, .choices = coordinations(),
           .fallback = "kraft", .what = "What coordinates the brokers; with both, each seed is run on each."},
          {.name = "profile", .fallback = "lan",
           .what = "File of latencies and service times: profiles/<name>.json beside the scenario, or a built-in one."},
          {.name = "cluster", .kind = Kind::kObject, .of = "cluster", .what = "Nodes and topics."},
          {.name = "network", .kind = Kind::kObject, .of = "network", .what = "Links; the rest is the profile's."},
          {.name = "disk", .kind = Kind::kObject, .of = "disk", .what = "Disks; the rest is the profile's."},
          {.name = "service", .kind = Kind::kService, .what = "CPU time per kind of work; the rest is the profile's."},
          {.name = "raft_paper", .kind = Kind::kObject, .of = "raft_paper",
           .what = "Elect as in the Raft papers instead of Kafka's way (kraft only)."},
          {.name = "workload", .kind = Kind::kObject, .shape = Shape::kList, .of = "workload",
           .what = "What clients do."},
          {.name = "faults", .kind = Kind::kObject, .shape = Shape::kList, .of = "fault", .what = "What goes wrong."},
          {.name = "expect", .kind = Kind::kObject, .shape = Shape::kList, .of = "expectation",
           .what = "Expectations beyond the invariants, which are always checked."},
          {.name = "liveness", .kind = Kind::kObject, .of = "liveness",
           .what = "Go on after the faults: heal some nodes, freeze the rest, and demand that the cluster comes back "
                   "(kraft only)."},
          {.name = "sometimes", .kind = Kind::kChoice, .shape = Shape::kList, .choices = markers(),
           .what = "Markers that a sweep must have met at least once (kraft only); one that did not is inconclusive."},
          {.name = "replay", .kind = Kind::kObject, .of = "replay",
           .what = "The one run that this file was written for; `kraftsim replay` does it again."},
      }};
}

ObjectType replay() {
  return {
      .name = "replay",
      .what = "One run, and how it ended.",
      .fields = {
          {.name = "seed", .required = true, .what = "Its seed, as text: seeds exceed what JSON's readers hold."},
          {.name = "shuffle_ties", .kind = Kind::kBoolean, .fallback = "false", .what = "As --shuffle-ties."},
          {.name = "invariant", .what = "The invariant that it broke."},
          {.name = "digest", .what = "The digest in which it ended."},
      }};
}

ObjectType profile() {
  return {
      .name = "profile",
      .what = "Latencies and service times under a name, with their source.",
      .fields = {
          {.name = "$schema", .what = "Path of the JSON Schema, for editors."},
          {.name = "description", .required = true, .what = "Which machines these are."},
          {.name = "network", .kind = Kind::kObject, .of = "network", .required = true, .what = "Links."},
          {.name = "disk", .kind = Kind::kObject, .of = "disk", .required = true, .what = "Disks."},
          {.name = "service", .kind = Kind::kService, .required = true, .what = "CPU time per kind of work."},
      }};
}

ObjectType cluster_object() {
  return {
      .name = "cluster",
      .what = "Nodes and topics.",
      .fields = {
          {.name = "controllers", .kind = Kind::kObject, .of = "controllers", .what = "The KRaft controllers."},
          {.name = "zookeeper", .kind = Kind::kObject, .of = "zookeeper", .what = "The ZooKeeper ensemble."},
          {.name = "brokers", .kind = Kind::kObject, .of = "brokers", .what = "The brokers."},
          {.name = "topics", .kind = Kind::kObject, .shape = Shape::kList, .of = "topics",
           .what = "Topics that exist from the start."},
          {.name = "nodes", .kind = Kind::kNodes, .what = "Exceptions by node: \"controller:2\", \"zookeeper:1\", "
                                                          "\"coordinator:1\" (whichever coordinates), \"broker:3\"."},
      }};
}

ObjectType controllers() {
  return {
      .name = "controllers",
      .what = "The KRaft controllers, ids from 1: voters of the quorum, then observers.",
      .fields = {
          {.name = "count", .kind = Kind::kInteger, .fallback = "3", .min = 1, .max = kMostCoordinators,
           .what = "How many."},
          racks(),
          {.name = "observers", .kind = Kind::kInteger, .fallback = "0", .max = kMostCoordinators,
           .what = "Controllers beside these that do not vote until they are added."},
          {.name = "kraft_version", .kind = Kind::kInteger, .fallback = "0", .max = 1,
           .what = "kraft.version (KIP-853) at the start. 0: the voters are configured and stay; 1: they are in the "
                   "log and may change."},
          {.name = "config", .kind = Kind::kConfig, .role = KeyRole::kController,
           .what = "Kafka's configuration keys, in their own units."},
          disk(),
          service(),
      }};
}

ObjectType zookeeper() {
  return {
      .name = "zookeeper",
      .what = "The ZooKeeper ensemble: voting servers, ids from 1.",
      .fields = {
          {.name = "count", .kind = Kind::kInteger, .fallback = "3", .min = 1, .max = kMostCoordinators,
           .what = "How many."},
          racks(),
          {.name = "config", .kind = Kind::kConfig, .role = KeyRole::kZookeeperServer,
           .what = "ZooKeeper's configuration keys, in their own units."},
          disk(),
          service(),
      }};
}

ObjectType brokers() {
  return {
      .name = "brokers",
      .what = "The brokers, ids from 101.",
      .fields = {
          {.name = "count", .kind = Kind::kInteger, .fallback = "3", .max = kMostBrokers, .what = "How many."},
          racks(),
          {.name = "config", .kind = Kind::kConfig, .role = KeyRole::kBroker,
           .what = "Kafka's configuration keys, in their own units; of both coordinations, each takes its own."},
          disk(),
          service(),
      }};
}

ObjectType node() {
  return {
      .name = "node",
      .what = "What is different about one node.",
      .fields = {
          {.name = "rack", .what = "The rack that it is in."},
          {.name = "config", .kind = Kind::kConfig, .what = "Configuration keys of the node's role."},
          disk(),
          service(),
          {.name = "clock", .kind = Kind::kObject, .of = "node_clock",
           .what = "How wrong its clock is from the start."},
      }};
}

ObjectType node_clock() {
  return {
      .name = "node_clock",
      .what = "How wrong a clock is from the start.",
      .fields = {
          {.name = "ahead", .kind = Kind::kDuration, .fallback = "0s",
           .what = "So far ahead of the true time; the rest of the cluster is behind."},
          {.name = "drift_ppm", .kind = Kind::kInteger, .fallback = "0", .min = -500'000, .max = 500'000,
           .what = "It gains so many microseconds a second, or loses them."},
      }};
}

ObjectType topics() {
  return {
      .name = "topics",
      .what = "Some topics of one shape.",
      .fields = {
          {.name = "count", .kind = Kind::kInteger, .fallback = "1", .min = 1, .max = kMost, .what = "How many."},
          {.name = "partitions", .kind = Kind::kInteger, .fallback = "1", .min = 1, .max = kMostPartitions,
           .what = "Partitions of each."},
          {.name = "replication", .kind = Kind::kInteger, .fallback = "1", .min = 1, .max = kMostBrokers,
           .what = "Replicas of each partition; no more than there are brokers."},
      }};
}

std::vector<Field> link_fields() {
  return {
      {.name = "latency", .kind = Kind::kLatency, .what = "One way, per message."},
      {.name = "bandwidth", .kind = Kind::kRate, .what = "Per direction of a link; none: no limit."},
      {.name = "loss", .kind = Kind::kFraction,
       .what = "Share of segments lost; TCP turns a loss into a retransmission delay."},
  };
}

ObjectType network() {
  ObjectType type{.name = "network", .what = "Links between nodes.", .fields = link_fields()};
  type.fields.push_back({.name = "connection", .kind = Kind::kObject, .of = "connection",
                         .what = "TCP, and what Kafka does on a fresh connection."});
  type.fields.push_back({.name = "links", .kind = Kind::kObject, .shape = Shape::kList, .of = "link",
                         .what = "Links that differ."});
  type.fields.push_back(source());
  return type;
}

ObjectType link() {
  ObjectType type{
      .name = "link",
      .what = "The links from some nodes to some nodes.",
      .fields = {
          {.name = "from", .kind = Kind::kTarget, .shape = Shape::kOneOrList, .required = true,
           .what = "Nodes by number, or \"brokers\", \"coordinators\", \"*\"."},
          {.name = "to", .kind = Kind::kTarget, .shape = Shape::kOneOrList, .required = true, .what = "The same."},
          {.name = "both", .kind = Kind::kBoolean, .fallback = "false", .what = "The opposite direction as well."},
      }};
  for (Field& field : link_fields()) type.fields.push_back(std::move(field));
  return type;
}

ObjectType connection() {
  return {
      .name = "connection",
      .what = "TCP, and what Kafka does on a fresh connection.",
      .fields = {
          {.name = "handshake", .kind = Kind::kBoolean,
           .what = "Whether connections must be made before they can be used; false: they stand ready."},
          {.name = "negotiation", .kind = Kind::kLatency,
           .what = "Wait of a client after the handshake: ApiVersions, SASL."},
          {.name = "setup_timeout", .kind = Kind::kDuration, .min = 1,
           .what = "An attempt to connect fails after this (socket.connection.setup.timeout.ms); 10s."},
          {.name = "retransmission_timeout", .kind = Kind::kDuration, .min = 1,
           .what = "First retransmission; each next wait is twice as long; 200ms."},
          {.name = "retransmission_timeout_max", .kind = Kind::kDuration, .min = 1,
           .what = "Longest wait for a retransmission; 120s."},
      }};
}

ObjectType disk_object() {
  return {
      .name = "disk",
      .what = "A disk.",
      .fields = {
          {.name = "write", .kind = Kind::kLatency, .what = "Handing one write to the kernel."},
          {.name = "fsync", .kind = Kind::kLatency, .what = "One fsync."},
          {.name = "bandwidth", .kind = Kind::kRate, .what = "None: no limit."},
          source(),
      }};
}

ObjectType raft_paper() {
  return {.name = "raft_paper",
          .what = "Elections as the Raft papers have them: one randomised time-out for followers and candidates.",
          .fields = {
              {.name = "timeout", .kind = Kind::kDurationRange, .required = true, .what = "Drawn anew at every reset."},
              {.name = "candidate_timeout", .kind = Kind::kDurationRange,
               .what = "How long a candidate waits for votes, where that differs (Raft Refloated)."},
              {.name = "pre_vote", .kind = Kind::kBoolean, .fallback = "false", .what = "Thesis §9.6."},
              {.name = "check_quorum", .kind = Kind::kBoolean, .fallback = "false", .what = "Thesis §6.2."},
              {.name = "shorter_logs",
               .kind = Kind::kInteger,
               .fallback = "0",
               .max = kMostCoordinators - 1,
               .what = "So many voters start with a shorter log than the rest, no two alike (\"different logs\", "
                       "thesis §9.3)."},
          }};
}

Field quorum_change_at() {
  return {.name = "at", .kind = Kind::kDuration, .required = true, .what = "When, from the same moment as faults."};
}
Field controller_number() {
  return {.name = "controller", .kind = Kind::kInteger, .required = true, .min = 1, .max = kMostCoordinators,
          .what = "Its number."};
}

std::vector<ObjectType> workload_objects() {
  return {
      {.name = "workload",
       .what = "One part of the load.",
       .fields = {
           {.name = "clients", .kind = Kind::kObject, .of = "clients", .what = "Clients that are connected."},
           {.name = "create_topics", .kind = Kind::kObject, .of = "create_topics",
            .what = "Topics created at a steady pace."},
           {.name = "add_voter", .kind = Kind::kObject, .of = "add_voter",
            .what = "A controller becomes a voter (KIP-853)."},
           {.name = "remove_voter", .kind = Kind::kObject, .of = "remove_voter",
            .what = "A controller ceases to be a voter (KIP-853)."},
           {.name = "finalize", .kind = Kind::kObject, .of = "finalize", .what = "kraft.version is raised."},
       },
       .one_of = {{"clients", "create_topics", "add_voter", "remove_voter", "finalize"}}},
      {.name = "add_voter",
       .what = "An administrator adds a controller, with the disk that it has then, to the voters, and tries again "
               "until it is done or half a minute has passed.",
       .fields = {quorum_change_at(), controller_number()}},
      {.name = "remove_voter",
       .what = "An administrator removes a controller, with the disk that the voters know it by, from the voters.",
       .fields = {quorum_change_at(), controller_number()}},
      {.name = "finalize",
       .what = "An administrator finalizes a feature level.",
       .fields = {quorum_change_at(),
                  {.name = "kraft_version", .kind = Kind::kInteger, .required = true, .min = 1, .max = 1,
                   .what = "1: from now on the voters are in the log and may change."}}},
      {.name = "clients",
       .what = "Clients by kind.",
       .fields = {
           {.name = "producers", .kind = Kind::kInteger, .fallback = "0", .max = kMost,
            .what = "Producers, for the reader: nothing that they do reaches the control plane."},
           {.name = "consumers", .kind = Kind::kInteger, .fallback = "0", .max = kMost,
            .what = "Consumers, for the reader, likewise."},
           {.name = "zookeeper_sessions", .kind = Kind::kInteger, .fallback = "0", .max = kMostSessions,
            .what = "ZooKeeper sessions of clients other than brokers; there are none under KRaft."},
       }},
      {.name = "create_topics",
       .what = "Topics created at a steady pace.",
       .fields = {
           {.name = "every", .kind = Kind::kDuration, .required = true, .min = 1, .what = "From one to the next."},
           {.name = "partitions", .kind = Kind::kInteger, .fallback = "1", .min = 1, .max = kMostPartitions,
            .what = "Partitions of each."},
           {.name = "replication", .kind = Kind::kInteger, .fallback = "1", .min = 1, .max = kMostBrokers,
            .what = "Replicas of each partition."},
           {.name = "keep", .kind = Kind::kInteger, .fallback = "100", .min = 1, .max = kMost,
            .what = "When more exist, the oldest is deleted instead."},
           {.name = "rivals", .kind = Kind::kInteger, .fallback = "0", .max = kMostRivals,
            .what = "Other clients that ask for the same, creation or deletion, at the same time, each through a "
                    "broker that is drawn."},
       }},
  };
}

std::vector<ObjectType> expectation_objects() {
  ObjectType expectation{
      .name = "expectation",
      .what = "Bounds on a metric, or a demand on how the run ends.",
      .fields = {
          {.name = "metric",
           .kind = Kind::kChoice,
           .choices = metric_names(),
           .what = "What is bounded; one in ns of `kraftsim list metrics`."},
          {.name = "coordination", .kind = Kind::kChoice, .choices = coordinations(), .what = "By default each."},
      },
      .one_of = {{"metric", "verdict"}}};
  for (const std::string_view quantile : {"min", "p50", "p90", "p95", "p99", "p99.9", "max"}) {
    expectation.fields.push_back({.name = quantile, .kind = Kind::kObject, .of = "bound", .what = "Its bounds."});
  }
  expectation.fields.push_back({.name = "verdict", .kind = Kind::kChoice, .choices = {"live"},
                                .what = "\"live\": an active controller, every live broker served, commits."});
  expectation.fields.push_back({.name = "within", .kind = Kind::kDuration, .fallback = "30s", .min = 1,
                                .what = "How soon the verdict must hold."});
  expectation.fields.push_back({.name = "after", .kind = Kind::kChoice, .choices = {"last_fault"},
                                .fallback = "last_fault", .what = "From when `within` counts."});
  return {
      expectation,
      {.name = "bound",
       .what = "One limit or both.",
       .fields = {
           {.name = "below", .kind = Kind::kDuration, .what = "Less than this."},
           {.name = "above", .kind = Kind::kDuration, .what = "More than this."},
       }},
  };
}

ObjectType liveness() {
  return {
      .name = "liveness",
      .what = "What is demanded once the faults are over. A core of nodes that could serve is healed, every other "
              "fault stays for good, and the core must have a leader, commit, agree and serve its brokers in bounded "
              "time.",
      .fields = {
          {.name = "after", .kind = Kind::kChoice, .choices = {"duration", "last_fault"}, .fallback = "duration",
           .what = "When the core is healed: at the end of the duration, or as soon as no fault is to come or to end."},
          {.name = "core", .kind = Kind::kChoice, .choices = {"auto", "majority", "all"}, .fallback = "auto",
           .what = "Who is healed: some that could serve, drawn; no more of them than needed, drawn; or everybody."},
          {.name = "bound", .kind = Kind::kDuration, .min = 1,
           .what = "How long that may take; by default, a bound computed from the time-outs (sim/check/liveness.hpp)."},
      }};
}

}  // namespace

const Field* ObjectType::find(std::string_view field) const {
  const auto found = std::find_if(fields.begin(), fields.end(), [&](const Field& f) { return f.name == field; });
  return found == fields.end() ? nullptr : &*found;
}

const std::vector<ObjectType>& object_types() {
  // tidy: allow(static) because it is constant and of a type that cannot be constexpr
  static const std::vector<ObjectType> kTypes = [] {
    std::vector<ObjectType> types{scenario(), profile(),    cluster_object(), controllers(), zookeeper(),
                                  brokers(),  node(),       node_clock(),     topics(),      network(),
                                  link(),     connection(), disk_object(),    raft_paper(),  liveness(),
                                  replay()};
    for (auto more : {workload_objects(), fault_objects(), expectation_objects()}) {
      for (ObjectType& type : more) types.push_back(std::move(type));
    }
    return types;
  }();
  return kTypes;
}

const ObjectType& object_type(std::string_view name) {
  const auto& types = object_types();
  const auto found = std::find_if(types.begin(), types.end(), [&](const ObjectType& t) { return t.name == name; });
  ENSURE(found != types.end(), name);
  return *found;
}

}  // namespace kraftsim::scenario
