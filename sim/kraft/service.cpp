// Names of the kinds of work, in the order of `Service`, and which message is which kind.
#include "sim/kraft/service.hpp"

#include "core/base/overloaded.hpp"
#include "sim/kraft/config_keys.hpp"

namespace kraftsim::kraft_host {

using kraft::Duration;

ServiceTimer::ServiceTimer(const cluster::ServiceTimes& times, kraft::Rng rng) : rng_(rng) {
  const auto& names = service_names();
  ENSURE_EQ(names.size(), kServices);
  for (std::size_t i = 0; i < kServices; ++i) {
    if (const auto found = times.find(names[i].name); found != times.end()) times_[i] = found->second;
  }
}

Duration ServiceTimer::sample(Service service) { return times_[static_cast<std::size_t>(service)].sample(rng_); }

Duration ServiceTimer::sample(Service service, std::int64_t count) {
  return count == 0 ? Duration{} : sample(service) * count;
}

Service service_of(const kraft::node::Message& message) {
  namespace raft = kraft::raft;
  namespace node = kraft::node;
  if (const auto* m = std::get_if<raft::Message>(&message)) {
    return std::visit(kraft::overloaded{
                          [](const raft::FetchRequest&) { return Service::kFetch; },
                          [](const raft::FetchResponse&) { return Service::kFetchResponse; },
                          [](const raft::VoteRequest&) { return Service::kVote; },
                          [](const raft::VoteResponse&) { return Service::kVoteResponse; },
                          [](const raft::BeginQuorumEpochRequest&) { return Service::kBeginEpoch; },
                          [](const raft::BeginQuorumEpochResponse&) { return Service::kBeginEpoch; },
                          [](const raft::EndQuorumEpochRequest&) { return Service::kEndEpoch; },
                          [](const raft::EndQuorumEpochResponse&) { return Service::kEndEpoch; },
                          [](const raft::FetchSnapshotRequest&) { return Service::kFetch; },
                          [](const raft::FetchSnapshotResponse&) { return Service::kFetchResponse; },
                          // Changes of the voters are as rare as they are slow: they cost what a request does.
                          [](const auto&) { return Service::kControllerRequest; },
                      },
                      m->body);
  }
  return node::is_request(std::get<node::Rpc>(message)) ? Service::kControllerRequest : Service::kBrokerResponse;
}

}  // namespace kraftsim::kraft_host
