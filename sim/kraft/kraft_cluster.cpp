// Hosting: the life of a process, the duties of raft/step.hpp, and what faults do to both. The clients' side of an
// operation is in clients.cpp, what is observed in observe.cpp.
#include "sim/kraft/kraft_cluster.hpp"

#include <algorithm>

#include "core/base/overloaded.hpp"
#include "sim/kraft/config_keys.hpp"
#include "sim/kraft/kraft_payload.hpp"

namespace kraftsim::kraft_host {

namespace node = kraft::node;
namespace raft = kraft::raft;
using cluster::Operation;
using kraft::Duration;
using kraft::Offset;
using kraft::Rng;

namespace {

/// Kafka's Raft client knows a voter's bootstrap address and its node id as two servers, and keeps a connection to
/// each.
constexpr world::Channel kBootstrapChannel = 1;
/// Back-off of that client's connections, fixed in KafkaRaftManager.
constexpr Duration kReconnectBackoff = std::chrono::milliseconds(50);
constexpr Duration kReconnectBackoffMax = std::chrono::milliseconds(500);

/// Log directories are named after their node and disk: identities must be the same in every run. (Configured voters of
/// kraft.version 0 are known by their node alone: one whose disk was wiped votes again, KAFKA-14077.)
raft::ReplicaKey key_of(NodeId id, std::uint64_t disk) {
  return {id, kraft::DirectoryId{0x6b72616674736964U, (disk << 32U) | static_cast<std::uint64_t>(id.value())}};
}

std::vector<raft::ReplicaKey> first_voters(const ClusterSpec& spec) {
  std::vector<raft::ReplicaKey> keys;
  for (const auto& controller : spec.coordinators) keys.push_back(key_of(controller.id, 0));
  keys.resize(keys.size() - static_cast<std::size_t>(spec.observers));
  return keys;
}

/// "Different logs" of thesis §9.3: the first voters hold shorter logs than the rest, each one batch longer than the
/// one before, all written in epoch 1.
raft::Durable initial_disk(const ClusterSpec& spec, std::size_t index) {
  const std::vector<raft::ReplicaKey> voters = first_voters(spec);
  raft::Durable durable;
  if (spec.kraft_version > 0 && index < voters.size()) durable = raft::formatted_with(raft::VoterSet(voters));
  if (!spec.raft_paper || spec.raft_paper->shorter_logs == 0) return durable;
  const auto shorter = static_cast<std::size_t>(spec.raft_paper->shorter_logs);
  durable.quorum_state.leader_epoch = kraft::Epoch(1);
  for (std::size_t i = 0; i < std::min(index, shorter); ++i) {
    durable.log.append(kraft::records::make_batch(durable.log.end_offset(), kraft::Epoch(1), Time{},
                                                  kraft::records::MetadataRecords{kraft::records::NoOpRecord{}}));
  }
  return durable;
}

kraft::CorrelationId id_of(const node::Message& message) {
  return std::visit([](const auto& m) { return m.correlation_id; }, message);
}

bool is_request(const node::Message& message) {
  return std::visit(kraft::overloaded{
                        [](const raft::Message& m) { return raft::is_request(m); },
                        [](const node::Rpc& rpc) { return node::is_request(rpc); },
                    },
                    message);
}

}  // namespace

const raft::Replica* Host::replica() const {
  if (const auto* c = controller()) return &c->replica();
  if (const auto* b = broker()) return &b->replica();
  return nullptr;
}

raft::ReplicaKey Host::key() const { return key_of(id, disk.generation()); }

KraftCluster::KraftCluster(ClusterSpec spec, world::WorldOptions options)
    : spec_(std::make_shared<const ClusterSpec>(std::move(spec))),
      world_([&] {
        options.link = spec_->link;
        options.connection = spec_->connection;
        options.connection.reconnect_backoff = kReconnectBackoff;
        options.connection.reconnect_backoff_max = kReconnectBackoffMax;
        return options;
      }()),
      seed_(options.seed),
      initial_topics_(requests_for(*spec_)) {
  for (const auto* nodes : {&spec_->coordinators, &spec_->brokers}) {
    for (const cluster::NodeSpec& spec_of_node : *nodes) {
      Host host;
      host.id = spec_of_node.id;
      host.spec = &spec_of_node;
      host.service = ServiceTimer(spec_of_node.service, Rng::stream(seed_, host.id.value(), "service"));
      host.start_rng = Rng::stream(seed_, host.id.value(), "start");
      if (nodes == &spec_->coordinators) host.disk = StoredReplica(initial_disk(*spec_, hosts_.size()));
      world_.add_node(host.id, spec_of_node.disk);
      world_.jump_clock(host.id, spec_of_node.clock_skew);
      world_.drift_clock(host.id, spec_of_node.clock_drift_ppm);
      index_of_.resize(static_cast<std::size_t>(host.id.value()) + 1, SIZE_MAX);
      index_of_.back() = hosts_.size();
      hosts_.push_back(std::move(host));
    }
  }
  world_.add_node(cluster::kClientNode, {});
  for (const cluster::LinkSpec& link : spec_->links) world_.set_link(link.from, link.to, link.link);
}

std::unique_ptr<cluster::ControlPlane> KraftCluster::clone() const { return std::make_unique<KraftCluster>(*this); }

raft::VoterSet KraftCluster::configured_voters() const {
  if (spec_->kraft_version > 0) return {};
  std::vector<raft::ReplicaKey> keys = first_voters(*spec_);
  for (raft::ReplicaKey& key : keys) key.directory_id = {};
  return raft::VoterSet(std::move(keys));
}

void KraftCluster::boot() {
  for (const Host& host : hosts_) world_.start(host.id);
  world_.start(cluster::kClientNode);
}

std::size_t KraftCluster::index_of(NodeId id) const {
  const auto value = static_cast<std::size_t>(id.value());
  return value < index_of_.size() ? index_of_[value] : SIZE_MAX;
}

Host* KraftCluster::find(NodeId id) {
  const std::size_t index = index_of(id);
  return index == SIZE_MAX ? nullptr : &hosts_[index];
}

// ---- one happening ----

void KraftCluster::handle(const world::Happening& happening) {
  touched_ = SIZE_MAX;
  votes_cast_.clear();
  dropped_connections_ = false;
  sent_.clear();
  sent_payloads_.clear();
  const auto at = [&](NodeId id, auto&& act) {
    if (id == cluster::kClientNode) return client_handle(happening);
    touched_ = index_of(id);
    ENSURE_LT(touched_, hosts_.size());
    Host& host = hosts_[touched_];
    if (host.replica() != nullptr) act(host);
  };
  std::visit(
      kraft::overloaded{
          [&](const world::Arrived& a) {
            at(a.node, [&](Host& host) {
              const auto& message = static_cast<const KraftPayload&>(*a.payload).message();
              if (is_request(message)) note_request(host, a, id_of(message));
              step(host, node::Input(std::in_place_type<node::Receive>, message), service_of(message));
            });
          },
          [&](const world::TimerFired& t) {
            at(t.node, [&](Host& host) { step(host, node::Tick{}, Service::kTimer); });
          },
          [&](const world::WriteDone& w) { at(w.node, [&](Host& host) { finish_write(host); }); },
          [&](const world::ConnectionLost& c) {
            at(c.node, [&](Host& host) {
              // A server learns nothing from a client that went away: answers to it are simply lost.
              if (c.as_client) step(host, node::Disconnected{c.peer}, Service::kTimer);
            });
          },
          [&](const world::Crashed& c) {
            touched_ = index_of(c.node);
            if (touched_ >= hosts_.size()) return;
            Host& host = hosts_[touched_];
            host.disk.crash(happening.at, host.next_crash,
                            host.writing ? host.writing->writes : std::vector<raft::Write>{});
            if (host.next_crash.wipe) host.disk.wipe();
            host.next_crash = {};
            host.process = std::monostate{};
            host.writing.reset();
            host.when_durable.clear();
            host.asked.clear();
            if (active_ == host.id) set_active(std::nullopt);
            note_served();
          },
          [&](const world::Started& s) {
            touched_ = index_of(s.node);
            if (touched_ < hosts_.size()) start_process(hosts_[touched_]);
          },
          [&](const world::Due& due) {
            if (due.kind == kDueOperationTimeout) {
              finish_operation(due.value, node::Error::kRequestTimedOut);
              return;
            }
            if (due.kind == kDueAskQuorum) {
              ask_quorum(due.value);
              return;
            }
            ENSURE_EQ(due.kind, kDueShutdown);
            Host* host = find(NodeId(static_cast<std::int32_t>(due.value & 0xffffffffU)));
            // The process that was asked may have died meanwhile, and a new one was asked nothing.
            if (host == nullptr || host->replica() == nullptr || host->incarnation - 1 != due.value >> 32U ||
                world_.process(host->id) == world::ProcessState::kDown) {
              return;
            }
            touched_ = index_of(host->id);
            shut_down(*host);
          },
      },
      happening.what);
}

void KraftCluster::start_process(Host& host) {
  const Time now = world_.local_now(host.id);
  if (const auto cut = host.disk.recover()) {
    world_.note(host.id, "recovery cuts the log at " + line(*cut) + ", where a batch fails its checksum");
  }
  const raft::ReplicaKey key = host.key();
  const std::uint64_t raft_seed = host.start_rng.next();
  const std::uint64_t other_seed = host.start_rng.next();
  ++host.incarnation;
  host.served_epoch = kraft::Epoch(-1);
  host.stop_wanted = false;
  if (cluster::is_broker(host.id)) {
    const kraft::Uuid incarnation{other_seed, host.incarnation};
    host.process.emplace<node::Broker>(broker_config(*spec_, *host.spec), key, configured_voters(),
                                       host.disk.contents(), Rng(raft_seed), Rng(other_seed), incarnation, now);
  } else {
    host.process.emplace<node::Controller>(controller_config(*spec_, *host.spec), key, configured_voters(),
                                           host.disk.contents(), Rng(raft_seed), Rng(other_seed), now);
  }
  step(host, node::Tick{}, Service::kTimer);
}

void KraftCluster::shut_down(Host& host) {
  if (world_.process(host.id) == world::ProcessState::kDown) return;  // it crashed, and is about to hear of it
  host.stop_wanted = host.writing.has_value();
  if (!host.stop_wanted) step(host, node::Shutdown{}, Service::kTimer);
}

void KraftCluster::step(Host& host, node::Input&& input, Service kind) {
  world_.occupy(host.id, host.service.sample(kind));
  step(host, std::move(input));
}

void KraftCluster::step(Host& host, node::Input&& input) {
  effects_.clear();
  const Time now = world_.local_now(host.id);
  if (auto* controller = std::get_if<node::Controller>(&host.process)) {
    controller->step(now, std::move(input), applied_, effects_);
  } else {
    std::get<node::Broker>(host.process).step(now, std::move(input), applied_, effects_);
  }
  settle(host);
}

/// Does what the effects of the step ask for, in the order in which the process would: think, write, speak.
void KraftCluster::settle(Host& host) {
  if (world_.trace().enabled()) world_.note(host.id, line(effects_));
  const node::Work work = effects_.work;
  world_.occupy(host.id, host.service.sample(Service::kDecideRecord, work.records_decided) +
                             host.service.sample(Service::kApplyRecord, work.records_applied));
  for (const node::Notice& notice : effects_.notices) observe(host, notice);
  for (const NodeId peer : effects_.disconnects) world_.disconnect(host.id, peer);
  dropped_connections_ = dropped_connections_ || !effects_.disconnects.empty();
  for (node::Message& message : effects_.sends) send(host, std::move(message));
  if (const raft::Replica* replica = host.replica()) {
    const auto position = static_cast<std::uint64_t>(replica->log().end_offset().value()) * 0x9e3779b97f4a7c15U;
    const auto committed = static_cast<std::uint64_t>(replica->high_watermark().value_or(Offset(-1)).value());
    const auto role = (static_cast<std::uint64_t>(replica->epoch().value()) << 3U) |
                      static_cast<std::uint64_t>(replica->role());
    world_.note_digest(position ^ (committed << 20U) ^ role);
  }
  const bool ended = effects_.shutdown_complete;
  world_.set_timer(host.id, effects_.wake_at);
  if (effects_.persist) perform(host, std::move(*effects_.persist));
  if (!ended) return;
  // A clean end flushes what the page cache still held.
  if (host.writing) host.disk.perform(host.writing->writes, true, world_.now());
  host.disk.perform({}, true, world_.now());
  host.process = std::monostate{};
  host.writing.reset();
  host.when_durable.clear();
  host.asked.clear();
  if (active_ == host.id) set_active(std::nullopt);
  world_.stop(host.id);
  note_served();
}

void KraftCluster::perform(Host& host, node::Persist&& persist) {
  std::int64_t bytes = 0;
  for (const raft::Write& write : persist.writes) {
    if (std::holds_alternative<raft::WriteQuorumState>(write)) {
      world_.occupy(host.id, host.service.sample(Service::kQuorumState));
    }
    if (const auto* append = std::get_if<raft::AppendBatches>(&write)) {
      for (const auto& batch : append->batches) bytes += batch->size_bytes;
    }
    if (const auto* snapshot = std::get_if<raft::WriteSnapshot>(&write)) bytes += snapshot->snapshot->size_bytes;
  }
  if (persist.sync) {
    host.writing = std::move(persist);
    world_.write(host.id, bytes, true);
    return;
  }
  if (world_.refuses_write(host.id)) return world_.die_of_disk(host.id);
  // Handed to the kernel and done: an observer does not wait for its disk.
  go_on_after_write(host, std::move(persist));
}

void KraftCluster::finish_write(Host& host) {
  ENSURE(host.writing.has_value());
  node::Persist done = std::move(*host.writing);
  host.writing.reset();
  if (!host.when_durable.empty()) world_.occupy(host.id, host.service.sample(Service::kBecomeLeader));
  for (cluster::PhaseReached& phase : host.when_durable) emit(host.id, std::move(phase));
  host.when_durable.clear();
  go_on_after_write(host, std::move(done));
}

void KraftCluster::go_on_after_write(Host& host, node::Persist&& done) {
  host.disk.perform(done.writes, done.sync, world_.now());
  if (done.sync) world_.occupy(host.id, host.service.sample(Service::kWriteDone));
  for (node::Message& message : done.then) send(host, std::move(message));
  step(host, node::Persisted{});
  if (host.stop_wanted && !host.writing && host.replica() != nullptr) shut_down(host);
}

void KraftCluster::send(Host& host, node::Message&& said) {
  const auto* shared = new KraftPayload(std::move(said));
  world::PayloadRef payload(shared);
  const node::Message& message = shared->message();
  const NodeId to = node::to(message);
  const auto* m = std::get_if<raft::Message>(&message);
  if (m != nullptr) {
    note_vote(*m);
    sent_.push_back(m);
    sent_payloads_.push_back(payload);
  }
  if (is_request(message)) {
    // A Fetch that does not go to the leader this node follows goes to a bootstrap server.
    const raft::Replica& replica = *host.replica();
    const bool bootstrap = m != nullptr && std::holds_alternative<raft::FetchRequest>(m->body) &&
                           !(replica.role() == raft::Role::kFollower && replica.leader_id() == to);
    world_.request(host.id, to, std::move(payload), bootstrap ? kBootstrapChannel : world::Channel{0});
    return;
  }
  const kraft::CorrelationId id = id_of(message);
  const auto asked = std::ranges::find_if(
      host.asked, [&](const OpenRequest& request) { return request.from == to && request.id == id; });
  if (asked == host.asked.end()) return;  // who asked has connected anew since
  world_.respond(host.id, to, std::move(payload), asked->channel, asked->generation);
  host.asked.erase(asked);
}

/// What came on earlier connections of the same kind can no longer be answered.
void KraftCluster::note_request(Host& host, const world::Arrived& request, kraft::CorrelationId id) {
  std::erase_if(host.asked, [&](const OpenRequest& old) {
    return old.from == request.from && old.channel == request.channel && old.generation != request.generation;
  });
  host.asked.push_back({request.from, id, request.channel, request.generation});
}

void KraftCluster::send_from_client(const node::Rpc& rpc) {
  world_.request(cluster::kClientNode, rpc.to, world::PayloadRef(new KraftPayload(rpc)));
}

void KraftCluster::note_vote(const raft::Message& m) {
  if (const auto* asked = std::get_if<raft::VoteRequest>(&m.body)) {
    if (!asked->pre_vote) votes_cast_.push_back({m.from, asked->epoch, m.from});
  } else if (const auto* answered = std::get_if<raft::VoteResponse>(&m.body)) {
    if (answered->vote_granted && !answered->pre_vote) votes_cast_.push_back({m.from, answered->leader.epoch, m.to});
  }
}

/// Of those that lead, the one in the largest epoch.
const raft::Replica* KraftCluster::leader() const {
  const raft::Replica* best = nullptr;
  for (const Host& host : hosts_) {
    const raft::Replica* replica = host.replica();
    if (replica == nullptr || replica->role() != raft::Role::kLeader) continue;
    if (best == nullptr || replica->epoch() > best->epoch()) best = replica;
  }
  return best;
}

// ---- what faults and people ask ----

void KraftCluster::stop_cleanly(NodeId id) {
  Host* host = find(id);
  if (host == nullptr || host->replica() == nullptr) return;
  const Duration delay = host->service.sample(Service::kShutdown);
  const std::uint64_t whom = (host->incarnation - 1) << 32U | static_cast<std::uint32_t>(id.value());
  world_.schedule(world_.now() + delay, kDueShutdown, whom);
}

void KraftCluster::before_crash(NodeId id, const cluster::CrashFault& how) {
  if (Host* host = find(id)) host->next_crash = how;
}

void KraftCluster::lie_about_fsync(NodeId id, bool lying) {
  if (Host* host = find(id)) host->disk.lie(lying);
}

std::vector<std::int64_t> KraftCluster::damage_log(NodeId id, const cluster::DamageLogFault& fault, Rng& rng) {
  Host* host = find(id);
  return host == nullptr ? std::vector<std::int64_t>{} : host->disk.damage(fault, rng);
}

std::vector<NodeId> KraftCluster::forgetful() const {
  std::vector<NodeId> nodes;
  for (const Host& host : hosts_) {
    if (cluster::is_coordinator(host.id) && host.forgot(*spec_)) nodes.push_back(host.id);
  }
  return nodes;
}

void KraftCluster::give_up_quorum_changes() {
  std::vector<std::uint64_t> asked;
  for (const auto& [id, pending] : operations_) {
    if (pending.operation.kind == Operation::Kind::kChangeQuorum) asked.push_back(id);
  }
  for (const std::uint64_t id : asked) finish_operation(id, node::Error::kRequestTimedOut);
}

std::vector<NodeId> KraftCluster::resolve(const cluster::Target& target, Rng& rng) const {
  using Kind = cluster::Target::Kind;
  std::vector<NodeId> nodes;
  const auto add_if = [&](auto&& wanted) {
    for (const Host& host : hosts_) {
      if (wanted(host)) nodes.push_back(host.id);
    }
  };
  const raft::Replica* const best = leader();
  const std::optional<NodeId> leading = best == nullptr ? std::nullopt : std::optional(best->self().id);
  const auto pick = [&](auto&& wanted) {
    add_if(wanted);
    if (nodes.size() > 1) nodes = {nodes[rng.below(nodes.size())]};
  };
  switch (target.kind) {
    case Kind::kController:
    case Kind::kCoordinator:
      add_if([&](const Host& host) { return host.id == cluster::coordinator_id(target.number); });
      break;
    case Kind::kBroker:
      add_if([&](const Host& host) { return host.id == cluster::broker_id(target.number); });
      break;
    case Kind::kZookeeper:
      break;
    case Kind::kActiveController:
      if (active_) {
        nodes = {*active_};
        break;
      }
      [[fallthrough]];  // the leader that has not claimed yet is the next best answer
    case Kind::kLeader:
      if (leading) nodes = {*leading};
      break;
    case Kind::kAnyFollower: {
      pick([&](const Host& host) { return host.controller() != nullptr && host.id != leading; });
      break;
    }
    case Kind::kAnyBroker:
      pick([&](const Host& host) { return host.broker() != nullptr; });
      break;
    case Kind::kAnyController:
    case Kind::kAnyCoordinator:
      pick([&](const Host& host) { return host.controller() != nullptr; });
      break;
    case Kind::kMajority:
    case Kind::kMinority: {
      add_if([&](const Host& host) { return cluster::is_coordinator(host.id); });
      const std::size_t voters = nodes.size();
      return cluster::draw(std::move(nodes), target.kind == Kind::kMajority ? voters / 2 + 1 : (voters - 1) / 2, rng);
    }
    case Kind::kRack:
      add_if([&](const Host& host) { return host.spec->rack == target.name; });
      break;
    case Kind::kAllBrokers:
      add_if([&](const Host& host) { return cluster::is_broker(host.id); });
      break;
    case Kind::kAllCoordinators:
      add_if([&](const Host& host) { return cluster::is_coordinator(host.id); });
      break;
    case Kind::kEverything:
      add_if([](const Host&) { return true; });
      break;
  }
  return nodes;
}

void KraftCluster::take_observations(std::vector<cluster::Observation>& out) {
  out.insert(out.end(), std::make_move_iterator(observations_.begin()), std::make_move_iterator(observations_.end()));
  observations_.clear();
}

std::vector<std::string> KraftCluster::describe() const {
  std::vector<std::string> lines;
  for (const Host& host : hosts_) {
    const raft::Replica* replica = host.replica();
    lines.push_back(replica == nullptr ? "n" + line(host.id) + " down" : line(*replica));
  }
  return lines;
}

}  // namespace kraftsim::kraft_host
