// Fifo<T>: a queue in one vector. It copies as a value, costs nothing while empty, and allocates only to grow, which
// std::deque does not do: that one allocates when empty and whenever it crosses a chunk.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "core/base/check.hpp"

namespace kraftsim::world {

template <class T>
class Fifo {
 public:
  [[nodiscard]] bool empty() const { return first_ == items_.size(); }
  [[nodiscard]] std::size_t size() const { return items_.size() - first_; }
  void push(T item) { items_.push_back(std::move(item)); }
  T pop() {
    ENSURE(!empty());
    T item = std::move(items_[first_++]);
    if (first_ == items_.size()) {
      clear();
    } else if (first_ * 2 > items_.size()) {  // each item moves at most once per item taken
      items_.erase(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(first_));
      first_ = 0;
    }
    return item;
  }
  void clear() {
    items_.clear();
    first_ = 0;
  }

 private:
  std::vector<T> items_;
  std::size_t first_ = 0;
};

}  // namespace kraftsim::world
