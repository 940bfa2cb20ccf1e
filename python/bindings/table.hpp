// Column and Table: results as columns of numbers that NumPy reads in place.
//
// A column is filled once in C++ and never changes again; Python shares it. It offers the buffer protocol, read-only,
// so that no NumPy is needed to build or to import the module and no value is copied. Where something did not happen
// there is no number: the column holds kMissing, and a column of booleans beside it says which values count.
#pragma once

#include <pybind11/pybind11.h>

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace kraftsim::python {

/// Far from every real value, so that forgetting the mask shows; NumPy's timedelta64 reads it as NaT.
inline constexpr std::int64_t kMissing = std::numeric_limits<std::int64_t>::min();

using Ints = std::vector<std::int64_t>;
using Unsigned = std::vector<std::uint64_t>;
using Bools = std::vector<std::uint8_t>;  // 0 or 1: std::vector<bool> has no bytes to show

struct Column {
  std::string name;
  std::string unit;  // "ns", "count"; empty for what has none
  std::variant<Ints, Unsigned, Bools> values;
  std::shared_ptr<const Column> valid;  // none: no value can be missing

  [[nodiscard]] std::size_t size() const;
};
using ColumnPtr = std::shared_ptr<const Column>;

/// Text has no buffer that NumPy would read: Python gets it as a tuple.
struct TextColumn {
  std::string name;
  std::vector<std::string> values;
};

struct Table {
  std::string name;
  std::vector<std::variant<ColumnPtr, TextColumn>> columns;  // all of one length

  [[nodiscard]] std::size_t rows() const;
  /// The numbers of that name; nullptr if there are none.
  [[nodiscard]] ColumnPtr find(std::string_view column_name) const;
};
using TablePtr = std::shared_ptr<const Table>;

void bind_table(pybind11::module_& module);

}  // namespace kraftsim::python
