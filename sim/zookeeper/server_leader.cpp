// The leader: Leader, LearnerHandler, PrepRequestProcessor and SessionTracker of ZooKeeper, as steps. Whatever it
// decides becomes a transaction before it takes effect, the end of a session included.
#include <algorithm>

#include "core/base/check.hpp"
#include "core/base/overloaded.hpp"
#include "sim/zookeeper/server.hpp"

namespace kraftsim::zookeeper {

using kraft::kNever;
using kraft::overloaded;

// ---- discovery and synchronisation ----

void Server::lead(Time now, Effects& fx) {
  const Duration start = costs_.take(Service::kLeaderStart);
  fx.cpu += start;
  Leading& leading = role_.emplace<Leading>(tree_, SessionTracker(config_.tick, tick_phase_));
  leading.deadline = now + start + config_.init_limit * config_.tick;
  if (is_quorum(1)) decide_epoch(leading, fx);
}

void Server::receive_leading(Time now, NodeId from, const Packet& packet, Effects& fx) {
  Leading& leading = std::get<Leading>(role_);
  if (const auto* info = std::get_if<FollowerInfo>(&packet)) {
    learner_arrives(leading, from, *info, fx);
    return;
  }
  const auto it = leading.learners.find(from);
  if (it == leading.learners.end()) return;  // given up; it will learn so from LeaderGone
  Learner& learner = it->second;
  if (learner.synced) learner.deadline_tick = leading.tick + config_.sync_limit;

  if (const auto* ack_epoch = std::get_if<AckEpoch>(&packet)) {
    learner_promises(leading, from, *ack_epoch, fx);
  } else if (std::holds_alternative<AckNewLeader>(packet)) {
    learner_synced(now, leading, from, fx);
  } else if (const auto* ack = std::get_if<Ack>(&packet)) {
    learner.acked = std::max(learner.acked, ack->zxid);
    if (leading.stage == Leading::Stage::kServing) advance_commit(leading, fx);
  } else if (const auto* pong = std::get_if<QuorumPong>(&packet)) {
    for (const SessionId session : pong->touched) leading.tracker.touch(now, session);
  } else if (const auto* forward = std::get_if<Forward>(&packet)) {
    prepare(now, leading, from, forward->session, forward->xid, forward->request, fx);
  } else if (const auto* revalidate_request = std::get_if<Revalidate>(&packet)) {
    const SessionId session = revalidate_request->session;
    fx.respond(from, Revalidated{session, revalidate(now, leading, session, from)});
  }
}

void Server::learner_arrives(Leading& leading, NodeId from, const FollowerInfo& info, Effects& fx) {
  leading.learners[from] = {.accepted_epoch = info.accepted_epoch,
                            .deadline_tick = leading.tick + config_.init_limit + config_.sync_limit};
  if (leading.epoch != 0) {
    fx.respond(from, LeaderInfo{leading.epoch});
  } else if (is_quorum(leading.learners.size() + 1)) {
    decide_epoch(leading, fx);
  }
}

void Server::decide_epoch(Leading& leading, Effects& fx) {
  std::int64_t epoch = disk_.accepted_epoch;
  for (const auto& [id, learner] : leading.learners) epoch = std::max(epoch, learner.accepted_epoch);
  leading.epoch = epoch + 1;
  leading.stage = Leading::Stage::kSynchronization;
  disk_.accepted_epoch = leading.epoch;
  disk_.current_epoch = leading.epoch;
  std::vector<Act> then;
  for (const auto& [id, learner] : leading.learners) {
    then.push_back(SendResponse{id, kraft::share<Message>(LeaderInfo{leading.epoch})});
  }
  persist(16, std::move(then), fx);
}

void Server::learner_promises(Leading& leading, NodeId from, const AckEpoch& ack, Effects& fx) {
  Learner& promised = leading.learners[from];
  promised.epoch_acked = true;
  promised.last = ack.last_zxid;
  const auto promises = std::ranges::count_if(leading.learners, [](const auto& l) { return l.second.epoch_acked; });
  if (!is_quorum(static_cast<std::size_t>(promises) + 1)) return;
  for (auto& [id, learner] : leading.learners) {
    if (learner.epoch_acked && !learner.forwarding) synchronize(id, learner, fx);
  }
}

void Server::synchronize(NodeId to, Learner& learner, Effects& fx) {
  // The learner keeps what lies in both logs. Equal zxids are equal transactions, so the greatest of ours that is not
  // beyond its last is the place.
  const auto first = std::ranges::upper_bound(disk_.log, learner.last, {}, &Txn::zxid);
  Sync sync{.keep = first == disk_.log.begin() ? Zxid{} : (*std::prev(first))->zxid};
  sync.txns.assign(first, disk_.log.end());
  learner.forwarding = true;
  learner.last = last_logged();
  fx.respond(to, std::move(sync));
}

void Server::learner_synced(Time now, Leading& leading, NodeId from, Effects& fx) {
  Learner& learner = leading.learners[from];
  learner.synced = true;
  learner.acked = std::max(learner.acked, learner.last);
  if (leading.stage == Leading::Stage::kServing) {
    fx.respond(from, UpToDate{leading.committed});
    advance_commit(leading, fx);  // it may be the one whose acknowledgement was missing
    return;
  }
  const auto synced = std::ranges::count_if(leading.learners, [](const auto& l) { return l.second.synced; });
  if (is_quorum(static_cast<std::size_t>(synced) + 1)) serve_as_leader(now, leading, fx);
}

void Server::serve_as_leader(Time now, Leading& leading, Effects& fx) {
  // The history that a quorum now has is committed.
  for (std::size_t i = applied_; i < disk_.log.size(); ++i) fx.committed.push_back({.txn = disk_.log[i]});
  apply_until(last_logged(), fx);
  leading.stage = Leading::Stage::kServing;
  leading.deadline = kNever;
  leading.committed = last_logged();
  leading.last_proposed = first_zxid(leading.epoch);
  leading.ahead = tree_;
  leading.ping_at = now + config_.tick / 2;
  // Every session starts afresh: a change of leader lets none expire (SessionTrackerImpl's constructor).
  for (const auto& [session, timeout] : tree_.sessions()) leading.tracker.add(now, session, timeout);
  for (const auto& [id, learner] : leading.learners) {
    if (learner.synced) fx.respond(id, UpToDate{leading.committed});
  }
}

// ---- transactions ----

void Server::prepare(Time now, Leading& leading, NodeId origin, SessionId session, std::int64_t xid,
                     const std::variant<Request, OpenSession>& request, Effects& fx) {
  if (leading.stage != Leading::Stage::kServing) return;
  Txn::Body body = decide(leading, origin, session, request);
  if (const auto* open = std::get_if<OpenSession>(&body)) {
    leading.tracker.add(now, session, open->timeout);
    leading.owners[session] = origin;
  }
  if (std::holds_alternative<EndSession>(body)) leading.tracker.set_closing(session);
  propose(now, leading, session, xid, std::move(body), fx);
}

Txn::Body Server::decide(const Leading& leading, NodeId origin, SessionId session,
                         const std::variant<Request, OpenSession>& request) const {
  if (const auto* open = std::get_if<OpenSession>(&request)) return *open;
  if (!leading.tracker.is_open(session)) return Refused{.error = Error::kSessionExpired};
  const auto owner = leading.owners.find(session);
  if (owner != leading.owners.end() && owner->second != origin) return Refused{.error = Error::kSessionMoved};
  return std::visit(overloaded{
                        [](const Read&) -> Txn::Body {
                          ENSURE(false, "reads are not forwarded");
                          return Refused{};
                        },
                        [&](const Write& write) -> Txn::Body {
                          const Refused refused = leading.ahead.refuse(write.changes);
                          if (refused.error != Error::kNone) return refused;
                          return write.changes;
                        },
                        [](const CloseSession&) -> Txn::Body { return EndSession{}; },
                    },
                    std::get<Request>(request));
}

void Server::propose(Time now, Leading& leading, SessionId session, std::int64_t xid, Txn::Body body, Effects& fx) {
  leading.last_proposed += 1;
  const TxnRef txn = kraft::share<Txn>(leading.last_proposed, session, xid, std::move(body));
  std::vector<Path> touched;
  leading.ahead.apply(*txn, touched);
  append(now, txn);
  leading.outstanding.push_back({.zxid = txn->zxid, .queued = now, .proposed = now + fx.cpu});
  const auto message = kraft::share<Message>(Proposal{txn});
  for (const auto& [id, learner] : leading.learners) {
    if (learner.forwarding) fx.acts.push_back(SendResponse{id, message});
  }
}

void Server::advance_commit(Leading& leading, Effects& fx) {
  std::vector<Zxid> acked{last_synced()};
  for (const auto& [id, learner] : leading.learners) {
    if (learner.synced) acked.push_back(learner.acked);
  }
  if (!is_quorum(acked.size())) return;
  std::ranges::sort(acked, std::ranges::greater{});
  const Zxid commit = acked[ensemble_.size() / 2];  // the least of the quorum's
  if (commit <= leading.committed) return;
  leading.committed = commit;
  for (std::size_t i = applied_; !leading.outstanding.empty() && leading.outstanding.front().zxid <= commit; ++i) {
    const Outstanding& done = leading.outstanding.front();
    ENSURE_EQ(disk_.log[i]->zxid, done.zxid);
    fx.committed.push_back(
        {.txn = disk_.log[i], .queued = done.queued, .proposed = done.proposed, .durable = done.durable});
    leading.outstanding.pop_front();
  }
  const auto message = kraft::share<Message>(Commit{commit});
  for (const auto& [id, learner] : leading.learners) {
    if (learner.forwarding) fx.acts.push_back(SendResponse{id, message});
  }
  apply_until(commit, fx);
}

// ---- sessions and liveness ----

bool Server::revalidate(Time now, Leading& leading, SessionId session, NodeId owner) {
  if (leading.stage != Leading::Stage::kServing || !leading.tracker.touch(now, session)) return false;
  leading.owners[session] = owner;
  return true;
}

void Server::leader_timer(Time now, Leading& leading, Effects& fx) {
  if (leading.deadline <= now) {
    look(now, fx);
    return;
  }
  if (leading.ping_at <= now && !end_half_tick(now, leading, fx)) return;
  for (const SessionId session : leading.tracker.expire(now)) {
    fx.expired.push_back(session);
    propose(now, leading, session, 0, EndSession{}, fx);
  }
}

/// False if the leader has given up.
bool Server::end_half_tick(Time now, Leading& leading, Effects& fx) {
  leading.ping_at = now + config_.tick / 2;  // counted from now: a leader that was paused does not catch up on ticks
  leading.half_tick = !leading.half_tick;
  if (!leading.half_tick) {
    ++leading.tick;
    const auto heard = std::ranges::count_if(leading.learners, [&](const auto& l) {
      return l.second.synced && l.second.deadline_tick >= leading.tick;
    });
    if (!is_quorum(static_cast<std::size_t>(heard) + 1)) {  // "Not sufficient followers synced"
      look(now, fx);
      return false;
    }
  }
  for (auto it = leading.learners.begin(); it != leading.learners.end();) {
    const auto& [id, learner] = *it;
    const bool silent = learner.deadline_tick < leading.tick;
    if (silent) fx.respond(id, LeaderGone{});
    if (!silent && learner.forwarding) fx.respond(id, QuorumPing{});
    it = silent ? leading.learners.erase(it) : std::next(it);
  }
  return true;
}

}  // namespace kraftsim::zookeeper
