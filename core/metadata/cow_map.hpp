// CowMap: an ordered map whose copies share everything until one of them changes.
//
// A B+ tree of reference-counted nodes. Copying a map copies one reference. A change copies the nodes on its way from
// the root that are still shared, sixteen references each at most; what only this map holds is changed in place, so a
// batch of changes pays for the copies once. That is what lets a metadata image of millions of partitions have a
// successor every few milliseconds.
//
// Ownership is read off the reference count: one reference means that nobody else can see the node, now or later.
// Nodes split when they overflow and neighbours join when they have become nearly empty; there is no further balancing.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <iterator>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/base/shared.hpp"

namespace kraft::metadata {

template <class K, class V, class Less = std::less<K>>
class CowMap {
 public:
  struct Entry {
    K key;
    [[no_unique_address]] V value;
    friend bool operator==(const Entry&, const Entry&) = default;
  };

 private:
  struct Node;
  using Link = boost::intrusive_ptr<Node>;
  struct Child {
    K low;  // no key below `node` is less, unless it is the first child, which takes whatever is less than the others
    Link node;
  };
  struct Node : Shared<Node> {
    std::vector<Entry> entries;   // of a leaf
    std::vector<Child> children;  // of an inner node
    Node() = default;
    /// With room for one more: nodes are copied to be changed.
    Node(const Node& other) : Shared<Node>() {
      entries.reserve(other.entries.size() + (other.entries.empty() ? 0 : 1));
      entries.assign(other.entries.begin(), other.entries.end());
      children = other.children;
    }
    [[nodiscard]] bool is_leaf() const { return children.empty(); }
    [[nodiscard]] std::size_t fill() const { return entries.size() + children.size(); }
  };

 public:
  /// Walks in order of key. Valid until the map it came from changes.
  class const_iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = Entry;
    using difference_type = std::ptrdiff_t;
    using pointer = const Entry*;
    using reference = const Entry&;

    const_iterator() = default;
    reference operator*() const { return leaf_->entries[index_]; }
    pointer operator->() const { return &**this; }
    const_iterator& operator++() {
      if (++index_ == leaf_->entries.size()) *this = seek(root_, leaf_->entries.back().key, true);
      return *this;
    }
    const_iterator operator++(int) {
      const_iterator before = *this;
      ++*this;
      return before;
    }
    friend bool operator==(const const_iterator& a, const const_iterator& b) {
      return a.leaf_ == b.leaf_ && a.index_ == b.index_;
    }

   private:
    friend class CowMap;
    const_iterator(const Node* root, const Node* leaf, std::size_t index) : root_(root), leaf_(leaf), index_(index) {}
    const Node* root_ = nullptr;
    const Node* leaf_ = nullptr;  // none: the end
    std::size_t index_ = 0;
  };

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] const_iterator begin() const { return root_ ? first_below(root_.get(), root_.get()) : end(); }
  [[nodiscard]] const_iterator end() const { return {}; }
  /// The first entry whose key is not below `key`.
  [[nodiscard]] const_iterator lower_bound(const K& key) const { return root_ ? seek(root_.get(), key, false) : end(); }

  [[nodiscard]] const V* find(const K& key) const {
    const Node* node = root_.get();
    if (node == nullptr) return nullptr;
    while (!node->is_leaf()) node = node->children[child_for(*node, key)].node.get();
    const auto it = position(node->entries, key);
    return it != node->entries.end() && !Less{}(key, it->key) ? &it->value : nullptr;
  }
  [[nodiscard]] bool contains(const K& key) const { return find(key) != nullptr; }

  /// The value of `key`, ready to be changed; nullptr (and nothing copied) if there is none.
  [[nodiscard]] V* find_mutable(const K& key) { return contains(key) ? &own_value(key) : nullptr; }

  /// The value of `key`, ready to be changed; made by default if there was none.
  V& upsert(const K& key) {
    Put put = put_below(root_, key);
    if (put.added) ++size_;
    if (put.upper) {  // the root overflowed: the tree grows
      Link root(new Node);
      root->children.push_back({.low = low(*root_), .node = std::move(root_)});
      root->children.push_back({.low = low(*put.upper), .node = std::move(put.upper)});
      root_ = std::move(root);
    }
    return *put.value;
  }

  /// True if there was such an entry.
  bool erase(const K& key) {
    if (!contains(key)) return false;
    --size_;
    erase_below(root_, key);
    if (root_->fill() == 0) root_.reset();
    while (root_ && root_->children.size() == 1) root_ = Link(root_->children.front().node);
    return true;
  }

  friend bool operator==(const CowMap& a, const CowMap& b) {
    return a.root_ == b.root_ || (a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin()));
  }

 private:
  /// Copying a leaf of plain values costs a memcpy; a child costs a count up, and one down when the copy goes.
  static constexpr std::size_t kMostEntries = std::is_trivially_copyable_v<Entry> ? 64 : 16;
  static constexpr std::size_t kMostChildren = 16;

  static Node& own(Link& link) {
    if (!link) {
      link = new Node;
    } else if (link->use_count() != 1) {
      link = new Node(*link);
    }
    return *link;
  }

  V& own_value(const K& key) {
    Node* node = &own(root_);
    while (!node->is_leaf()) node = &own(node->children[child_for(*node, key)].node);
    return position(node->entries, key)->value;
  }

  /// The child that holds `key` or would: the last that does not begin above it.
  static std::size_t child_for(const Node& node, const K& key) {
    const auto above = std::upper_bound(node.children.begin(), node.children.end(), key,
                                        [](const K& k, const Child& child) { return Less{}(k, child.low); });
    return above == node.children.begin() ? 0 : static_cast<std::size_t>(above - node.children.begin()) - 1;
  }

  template <class Entries>
  static auto position(Entries& entries, const K& key) {
    return std::lower_bound(entries.begin(), entries.end(), key,
                            [](const Entry& entry, const K& k) { return Less{}(entry.key, k); });
  }

  static const K& low(const Node& node) {
    return node.is_leaf() ? node.entries.front().key : node.children.front().low;
  }

  static const_iterator first_below(const Node* root, const Node* node) {
    while (!node->is_leaf()) node = node->children.front().node.get();
    return {root, node, 0};
  }

  /// The first entry not below `key`, or above it if `past`.
  static const_iterator seek(const Node* root, const K& key, bool past) {
    const Node* node = root;
    const Node* right = nullptr;  // where the search goes on if this leaf holds nothing so large
    while (!node->is_leaf()) {
      const std::size_t i = child_for(*node, key);
      if (i + 1 < node->children.size()) right = node->children[i + 1].node.get();
      node = node->children[i].node.get();
    }
    auto it = position(node->entries, key);
    if (past && it != node->entries.end() && !Less{}(key, it->key)) ++it;
    if (it != node->entries.end()) return {root, node, static_cast<std::size_t>(it - node->entries.begin())};
    return right == nullptr ? const_iterator{} : first_below(root, right);
  }

  struct Put {
    V* value;
    bool added;
    Link upper;  // what no longer fits, as a new right neighbour
  };
  /// Finds `key`, or puts it in.
  static Put put_below(Link& link, const K& key) {
    Node& node = own(link);
    if (node.is_leaf()) {
      auto it = position(node.entries, key);
      if (it != node.entries.end() && !Less{}(key, it->key)) return {&it->value, false, nullptr};
      it = node.entries.insert(it, Entry{key, V{}});
      const auto index = static_cast<std::size_t>(it - node.entries.begin());
      Link upper = split(node, &Node::entries, kMostEntries, std::next(it) == node.entries.end());
      const std::size_t kept = node.entries.size();
      Entry& entry = index < kept ? node.entries[index] : upper->entries[index - kept];
      return {&entry.value, true, std::move(upper)};
    }
    const std::size_t i = child_for(node, key);
    Put put = put_below(node.children[i].node, key);
    if (put.upper) {
      const auto after = node.children.begin() + static_cast<std::ptrdiff_t>(i) + 1;
      node.children.insert(after, {low(*put.upper), std::move(put.upper)});
      put.upper = split(node, &Node::children, kMostChildren, i + 2 == node.children.size());
    }
    return put;
  }

  /// Halves an overfull node, or leaves it full if it grew at its end: keys that only rise fill their nodes.
  template <class Items>
  static Link split(Node& node, Items Node::*items, std::size_t most, bool at_end) {
    Items& all = node.*items;
    if (all.size() <= most) return nullptr;
    const auto middle = all.begin() + static_cast<std::ptrdiff_t>(at_end ? all.size() - 1 : all.size() / 2);
    Link upper(new Node);
    ((*upper).*items).assign(std::make_move_iterator(middle), std::make_move_iterator(all.end()));
    all.erase(middle, all.end());
    return upper;
  }

  static void erase_below(Link& link, const K& key) {
    Node& node = own(link);
    if (node.is_leaf()) {
      node.entries.erase(position(node.entries, key));
      return;
    }
    const std::size_t i = child_for(node, key);
    erase_below(node.children[i].node, key);
    if (node.children[i].node->fill() == 0) {
      node.children.erase(node.children.begin() + static_cast<std::ptrdiff_t>(i));
    } else if (i + 1 < node.children.size()) {
      join(node, i);
    }
  }

  /// Merges a child with its right neighbour if the two fill no more than half a node.
  static void join(Node& parent, std::size_t i) {
    Node& left = *parent.children[i].node;
    const Child& next = parent.children[i + 1];
    const Node& right = *next.node;
    if (left.fill() + right.fill() > (left.is_leaf() ? kMostEntries : kMostChildren) / 2) return;
    left.entries.insert(left.entries.end(), right.entries.begin(), right.entries.end());
    const std::size_t first = left.children.size();
    left.children.insert(left.children.end(), right.children.begin(), right.children.end());
    if (!right.is_leaf()) left.children[first].low = next.low;  // no longer a first child
    parent.children.erase(parent.children.begin() + static_cast<std::ptrdiff_t>(i) + 1);
  }

  Link root_;
  std::size_t size_ = 0;
};

/// The value of a set's entries.
struct Unit {
  friend bool operator==(const Unit&, const Unit&) = default;
};
template <class K>
using CowSet = CowMap<K, Unit>;

}  // namespace kraft::metadata
