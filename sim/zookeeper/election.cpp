// FastLeaderElection.lookForLeader, turned inside out: its blocking poll is `wake_at`, and what it would return is
// `winner`.
#include "sim/zookeeper/election.hpp"

#include <algorithm>

#include "core/base/check.hpp"

namespace kraftsim::zookeeper {

Election::Election(NodeId self, std::vector<NodeId> ensemble, const ServerConfig& config)
    : self_(self),
      ensemble_(std::move(ensemble)),
      finalize_wait_(config.finalize_wait),
      min_interval_(config.min_notification_interval),
      max_interval_(config.max_notification_interval) {}

void Election::start(Time now, const Vote& own, Out& out) {
  ++round_;
  own_ = own;
  vote_ = own;
  winner_.reset();
  decided_.clear();
  received_.clear();
  received_[self_] = vote_;
  interval_ = min_interval_;
  resend_at_ = now + interval_;
  finalize_at_ = is_quorum(1) ? now + finalize_wait_ : kraft::kNever;
  broadcast(out);
}

void Election::broadcast(Out& out) const {
  for (const NodeId peer : ensemble_) {
    if (peer != self_) out.emplace_back(peer, Notification{PeerState::kLooking, vote_, round_});
  }
}

void Election::receive(Time now, NodeId from, const Notification& notification, Out& out) {
  ENSURE(!winner_.has_value());
  resend_at_ = now + interval_;  // poll() starts anew
  switch (notification.state) {
    case PeerState::kLooking: receive_looking(now, from, notification, out); break;
    case PeerState::kFollowing:
    case PeerState::kLeading: receive_decided(from, notification); break;
  }
}

void Election::receive_looking(Time now, NodeId from, const Notification& notification, Out& out) {
  if (notification.round < round_) {
    // The sender is behind: our vote tells it of the round (WorkerReceiver).
    out.emplace_back(from, Notification{PeerState::kLooking, vote_, round_});
    return;
  }
  bool better = notification.vote > vote_;
  if (notification.round > round_) {
    round_ = notification.round;
    received_.clear();
    vote_ = std::max(notification.vote, own_);
    better = true;
  } else if (better) {
    vote_ = notification.vote;
  }
  if (better) {
    received_[self_] = vote_;
    broadcast(out);
  }
  received_[from] = notification.vote;
  const auto agree = std::ranges::count(received_, vote_, &std::pair<const NodeId, Vote>::second);
  // Every vote that arrives, better or not, restarts the wait for a better one: poll(finalizeWait) in a loop.
  finalize_at_ = is_quorum(static_cast<std::size_t>(agree)) ? now + finalize_wait_ : kraft::kNever;
}

void Election::receive_decided(NodeId from, const Notification& notification) {
  decided_[from] = notification;
  const NodeId leader = notification.vote.leader;
  auto agree = std::ranges::count_if(decided_, [&](const auto& d) { return d.second.vote.leader == leader; });
  if (notification.round == round_) {  // it only finished before us: looking votes of this round count with its own
    received_[from] = notification.vote;
    agree = std::max(agree, std::ranges::count_if(received_, [&](const auto& r) { return r.second.leader == leader; }));
  }
  if (!is_quorum(static_cast<std::size_t>(agree)) || leader == self_) return;
  // checkLeader: the leader itself must have said that it leads.
  const auto word = decided_.find(leader);
  if (word == decided_.end() || word->second.state != PeerState::kLeading) return;
  round_ = notification.round;
  vote_ = notification.vote;
  winner_ = vote_;
}

void Election::timer(Time now, Out& out) {
  if (winner_) return;
  if (finalize_at_ <= now) {
    winner_ = vote_;
    return;
  }
  if (finalize_at_ == kraft::kNever && resend_at_ <= now) {
    broadcast(out);
    interval_ = std::min(2 * interval_, max_interval_);
    resend_at_ = now + interval_;
  }
}

Time Election::wake_at() const {
  if (winner_) return kraft::kNever;
  return finalize_at_ != kraft::kNever ? finalize_at_ : resend_at_;
}

}  // namespace kraftsim::zookeeper
