// PairTable<T>: one T per ordered pair of nodes, made when first asked for. Finding one is two array look-ups; items
// lie in the order of their making, and an item's index names it for good.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "core/base/ids.hpp"

namespace kraftsim::world {

template <class T>
class PairTable {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  /// kNone if there is none yet.
  [[nodiscard]] std::uint32_t find(kraft::NodeId a, kraft::NodeId b) const {
    const auto row = static_cast<std::size_t>(a.value());
    const auto column = static_cast<std::size_t>(b.value());
    return row < rows_.size() && column < rows_[row].size() ? rows_[row][column] : kNone;
  }
  std::uint32_t add(kraft::NodeId a, kraft::NodeId b, T item) {
    const auto row = static_cast<std::size_t>(a.value());
    const auto column = static_cast<std::size_t>(b.value());
    if (row >= rows_.size()) rows_.resize(row + 1);
    if (column >= rows_[row].size()) rows_[row].resize(column + 1, kNone);
    const auto index = static_cast<std::uint32_t>(items_.size());
    rows_[row][column] = index;
    items_.push_back(std::move(item));
    return index;
  }
  [[nodiscard]] T& operator[](std::uint32_t index) { return items_[index]; }
  [[nodiscard]] const T& operator[](std::uint32_t index) const { return items_[index]; }
  [[nodiscard]] std::vector<T>& items() { return items_; }
  [[nodiscard]] const std::vector<T>& items() const { return items_; }

 private:
  std::vector<std::vector<std::uint32_t>> rows_;
  std::vector<T> items_;
};

}  // namespace kraftsim::world
