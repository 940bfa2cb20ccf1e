// The learner: Learner and Follower of ZooKeeper, as steps. It promises, catches up and acknowledges; whatever makes it
// doubt its leader sends it back to looking.
#include <algorithm>

#include "core/base/check.hpp"
#include "core/base/overloaded.hpp"
#include "sim/zookeeper/server.hpp"

namespace kraftsim::zookeeper {

using kraft::kNever;

void Server::follow(Time now, NodeId leader, Effects& fx) {
  Following& following = role_.emplace<Following>(Following{.leader = leader});
  dial(now, following, fx);
}

void Server::dial(Time now, Following& following, Effects& fx) {
  ++following.attempts;
  following.dial_at = kNever;
  following.heard = now;
  fx.request(following.leader, FollowerInfo{disk_.accepted_epoch});
}

void Server::dial_failed(Time now, Following& following, Effects& fx) {
  if (following.attempts >= config_.dial_attempts) {
    look(now, fx);
  } else {
    following.dial_at = now + config_.dial_retry;
  }
}

void Server::receive_following(Time now, const Packet& packet, Effects& fx) {
  using Stage = Following::Stage;
  Following& following = std::get<Following>(role_);
  following.heard = now;
  // A leader that has not heard yet of the last connection's end takes this one for it, and goes on where that stopped.
  const bool belongs_to_a_sync = std::holds_alternative<Proposal>(packet) || std::holds_alternative<Commit>(packet) ||
                                 std::holds_alternative<UpToDate>(packet);
  if (belongs_to_a_sync && following.stage < Stage::kSyncing) return;
  if (std::holds_alternative<NotLeading>(packet)) {
    if (following.stage == Stage::kDialing) dial_failed(now, following, fx);
  } else if (const auto* info = std::get_if<LeaderInfo>(&packet)) {
    if (info->epoch < disk_.accepted_epoch) {  // a promise to a later leader stands
      look(now, fx);
      return;
    }
    following.stage = Stage::kDiscovery;
    disk_.accepted_epoch = info->epoch;
    persist(8, {SendRequest{following.leader, kraft::share<Message>(AckEpoch{last_logged()})}}, fx);
  } else if (const auto* sync = std::get_if<Sync>(&packet)) {
    following.stage = Stage::kSyncing;
    const auto end = std::ranges::upper_bound(disk_.log, sync->keep, {}, &Txn::zxid);
    const auto kept = static_cast<std::size_t>(end - disk_.log.begin());
    ENSURE_LE(applied_, kept, "a committed transaction is never truncated");
    disk_.log.resize(kept);
    disk_.synced = std::min(disk_.synced, kept);
    disk_.current_epoch = disk_.accepted_epoch;
    std::int64_t total = 8;
    for (const TxnRef& txn : sync->txns) {
      append(now, txn);
      total += bytes(*txn);
    }
    following.acked = last_logged();
    persist(total, {SendRequest{following.leader, kraft::share<Message>(AckNewLeader{})}}, fx);
  } else if (const auto* up_to_date = std::get_if<UpToDate>(&packet)) {
    apply_until(up_to_date->committed, fx);
    following.stage = Stage::kServing;
  } else if (const auto* proposal = std::get_if<Proposal>(&packet)) {
    append(now, proposal->txn);
  } else if (const auto* commit = std::get_if<Commit>(&packet)) {
    apply_until(commit->zxid, fx);
  } else if (std::holds_alternative<QuorumPing>(packet)) {
    fx.request(following.leader, QuorumPong{{following.touched.begin(), following.touched.end()}});
    following.touched.clear();
  } else if (const auto* answer = std::get_if<Revalidated>(&packet)) {
    revalidated(answer->session, answer->valid, fx);
  } else {
    ENSURE(std::holds_alternative<LeaderGone>(packet));
    look(now, fx);
  }
}

Time Server::leader_silent_at(const Following& following) const {
  const bool serving = following.stage == Following::Stage::kServing;
  return following.heard + (serving ? config_.sync_limit : config_.init_limit) * config_.tick;
}

void Server::learner_timer(Time now, Following& following, Effects& fx) {
  if (leader_silent_at(following) <= now) {
    look(now, fx);
  } else if (following.dial_at <= now) {
    dial(now, following, fx);
  }
}

}  // namespace kraftsim::zookeeper
