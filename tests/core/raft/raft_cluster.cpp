// The oracle's properties, and a world without surprises.
#include "tests/core/raft/raft_cluster.hpp"

#include <algorithm>
#include <utility>

#include "core/base/check.hpp"
#include "core/base/overloaded.hpp"

namespace kraft::raft::testing {
namespace {

constexpr NodeId kOutsider{1000};

/// In the log, or in the snapshot that it starts from.
bool holds(const Log& log, const records::RecordBatch& batch) {
  if (batch.end_offset() <= log.start_offset()) return true;
  const records::RecordBatch* own = log.find(batch.base_offset);
  return own != nullptr && own->same_content(batch);
}

}  // namespace

// ---- the oracle ----

void Oracle::observe(const Replica& replica, const Effects& effects) {
  for (const Notice& notice : effects.notices) {
    std::visit(overloaded{[&](const Transitioned& n) {
                            if (n.to != Role::kLeader) return;
                            // Election safety (Raft §5.2). The same node may win twice: it crashed before the first
                            // time was durable, and nobody ever heard of it.
                            const auto elected = leaders_.insert({n.epoch, replica.self().id}).first;
                            ENSURE_EQ(elected->second, replica.self().id, "ElectionSafety: two leaders in one epoch");
                            // Leader completeness (Raft §5.4.3).
                            for (const auto& batch : committed_) {
                              ENSURE(holds(replica.log(), *batch), "LeaderCompleteness: a committed record is missing");
                            }
                          },
                          [&](const Committed& n) {
                            // State machine safety: what anybody believes to be committed is.
                            ENSURE_LE(n.high_watermark, committed_end_, "StateMachineSafety: beyond the committed log");
                            for (const auto& batch : committed_) {
                              if (batch->end_offset() > n.high_watermark) break;
                              ENSURE(holds(replica.log(), *batch), "StateMachineSafety: another record");
                            }
                          },
                          [&](const Appended& n) { check_log(replica.log(), n.base_offset); },
                          [](const auto&) {}},
               notice);
  }
}

void Oracle::check_log(const Log& log, Offset from) {
  // Log matching (Raft §5.3): offset and epoch name one batch, and with it everything before it.
  for (std::size_t i = log.index_of(from); i < log.batches().size(); ++i) {
    const records::BatchRef& batch = log.batches()[i];
    const Epoch previous = log.epoch_before(batch->base_offset);
    const auto [known, is_new] =
        batches_.insert({{batch->base_offset, batch->epoch}, {.batch = batch, .previous_epoch = previous}});
    if (is_new) continue;
    ENSURE(known->second.batch->same_content(*batch), "LogMatching: one name, two batches");
    ENSURE_EQ(known->second.previous_epoch, previous, "LogMatching: one batch, two histories");
  }
}

void Oracle::observe_sent(const Message& message) {
  // A vote is cast when it leaves: before, a crash may undo it.
  const auto vote = [&](NodeId voter, Epoch epoch, NodeId candidate) {
    const auto cast = votes_.insert({{voter, epoch}, candidate}).first;
    ENSURE_EQ(cast->second, candidate, "VoteOnce: a second vote in this epoch");
  };
  if (const auto* request = std::get_if<VoteRequest>(&message.body); request != nullptr && !request->pre_vote) {
    vote(message.from, request->epoch, message.from);
  }
  if (const auto* response = std::get_if<VoteResponse>(&message.body);
      response != nullptr && response->vote_granted && !response->pre_vote) {
    vote(message.from, response->leader.epoch, message.to);
  }
}

void Oracle::observe_commit(Offset high_watermark, const std::map<NodeId, const Log*>& durable) {
  // The leader's log is what is committed; a majority of disks must hold it already (CommittedIsDurable).
  const std::size_t majority = durable.size() / 2 + 1;
  for (Offset end = committed_end_; end < high_watermark;) {
    records::BatchRef next;
    for (const auto& [id, log] : durable) {
      const records::RecordBatch* batch = log->find(end);
      if (batch == nullptr) continue;
      const auto copies =
          std::ranges::count_if(durable, [&](const auto& entry) { return holds(*entry.second, *batch); });
      if (static_cast<std::size_t>(copies) >= majority) next = records::BatchRef(batch);
    }
    ENSURE(next != nullptr, "CommittedIsDurable: no majority of disks holds it");
    committed_.push_back(next);
    end = committed_end_ = next->end_offset();
  }
}

// ---- the cluster ----

RaftCluster::RaftCluster(Options options)
    : options_(std::move(options)),
      voters_([&] {
        std::vector<ReplicaKey> keys;
        for (int id = 1; id <= options_.voters; ++id) {
          keys.push_back({.id = NodeId(id), .directory_id = {.high = 0, .low = static_cast<std::uint64_t>(id)}});
        }
        return VoterSet(keys);
      }()),
      directories_(static_cast<std::uint64_t>(options_.voters)),
      now_(options_.start) {
  std::vector<ReplicaKey> keys(voters_.voters().begin(), voters_.voters().end());
  for (int i = 1; i <= options_.spares; ++i) {
    keys.push_back({.id = NodeId(options_.voters + i), .directory_id = {.high = 0, .low = ++directories_}});
  }
  for (int i = 1; i <= options_.observers; ++i) keys.push_back({.id = NodeId(100 + i), .directory_id = {}});
  for (const ReplicaKey& key : keys) {
    ids_.push_back(key.id);
    nodes_[key.id].key = key;
    if (options_.kraft_version > 0 && voters_.contains(key)) nodes_[key.id].durable = formatted_with(voters_);
  }
  for (const NodeId id : ids_) start(id.value());
}

void RaftCluster::start(int id) {
  Node& node = nodes_.at(NodeId(id));
  ENSURE(!node.replica, "already up");
  ++node.incarnation;
  Config config = options_.config;
  config.can_become_voter = id < 100;
  config.supported_kraft_versions = node.software;
  std::vector<ReplicaKey> configured;  // settings name no disks
  if (options_.kraft_version > 0) {
    config.bootstrap_servers = voters_.ids();
  } else {
    for (const NodeId voter : voters_.ids()) configured.push_back({.id = voter, .directory_id = {}});
  }
  node.replica.emplace(config, node.key, VoterSet(configured), node.durable,
                       Rng::stream(options_.seed, id * 1000 + node.incarnation, "election"), now_);
  step(node, Tick{});
}

void RaftCluster::crash(int id, std::size_t kept) {
  Node& node = nodes_.at(NodeId(id));
  node.replica.reset();
  for (std::size_t i = 0; i < std::min(kept, node.unsynced.size()); ++i) perform(node.durable, node.unsynced[i]);
  node.unsynced.clear();
  node.pending.reset();
  node.inbox.clear();
  node.disk_held = false;
  std::erase_if(in_flight_,
                [&](const InFlight& f) { return f.message.from == node.key.id || f.message.to == node.key.id; });
}

void RaftCluster::set_disk(int id, Durable durable) {
  ENSURE(!is_up(id), "a disk is exchanged while its node is down");
  nodes_.at(NodeId(id)).durable = std::move(durable);
}

void RaftCluster::install(int id, KRaftVersionRange software) {
  ENSURE(!is_up(id), "software is exchanged while its node is down");
  nodes_.at(NodeId(id)).software = software;
}

void RaftCluster::wipe(int id) {
  set_disk(id, {});
  nodes_.at(NodeId(id)).key.directory_id = {.high = 0, .low = ++directories_};
}

bool RaftCluster::snapshot(int id) {
  const Replica& replica = at(id);
  const auto end = replica.high_watermark();
  if (!end || *end == Offset(0) || nodes_.at(NodeId(id)).pending || *end < replica.log().start_offset()) return false;
  const VoterHistory::Entry& quorum = replica.voter_history().at(*end);
  input(id, CreateSnapshot{records::make_snapshot(
                {.end_offset = *end,
                 .epoch = replica.log().epoch_before(*end),
                 .last_contained_log_timestamp = now_,
                 .kraft_version = quorum.kraft_version,
                 .voters = quorum.kraft_version > 0 ? to_record(quorum.voters) : records::VotersRecord{}},
                {})});
  return true;
}

CorrelationId RaftCluster::request(int id, Body body) {
  const CorrelationId correlation_id(++requests_);
  input(id, Receive{.message = {.from = kOutsider, .to = NodeId(id), .correlation_id = correlation_id, .body = body}});
  return correlation_id;
}

void RaftCluster::input(int id, Input input) {
  Node& node = nodes_.at(NodeId(id));
  if (node.pending) {
    node.inbox.push_back(std::move(input));
  } else {
    step(node, std::move(input));
  }
}

void RaftCluster::append(int id, int records) {
  input(id, Append{.epoch = at(id).epoch(),
                   .records = records::MetadataRecords(static_cast<std::size_t>(records), records::NoOpRecord{})});
}

void RaftCluster::release_disk(int id) {
  Node& node = nodes_.at(NodeId(id));
  node.disk_held = false;
  if (node.pending) finish_persist(node);
}

void RaftCluster::step(Node& node, Input input) {
  ++steps_;
  const Input copy = on_step ? input : Input{Tick{}};
  node.effects.clear();
  const bool led = node.replica->role() == Role::kLeader;
  node.replica->step(now_, std::move(input), node.effects);

  // A leader may commit and resign in one step.
  if ((led || node.replica->role() == Role::kLeader) && node.replica->high_watermark()) {
    std::map<NodeId, const Log*> durable;
    for (const auto& [id, each] : nodes_) {
      if (node.replica->voters().contains(each.key)) durable[id] = &each.durable.log;
    }
    oracle_.observe_commit(*node.replica->high_watermark(), durable);
  }
  oracle_.observe(*node.replica, node.effects);
  if (on_step) on_step(node.key.id, copy, node.effects);

  for (const Message& message : node.effects.sends) send(message);
  if (!node.effects.persist) return;
  for (const Write& write : node.effects.persist->writes) node.unsynced.push_back(write);
  node.pending = node.effects.persist;
  if (!node.disk_held) finish_persist(node);
}

void RaftCluster::finish_persist(Node& node) {
  const Persist persist = std::move(*node.pending);
  node.pending.reset();
  if (persist.sync) {
    for (const Write& write : node.unsynced) perform(node.durable, write);
    node.unsynced.clear();
  }
  step(node, Persisted{});
  for (const Message& message : persist.then) send(message);
  while (!node.pending && !node.inbox.empty()) {
    Input next = std::move(node.inbox.front());
    node.inbox.pop_front();
    step(node, std::move(next));
  }
}

void RaftCluster::send(const Message& message) {
  if (message.to == kOutsider) {
    answers[message.correlation_id] = message.body;
    return;
  }
  oracle_.observe_sent(message);
  if (cuts_.contains({message.from, message.to})) return;
  in_flight_.push_back({.message = message,
                        .from_incarnation = nodes_.at(message.from).incarnation,
                        .to_incarnation = nodes_.at(message.to).incarnation});
}

void RaftCluster::deliver(std::size_t index) {
  const InFlight f = in_flight_[index];
  drop(index);
  // A connection ends with either end of it.
  const Node& to = nodes_.at(f.message.to);
  if (!to.replica || to.incarnation != f.to_incarnation) {
    const Node& from = nodes_.at(f.message.from);
    if (is_request(f.message) && from.replica && from.incarnation == f.from_incarnation) {
      input(f.message.from.value(), Disconnected{.peer = f.message.to});
    }
    return;
  }
  if (cuts_.contains({f.message.from, f.message.to})) return;
  input(f.message.to.value(), Receive{.message = f.message});
}

void RaftCluster::drop(std::size_t index) {
  in_flight_.erase(in_flight_.begin() + static_cast<std::ptrdiff_t>(index));
}

void RaftCluster::deliver_all() {
  for (int budget = 100'000; !in_flight_.empty(); --budget) {
    ENSURE_GT(budget, 0, "the cluster never comes to rest");
    deliver(0);
  }
}

void RaftCluster::isolate(int id) {
  for (const NodeId other : ids_) {
    if (other == NodeId(id)) continue;
    cut(id, other.value());
    cut(other.value(), id);
  }
}

Time RaftCluster::next_wake() const {
  Time wake = kNever;
  for (const auto& [id, node] : nodes_) {
    if (node.replica && !node.pending) wake = std::min(wake, node.replica->wake_at());
  }
  return wake;
}

void RaftCluster::tick_due() {
  for (const NodeId id : ids_) {
    const Node& node = nodes_.at(id);
    if (node.replica && !node.pending && node.replica->wake_at() <= now_) input(id.value(), Tick{});
  }
}

void RaftCluster::run(Duration duration) {
  const Time end = now_ + duration;
  run_until([] { return false; }, duration);
  now_ = end;
}

bool RaftCluster::run_until(const std::function<bool()>& done, Duration limit) {
  const Time end = now_ + limit;
  deliver_all();
  while (!done()) {
    const Time wake = next_wake();
    if (wake > end) return false;
    now_ = std::max(now_, wake);
    tick_due();
    deliver_all();
  }
  return true;
}

void RaftCluster::expire(int id) {
  now_ = std::max(now_, at(id).wake_at());
  input(id, Tick{});
}

int RaftCluster::leader() const {
  const Replica* leader = nullptr;
  for (const auto& [id, node] : nodes_) {
    if (!node.replica || node.replica->role() != Role::kLeader) continue;
    if (leader == nullptr || node.replica->epoch() > leader->epoch()) leader = &*node.replica;
  }
  return leader == nullptr ? 0 : leader->self().id.value();
}

void RaftCluster::win(int id) {
  while (at(id).role() != Role::kProspective && at(id).role() != Role::kCandidate) {
    now_ = std::max(now_, at(id).wake_at());
    for (const NodeId other : ids_) {
      if (other == NodeId(id) || !is_up(other.value())) continue;
      crash(other.value());
      start(other.value());
    }
    in_flight_.clear();
    input(id, Tick{});
  }
  const auto is_vote = [](const InFlight& f) {
    return std::holds_alternative<VoteRequest>(f.message.body) || std::holds_alternative<VoteResponse>(f.message.body);
  };
  for (auto vote = in_flight_.begin(); vote != in_flight_.end();) {
    deliver(static_cast<std::size_t>(vote - in_flight_.begin()));
    vote = std::ranges::find_if(in_flight_, is_vote);
  }
  ENSURE(at(id).role() == Role::kLeader, "it cannot win");
}

void RaftCluster::elect(int id) {
  win(id);
  deliver_all();
}

bool RaftCluster::is_settled() const {
  if (leader() == 0) return false;
  const Replica& leading = at(leader());
  return std::ranges::all_of(nodes_, [&](const auto& entry) {
    if (!entry.second.replica) return true;
    const Replica& replica = *entry.second.replica;
    return replica.epoch() == leading.epoch() && replica.leader_id() == leading.self().id &&
           replica.log().end() == leading.log().end() && replica.high_watermark() == leading.log().end_offset();
  });
}

Log log_of(const std::vector<int>& epochs) {
  Log log;
  for (const int epoch : epochs) {
    log.append(records::make_batch(log.end_offset(), Epoch(epoch), at_nanos(0),
                                   records::MetadataRecords{records::NoOpRecord{}}));
  }
  return log;
}

}  // namespace kraft::raft::testing
