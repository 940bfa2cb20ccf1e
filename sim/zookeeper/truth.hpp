// Truth: the committed history as somebody would see it who stands outside, and what in it is worth observing.
//
// Several servers report a commit, and a new leader reports again what it inherits; here each transaction counts once.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "sim/zookeeper/effects.hpp"
#include "sim/zookeeper/znode_tree.hpp"

namespace kraftsim::zookeeper {

class Truth {
 public:
  using Facts = std::vector<std::pair<NodeId, cluster::Fact>>;

  explicit Truth(ZnodeTree tree) : tree_(std::move(tree)), reported_(tree_.leaderless(), tree_.partitions()) {}

  /// As reported by `leader` at `now`.
  void commit(Time now, NodeId leader, const Committed& committed, Facts& facts);
  /// What the commits since the last call have done to the partitions, if anything.
  void report_partitions(NodeId leader, Facts& facts);
  /// The leader has let a session expire.
  void session_expired(SessionId session, Facts& facts) const;

  /// Whose broker /controller names.
  [[nodiscard]] std::optional<NodeId> controller() const;
  [[nodiscard]] bool is_registered(NodeId broker) const { return tree_.find(broker_path(broker)) != nullptr; }
  [[nodiscard]] const ZnodeTree& tree() const { return tree_; }
  [[nodiscard]] std::int64_t controller_epoch() const;

 private:
  void observe(const Path& touched, std::optional<NodeId> controller_before, Facts& facts) const;

  ZnodeTree tree_;
  std::pair<std::int64_t, std::int64_t> reported_;  // leaderless and all partitions
};

}  // namespace kraftsim::zookeeper
