// Observations as lines: time, node, then the fact as name and fields. The names of the phases are those of the result
// object (DESIGN §7) and must not change.
#include "sim/cluster/observation.hpp"

#include <fmt/format.h>

#include "core/base/overloaded.hpp"
#include "core/base/time.hpp"

namespace kraftsim::cluster {

using kraft::line;

std::string line(Phase phase) {
  switch (phase) {
    case Phase::kDetected: return "detected";
    case Phase::kPreVote: return "pre_vote";
    case Phase::kCandidate: return "candidate";
    case Phase::kElected: return "elected";
    case Phase::kEstablished: return "established";
    case Phase::kWritable: return "writable";
    case Phase::kActive: return "active";
    case Phase::kBrokersServed: return "brokers_served";
    case Phase::kSessionExpired: return "session_expired";
    case Phase::kEphemeralDeleted: return "ephemeral_deleted";
    case Phase::kStateLoaded: return "state_loaded";
    case Phase::kLastBrokerTold: return "last_broker_told";
  }
  return {};
}

namespace {

std::string text(const Fact& fact) {
  return std::visit(
      kraft::overloaded{
          [](const PhaseReached& f) {
            return fmt::format("phase {} e{}{}", line(f.phase), f.epoch, f.cause.empty() ? "" : " cause=" + f.cause);
          },
          [](const ActiveControllerChanged& f) {
            return f.controller ? fmt::format("active_controller n{}", f.controller->value())
                                : std::string("active_controller none");
          },
          [](const BrokerServed& f) { return fmt::format("served_by n{}", f.controller.value()); },
          [](const BrokerFenceChanged& f) { return std::string(f.fenced ? "fenced" : "unfenced"); },
          [](const BatchCommitted& f) {
            return fmt::format("batch queued={} lingered={} leader_durable={} committed={}", line(f.queued),
                               line(f.lingered), line(f.leader_durable), line(f.committed));
          },
          [](const OperationDone& f) {
            return fmt::format("operation {} submitted={} {}", f.operation, line(f.submitted),
                               f.ok ? "ok" : "error=" + f.error);
          },
          [](const LeaderlessPartitions& f) { return fmt::format("leaderless {}/{}", f.leaderless, f.total); },
          [](const CommitAdvanced&) { return std::string("commit"); },
      },
      fact);
}

}  // namespace

std::string line(const Observation& observation) {
  return fmt::format("{} #{} n{} {}", line(observation.at), observation.event, observation.node.value(),
                     text(observation.fact));
}

}  // namespace kraftsim::cluster
