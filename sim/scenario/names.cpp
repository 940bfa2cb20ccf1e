// Collecting the tables of the rooms that simulate. Both coordinations' names are always known, whichever a scenario
// runs: one file serves both.
#include "sim/scenario/names.hpp"

#include <fmt/format.h>

#include "sim/kraft/config_keys.hpp"
#include "sim/scenario/suggest.hpp"
#include "sim/zookeeper/config.hpp"
#include "sim/zookeeper/service_costs.hpp"

namespace kraftsim::scenario {

using cluster::Coordination;
using cluster::KeyRole;

const std::vector<KnownKey>& known_keys() {
  // tidy: allow(static) because it is constant and of a type that cannot be constexpr
  static const std::vector<KnownKey> kKeys = [] {
    std::vector<KnownKey> keys;
    for (const auto& key : kraft_host::config_keys()) keys.push_back({Coordination::kKraft, key});
    for (const auto& key : zookeeper::config_keys()) keys.push_back({Coordination::kZookeeper, key});
    return keys;
  }();
  return kKeys;
}

const std::vector<KnownService>& known_services() {
  // tidy: allow(static) because it is constant and of a type that cannot be constexpr
  static const std::vector<KnownService> kServices = [] {
    std::vector<KnownService> services;
    for (const auto& service : kraft_host::service_names()) services.push_back({Coordination::kKraft, service});
    for (const auto& service : zookeeper::service_names()) services.push_back({Coordination::kZookeeper, service});
    return services;
  }();
  return kServices;
}

std::string_view plural(KeyRole role) {
  switch (role) {
    case KeyRole::kController: return "controllers";
    case KeyRole::kBroker: return "brokers";
    case KeyRole::kZookeeperServer: return "ZooKeeper servers";
  }
  return {};
}

std::string nearest_target(std::string_view text) {
  std::vector<std::string> names{"active_controller", "brokers", "coordinators", "coordinator:leader", "follower:any",
                                 "broker:any", "controller:any", "coordinator:any", "majority", "minority"};
  if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) {
    const std::string_view number = text.substr(colon);
    if (number.size() > 1 && number.find_first_not_of("0123456789", 1) == std::string_view::npos) {
      for (const std::string_view role : {"controller", "zookeeper", "coordinator", "broker"}) {
        names.push_back(fmt::format("{}{}", role, number));
      }
    }
  }
  return nearest(text, names);
}

}  // namespace kraftsim::scenario
