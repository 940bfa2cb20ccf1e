// A server's life: which role it is in, its log, and what a committed transaction does to it. What each role does is in
// the file of that role.
#include "sim/zookeeper/server.hpp"

#include <fmt/format.h>

#include "core/base/check.hpp"
#include "core/base/overloaded.hpp"

namespace kraftsim::zookeeper {

using kraft::kNever;
using kraft::overloaded;

Server::Server(NodeId self, std::vector<NodeId> ensemble, const ServerConfig& config, const ZnodeTree& initial,
               ServiceCosts costs, kraft::Rng rng)
    : self_(self),
      ensemble_(std::move(ensemble)),
      config_(config),
      costs_(std::move(costs)),
      tick_phase_(rng.between(Duration::zero(), config.tick)),
      election_(self_, ensemble_, config_),
      tree_(initial) {}

void Server::start(Time now, Effects& fx) {
  // ZooKeeperServer.initializeNextSessionId: unique across servers and restarts.
  next_session_ = (std::int64_t{self_.value()} << 56U) | (kraft::nanos(now) / 1'000'000 << 16U);
  look(now, fx);
}

void Server::crash() {
  disk_.log.resize(disk_.synced);
  election_ = Election(self_, ensemble_, config_);
  role_ = Looking{};
  tree_ = ZnodeTree(tree_.initial());
  applied_ = 0;
  flush_at_ = kNever;
  after_write_.clear();
  sockets_.clear();
  local_.clear();
  watches_.clear();
}

bool Server::is_leader() const {
  const auto* leading = std::get_if<Leading>(&role_);
  return leading != nullptr && leading->stage == Leading::Stage::kServing;
}

bool Server::is_serving() const {
  const auto* following = std::get_if<Following>(&role_);
  return is_leader() || (following != nullptr && following->stage == Following::Stage::kServing);
}

const SessionTracker* Server::tracker() const {
  return is_leader() ? &std::get<Leading>(role_).tracker : nullptr;
}

// ---- elections ----

void Server::look(Time now, Effects& fx) {
  // Whoever loses the quorum closes its clients' sockets before it looks for a leader (ZooKeeperServer.shutdown).
  close_all_sockets(fx);
  std::visit(overloaded{
                 [](const Looking&) {},
                 [&](const Following& following) { fx.disconnect(following.leader); },
                 [&](const Leading& leading) {
                   for (const auto& [id, learner] : leading.learners) fx.respond(id, LeaderGone{});
                 },
             },
             role_);
  role_ = Looking{};
  Election::Out out;
  election_.start(now, {.peer_epoch = disk_.current_epoch, .zxid = last_logged(), .leader = self_}, out);
  send_votes(out, fx);
}

void Server::send_votes(const Election::Out& out, Effects& fx) {
  for (const auto& [to, notification] : out) fx.request(to, notification);
}

void Server::receive_notification(Time now, NodeId from, const Notification& notification, Effects& fx) {
  if (std::holds_alternative<Looking>(role_)) {
    Election::Out out;
    election_.receive(now, from, notification, out);
    send_votes(out, fx);
    after_election(now, fx);
    return;
  }
  if (notification.state != PeerState::kLooking) return;
  const bool leads = std::holds_alternative<Leading>(role_);
  fx.request(from, Notification{.state = leads ? PeerState::kLeading : PeerState::kFollowing,
                                .vote = election_.vote(),
                                .round = election_.round()});
}

void Server::after_election(Time now, Effects& fx) {
  if (!election_.winner()) return;
  const NodeId leader = election_.winner()->leader;
  if (leader == self_) {
    lead(now, fx);
  } else {
    follow(now, leader, fx);
  }
}

// ---- what happens ----

void Server::receive(Time now, NodeId from, const Packet& packet, Effects& fx) {
  const auto from_leader = [&](const auto&) {
    const auto* following = std::get_if<Following>(&role_);
    if (following != nullptr && following->leader == from) receive_following(now, packet, fx);
  };
  const auto from_learner = [&](const auto&) {
    if (std::holds_alternative<Leading>(role_)) receive_leading(now, from, packet, fx);
  };
  const auto not_for_servers = [](const auto&) { ENSURE(false, "no server gets such a packet"); };
  std::visit(
      overloaded{
          [&](const Notification& p) { receive_notification(now, from, p, fx); },
          [&](const FollowerInfo& p) {
            // Nobody listens on the quorum port of a server that does not lead.
            if (std::holds_alternative<Leading>(role_)) {
              from_learner(p);
            } else {
              fx.respond(from, NotLeading{});
            }
          },
          [&](const AckEpoch& p) { from_learner(p); },
          [&](const AckNewLeader& p) { from_learner(p); },
          [&](const Ack& p) { from_learner(p); },
          [&](const QuorumPong& p) { from_learner(p); },
          [&](const Forward& p) { from_learner(p); },
          [&](const Revalidate& p) { from_learner(p); },
          [&](const NotLeading& p) { from_leader(p); },
          [&](const LeaderInfo& p) { from_leader(p); },
          [&](const Sync& p) { from_leader(p); },
          [&](const UpToDate& p) { from_leader(p); },
          [&](const Proposal& p) { from_leader(p); },
          [&](const Commit& p) { from_leader(p); },
          [&](const QuorumPing& p) { from_leader(p); },
          [&](const Revalidated& p) { from_leader(p); },
          [&](const LeaderGone& p) { from_leader(p); },
          [&](const ConnectRequest& p) { receive_connect(now, from, p, fx); },
          [&](const SocketClosed& p) { forget_socket({from, p.socket}); },
          [&](const Ping& p) {
            const auto socket = sockets_.find({from, p.socket});
            if (socket == sockets_.end()) return;
            fx.cpu += costs_.take(Service::kPing);
            touch(now, socket->second.session);
            fx.respond(from, Pong{p.socket});
          },
          [&](const ClientRequest& p) { receive_request(now, {from, p.socket}, p, fx); },
          [&](const SetWatches& p) { set_watches({from, p.socket}, p, fx); },
          [&](const ConnectResponse& p) { not_for_servers(p); },
          [&](const Pong& p) { not_for_servers(p); },
          [&](const ClientReply& p) { not_for_servers(p); },
          [&](const WatchEvent& p) { not_for_servers(p); },
          [&](const ControllerRequest& p) { not_for_servers(p); },
          [&](const ControllerReply& p) { not_for_servers(p); },
          [&](const CaughtUp& p) { not_for_servers(p); },
          [&](const AlterPartition& p) { not_for_servers(p); },
          [&](const AlterPartitionReply& p) { not_for_servers(p); },
          [&](const ControlledShutdown& p) { not_for_servers(p); },
          [&](const ControlledShutdownReply& p) { not_for_servers(p); },
          [&](const AdminRequest& p) { not_for_servers(p); },
          [&](const AdminReply& p) { not_for_servers(p); },
      },
      packet);
}

void Server::connection_lost(Time now, NodeId peer, bool own, Effects& fx) {
  if (own) {
    auto* following = std::get_if<Following>(&role_);
    if (following == nullptr || following->leader != peer) return;  // a vote did not arrive; it will be sent again
    if (following->stage == Following::Stage::kDialing) {
      dial_failed(now, *following, fx);
    } else {
      look(now, fx);
    }
    return;
  }
  if (auto* leading = std::get_if<Leading>(&role_)) leading->learners.erase(peer);
  const auto first = sockets_.lower_bound({peer, 0});
  std::vector<ConnectionKey> gone;
  for (auto it = first; it != sockets_.end() && it->first.node == peer; ++it) gone.push_back(it->first);
  for (const ConnectionKey& key : gone) forget_socket(key);
}

void Server::timer(Time now, Effects& fx) {
  std::visit(overloaded{
                 [&](Looking&) {
                   Election::Out out;
                   election_.timer(now, out);
                   send_votes(out, fx);
                 },
                 [&](Following& following) { learner_timer(now, following, fx); },
                 [&](Leading& leading) { leader_timer(now, leading, fx); },
             },
             role_);
  if (std::holds_alternative<Looking>(role_)) after_election(now, fx);
  if (flush_at_ <= now) flush(fx);
}

Time Server::wake_at() const {
  const Time role = std::visit(
      overloaded{
          [&](const Looking&) { return election_.wake_at(); },
          [&](const Following& following) { return std::min(following.dial_at, leader_silent_at(following)); },
          [&](const Leading& leading) {
            return std::min({leading.deadline, leading.ping_at, leading.tracker.next_expiry()});
          },
      },
      role_);
  return std::min(role, flush_at_);
}

// ---- the log ----

void Server::append(Time now, TxnRef txn) {
  ENSURE_LT(last_logged(), txn->zxid);
  disk_.log.push_back(std::move(txn));
  // SyncRequestProcessor flushes when nothing more waits: a timer that is due at once comes behind what waits
  // already.
  flush_at_ = std::min(flush_at_, now);
}

void Server::flush(Effects& fx) {
  std::int64_t total = 0;
  for (std::size_t i = disk_.synced; i < disk_.log.size(); ++i) total += bytes(*disk_.log[i]);
  persist(total, {}, fx);
}

void Server::persist(std::int64_t bytes, std::vector<Act> then, Effects& fx) {
  fx.write_bytes += std::max<std::int64_t>(bytes, 1);
  writing_ = disk_.log.size();
  flush_at_ = kNever;
  for (Act& act : then) after_write_.push_back(std::move(act));
}

void Server::write_done(Time now, Effects& fx) {
  disk_.synced = std::max(disk_.synced, std::min(writing_, disk_.log.size()));
  for (Act& act : after_write_) fx.acts.push_back(std::move(act));
  after_write_.clear();
  std::visit(overloaded{
                 [](const Looking&) {},
                 [&](Following& following) {
                   if (following.acked >= last_synced() || following.stage < Following::Stage::kSyncing) return;
                   following.acked = last_synced();
                   fx.request(following.leader, Ack{following.acked});
                 },
                 [&](Leading& leading) {
                   for (Outstanding& txn : leading.outstanding) {
                     if (txn.zxid <= last_synced() && txn.durable == Time{}) txn.durable = now;
                   }
                   if (leading.stage == Leading::Stage::kServing) advance_commit(leading, fx);
                   // A server alone has nobody to wait for.
                   if (leading.stage == Leading::Stage::kSynchronization && is_quorum(1)) {
                     serve_as_leader(now, leading, fx);
                   }
                 },
             },
             role_);
}

void Server::apply_until(Zxid zxid, Effects& fx) {
  while (applied_ < disk_.log.size() && disk_.log[applied_]->zxid <= zxid) {
    const TxnRef txn = disk_.log[applied_++];
    apply(*txn, fx);
  }
}

void Server::apply(const Txn& txn, Effects& fx) {
  std::vector<Path> touched;
  tree_.apply(txn, touched);
  if (!is_serving()) return;  // history: nobody watches or waits
  fx.cpu += costs_.take(Service::kWrite);
  fire_watches(touched, txn.zxid, fx);
  auto* leading = std::get_if<Leading>(&role_);
  if (leading != nullptr && std::holds_alternative<EndSession>(txn.body)) {
    leading->tracker.remove(txn.session);
    leading->owners.erase(txn.session);
  }
  answer_transaction(txn, fx);
}

// ---- looking in ----

std::uint64_t Server::fingerprint() const {
  std::uint64_t hash = role_.index();
  hash = hash * 31 + static_cast<std::uint64_t>(disk_.accepted_epoch);
  hash = hash * 31 + static_cast<std::uint64_t>(last_logged().value());
  return hash * 31 + static_cast<std::uint64_t>(tree_.last_zxid().value());
}

std::string Server::describe() const {
  const std::string role = std::visit(
      overloaded{
          [](const Looking&) { return std::string("looking"); },
          [&](const Following& f) {
            return fmt::format("{} n{}", is_serving() ? "following" : "joining", f.leader.value());
          },
          [&](const Leading& l) {
            return fmt::format("{} learners={}", is_serving() ? "leading" : "preparing to lead", l.learners.size());
          },
      },
      role_);
  return fmt::format("n{} {} e{} log={} applied={} sockets={} sessions={}", self_.value(), role, disk_.current_epoch,
                     show(last_logged()), show(tree_.last_zxid()), sockets_.size(), tree_.sessions().size());
}

}  // namespace kraftsim::zookeeper
