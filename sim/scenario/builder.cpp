// Building. Each rule that joins several values is checked where the values meet, once, whichever coordination is
// built; what only one coordination understands is picked out per cluster.
#include "sim/scenario/builder.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include <fmt/format.h>

#include "sim/scenario/duration_text.hpp"
#include "sim/scenario/fault_builder.hpp"
#include "sim/scenario/names.hpp"
#include "sim/scenario/object_view.hpp"
#include "sim/zookeeper/service_costs.hpp"

namespace kraftsim::scenario {
namespace {

using cluster::ClusterSpec;
using cluster::KeyRole;
using cluster::NodeSpec;
using cluster::Target;
using kraft::NodeId;

constexpr std::size_t kMostLinks = 1'000'000;
constexpr std::int64_t kMostReplicas = 10'000'000;  // of one entry of topics

/// The physical world of a scenario: the profile's, with the scenario's own values on top.
struct Surroundings {
  world::LinkProfile link;
  world::ConnectionProfile connection;
  world::DiskProfile disk;
  cluster::ServiceTimes service = zookeeper::default_service_times();
};

void overlay(const ObjectView& view, world::LinkProfile& link) {
  if (const auto latency = view.latency("latency")) link.latency = *latency;
  if (const auto bandwidth = view.rate("bandwidth")) link.bandwidth_bytes_per_s = *bandwidth;
  if (const auto loss = view.fraction("loss")) link.loss_millionths = *loss;
}

void overlay(const ObjectView& view, world::ConnectionProfile& connection) {
  if (view.has("handshake")) connection.handshake = view.boolean("handshake");
  if (const auto wait = view.latency("negotiation")) connection.negotiation = *wait;
  if (const auto wait = view.maybe_duration("setup_timeout")) connection.setup_timeout = *wait;
  if (const auto wait = view.maybe_duration("retransmission_timeout")) connection.retransmission_timeout = *wait;
  if (const auto wait = view.maybe_duration("retransmission_timeout_max")) {
    connection.retransmission_timeout_max = *wait;
  }
}

void overlay(const ObjectView& view, world::DiskProfile& disk) {
  if (const auto write = view.latency("write")) disk.write = *write;
  if (const auto fsync = view.latency("fsync")) disk.fsync = *fsync;
  if (const auto bandwidth = view.rate("bandwidth")) disk.bandwidth_bytes_per_s = *bandwidth;
}

void overlay(const Value* times, cluster::ServiceTimes& service) {
  if (times == nullptr) return;
  for (const Member& member : times->members) {
    if (member.name == "source") continue;
    if (const auto time = ValueReader(nullptr).latency(member.value, {})) service[member.name] = *time;
  }
}

void overlay(const ObjectView& view, Surroundings& surroundings) {
  overlay(view.object("network"), surroundings.link);
  overlay(view.object("network").object("connection"), surroundings.connection);
  overlay(view.object("disk"), surroundings.disk);
  overlay(view.find("service"), surroundings.service);
}

/// Disk, service times and configuration of a role or of one node, on top of what `node` has.
void overlay(const ObjectView& view, Coordination coordination, KeyRole role, NodeSpec& node) {
  overlay(view.object("disk"), node.disk);
  overlay(view.find("service"), node.service);
  const Value* config = view.find("config");
  if (config == nullptr) return;
  for (const Member& member : config->members) {
    for (const KnownKey& known : known_keys()) {
      if (known.coordination != coordination || known.key.role != role || known.key.name != member.name) continue;
      if (const auto value = ValueReader(nullptr).config(member.value, {}, known.key)) {
        node.config[member.name] = *value;
      }
    }
  }
}

class Builder {
 public:
  Builder(const Value& root, std::optional<Coordination> only, Problems& problems)
      : view_(object_type("scenario"), &root, {}, root.place), problems_(problems) {
    for (const auto& item : view_.items("coordination")) {
      if (item.value->text == "kraft") add_coordination(Coordination::kKraft, item);
      if (item.value->text == "zookeeper") add_coordination(Coordination::kZookeeper, item);
    }
    if (named_.empty()) named_.push_back(Coordination::kKraft);
    wanted_ = only ? std::vector{*only} : named_;
  }

  Scenario build(const Value* profile) {
    if (profile != nullptr) overlay(ObjectView(object_type("profile"), profile, {}, {}), surroundings_);
    overlay(view_, surroundings_);
    scenario_.name = view_.text("name");
    scenario_.description = view_.text("description");
    scenario_.duration = view_.duration("duration");
    scenario_.warm_up = view_.duration("warm_up");
    scenario_.stop_at_first_failover = view_.boolean("stop_at_first_failover");
    scenario_.replay = replay();
    scenario_.coordination = wanted_;
    check_cluster();
    for (const Coordination coordination : wanted_) scenario_.clusters.push_back(cluster(coordination));
    scenario_.faults = build_faults(view_.objects("faults"),
                                    {.duration = scenario_.duration,
                                     .kraft = names(Coordination::kKraft),
                                     .mistake_in = [this](const Target& target) { return mistake_in(target); }},
                                    problems_);
    expectations();
    liveness();
    sometimes();
    return std::move(scenario_);
  }

 private:
  void add_coordination(Coordination coordination, const ObjectView::Item& item) {
    if (std::find(named_.begin(), named_.end(), coordination) == named_.end()) {
      named_.push_back(coordination);
    } else {
      problems_.add(item.value->place, item.pointer, fmt::format("{} is named twice", describe(*item.value)));
    }
  }

  [[nodiscard]] Replay replay() {
    const ObjectView view = view_.object("replay");
    Replay result{1, view.boolean("shuffle_ties"), view.text("invariant"), view.text("digest")};
    const Value* stated = view.find("seed");
    if (stated == nullptr || stated->kind != Value::Kind::kString) return result;
    const std::string& text = stated->text;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), result.seed);
    if (error != std::errc() || stop != text.data() + text.size()) {
      problems_.add(view.place("seed"), view.pointer("seed"), fmt::format("'{}' is no number from 0", shown(text)));
    }
    return result;
  }

  // ---- counts ----

  [[nodiscard]] ObjectView cluster_view() const { return view_.object("cluster"); }
  [[nodiscard]] std::int32_t brokers() const { return cluster_view().object("brokers").count("count"); }
  [[nodiscard]] std::int32_t coordinators(Coordination coordination) const {
    if (coordination == Coordination::kZookeeper) return cluster_view().object("zookeeper").count("count");
    return voters() + cluster_view().object("controllers").count("observers");
  }
  /// Every rack that some node is in.
  [[nodiscard]] std::set<std::string> racks() const {
    std::set<std::string> known;
    for (const std::string_view role : {"controllers", "zookeeper", "brokers"}) {
      for (const auto& rack : cluster_view().object(role).items("racks")) known.insert(rack.value->text);
    }
    if (const Value* nodes = cluster_view().find("nodes"); nodes != nullptr) {
      for (const Member& member : nodes->members) {
        if (const Value* rack = member.value.find("rack"); rack != nullptr) known.insert(rack->text);
      }
    }
    return known;
  }
  [[nodiscard]] std::int32_t voters() const { return cluster_view().object("controllers").count("count"); }
  [[nodiscard]] bool names(Coordination coordination) const {
    const auto in = [&](const auto& list) { return std::find(list.begin(), list.end(), coordination) != list.end(); };
    return in(named_) || in(wanted_);
  }

  // ---- targets ----

  /// What is wrong with a target in this cluster; empty if nothing is.
  [[nodiscard]] std::string mistake_in(const Target& target) const {
    const auto beyond = [&](std::int32_t count, std::string_view what) -> std::string {
      if (target.number >= 1 && target.number <= count) return {};
      if (count == 0) return fmt::format("'{}' is not there: there are no {}", line(target), what);
      return fmt::format("'{}' is not there: the {} are 1 to {}", line(target), what, count);
    };
    switch (target.kind) {
      case Target::Kind::kController:
        if (!names(Coordination::kKraft)) return "there are no controllers without coordination \"kraft\"";
        return beyond(coordinators(Coordination::kKraft), "controllers");
      case Target::Kind::kZookeeper:
        if (!names(Coordination::kZookeeper)) {
          return "there are no ZooKeeper servers without coordination \"zookeeper\"";
        }
        return beyond(coordinators(Coordination::kZookeeper), "ZooKeeper servers");
      case Target::Kind::kCoordinator: {
        std::int32_t count = std::numeric_limits<std::int32_t>::max();
        for (const Coordination each : {Coordination::kKraft, Coordination::kZookeeper}) {
          if (names(each)) count = std::min(count, coordinators(each));
        }
        return beyond(count, "coordinators");
      }
      case Target::Kind::kBroker: return beyond(brokers(), "brokers");
      case Target::Kind::kAnyController:
        return names(Coordination::kKraft) ? "" : "there are no controllers without coordination \"kraft\"";
      case Target::Kind::kRack:
        return racks().contains(target.name)
                   ? std::string()
                   : fmt::format("'{}' means nobody: the racks are {}", line(target), fmt::join(racks(), " "));
      case Target::Kind::kAnyBroker:
      case Target::Kind::kAllBrokers:
        return brokers() > 0 ? std::string() : fmt::format("'{}' means nobody: there are no brokers", line(target));
      case Target::Kind::kLeader:
      case Target::Kind::kActiveController:
      case Target::Kind::kAnyFollower:
      case Target::Kind::kAnyCoordinator:
      case Target::Kind::kMajority:
      case Target::Kind::kMinority:
      case Target::Kind::kAllCoordinators:
      case Target::Kind::kEverything: return {};
    }
    return {};
  }

  std::optional<Target> target(const ObjectView::Item& item) {
    const auto result = ValueReader(nullptr).target(*item.value, item.pointer);
    if (!result) return {};
    if (std::string wrong = mistake_in(*result); !wrong.empty()) {
      problems_.add(item.value->place, item.pointer, std::move(wrong));
    }
    return result;
  }
  Target target(const ObjectView& view, std::string_view name) {
    const Value* value = view.find(name);
    return value == nullptr ? Target{} : target({value, view.pointer(name)}).value_or(Target{});
  }
  std::vector<Target> targets(const std::vector<ObjectView::Item>& items) {
    std::vector<Target> result;
    for (const auto& item : items) {
      const auto next = target(item);
      if (!next) continue;
      if (std::find(result.begin(), result.end(), *next) != result.end()) {
        problems_.add(item.value->place, item.pointer, fmt::format("'{}' is named twice", line(*next)));
      }
      result.push_back(*next);
    }
    return result;
  }

  /// The nodes that a target means in a cluster that does not run yet; none for a role.
  [[nodiscard]] static std::optional<std::vector<NodeId>> fixed_nodes(const Target& target, const ClusterSpec& spec) {
    std::vector<NodeId> nodes;
    const auto add = [&](const std::vector<NodeSpec>& specs) {
      for (const NodeSpec& node : specs) nodes.push_back(node.id);
    };
    const bool kraft = spec.coordination == Coordination::kKraft;
    switch (target.kind) {
      case Target::Kind::kController:
        if (kraft) nodes.push_back(cluster::coordinator_id(target.number));
        return nodes;
      case Target::Kind::kZookeeper:
        if (!kraft) nodes.push_back(cluster::coordinator_id(target.number));
        return nodes;
      case Target::Kind::kCoordinator: nodes.push_back(cluster::coordinator_id(target.number)); return nodes;
      case Target::Kind::kBroker: nodes.push_back(cluster::broker_id(target.number)); return nodes;
      case Target::Kind::kAllBrokers: add(spec.brokers); return nodes;
      case Target::Kind::kAllCoordinators: add(spec.coordinators); return nodes;
      case Target::Kind::kEverything:
        add(spec.coordinators);
        add(spec.brokers);
        return nodes;
      case Target::Kind::kRack:
        for (const auto* among : {&spec.coordinators, &spec.brokers}) {
          for (const NodeSpec& node : *among) {
            if (node.rack == target.name) nodes.push_back(node.id);
          }
        }
        return nodes;
      case Target::Kind::kLeader:
      case Target::Kind::kActiveController:
      case Target::Kind::kAnyFollower:
      case Target::Kind::kAnyController:
      case Target::Kind::kAnyCoordinator:
      case Target::Kind::kMajority:
      case Target::Kind::kMinority:
      case Target::Kind::kAnyBroker: return {};
    }
    return {};
  }

  // ---- the cluster ----

  /// What is wrong whichever coordination is built.
  void check_cluster() {
    check_counts();
    for (const ObjectView& topics : cluster_view().objects("topics")) check_topics(topics, "count");
    for (const ObjectView& load : view_.objects("workload")) {
      if (load.has("create_topics")) check_topics(load.object("create_topics"), "keep");
      for (const std::string_view change : {"add_voter", "remove_voter", "finalize"}) {
        if (load.has(change)) check_quorum_change(load.object(change), change != "finalize");
      }
    }
    if (const Value* nodes = cluster_view().find("nodes"); nodes != nullptr) {
      for (const Member& member : nodes->members) {
        const auto target = cluster::parse_target(member.name);
        if (!target) continue;
        const std::string at = pointer_to(cluster_view().pointer("nodes"), member.name);
        if (std::string wrong = mistake_in(*target); !wrong.empty()) {
          problems_.add(member.name_place, at, std::move(wrong));
        }
      }
    }
    check_loss(view_.object("network"));
    for (const ObjectView& link : view_.object("network").objects("links")) {
      check_loss(link);
      for (const std::string_view end : {"from", "to"}) {
        for (const auto& item : link.items(end)) {
          const auto whom = target(item);
          if (!whom || fixed_nodes(*whom, {})) continue;
          problems_.add(item.value->place, item.pointer,
                        fmt::format("'{}' changes during a run; a link joins nodes named by number", line(*whom)));
        }
      }
    }
    check_raft_paper();
  }

  void check_counts() {
    const ObjectView controllers = cluster_view().object("controllers");
    if (coordinators(Coordination::kKraft) > kMostCoordinators) {
      problems_.add(controllers.place("observers"), controllers.pointer("observers"),
                    fmt::format("controllers that vote and that observe are {} at most", kMostCoordinators));
    }
    if (names(Coordination::kZookeeper) && brokers() == 0) {
      const ObjectView view = cluster_view().object("brokers");
      problems_.add(view.place("count"), view.pointer("count"),
                    "without brokers nobody controls the cluster under coordination \"zookeeper\"; write 1 or more");
    }
    std::int64_t sessions = 0;
    for (const ObjectView& load : view_.objects("workload")) {
      const ObjectView clients = load.object("clients");
      const std::int64_t more = clients.count("zookeeper_sessions");
      if (sessions <= kMostSessions && sessions + more > kMostSessions) {
        problems_.add(clients.place("zookeeper_sessions"), clients.pointer("zookeeper_sessions"),
                      fmt::format("more than {} sessions in all", kMostSessions));
      }
      sessions += more;
    }
  }

  void check_loss(const ObjectView& link) {
    if (link.fraction("loss") != 1'000'000) return;
    problems_.add(link.place("loss"), link.pointer("loss"),
                  "a link that loses everything is cut; write a fault that cuts it");
  }

  /// `number` names the field that says how many of them there are at a time.
  void check_topics(const ObjectView& view, std::string_view number) {
    const std::int64_t replicas = std::int64_t{view.count("partitions")} * view.count("replication");
    if (replicas * std::max(1, view.count(number)) > kMostReplicas) {
      problems_.add(view.place("partitions"), view.pointer("partitions"),
                    fmt::format("these are more than {} replicas", kMostReplicas));
    }
    const std::int32_t replication = view.count("replication");
    if (replication <= brokers()) return;
    problems_.add(view.place("replication"), view.pointer("replication"),
                  fmt::format("{} replicas need as many brokers; there are {}", replication, brokers()));
  }

  void check_quorum_change(const ObjectView& change, bool of_voter) {
    if (!names(Coordination::kKraft)) {
      problems_.add(change.place(), change.pointer(), "there is no quorum to change without coordination \"kraft\"");
    }
    if (!of_voter) return;
    const Target controller{Target::Kind::kController, change.count("controller")};
    if (std::string wrong = mistake_in(controller); !wrong.empty()) {
      problems_.add(change.place("controller"), change.pointer("controller"), std::move(wrong));
    }
  }

  void check_raft_paper() {
    if (!view_.has("raft_paper")) return;
    const ObjectView paper = view_.object("raft_paper");
    if (!names(Coordination::kKraft)) {
      problems_.add(paper.place(), paper.pointer(), "there is no Raft without coordination \"kraft\"");
    }
    for (const char* name : {"timeout", "candidate_timeout"}) {
      if (const auto range = paper.range(name); range && range->low < kraft::Duration(2)) {
        problems_.add(paper.place(name), paper.pointer(name), "so short a time-out never lets a leader live");
      }
    }
    if (paper.count("shorter_logs") >= voters()) {
      problems_.add(paper.place("shorter_logs"), paper.pointer("shorter_logs"),
                    fmt::format("of {} voters at least one must be able to win", voters()));
    }
  }

  ClusterSpec cluster(Coordination coordination) {
    ClusterSpec spec;
    spec.coordination = coordination;
    spec.link = surroundings_.link;
    spec.connection = surroundings_.connection;
    const bool kraft = coordination == Coordination::kKraft;
    const ObjectView role = cluster_view().object(kraft ? "controllers" : "zookeeper");
    for (std::int32_t number = 1; number <= coordinators(coordination); ++number) {
      NodeSpec node = bare_node(cluster::coordinator_id(number), role.items("racks"), number);
      overlay(role, coordination, kraft ? KeyRole::kController : KeyRole::kZookeeperServer, node);
      spec.coordinators.push_back(std::move(node));
    }
    const ObjectView broker_role = cluster_view().object("brokers");
    for (std::int32_t number = 1; number <= brokers(); ++number) {
      NodeSpec node = bare_node(cluster::broker_id(number), broker_role.items("racks"), number);
      overlay(broker_role, coordination, KeyRole::kBroker, node);
      spec.brokers.push_back(std::move(node));
    }
    exceptions(spec);
    for (const ObjectView& topics : cluster_view().objects("topics")) {
      spec.topics.push_back({topics.count("count"), topics.count("partitions"), topics.count("replication")});
    }
    links(spec);
    spec.workload = workload();
    if (kraft) {
      spec.raft_paper = raft_paper();
      spec.observers = role.count("observers");
      spec.kraft_version = static_cast<std::int16_t>(role.count("kraft_version"));
      spec.workload.quorum_changes = quorum_changes();
    }
    return spec;
  }

  [[nodiscard]] NodeSpec bare_node(NodeId id, const std::vector<ObjectView::Item>& racks, std::int32_t number) const {
    NodeSpec node{.id = id, .rack = {}, .config = {}, .disk = surroundings_.disk, .service = surroundings_.service};
    if (!racks.empty()) node.rack = racks[static_cast<std::size_t>(number - 1) % racks.size()].value->text;
    return node;
  }

  /// What "nodes" says about single nodes.
  void exceptions(ClusterSpec& spec) {
    const Value* nodes = cluster_view().find("nodes");
    if (nodes == nullptr) return;
    const KeyRole coordinator_role =
        spec.coordination == Coordination::kKraft ? KeyRole::kController : KeyRole::kZookeeperServer;
    for (const Member& member : nodes->members) {
      const auto target = cluster::parse_target(member.name);
      if (!target) continue;
      const auto ids = fixed_nodes(*target, spec);
      if (!ids || ids->size() != 1) continue;
      const ObjectView view(object_type("node"), &member.value, {}, member.value.place);
      const bool broker = cluster::is_broker(ids->front());
      auto& among = broker ? spec.brokers : spec.coordinators;
      const auto index = static_cast<std::size_t>(target->number - 1);
      if (index >= among.size()) continue;
      if (view.has("rack")) among[index].rack = view.text("rack");
      if (view.has("clock")) {
        const ObjectView clock = view.object("clock");
        among[index].clock_skew = clock.duration("ahead");
        among[index].clock_drift_ppm = clock.count("drift_ppm");
      }
      overlay(view, spec.coordination, broker ? KeyRole::kBroker : coordinator_role, among[index]);
    }
  }

  void links(ClusterSpec& spec) {
    for (const ObjectView& view : view_.object("network").objects("links")) {
      world::LinkProfile link = surroundings_.link;
      overlay(view, link);
      const auto from = link_end(view, "from", spec);
      const auto to = link_end(view, "to", spec);
      if (spec.links.size() + from.size() * to.size() > kMostLinks) {
        problems_.add(view.place(), view.pointer(), fmt::format("more than {} links that differ", kMostLinks));
        return;
      }
      for (const NodeId a : from) {
        for (const NodeId b : to) {
          if (a == b) continue;
          spec.links.push_back({a, b, link});
          if (view.boolean("both")) spec.links.push_back({b, a, link});
        }
      }
    }
  }
  [[nodiscard]] static std::set<NodeId> link_end(const ObjectView& view, std::string_view name,
                                                 const ClusterSpec& spec) {
    std::set<NodeId> nodes;
    for (const auto& item : view.items(name)) {
      const auto target = ValueReader(nullptr).target(*item.value, {});
      const auto meant = target ? fixed_nodes(*target, spec) : std::nullopt;
      if (meant) nodes.insert(meant->begin(), meant->end());
    }
    return nodes;
  }

  [[nodiscard]] cluster::Workload workload() const {
    cluster::Workload load;
    for (const ObjectView& item : view_.objects("workload")) {
      const ObjectView clients = item.object("clients");
      load.zookeeper_sessions += clients.count("zookeeper_sessions");
      if (!item.has("create_topics")) continue;
      const ObjectView topics = item.object("create_topics");
      load.create_topics.push_back({topics.duration("every"), topics.count("partitions"), topics.count("replication"),
                                    topics.count("keep"), topics.count("rivals")});
    }
    return load;
  }

  [[nodiscard]] std::vector<cluster::QuorumChange> quorum_changes() const {
    using Kind = cluster::QuorumChange::Kind;
    std::vector<cluster::QuorumChange> changes;
    const auto add = [&](const ObjectView& item, std::string_view name, Kind kind) {
      if (!item.has(name)) return;
      const ObjectView view = item.object(name);
      cluster::QuorumChange& change = changes.emplace_back();
      change.kind = kind;
      change.at = view.duration("at");
      if (kind == Kind::kFinalizeVersion) {
        change.kraft_version = static_cast<std::int16_t>(view.count("kraft_version"));
      } else {
        change.controller = cluster::coordinator_id(view.count("controller"));
      }
    };
    for (const ObjectView& item : view_.objects("workload")) {
      add(item, "add_voter", Kind::kAddVoter);
      add(item, "remove_voter", Kind::kRemoveVoter);
      add(item, "finalize", Kind::kFinalizeVersion);
    }
    return changes;
  }

  [[nodiscard]] std::optional<cluster::RaftPaperPolicy> raft_paper() const {
    if (!view_.has("raft_paper")) return {};
    const ObjectView paper = view_.object("raft_paper");
    const auto timeout = paper.range("timeout").value_or(ValueReader::Range{});
    const auto candidate = paper.range("candidate_timeout").value_or(timeout);  // if it is stated
    return cluster::RaftPaperPolicy{.timeout_low = timeout.low,
                                    .timeout_high = timeout.high,
                                    .pre_vote = paper.boolean("pre_vote"),
                                    .check_quorum = paper.boolean("check_quorum"),
                                    .candidate_timeout_low = candidate.low,
                                    .candidate_timeout_high = candidate.high,
                                    .shorter_logs = paper.count("shorter_logs")};
  }

  // ---- what is demanded ----

  void needs_kraft(std::string_view name, std::string_view instead) {
    if (!view_.has(name) || names(Coordination::kKraft)) return;
    problems_.add(view_.place(name), view_.pointer(name),
                  fmt::format("does nothing without coordination \"kraft\"; {}", instead));
  }

  void sometimes() {
    needs_kraft("sometimes", "only Raft's replicas meet markers: leave it out");
    for (const auto& item : view_.items("sometimes")) {
      if (const auto marker = check::parse_marker(item.value->text)) scenario_.sometimes.push_back(*marker);
    }
  }

  void liveness() {
    needs_kraft("liveness", "to demand that the cluster lives, write \"expect\": [{\"verdict\": \"live\"}]");
    if (!view_.has("liveness")) return;
    const ObjectView view = view_.object("liveness");
    const std::string core = view.text("core");
    scenario_.liveness = LivenessDemand{.after_last_fault = view.text("after") == "last_fault",
                                        .core = core == "all"        ? check::CorePolicy::kAll
                                                : core == "majority" ? check::CorePolicy::kMajority
                                                                     : check::CorePolicy::kAuto,
                                        .bound = view.maybe_duration("bound")};
  }

  // ---- expectations ----

  void expectations() {
    for (const ObjectView& view : view_.objects("expect")) {
      Expectation expected;
      if (const std::string name = view.text("coordination"); !name.empty()) {
        expected.coordination = name == "kraft" ? Coordination::kKraft : Coordination::kZookeeper;
        if (!names(*expected.coordination)) {
          problems_.add(view.place("coordination"), view.pointer("coordination"),
                        fmt::format("this scenario does not run \"{}\"; see /coordination", name));
        }
      }
      expected.within = view.duration("within");
      expected.metric = view.text("metric");
      expected.verdict = view.text("verdict");
      if (view.has("metric")) {
        bounds(view, expected);
      } else if (view.has("verdict")) {
        scenario_.expect.push_back(expected);
      }
    }
  }

  /// One expectation per quantile.
  void bounds(const ObjectView& view, const Expectation& metric) {
    bool any = false;
    for (const Field& field : object_type("expectation").fields) {
      if (field.of != "bound" || !view.has(field.name)) continue;
      any = true;
      const ObjectView bound = view.object(field.name);
      Expectation expected = metric;
      expected.quantile_millionths = field.name == "min"   ? 0
                                     : field.name == "max" ? 1'000'000
                                                           : parse_quantile_name(field.name).value_or(0);
      expected.below = bound.maybe_duration("below");
      expected.above = bound.maybe_duration("above");
      if (!bound.has("below") && !bound.has("above")) {
        problems_.add(bound.place(), bound.pointer(), "no limit here; write \"below\", \"above\" or both");
      } else if (expected.below && expected.above && *expected.below <= *expected.above) {
        problems_.add(bound.place(), bound.pointer(), "nothing is both below and above these");
      }
      scenario_.expect.push_back(std::move(expected));
    }
    if (any) return;
    problems_.add(view.place(), view.pointer(), "no bound here; write one like \"p99\": {\"below\": \"5s\"}");
  }

  ObjectView view_;
  Problems& problems_;
  std::vector<Coordination> named_;   // by the file
  std::vector<Coordination> wanted_;  // by the caller
  Surroundings surroundings_;
  Scenario scenario_;
};

}  // namespace

Scenario build(const Value& root, const Value* profile, std::optional<Coordination> only, Problems& problems) {
  return Builder(root, only, problems).build(profile);
}

}  // namespace kraftsim::scenario
