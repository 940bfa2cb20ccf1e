// Texts and look-ups of ClusterSpec. It must not know any key by name: the tables of the rooms do.
#include "sim/cluster/spec.hpp"

#include <algorithm>

#include "core/base/check.hpp"

namespace kraftsim::cluster {

std::string line(Coordination coordination) {
  switch (coordination) {
    case Coordination::kKraft: return "kraft";
    case Coordination::kZookeeper: return "zookeeper";
  }
  return {};
}

std::int64_t config_value(const ConfigValues& values, const std::vector<ConfigKey>& keys, std::string_view name) {
  const auto key = std::ranges::find(keys, name, &ConfigKey::name);
  ENSURE(key != keys.end(), name);
  const auto value = values.find(name);
  return value == values.end() ? key->default_value : value->second;
}

}  // namespace kraftsim::cluster
