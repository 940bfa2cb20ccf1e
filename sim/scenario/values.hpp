// Typed values out of JSON values: each kind of the field table is understood here and nowhere else.
//
// With `problems` every mistake is reported at its place; without, a bad value is merely none (it has been reported).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/time.hpp"
#include "sim/cluster/spec.hpp"
#include "sim/cluster/target.hpp"
#include "sim/engine/quantiles.hpp"
#include "sim/scenario/fields.hpp"
#include "sim/scenario/json_text.hpp"
#include "sim/scenario/problems.hpp"

namespace kraftsim::scenario {

class ValueReader {
 public:
  constexpr explicit ValueReader(Problems* problems) : problems_(problems) {}

  using Pointer = std::string_view;
  std::optional<std::string> text(const Value& value, Pointer pointer) const;
  std::optional<bool> boolean(const Value& value, Pointer pointer) const;
  std::optional<std::int64_t> integer(const Value& value, Pointer pointer, std::int64_t min, std::int64_t max) const;
  std::optional<kraft::Duration> duration(const Value& value, Pointer pointer, kraft::Duration least = {}) const;
  struct Range {
    kraft::Duration low{};
    kraft::Duration high{};
  };
  std::optional<Range> range(const Value& value, Pointer pointer) const;
  std::optional<engine::Quantiles> span(const Value& value, Pointer pointer) const;
  std::optional<engine::Quantiles> latency(const Value& value, Pointer pointer) const;
  std::optional<std::uint32_t> fraction(const Value& value, Pointer pointer) const;
  std::optional<std::int64_t> rate(const Value& value, Pointer pointer) const;
  std::optional<cluster::Target> target(const Value& value, Pointer pointer) const;
  std::optional<std::string> choice(const Value& value, Pointer pointer, const Field& field) const;
  /// The value of a configuration key, in the key's own unit.
  std::optional<std::int64_t> config(const Value& value, Pointer pointer, const cluster::ConfigKey& key) const;

 private:
  std::nullopt_t bad(const Value& value, Pointer pointer, std::string message, std::string suggestion = {}) const;
  std::optional<engine::Quantiles> quantiles(const Value& value, Pointer pointer) const;

  Problems* problems_;
};

}  // namespace kraftsim::scenario
