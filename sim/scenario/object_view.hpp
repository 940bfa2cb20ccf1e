// ObjectView: one object of a checked file, read by its fields' names, with the table's defaults for what is not there.
//
// A value that the checker refused counts as absent, so that a file with mistakes can still be built as far as it goes
// and the mistakes that only building finds are reported along with the others.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/scenario/fields.hpp"
#include "sim/scenario/values.hpp"

namespace kraftsim::scenario {

class ObjectView {
 public:
  /// `value` may be null or no object: then everything is absent.
  ObjectView(const ObjectType& type, const Value* value, std::string pointer, Place place);

  [[nodiscard]] bool has(std::string_view name) const { return find(name) != nullptr; }
  [[nodiscard]] const Value* find(std::string_view name) const;
  /// Of the value; of this object if there is none.
  [[nodiscard]] Place place(std::string_view name) const;
  [[nodiscard]] Place place() const { return place_; }
  [[nodiscard]] std::string pointer(std::string_view name) const { return pointer_to(pointer_, name); }
  [[nodiscard]] const std::string& pointer() const { return pointer_; }

  // With a default in the table.
  [[nodiscard]] std::int64_t integer(std::string_view name) const;
  [[nodiscard]] std::int32_t count(std::string_view name) const { return static_cast<std::int32_t>(integer(name)); }
  [[nodiscard]] bool boolean(std::string_view name) const;
  /// Zero if the table has no default either.
  [[nodiscard]] kraft::Duration duration(std::string_view name) const;
  [[nodiscard]] std::string text(std::string_view name) const;

  // Without.
  [[nodiscard]] std::optional<kraft::Duration> maybe_duration(std::string_view name) const;
  /// Always zero if there is none.
  [[nodiscard]] engine::Quantiles span(std::string_view name) const;
  [[nodiscard]] std::optional<engine::Quantiles> latency(std::string_view name) const;
  [[nodiscard]] std::optional<std::uint32_t> fraction(std::string_view name) const;
  [[nodiscard]] std::optional<std::int64_t> rate(std::string_view name) const;
  [[nodiscard]] std::optional<ValueReader::Range> range(std::string_view name) const;

  struct Item {
    const Value* value;
    std::string pointer;
  };
  /// The elements of a list, or the one that stands in its place.
  [[nodiscard]] std::vector<Item> items(std::string_view name) const;
  [[nodiscard]] ObjectView object(std::string_view name) const;
  [[nodiscard]] std::vector<ObjectView> objects(std::string_view name) const;

 private:
  [[nodiscard]] const Field& field(std::string_view name) const;

  const ObjectType* type_;
  const Value* value_;
  std::string pointer_;
  Place place_;
};

}  // namespace kraftsim::scenario
