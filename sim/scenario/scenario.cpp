// Looking a coordination up in a scenario. Nothing else: a scenario is data.
#include "sim/scenario/scenario.hpp"

#include "core/base/check.hpp"

namespace kraftsim::scenario {

const cluster::ClusterSpec& Scenario::spec(Coordination wanted) const {
  for (const cluster::ClusterSpec& cluster : clusters) {
    if (cluster.coordination == wanted) return cluster;
  }
  ENSURE(false, "the scenario does not have this coordination");
  return clusters.front();
}

}  // namespace kraftsim::scenario
