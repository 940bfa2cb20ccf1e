// The runner: starts a cluster, lets the scenario happen to it, and judges every event.
//
// A run's time 0 is when the cluster is ready (every broker serves, the initial topics exist) plus the warm-up; studies
// of the Raft papers begin at the very start, with fresh timers. Faults and workload are events like any other.
#include "sim/scenario/runner.hpp"

#include <algorithm>
#include <chrono>

#include "core/base/check.hpp"
#include "core/base/overloaded.hpp"
#include "sim/cluster/heal.hpp"
#include "sim/kraft/kraft_cluster.hpp"
#include "sim/scenario/expect.hpp"
#include "sim/zookeeper/cluster.hpp"

namespace kraftsim::scenario {
namespace {

constexpr std::uint32_t kDueFault = 1;
constexpr std::uint32_t kDueFaultEnd = 2;
constexpr std::uint32_t kDueCreateTopic = 3;
constexpr std::uint32_t kDueLook = 4;  // whether the healed core lives
constexpr std::uint32_t kDueFaultToggle = 5;
constexpr std::uint32_t kDueQuorumChange = 6;
constexpr Duration kStartLimit = std::chrono::minutes(10);  // a cluster that is not ready by then never will be
constexpr Duration kLookEvery = std::chrono::milliseconds(100);
constexpr std::uint64_t kAskEvery = 1U << 16U;

/// What a failed ENSURE becomes while a run is under way.
class BrokenAssumption : public std::exception {
 public:
  explicit BrokenAssumption(std::string text) : text_(std::move(text)) {}
  [[nodiscard]] const char* what() const noexcept override { return text_.c_str(); }

 private:
  std::string text_;
};
[[noreturn]] void throw_broken_assumption(const kraft::CheckFailure& failure) {
  throw BrokenAssumption(line(failure));
}

std::unique_ptr<cluster::ControlPlane> build(const cluster::ClusterSpec& spec, std::uint64_t seed,
                                             const RunOptions& options) {
  world::WorldOptions world;
  world.seed = seed;
  world.shuffle_ties = options.shuffle_ties;
  world.trace = options.trace;
  if (spec.coordination == Coordination::kKraft) return std::make_unique<kraft_host::KraftCluster>(spec, world);
  return std::make_unique<zookeeper::ZookeeperCluster>(spec, world);
}

bool of_one_process(std::string_view invariant) {
  const auto is_it = [&](const check::Card& card) { return card.of_one_process && card.name == invariant; };
  return std::ranges::any_of(check::invariants(), is_it);
}

bool voters_may_change(const cluster::ClusterSpec& spec) {
  return spec.kraft_version > 0 || !spec.workload.quorum_changes.empty();
}

/// The node that a happening is about, if it is about one.
std::optional<cluster::NodeId> node_of(const world::What& what) {
  return std::visit(kraft::overloaded{
                        [](const world::Due&) { return std::optional<cluster::NodeId>(); },
                        [](const auto& about) { return std::optional(about.node); },
                    },
                    what);
}

}  // namespace

std::string line(Verdict verdict) {
  switch (verdict) {
    case Verdict::kHeld: return "held";
    case Verdict::kViolated: return "violated";
    case Verdict::kInconclusive: return "inconclusive";
  }
  return {};
}

Run::Run(const Scenario& scenario, Coordination coordination, std::uint64_t seed, const RunOptions& options)
    : scenario_(&scenario),
      spec_(&scenario.spec(coordination)),
      coordination_(coordination),
      seed_(seed),
      plane_(build(*spec_, seed, options)),
      recorder_(*spec_),
      fault_rng_(kraft::Rng::stream(seed, 0, "faults")),
      workload_rng_(kraft::Rng::stream(seed, 0, "workload")),
      ends_at_(Time{} + kStartLimit),
      strokes_(scenario.faults.size()),
      faults_left_(scenario.faults.size()),
      topics_(spec_->workload.create_topics.size()) {
  plane_->boot();
  if (spec_->raft_paper) begin();
}

Run::Run(const Run& other)
    : scenario_(other.scenario_),
      spec_(other.spec_),
      coordination_(other.coordination_),
      seed_(other.seed_),
      plane_(other.plane_->clone()),
      checker_(other.checker_),
      recorder_(other.recorder_),
      fault_rng_(other.fault_rng_),
      workload_rng_(other.workload_rng_),
      began_(other.began_),
      ends_at_(other.ends_at_),
      over_(other.over_),
      verdict_(other.verdict_),
      invariant_(other.invariant_),
      detail_(other.detail_),
      violated_at_(other.violated_at_),
      clients_(other.clients_),
      liveness_(other.liveness_),
      live_(other.live_),
      running_(other.running_),
      setting_(other.setting_),
      strokes_(other.strokes_),
      executed_(other.executed_),
      faults_left_(other.faults_left_),
      last_fault_end_(other.last_fault_end_),
      live_again_(other.live_again_),
      down_(other.down_),
      operations_(other.operations_),
      topics_(other.topics_),
      observations_(other.observations_) {}

void Run::begin() {
  world::World& world = plane_->world();
  const Time start = world.now() + scenario_->warm_up;
  began_ = start;
  ends_at_ = start + scenario_->duration;
  recorder_.begin(start);
  last_fault_end_ = start;  // what is demanded after the last fault is demanded from the start if there is none
  // An election from a cold start has no fault to count from: the start is what it counts from.
  if (spec_->raft_paper && start == world.now()) recorder_.fault_started("start", {}, start);
  for (std::size_t i = 0; i < scenario_->faults.size(); ++i) {
    const cluster::Fault& fault = scenario_->faults[i];
    Duration at = fault.at.time_since_epoch();
    if (fault.latest > fault.at) at = fault_rng_.between(at, fault.latest.time_since_epoch());
    world.schedule(start + at, kDueFault, i);
  }
  for (std::size_t i = 0; i < topics_.size(); ++i) {
    world.schedule(start + spec_->workload.create_topics[i].every, kDueCreateTopic, i);
  }
  for (std::size_t i = 0; i < spec_->workload.quorum_changes.size(); ++i) {
    world.schedule(start + spec_->workload.quorum_changes[i].at, kDueQuorumChange, i);
  }
}

bool Run::step() {
  if (over_) return false;
  world::World& world = plane_->world();
  const world::Happening* happening = world.advance(ends_at_);
  if (happening == nullptr) {
    // A cluster that never starts says nothing, unless life is what is demanded: then it is asked what it lacks.
    if (!began_ && !scenario_->liveness) {
      end(Verdict::kInconclusive, "the cluster was not ready within " + kraft::line(kStartLimit));
    }
    finish_safety();
    if (over_) judge_clients();
    return !over_;
  }
  if (const auto* due_now = std::get_if<world::Due>(&happening->what);
      due_now != nullptr && due_now->kind < cluster::kFirstCoordinationDue) {
    due(due_now->kind, due_now->value);
  } else {
    plane_->handle(*happening);
    note_process(*happening);
    if (coordination_ == Coordination::kKraft) {
      // The checker reads Raft replicas; under ZooKeeper there are none.
      if (const auto violation = checker_.after_event(kraft(), *happening)) {
        violated(violation->invariant, violation->detail);
      }
    }
  }
  observe();
  if (!began_ && !liveness_ && plane_->ready()) begin();
  if (scenario_->stop_at_first_failover && began_ && faults_left_ == 0 && recorder_.settled() &&
      !recorder_.failovers().empty()) {
    finish_safety();
  }
  if (scenario_->liveness && scenario_->liveness->after_last_fault && began_ && faults_left_ == 0) finish_safety();
  if (over_) judge_clients();
  return !over_;
}

const kraft_host::KraftCluster& Run::kraft() const {
  ENSURE(coordination_ == Coordination::kKraft);
  return static_cast<const kraft_host::KraftCluster&>(*plane_);
}

// ---- the liveness phase ----

/// The faults have done what they could: the run is over, or turns to liveness.
void Run::finish_safety() {
  if (liveness_ && plane_->world().now() < ends_at_) return;
  over_ = over_ || liveness_ || !scenario_->liveness || coordination_ != Coordination::kKraft;
  if (over_) return;
  world::World& world = plane_->world();
  live_.began = world.now();
  live_.bound = scenario_->liveness->bound.value_or(check::liveness_bound(*spec_));
  std::vector<cluster::NodeId> all;
  std::vector<cluster::NodeId> brokers;
  for (const auto* nodes : {&spec_->coordinators, &spec_->brokers}) {
    for (const cluster::NodeSpec& node : *nodes) {
      all.push_back(node.id);
      if (cluster::is_broker(node.id)) brokers.push_back(node.id);
    }
  }
  auto rng = kraft::Rng::stream(seed_, 0, "liveness");
  auto candidates = check::candidates(kraft(), checker_.committed());
  check::Core core = check::choose_core(scenario_->liveness->core, candidates, brokers, rng);
  if (!core.unrecoverable.empty()) return end(Verdict::kInconclusive, "unrecoverable: " + core.unrecoverable);
  cluster::heal_only(*plane_, core.nodes, all);
  live_.core = core.nodes;
  liveness_.emplace(std::move(core.nodes), checker_.committed().end(), std::move(candidates));
  ends_at_ = live_.began + live_.bound;
  world.schedule(world.now() + std::min(kLookEvery, live_.bound), kDueLook, 0);
}

void Run::look_for_life() {
  world::World& world = plane_->world();
  for (const cluster::NodeId node : liveness_->core()) {
    // Whoever was asked to stop before it was healed has ended since: a service manager would start it.
    if (world.process(node) == world::ProcessState::kDown) world.start(node);
  }
  if (liveness_->look(kraft())) {
    live_.took = world.now() - live_.began;
    over_ = true;
  } else if (world.now() + kLookEvery <= ends_at_) {
    world.schedule(world.now() + kLookEvery, kDueLook, 0);
  } else if (const auto why = liveness_->excuse(check::candidates(kraft(), checker_.committed())); !why.empty()) {
    end(Verdict::kInconclusive, "unrecoverable: the voters have changed since, and " + why);
  } else {
    violated(liveness_->missing().invariant,
             liveness_->missing().detail + "; the core was whole for " + kraft::line(live_.bound));
  }
}

void Run::end(Verdict verdict, std::string detail) {
  verdict_ = verdict;
  detail_ = std::move(detail);
  over_ = true;
}

void Run::violated(std::string invariant, std::string detail) {
  violated_at_ = plane_->world().now();
  if (const auto excuse = durability_lost(); excuse && !of_one_process(invariant)) {
    end(Verdict::kInconclusive, *excuse + "; then " + invariant + ": " + detail);
    return;
  }
  invariant_ = std::move(invariant);
  end(Verdict::kViolated, std::move(detail));
}

std::optional<std::string> Run::durability_lost() const {
  std::vector<cluster::NodeId> forgetful = plane_->forgetful();
  std::size_t voters = spec_->coordinators.size();
  std::size_t shared = 1;
  if (voters_may_change(*spec_)) {
    if (forgetful.empty()) return std::nullopt;
  } else {
    voters -= static_cast<std::size_t>(spec_->observers);
    std::erase_if(forgetful, [&](cluster::NodeId node) {
      return node > cluster::coordinator_id(static_cast<std::int32_t>(voters));
    });
    shared = 2 * (voters / 2 + 1) - voters;
  }
  if (forgetful.size() < shared) return std::nullopt;
  std::string who;
  for (const cluster::NodeId node : forgetful) who += (who.empty() ? "n" : ", n") + line(node);
  return "unrecoverable by design: of " + std::to_string(voters) + " voters " + who + " lost what " +
         (forgetful.size() == 1 ? "its disk" : "their disks") + " had called durable";
}

/// The run is over, and nothing has been broken: whether what clients saw fits together.
void Run::judge_clients() {
  if (coordination_ != Coordination::kKraft || verdict_ != Verdict::kHeld) return;
  if (const auto broken = clients_.judge(checker_.committed())) violated(broken->invariant, broken->detail);
}

void Run::due(std::uint32_t kind, std::uint64_t value) {
  const auto index = static_cast<std::size_t>(value);
  switch (kind) {
    case kDueFault:
      if (!liveness_) start_fault(index);  // after that, whatever stands stands for good
      return;
    case kDueFaultEnd:
      if (!liveness_) end_fault(index);
      return;
    case kDueCreateTopic: create_topic(index); return;
    case kDueLook: look_for_life(); return;
    case kDueFaultToggle:
      if (!liveness_) toggle_fault(index);
      return;
    case kDueQuorumChange:
      if (liveness_) return;
      plane_->submit({.id = ++operations_,
                      .kind = cluster::Operation::Kind::kChangeQuorum,
                      .topic = {},
                      .change = spec_->workload.quorum_changes[index]});
      return;
  }
  ENSURE(false, "an event that nobody scheduled");
}

void Run::start_fault(std::size_t index) {
  world::World& world = plane_->world();
  const cluster::Fault& fault = scenario_->faults[index];
  const Time start = *began_;
  const bool bounded = fault.until != kraft::kNever;
  const Time over = bounded ? start + fault.until.time_since_epoch() : kraft::kNever;
  const Duration most = bounded ? over - world.now() : Duration::max();
  running_.push_back({0, cluster::inject(*plane_, fault.action, fault_rng_, most)});
  Running& stroke = running_.back();
  const cluster::Injected& injected = stroke.injected;
  if (cluster::sets_machine(injected.action)) setting_.push_back(running_.size() - 1);
  if (world.trace().enabled()) world.note(cluster::NodeId(-1), injected.text);
  stroke.fault = recorder_.fault_started(injected.text, injected.nodes, world.now());
  if (!injected.nodes.empty()) {
    const Time at(world.now() - start);
    executed_.push_back({.at = at, .action = injected.action, .latest = at});
  }
  if (const auto* flaky = std::get_if<cluster::FlakyFault>(&injected.action)) {
    world.schedule(world.now() + flaky->down, kDueFaultToggle, running_.size() - 1);
  }
  if (const Duration length = cluster::length(injected.action); length > Duration{}) {
    ++faults_left_;
    world.schedule(world.now() + length, kDueFaultEnd, running_.size() - 1);
  }
  ++strokes_[index];
  if (fault.every != engine::Quantiles() && (fault.times == 0 || strokes_[index] < fault.times)) {
    const Time next = world.now() + std::max(Duration(1), fault.every.sample(fault_rng_));
    if (next < over) {
      world.schedule(next, kDueFault, index);
      return;
    }
  }
  fault_over();
}

void Run::end_fault(std::size_t running) {
  Running& stroke = running_[running];
  stroke.over = true;
  std::erase(setting_, running);
  std::vector<const cluster::Injected*> standing;
  for (const std::size_t other : setting_) standing.push_back(&running_[other].injected);
  cluster::revert(*plane_, stroke.injected, standing);
  recorder_.fault_ended(stroke.fault, plane_->world().now());
  fault_over();
}

void Run::toggle_fault(std::size_t running) {
  Running& stroke = running_[running];
  if (stroke.over) return;
  const Duration stays = cluster::toggle(*plane_, stroke.injected);
  plane_->world().schedule(plane_->world().now() + stays, kDueFaultToggle, running);
}

/// A fault will strike no more, or a stroke has ended.
void Run::fault_over() {
  --faults_left_;
  last_fault_end_ = plane_->world().now();
  live_again_.reset();
}

void Run::create_topic(std::size_t load) {
  world::World& world = plane_->world();
  const cluster::CreateTopicsLoad& what = spec_->workload.create_topics[load];
  world.schedule(world.now() + what.every, kDueCreateTopic, load);
  std::vector<cluster::NodeId> asked;
  for (std::int32_t client = 0; client <= what.rivals; ++client) {
    const auto brokers = plane_->resolve({cluster::Target::Kind::kAnyBroker, 0}, workload_rng_);
    if (brokers.empty()) return;  // nobody to ask
    asked.push_back(brokers.front());
  }
  const auto send = [&](cluster::Operation::Kind kind, const std::string& topic) {
    for (const cluster::NodeId via : asked) {
      const cluster::Operation operation{.id = ++operations_,
                                         .kind = kind,
                                         .topic = topic,
                                         .partitions = what.partitions,
                                         .replication = what.replication,
                                         .via = via};
      if (coordination_ == Coordination::kKraft) clients_.call(operation, world.now());
      plane_->submit(operation);
    }
  };
  std::deque<std::string>& topics = topics_[load];
  topics.push_back("w" + std::to_string(load) + "-" + std::to_string(operations_ + 1));
  send(cluster::Operation::Kind::kCreateTopic, topics.back());
  if (topics.size() > static_cast<std::size_t>(what.keep)) {
    send(cluster::Operation::Kind::kDeleteTopic, topics.front());
    topics.pop_front();
  }
}

/// Tells the recorder of processes that went or came, in whatever way.
void Run::note_process(const world::Happening& happening) {
  const auto node = node_of(happening.what);
  if (!node) return;
  const auto index = static_cast<std::size_t>(node->value());
  if (index >= down_.size()) down_.resize(index + 1, false);
  const bool down = plane_->world().process(*node) == world::ProcessState::kDown;
  if (down == down_[index]) return;
  down_[index] = down;
  if (down) {
    recorder_.node_down(*node, happening.at);
    // A process of the core that ends of its own will, or was about to, is started again as a service manager would.
    if (liveness_ && std::ranges::binary_search(liveness_->core(), *node)) plane_->world().start(*node);
  } else {
    recorder_.node_up(*node, happening.at);
  }
}

void Run::observe() {
  plane_->take_observations(observations_);
  for (const cluster::Observation& observation : observations_) {
    recorder_.observe(observation);
    const auto* done = std::get_if<cluster::OperationDone>(&observation.fact);
    if (done != nullptr && coordination_ == Coordination::kKraft) {
      const auto broken = clients_.answer(done->operation, done->error, observation.at, checker_.committed());
      if (broken) violated(broken->invariant, broken->detail);
    }
    if (!live_again_ && last_fault_end_ && faults_left_ == 0 &&
        std::holds_alternative<cluster::CommitAdvanced>(observation.fact)) {
      live_again_ = observation.at;
    }
  }
  observations_.clear();
}

RunResult Run::result() const {
  const world::World& world = plane_->world();
  RunResult result;
  result.coordination = coordination_;
  result.seed = seed_;
  result.verdict = verdict_;
  result.invariant = invariant_;
  result.detail = detail_;
  result.violated_at = violated_at_;
  result.began = began_;
  result.faults = executed_;
  result.digest = world.digest();
  result.events = world.events();
  result.simulated = world.now().time_since_epoch();
  result.measures = recorder_.finish(world.now());
  if (live_.bound > Duration{}) result.liveness = live_;
  result.markers = checker_.markers();
  result.trace = world.trace();
  std::optional<Duration> recovery;
  if (live_again_ && last_fault_end_) recovery = *live_again_ - *last_fault_end_;
  judge_expectations(*scenario_, recovery, result);
  if (result.verdict != verdict_) result.violated_at = world.now();  // by an expectation, which sees the whole run
  return result;
}

RunResult run(const Scenario& scenario, Coordination coordination, std::uint64_t seed, const RunOptions& options) {
  kraft::set_check_handler(&throw_broken_assumption);
  const auto began = std::chrono::steady_clock::now();
  const auto finish = [&](RunResult result) {
    result.wall = std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - began);
    return result;
  };
  std::optional<Run> run;
  try {
    run.emplace(scenario, coordination, seed, options);
    std::uint64_t steps = 0;
    while (run->step()) {
      if (++steps % kAskEvery != 0 || !options.keep_going) continue;
      const world::World& world = run->plane().world();
      if (options.keep_going(world.events(), world.now())) continue;
      RunResult result = run->result();
      result.verdict = Verdict::kInconclusive;
      result.detail = "interrupted at " + kraft::line(world.now());
      return finish(std::move(result));
    }
    return finish(run->result());
  } catch (const BrokenAssumption& broken) {
    RunResult result;
    if (run) result = run->result();
    result.coordination = coordination;
    result.seed = seed;
    // A process may find out that its own disk forgot something, even where no two quorums could have missed it.
    if (run && !run->plane().forgetful().empty()) {
      result.verdict = Verdict::kInconclusive;
      const std::string lost = run->durability_lost().value_or("a disk lost what it had called durable");
      result.detail = lost + "; then " + broken.what();
      return finish(std::move(result));
    }
    result.verdict = Verdict::kViolated;
    result.invariant = "Assertion";
    result.detail = broken.what();
    if (run) result.violated_at = run->plane().world().now();
    return finish(std::move(result));
  }
}

}  // namespace kraftsim::scenario
