// The field table: every key that a scenario or a profile may hold, with its type, limits, default and one sentence.
//
// It is the only list of them. The checker holds files against it, the builder takes defaults from it, and the JSON
// Schema and the reference in scenarios/README.md are printed from it.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "sim/cluster/spec.hpp"

namespace kraftsim::scenario {

inline constexpr std::int64_t kMostCoordinators = 99;       // node 100 stands for all clients
inline constexpr std::int64_t kMostSessions = 10'000'000;  // of ZooKeeper's plain clients, all together

enum class Kind : std::uint8_t {
  kText,
  kBoolean,
  kInteger,        // from min to max
  kDuration,       // at least min nanoseconds
  kDurationRange,  // [low, high]
  kSpan,           // a duration above 0, or a distribution of such
  kLatency,        // a duration, {"p50": …, "p99": …} or {"uniform": [low, high]}
  kFraction,       // a decimal from 0 to 1
  kRate,           // bytes per second with a unit
  kTarget,         // whom a fault is for
  kChoice,         // one of `choices`
  kConfig,         // configuration keys of `role`
  kService,        // latencies by kind of work, and their source
  kNodes,          // objects of type "node" by node name
  kObject,         // of type `of`
};

enum class Shape : std::uint8_t { kOne, kList, kOneOrList, kListOfLists };

struct Field {
  std::string_view name;
  Kind kind = Kind::kText;
  Shape shape = Shape::kOne;
  std::string_view of{};
  std::vector<std::string_view> choices{};
  cluster::KeyRole role = cluster::KeyRole::kController;
  bool required = false;
  std::string_view fallback{};  // the default as a file would state it, without quotes; empty: see `what`
  std::int64_t min = 0;
  std::int64_t max = std::numeric_limits<std::int64_t>::max();
  std::string_view what{};
};

struct ObjectType {
  std::string_view name;
  std::string_view what;
  std::vector<Field> fields;
  std::vector<std::vector<std::string_view>> one_of{};  // of each list exactly one field must be there
  [[nodiscard]] const Field* find(std::string_view field) const;
};

/// Every object, the scenario first and the profile second.
[[nodiscard]] const std::vector<ObjectType>& object_types();
/// `name` is in the table.
[[nodiscard]] const ObjectType& object_type(std::string_view name);

}  // namespace kraftsim::scenario
