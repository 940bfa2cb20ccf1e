// ServiceTimer: what dealing with each kind of thing costs a process, sampled from its node's profile.
//
// One stream per node, so that what one process takes moves no other.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "core/base/rng.hpp"
#include "core/node/message.hpp"
#include "sim/cluster/spec.hpp"
#include "sim/engine/quantiles.hpp"

namespace kraftsim::kraft_host {

enum class Service : std::uint8_t {
  kFetch,
  kFetchResponse,
  kVote,
  kVoteResponse,
  kBeginEpoch,
  kEndEpoch,
  kTimer,
  kQuorumState,
  kBecomeLeader,
  kWriteDone,
  kControllerRequest,
  kActivate,
  kShutdown,
  kBrokerResponse,
  kDecideRecord,
  kApplyRecord,
  kClientResponse,
};
inline constexpr std::size_t kServices = 17;

class ServiceTimer {
 public:
  ServiceTimer() = default;
  ServiceTimer(const cluster::ServiceTimes& times, kraft::Rng rng);

  [[nodiscard]] kraft::Duration sample(Service service);
  /// `count` times one sample: what is counted in records is charged by the record.
  [[nodiscard]] kraft::Duration sample(Service service, std::int64_t count);

 private:
  std::array<engine::Quantiles, kServices> times_;
  kraft::Rng rng_{0};
};

/// The kind of work that an arriving message is.
[[nodiscard]] Service service_of(const kraft::node::Message& message);

}  // namespace kraftsim::kraft_host
