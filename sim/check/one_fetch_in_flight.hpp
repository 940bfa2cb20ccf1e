// OneFetchInFlight: a replica has at most one Fetch under way, over all servers, or two answers could append the same
// records twice (kraft.md §2). It may ask again once the first was answered, a connection was lost, given up after the
// request time-out included, or its state changed, which ends all that was under way.
#pragma once

#include <variant>

#include "sim/check/view.hpp"

namespace kraftsim::check {

class OneFetchInFlight {
 public:
  static constexpr Card kCard{"OneFetchInFlight", "A replica has at most one Fetch under way.",
                              "KIP-595; KafkaRaftClient.maybeSendFetch", kDelta, kOfOneProcess};
  static constexpr Facets kLooksAt =
      about::kFetches | about::kDisconnected | about::kProcess | about::kStanding | about::kQuorumState;

  [[nodiscard]] Broken check(const Step& step) {
    Asked& asked = asked_[step.index];
    constexpr Facets kEnds = about::kDisconnected | about::kProcess | about::kStanding | about::kQuorumState;
    if (step.is_about(kEnds) || (step.received != nullptr && step.received->correlation_id == asked.id)) {
      asked.open = false;
    }
    for (const Message* message : step.sent) {
      if (!std::holds_alternative<kraft::raft::FetchRequest>(message->body)) continue;
      if (asked.open && !step.disconnected) {
        return "n" + line(message->from) + " sends " + line(*message) + " before #" + line(asked.id) + " is answered";
      }
      asked = {.open = true, .id = message->correlation_id};
    }
    // What was said before the connection was given up went down with it.
    if (step.disconnected) asked.open = false;
    return {};
  }

 private:
  struct Asked {
    bool open = false;
    kraft::CorrelationId id;
  };
  PerNode<Asked> asked_;
};

}  // namespace kraftsim::check
