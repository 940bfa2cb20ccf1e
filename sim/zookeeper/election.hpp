// Election: ZooKeeper's FastLeaderElection, one server's side of it.
//
// Votes are (peer epoch, zxid, server), the greatest wins. A looking server tells everyone its vote, adopts a better
// one when it hears it, and once a quorum votes as it does waits `finalizeWait` for a better vote still. Who follows or
// leads already answers with its leader, which a quorum of such answers makes the asker's as well. Votes are sent again
// when nothing is heard, at doubling intervals. It must not know of connections, logs or sessions.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "sim/zookeeper/config.hpp"
#include "sim/zookeeper/ids.hpp"

namespace kraftsim::zookeeper {

struct Vote {
  std::int64_t peer_epoch = 0;
  Zxid zxid{};
  NodeId leader{};
  friend auto operator<=>(const Vote&, const Vote&) = default;  // FastLeaderElection.totalOrderPredicate
};

enum class PeerState : std::uint8_t { kLooking, kFollowing, kLeading };

struct Notification {
  PeerState state{};
  Vote vote{};
  std::int64_t round = 0;  // electionEpoch; a server's own count of elections
};

class Election {
 public:
  using Out = std::vector<std::pair<NodeId, Notification>>;

  Election(NodeId self, std::vector<NodeId> ensemble, const ServerConfig& config);

  /// A new round, with the server's own vote.
  void start(Time now, const Vote& own, Out& out);
  /// While looking. When somebody is decided on, `winner` says so.
  void receive(Time now, NodeId from, const Notification& notification, Out& out);
  void timer(Time now, Out& out);
  [[nodiscard]] Time wake_at() const;
  [[nodiscard]] const std::optional<Vote>& winner() const { return winner_; }
  [[nodiscard]] std::int64_t round() const { return round_; }
  [[nodiscard]] const Vote& vote() const { return vote_; }

 private:
  void broadcast(Out& out) const;
  void receive_looking(Time now, NodeId from, const Notification& notification, Out& out);
  void receive_decided(NodeId from, const Notification& notification);
  [[nodiscard]] bool is_quorum(std::size_t votes) const { return votes > ensemble_.size() / 2; }

  NodeId self_;
  std::vector<NodeId> ensemble_;  // with self
  Duration finalize_wait_;
  Duration min_interval_;
  Duration max_interval_;

  std::int64_t round_ = 0;
  Vote own_;
  Vote vote_;
  std::map<NodeId, Vote> received_;          // of this round
  std::map<NodeId, Notification> decided_;   // from those that follow or lead
  Duration interval_{};
  Time resend_at_ = kraft::kNever;
  Time finalize_at_ = kraft::kNever;
  std::optional<Vote> winner_;
};

}  // namespace kraftsim::zookeeper
