// ZnodeTree: the replicated state of ZooKeeper, as far as Kafka uses it.
//
// What the run starts with is one immutable sorted table that all servers share; each keeps only what has changed
// since. So three servers with some hundred thousand partitions, and every fork of them, cost little more than one. It
// must not know who asks: sessions are numbers, watches are the servers' own affair.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "core/base/shared.hpp"
#include "sim/zookeeper/transaction.hpp"

namespace kraftsim::zookeeper {

struct Znode {
  DataRef data{};
  std::int32_t version = 0;
  Zxid created{};
  Zxid modified{};
  Zxid children_modified{}; // kept for znodes whose children are listed
  SessionId owner = kNoSession;
};

/// The state that a run starts with.
struct InitialTree : kraft::Shared<InitialTree> {
  std::vector<std::pair<Path, Znode>> znodes;  // ascending
  std::int64_t partitions = 0;
  std::int64_t leaderless = 0;
  explicit InitialTree(std::vector<std::pair<Path, Znode>> sorted);
};

class ZnodeTree {
 public:
  explicit ZnodeTree(kraft::Ref<InitialTree> initial);

  /// nullptr if there is none.
  [[nodiscard]] const Znode* find(const Path& path) const;
  /// The numbers that name the children.
  [[nodiscard]] std::vector<std::int32_t> children(const Path& parent) const;
  [[nodiscard]] Result read(const Read& read) const;

  /// Why the changes cannot be made in this state; Error::kNone if they can.
  [[nodiscard]] Refused refuse(const Changes& changes) const;
  /// Zxids ascend. `touched` receives every path that came, went or changed, in order.
  void apply(const Txn& txn, std::vector<Path>& touched);

  /// Sessions that are open, with their time-outs.
  [[nodiscard]] const std::map<SessionId, Duration>& sessions() const { return sessions_; }
  [[nodiscard]] Zxid last_zxid() const { return last_zxid_; }
  [[nodiscard]] const kraft::Ref<InitialTree>& initial() const { return initial_; }
  /// Partitions whose state is written, and those among them without a leader.
  [[nodiscard]] std::int64_t partitions() const { return partitions_; }
  [[nodiscard]] std::int64_t leaderless() const { return leaderless_; }

 private:
  void put(const Path& path, Znode znode);
  void remove(const Path& path);
  void count(const Path& path, const Znode* before, const Znode* after);
  void touch_parent(const Path& child);

  kraft::Ref<InitialTree> initial_;
  std::map<Path, std::optional<Znode>> changed_;  // none: deleted
  std::map<SessionId, Duration> sessions_;
  std::map<SessionId, std::vector<Path>> ephemerals_;
  Zxid last_zxid_;
  std::int64_t partitions_ = 0;
  std::int64_t leaderless_ = 0;
};

}  // namespace kraftsim::zookeeper
