// The controller's step: Raft below, decisions above. A step may step the replica several times (a request, then what
// it wrote), but never again once there is something to persist. It must not know records, only what `decide` makes of
// requests.
#include "core/node/controller.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "core/base/check.hpp"
#include "core/base/overloaded.hpp"
#include "core/metadata/apply.hpp"
#include "core/metadata/broker_control.hpp"
#include "core/metadata/partition_control.hpp"
#include "core/metadata/topic_control.hpp"

namespace kraft::node {
namespace {

using metadata::BrokerControlState;
using records::MetadataRecords;

constexpr Duration kImmediatePeriod = std::chrono::milliseconds(10);  // PeriodicTask.DEFAULT_IMMEDIATE_PERIOD_NS

/// QuorumController.maybeFenceStaleBrokerPeriodNs.
Duration fence_check_period(const ControllerConfig& config) {
  return std::max<Duration>(std::chrono::milliseconds(1), config.broker_session_timeout / 8);
}

}  // namespace

Controller::Controller(const ControllerConfig& config, raft::ReplicaKey self, raft::VoterSet voters,
                       raft::Durable durable, Rng raft_rng, Rng placement_rng, Time now)
    : config_(config),
      log_(config.raft, config.snapshot, self, std::move(voters), std::move(durable), raft_rng, now),
      placement_rng_(placement_rng) {}

void Controller::step(Time now, Input&& input, metadata::ApplyCache& cache, Effects& effects) {
  const Step step{now, cache, effects};
  std::visit(overloaded{[&](Receive&& in) {
                          std::visit(overloaded{[&](raft::Message&& message) {
                                                  raft_step(step, raft::Input(std::in_place_type<raft::Receive>,
                                                                              std::move(message)));
                                                },
                                                [&](Rpc&& rpc) { receive(step, std::move(rpc)); }},
                                     std::move(in.message));
                        },
                        [&](Tick&&) { raft_step(step, raft::Tick{}); },
                        [&](Persisted&&) { raft_step(step, raft::Persisted{}); },
                        [&](Disconnected&& in) { raft_step(step, raft::Disconnected{in.peer}); },
                        [&](Shutdown&&) { raft_step(step, raft::Shutdown{config_.shutdown_timeout}); }},
             std::move(input));
  send_outbox(step);
  run_timers(step);
  effects.wake_at = wake_at();
}

Time Controller::wake_at() const {
  const Time raft = replica().wake_at();
  return active_ ? std::min({raft, active_->next_no_op, active_->next_fence_check}) : raft;
}

// ---- Raft below ----

void Controller::raft_step(const Step& step, raft::Input&& input) {
  const bool persisted = std::holds_alternative<raft::Persisted>(input);
  if (persisted && active_) {
    for (Write& write : active_->writes) {
      if (write.appended && !write.durable) write.durable = step.now;
    }
  }
  log_.step(step.now, std::move(input), step.cache, step.effects);
  // Before anything committed in this very step is acknowledged: another leader may have committed it.
  if (active_ && (replica().role() != raft::Role::kLeader || replica().epoch() != active_->epoch)) renounce(step);
  bool elected = false;
  for (const raft::Notice& notice : log_.notices()) {
    std::visit(overloaded{[&](const raft::Appended& n) { track_append(step, n); },
                          [&](const raft::LeaderChanged& n) {
                            elected = n.leader.leader_id == replica().self().id && n.leader.epoch == replica().epoch();
                          },
                          [&](const raft::ShutdownComplete&) {
                            step.effects.shutdown_complete = true;
                            if (active_) renounce(step);  // an only voter leads to the end
                          },
                          [&](const raft::AppendRefused&) { ENSURE(!active_, "the active controller may append"); },
                          [](const raft::Transitioned&) {},  // role and epoch were looked at above
                          [](const raft::Committed&) {},     // applied by ReplicatedImage
                          [](const raft::Truncated&) {},     // cannot reach what is committed
                          [](const auto&) {}},               // snapshots and voters are the replica's affair
               notice);
  }
  if (active_) settle_committed(step);
  if (elected && !active_ && replica().role() == raft::Role::kLeader) claim(step);
}

/// Raft names this node leader once its log is committed into its own epoch, so the committed image is all there is.
void Controller::claim(const Step& step) {
  ENSURE_EQ(log_.image()->end_offset, replica().next_append_offset(), "nobody else appends in this epoch");
  const bool idles = config_.max_idle_interval > Duration::zero();
  active_.emplace(Active{
      .epoch = replica().epoch(),
      .ahead = log_.image(),
      .heartbeats = metadata::HeartbeatTracker(*log_.image(), config_.broker_session_timeout, step.now),
      .next_no_op = idles ? step.now + config_.max_idle_interval : kNever,
      .next_fence_check = step.now + fence_check_period(config_),
      .parked = {},
      .outbox = {},
      .writes = {},
      .history = log_.image()->history});
  step.effects.notices.emplace_back(BecameActive{active_->epoch});
}

void Controller::renounce(const Step& step) {
  for (Parked& parked : active_->parked) {
    parked.reply.body = refusal(parked.reply.body, Error::kNotController);
    parked.reply.controller_id = replica().leader_id();
    step.effects.sends.emplace_back(std::move(parked.reply));
  }
  const std::int64_t dropped = std::max<std::int64_t>(0, active_->ahead->end_offset - log_.image()->end_offset);
  step.effects.notices.emplace_back(Renounced{active_->epoch, dropped});
  active_.reset();
}

/// What lingered together is one batch from now on. Where the image ahead ends with it, the batch need not be applied
/// again once it is committed.
void Controller::track_append(const Step& step, const raft::Appended& appended) {
  if (!active_) return;
  if (appended.end_offset > active_->ahead->end_offset) {
    // A control batch of Raft's own, which comes only where nothing decided is still on its way to Raft.
    ENSURE_EQ(appended.base_offset, active_->ahead->end_offset, "Raft's records come after all that was decided");
    active_->ahead = metadata::skip_to(active_->ahead, appended.end_offset);
  }
  const auto& batches = replica().log().batches();
  for (std::size_t i = replica().log().index_of(appended.base_offset);
       i < batches.size() && batches[i]->end_offset() <= appended.end_offset; ++i) {
    const std::uint64_t before = active_->history;
    active_->history = metadata::extend(before, *batches[i]);
    if (batches[i]->end_offset() == active_->ahead->end_offset) {
      active_->ahead = step.cache.adopt(before, batches[i], active_->ahead);
    }
  }
  auto& writes = active_->writes;
  const auto first = std::find_if(writes.begin(), writes.end(), [](const Write& write) { return !write.appended; });
  auto last = first;
  while (last != writes.end() && last->end <= appended.end_offset) ++last;
  if (first == last) return;
  first->end = std::prev(last)->end;
  first->appended = step.now;
  writes.erase(std::next(first), last);
}

/// What became committed: its answers leave, and with nothing left on the way the two images are one again.
void Controller::settle_committed(const Step& step) {
  const Offset committed = log_.image()->end_offset;
  auto& writes = active_->writes;
  auto write = writes.begin();
  for (; write != writes.end() && write->end <= committed; ++write) {
    step.effects.notices.emplace_back(BatchCommitted{.base_offset = write->base,
                                                     .end_offset = write->end,
                                                     .queued = write->queued,
                                                     .appended = write->appended.value_or(step.now),
                                                     .durable = write->durable.value_or(step.now)});
  }
  writes.erase(writes.begin(), write);
  auto& parked = active_->parked;
  auto ready = parked.begin();
  for (; ready != parked.end() && ready->offset <= committed; ++ready) {
    step.effects.sends.emplace_back(std::move(ready->reply));
  }
  parked.erase(parked.begin(), ready);
  if (active_->ahead->end_offset == committed) active_->ahead = log_.image();
}

// ---- requests ----

Rpc Controller::reply_to(const Rpc& rpc, Body&& body) const {
  return {.from = replica().self().id,
          .to = rpc.from,
          .correlation_id = rpc.correlation_id,
          .body = std::move(body),
          .controller_id = active_ ? replica().self().id : replica().leader_id()};
}

void Controller::receive(const Step& step, Rpc&& rpc) {
  if (!is_request(rpc)) return;  // a controller asks nobody
  if (!active_) {
    step.effects.sends.emplace_back(reply_to(rpc, refusal(rpc.body, Error::kNotController)));
    return;
  }
  std::visit(overloaded{[&](const BrokerRegistrationRequest& request) { handle(step, rpc, request); },
                        [&](const BrokerHeartbeatRequest& request) { handle(step, rpc, request); },
                        [&](const CreateTopicsRequest& request) { handle(step, rpc, request); },
                        [&](const DeleteTopicsRequest& request) { handle(step, rpc, request); },
                        [&](const AlterPartitionRequest& request) { handle(step, rpc, request); },
                        [](const BrokerRegistrationResponse&) {},
                        [](const BrokerHeartbeatResponse&) {},
                        [](const CreateTopicsResponse&) {},
                        [](const DeleteTopicsResponse&) {},
                        [](const AlterPartitionResponse&) {}},
             rpc.body);
}

void Controller::handle(const Step& step, const Rpc& rpc, const BrokerRegistrationRequest& request) {
  const bool has_session = active_->heartbeats.has_session(request.broker_id, step.now);
  auto decision = metadata::decide(*active_->ahead, request, has_session);
  const bool accepted = !decision.refused;
  carry_out(step, rpc, std::move(decision));
  if (!accepted) return;
  const bool fenced = active_->ahead->brokers.find(request.broker_id)->fenced;
  active_->heartbeats.registered(request.broker_id, fenced, step.now);
}

void Controller::handle(const Step& step, const Rpc& rpc, const BrokerHeartbeatRequest& request) {
  auto decision = metadata::decide(*active_->ahead, active_->heartbeats, request);
  const BrokerControlState before = decision.before;
  const BrokerControlState after = decision.after;
  const bool accepted = !decision.refused;
  carry_out(step, rpc, std::move(decision));
  if (!accepted) return;
  active_->heartbeats.touch(request.broker_id, is_fenced(after), request.current_metadata_offset, step.now);
  if (after == BrokerControlState::kControlledShutdown) {
    // Kafka takes the end of the batch that this heartbeat wrote.
    active_->heartbeats.begin_controlled_shutdown(request.broker_id, active_->ahead->last_offset());
  }
  if (is_fenced(after) && !is_fenced(before)) {
    step.effects.notices.emplace_back(BrokerFenced{.broker_id = request.broker_id, .by_session = false});
  } else if (is_fenced(before) && !is_fenced(after)) {
    step.effects.notices.emplace_back(BrokerUnfenced{request.broker_id});
  }
}

void Controller::handle(const Step& step, const Rpc& rpc, const CreateTopicsRequest& request) {
  auto decision = metadata::decide(*active_->ahead, request, config_.max_records_per_user_op, placement_rng_);
  // All topics or none: that takes one batch, of records and of bytes.
  if (records::total_size(decision.records) > config_.raft.max_batch_bytes) {
    decision = {.records = {}, .response = {.error = Error::kPolicyViolation, .topic_ids = {}}, .refused = true};
  }
  carry_out(step, rpc, std::move(decision));
}

void Controller::handle(const Step& step, const Rpc& rpc, const DeleteTopicsRequest& request) {
  carry_out(step, rpc, metadata::decide(*active_->ahead, request));
}

void Controller::handle(const Step& step, const Rpc& rpc, const AlterPartitionRequest& request) {
  carry_out(step, rpc, metadata::decide(*active_->ahead, request));
}

/// Writes what was decided. The answer waits for it; an answer without records waits for what was written before it,
/// since it was decided on that (QuorumController.ControllerWriteEvent).
template <class Response>
void Controller::carry_out(const Step& step, const Rpc& rpc, metadata::Decision<Response>&& decision) {
  if (!decision.records.empty()) write(step, std::move(decision.records));
  Rpc reply = reply_to(rpc, std::move(decision.response));
  const Offset latest = active_->ahead->end_offset;
  if (decision.refused || latest == log_.image()->end_offset) {
    step.effects.sends.emplace_back(std::move(reply));
  } else {
    active_->parked.push_back({.offset = latest, .reply = std::move(reply)});
  }
}

// ---- writes ----

/// Applies the records ahead of their commit and queues them for Raft, in batches of at most the permitted number and
/// size.
void Controller::write(const Step& step, MetadataRecords&& records) {
  step.effects.work.records_decided += static_cast<std::int64_t>(records.size());
  active_->ahead = metadata::apply(active_->ahead, records, active_->epoch);
  std::int64_t bytes = 0;
  auto first = records.begin();
  for (auto record = first; record != records.end(); ++record) {
    const std::int64_t size = records::size_bytes(*record);
    if (record - first == config_.max_records_per_batch || bytes + size > config_.raft.max_batch_bytes) {
      active_->outbox.emplace_back(std::make_move_iterator(first), std::make_move_iterator(record));
      first = record;
      bytes = 0;
    }
    bytes += size;
  }
  if (first == records.begin()) {
    active_->outbox.push_back(std::move(records));
  } else {
    active_->outbox.emplace_back(std::make_move_iterator(first), std::make_move_iterator(records.end()));
  }
}

/// As much as the replica takes now: while it has something to persist it takes nothing.
void Controller::send_outbox(const Step& step) {
  while (active_ && !active_->outbox.empty() && !step.effects.persist) {
    MetadataRecords records = std::move(active_->outbox.front());
    active_->outbox.erase(active_->outbox.begin());
    const Offset base = replica().next_append_offset();
    const auto count = static_cast<std::int64_t>(records.size());
    active_->writes.push_back({.base = base,
                               .end = base + count,
                               .queued = step.now,
                               .appended = std::nullopt,
                               .durable = std::nullopt});
    raft_step(step, raft::Append{.epoch = active_->epoch, .records = std::move(records)});
  }
}

// ---- timers ----

void Controller::run_timers(const Step& step) {
  if (active_ && active_->next_no_op <= step.now) {
    active_->next_no_op = step.now + config_.max_idle_interval;  // whatever else was written meanwhile
    write(step, {records::NoOpRecord{}});
  }
  if (active_ && active_->next_fence_check <= step.now) fence_one_stale_broker(step);
  send_outbox(step);
}

/// One broker per event, each in a batch of its own (ReplicationControlManager.maybeFenceStaleBroker).
void Controller::fence_one_stale_broker(const Step& step) {
  const std::optional<NodeId> stale = active_->heartbeats.expired(step.now);
  active_->next_fence_check = step.now + (stale ? kImmediatePeriod : fence_check_period(config_));
  if (!stale) return;
  active_->heartbeats.fence(*stale);
  write(step, metadata::fence(*active_->ahead, *stale));
  step.effects.notices.emplace_back(BrokerFenced{.broker_id = *stale, .by_session = true});
}

std::string line(const Controller& controller) {
  return line(controller.replica()) + (controller.is_active() ? " active" : "");
}

}  // namespace kraft::node
