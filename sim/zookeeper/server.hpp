// Server: one ZooKeeper server. A value without a pointer to the world; the host tells it what happens and carries out
// the effects.
//
// It looks (Election), follows or leads. A leader goes through discovery (an epoch that a quorum has promised),
// synchronisation (a quorum has its history) and broadcast (ZAB); only in broadcast do servers serve clients. Reads are
// answered from the server's own tree, writes go to the leader, become transactions, and are answered by the server
// that the client uses once that has applied them. On disk are the log and two epochs; everything else a crash takes
// along.
//
//   server.cpp          life, roles, the log and its group commit, applying transactions
//   server_leader.cpp   what a leader does with its learners, transactions and sessions
//   server_learner.cpp  the other side of that
//   server_clients.cpp  sockets, reads, watches
//
// Simplified: a learner that lags is always brought up by DIFF, never by a snapshot; nothing is throttled.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "core/base/rng.hpp"
#include "sim/zookeeper/config.hpp"
#include "sim/zookeeper/effects.hpp"
#include "sim/zookeeper/election.hpp"
#include "sim/zookeeper/service_costs.hpp"
#include "sim/zookeeper/session_tracker.hpp"
#include "sim/zookeeper/znode_tree.hpp"

namespace kraftsim::zookeeper {

class Server {
 public:
  Server(NodeId self, std::vector<NodeId> ensemble, const ServerConfig& config, const ZnodeTree& initial,
         ServiceCosts costs, kraft::Rng rng);

  void start(Time now, Effects& fx);
  void crash();
  void receive(Time now, NodeId from, const Packet& packet, Effects& fx);
  /// The connection to `peer` is gone; `own`: the one that this server made.
  void connection_lost(Time now, NodeId peer, bool own, Effects& fx);
  void write_done(Time now, Effects& fx);
  void timer(Time now, Effects& fx);
  [[nodiscard]] Time wake_at() const;

  /// In broadcast, as the leader.
  [[nodiscard]] bool is_leader() const;
  /// Takes clients.
  [[nodiscard]] bool is_serving() const;
  [[nodiscard]] std::int64_t epoch() const { return disk_.current_epoch; }
  [[nodiscard]] const ZnodeTree& tree() const { return tree_; }
  [[nodiscard]] std::size_t sockets() const { return sockets_.size(); }
  /// The leader's, while it leads; nullptr otherwise.
  [[nodiscard]] const SessionTracker* tracker() const;
  /// One word that differs when the server does.
  [[nodiscard]] std::uint64_t fingerprint() const;
  [[nodiscard]] std::string describe() const;

 private:
  // ---- roles ----
  struct Looking {};
  struct Following {
    NodeId leader;
    enum class Stage : std::uint8_t { kDialing, kDiscovery, kSyncing, kServing } stage = Stage::kDialing;
    Time heard{};
    std::int64_t attempts = 0;
    Time dial_at = kraft::kNever;
    Zxid acked{};
    std::set<SessionId> touched{};  // since the leader's last ping
  };
  struct Learner {
    std::int64_t accepted_epoch = 0;
    bool epoch_acked = false;
    bool forwarding = false;  // gets proposals and commits
    bool synced = false;      // has acknowledged NEWLEADER
    Zxid last{};              // of its log when it came
    Zxid acked{};
    std::int64_t deadline_tick = 0;  // heard of again by then, or given up
  };
  struct Outstanding {
    Zxid zxid;
    Time queued{};
    Time proposed{};
    Time durable{};
  };
  struct Leading {
    Leading(ZnodeTree state, SessionTracker sessions) : ahead(std::move(state)), tracker(std::move(sessions)) {}

    enum class Stage : std::uint8_t { kDiscovery, kSynchronization, kServing } stage = Stage::kDiscovery;
    Time deadline = kraft::kNever;  // of discovery and synchronisation
    std::int64_t epoch = 0;         // once decided
    std::map<NodeId, Learner> learners;
    Zxid last_proposed{};
    Zxid committed{};
    std::deque<Outstanding> outstanding;
    ZnodeTree ahead;  // with all proposals applied
    SessionTracker tracker;
    std::map<SessionId, NodeId> owners;  // the server that each client uses
    std::int64_t tick = 0;
    bool half_tick = false;
    Time ping_at = kraft::kNever;
  };

  // ---- server.cpp ----
  void look(Time now, Effects& fx);
  void send_votes(const Election::Out& out, Effects& fx);
  void after_election(Time now, Effects& fx);
  void receive_notification(Time now, NodeId from, const Notification& notification, Effects& fx);
  void append(Time now, TxnRef txn);
  void persist(std::int64_t bytes, std::vector<Act> then, Effects& fx);
  void flush(Effects& fx);
  void apply_until(Zxid zxid, Effects& fx);
  void apply(const Txn& txn, Effects& fx);
  [[nodiscard]] Zxid last_logged() const { return disk_.log.empty() ? Zxid{} : disk_.log.back()->zxid; }
  [[nodiscard]] Zxid last_synced() const { return disk_.synced == 0 ? Zxid{} : disk_.log[disk_.synced - 1]->zxid; }
  [[nodiscard]] bool is_quorum(std::size_t servers) const { return servers > ensemble_.size() / 2; }

  // ---- server_leader.cpp ----
  void lead(Time now, Effects& fx);
  void receive_leading(Time now, NodeId from, const Packet& packet, Effects& fx);
  void learner_arrives(Leading& leading, NodeId from, const FollowerInfo& info, Effects& fx);
  void decide_epoch(Leading& leading, Effects& fx);
  void learner_promises(Leading& leading, NodeId from, const AckEpoch& ack, Effects& fx);
  void synchronize(NodeId to, Learner& learner, Effects& fx);
  void learner_synced(Time now, Leading& leading, NodeId from, Effects& fx);
  void serve_as_leader(Time now, Leading& leading, Effects& fx);
  void prepare(Time now, Leading& leading, NodeId origin, SessionId session, std::int64_t xid,
               const std::variant<Request, OpenSession>& request, Effects& fx);
  [[nodiscard]] Txn::Body decide(const Leading& leading, NodeId origin, SessionId session,
                                 const std::variant<Request, OpenSession>& request) const;
  void propose(Time now, Leading& leading, SessionId session, std::int64_t xid, Txn::Body body, Effects& fx);
  void advance_commit(Leading& leading, Effects& fx);
  bool revalidate(Time now, Leading& leading, SessionId session, NodeId owner);
  void leader_timer(Time now, Leading& leading, Effects& fx);
  bool end_half_tick(Time now, Leading& leading, Effects& fx);

  // ---- server_learner.cpp ----
  void follow(Time now, NodeId leader, Effects& fx);
  void dial(Time now, Following& following, Effects& fx);
  void dial_failed(Time now, Following& following, Effects& fx);
  void receive_following(Time now, const Packet& packet, Effects& fx);
  void learner_timer(Time now, Following& following, Effects& fx);
  [[nodiscard]] Time leader_silent_at(const Following& following) const;

  // ---- server_clients.cpp ----
  struct Pending {
    std::int64_t xid = 0;
    Request request;
  };
  struct Socket {
    SessionId session = kNoSession;
    Duration timeout{};
    bool established = false;
    std::deque<Pending> pending;  // from the first write that is not answered on
  };
  void receive_connect(Time now, NodeId from, const ConnectRequest& request, Effects& fx);
  void receive_request(Time now, ConnectionKey key, const ClientRequest& request, Effects& fx);
  void set_watches(ConnectionKey key, const SetWatches& request, Effects& fx);
  void to_leader(Time now, SessionId session, std::int64_t xid, std::variant<Request, OpenSession> request,
                 Effects& fx);
  void revalidated(SessionId session, bool valid, Effects& fx);
  void touch(Time now, SessionId session);
  void answer_read(ConnectionKey key, std::int64_t xid, const Read& read, Effects& fx);
  void answer_transaction(const Txn& txn, Effects& fx);
  void establish(ConnectionKey key, Socket& socket, Effects& fx);
  void fire_watches(const std::vector<Path>& touched, Zxid zxid, Effects& fx);
  void fire(const Watch& watch, Effects& fx);
  void close_socket(ConnectionKey key, Effects& fx);
  void forget_socket(ConnectionKey key);
  void close_all_sockets(Effects& fx);

  // ---- who it is ----
  NodeId self_;
  std::vector<NodeId> ensemble_;
  ServerConfig config_;
  ServiceCosts costs_;
  Duration tick_phase_{};

  // ---- on disk ----
  struct Stored {
    std::int64_t accepted_epoch = 0;
    std::int64_t current_epoch = 0;
    std::vector<TxnRef> log;
    std::size_t synced = 0;  // so many of the log would survive a crash
  };
  Stored disk_;

  // ---- in memory ----
  Election election_;
  std::variant<Looking, Following, Leading> role_;
  ZnodeTree tree_;           // the log's first `applied_` transactions
  std::size_t applied_ = 0;
  Time flush_at_ = kraft::kNever;
  std::size_t writing_ = 0;  // so many of the log does the present write make durable
  std::vector<Act> after_write_;
  std::int64_t next_session_ = 0;
  std::map<ConnectionKey, Socket> sockets_;
  std::map<SessionId, ConnectionKey> local_;  // the socket of each session that uses this server
  std::map<Watch, std::set<ConnectionKey>> watches_;
};

}  // namespace kraftsim::zookeeper
