// Look-ups read the changes first and the initial table where nothing has changed. A change is checked before it
// becomes a transaction, so that applying cannot fail.
#include "sim/zookeeper/znode_tree.hpp"

#include <algorithm>
#include <limits>

#include "core/base/check.hpp"
#include "core/base/overloaded.hpp"

namespace kraftsim::zookeeper {

namespace {

bool is_leaderless(const Znode& state) { return as<PartitionState>(state.data).leader == kNoLeader; }

auto position(const InitialTree& initial, const Path& path) {
  return std::ranges::lower_bound(initial.znodes, path, {}, &std::pair<Path, Znode>::first);
}

}  // namespace

InitialTree::InitialTree(std::vector<std::pair<Path, Znode>> sorted) : znodes(std::move(sorted)) {
  for (std::size_t i = 0; i < znodes.size(); ++i) {
    if (i > 0) ENSURE(znodes[i - 1].first < znodes[i].first);
    if (znodes[i].first.kind != Path::Kind::kPartitionState) continue;
    ++partitions;
    if (is_leaderless(znodes[i].second)) ++leaderless;
  }
}

ZnodeTree::ZnodeTree(kraft::Ref<InitialTree> initial)
    : initial_(std::move(initial)), partitions_(initial_->partitions), leaderless_(initial_->leaderless) {}

const Znode* ZnodeTree::find(const Path& path) const {
  if (const auto it = changed_.find(path); it != changed_.end()) return it->second ? &*it->second : nullptr;
  const auto it = position(*initial_, path);
  return it != initial_->znodes.end() && it->first == path ? &it->second : nullptr;
}

std::vector<std::int32_t> ZnodeTree::children(const Path& parent) const {
  const auto kind = child_kind(parent.kind);
  ENSURE(kind.has_value());
  const Path first{*kind, std::numeric_limits<std::int32_t>::min(), 0};
  const auto is_child = [&](const Path& path) { return path.kind == *kind; };

  std::vector<std::int32_t> numbers;
  auto old = position(*initial_, first);
  auto changed = changed_.lower_bound(first);
  for (;;) {
    const bool more_old = old != initial_->znodes.end() && is_child(old->first);
    const bool more_changed = changed != changed_.end() && is_child(changed->first);
    if (!more_old && !more_changed) return numbers;
    if (more_changed && (!more_old || changed->first <= old->first)) {
      if (changed->second) numbers.push_back(changed->first.first);
      if (more_old && old->first == changed->first) ++old;
      ++changed;
    } else {
      numbers.push_back(old->first.first);
      ++old;
    }
  }
}

Result ZnodeTree::read(const Read& read) const {
  const Znode* znode = find(read.path);
  if (znode == nullptr) return {.error = Error::kNoNode};
  Result result{.version = znode->version, .created = znode->created, .owner = znode->owner};
  if (read.what == Read::What::kData) result.data = znode->data;
  if (read.what == Read::What::kChildren) result.children = children(read.path);
  return result;
}

Refused ZnodeTree::refuse(const Changes& changes) const {
  // A list is checked against the state before it: none of Kafka's lists touches one znode twice.
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const auto versioned = [&](const Path& path, std::int32_t version) {
      const Znode* znode = find(path);
      if (znode == nullptr) return Error::kNoNode;
      return version == kAnyVersion || version == znode->version ? Error::kNone : Error::kBadVersion;
    };
    const Error error = std::visit(
        kraft::overloaded{
            [&](const Check& c) { return versioned(c.path, c.version); },
            [&](const Create& c) { return find(c.path) == nullptr ? Error::kNone : Error::kNodeExists; },
            [&](const SetData& c) { return versioned(c.path, c.version); },
            [&](const Delete& c) { return versioned(c.path, c.version); },
        },
        changes[i]);
    if (error != Error::kNone) return {.error = error, .failed = static_cast<std::int32_t>(i)};
  }
  return {.error = Error::kNone};
}

void ZnodeTree::apply(const Txn& txn, std::vector<Path>& touched) {
  ENSURE_LT(last_zxid_, txn.zxid);
  last_zxid_ = txn.zxid;
  const auto change = kraft::overloaded{
      [](const Check&) {},
      [&](const Create& c) {
        put(c.path, {.data = c.data,
                     .created = txn.zxid,
                     .modified = txn.zxid,
                     .children_modified = txn.zxid,
                     .owner = c.ephemeral ? txn.session : kNoSession});
        if (c.ephemeral) ephemerals_[txn.session].push_back(c.path);
        touch_parent(c.path);
        touched.push_back(c.path);
      },
      [&](const SetData& c) {
        Znode znode = *find(c.path);
        znode.data = c.data;
        znode.version += 1;
        znode.modified = txn.zxid;
        put(c.path, std::move(znode));
        touched.push_back(c.path);
      },
      [&](const Delete& c) {
        const SessionId owner = find(c.path)->owner;
        if (owner != kNoSession) std::erase(ephemerals_[owner], c.path);
        remove(c.path);
        touch_parent(c.path);
        touched.push_back(c.path);
      },
  };
  std::visit(kraft::overloaded{
                 [&](const OpenSession& b) { sessions_[txn.session] = b.timeout; },
                 [&](const EndSession&) {
                   sessions_.erase(txn.session);
                   const auto own = ephemerals_.extract(txn.session);
                   if (own.empty()) return;
                   for (const Path& path : own.mapped()) {
                     remove(path);
                     touch_parent(path);
                     touched.push_back(path);
                   }
                 },
                 [&](const Changes& changes) {
                   for (const Change& c : changes) std::visit(change, c);
                 },
                 [](const Refused&) {},
             },
             txn.body);
}

void ZnodeTree::put(const Path& path, Znode znode) {
  count(path, find(path), &znode);
  changed_[path] = std::move(znode);
}

void ZnodeTree::remove(const Path& path) {
  count(path, find(path), nullptr);
  changed_[path] = std::nullopt;
}

void ZnodeTree::count(const Path& path, const Znode* before, const Znode* after) {
  if (path.kind != Path::Kind::kPartitionState) return;
  if (before != nullptr) {
    --partitions_;
    if (is_leaderless(*before)) --leaderless_;
  }
  if (after != nullptr) {
    ++partitions_;
    if (is_leaderless(*after)) ++leaderless_;
  }
}

void ZnodeTree::touch_parent(const Path& child) {
  const auto parent = listed_parent(child);
  if (!parent) return;
  const Znode* znode = find(*parent);
  ENSURE(znode != nullptr);
  Znode changed = *znode;
  changed.children_modified = last_zxid_;
  put(*parent, std::move(changed));
}

}  // namespace kraftsim::zookeeper
