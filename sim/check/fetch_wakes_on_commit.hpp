// FetchWakesOnCommit: a leader keeps no Fetch waiting whose sender does not know the present high watermark: it
// answers at once, and a commit answers all that wait (KIP-1166, KAFKA-13959: otherwise a follower's image lags by a
// whole wait). And a node that does not lead, or whose wait is over, keeps none at all (KAFKA-10677).
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sim/check/view.hpp"

namespace kraftsim::check {

class FetchWakesOnCommit {
 public:
  static constexpr Card kCard{"FetchWakesOnCommit",
                              "No Fetch waits for a commit that has been made, nor at a node that does not lead.",
                              "KIP-1166; KAFKA-13959; KAFKA-10677", kDelta, kOfOneProcess};
  static constexpr Facets kLooksAt =
      about::kFetches | about::kTimer | about::kProcess | about::kStanding | about::kCommits | about::kWriting;

  [[nodiscard]] Broken check(const Step& step) {
    Waiting& waiting = waiting_[step.index];
    const NodeView& now = *step.after;
    if (!same_process(step)) waiting = {};
    if (step.received != nullptr) {
      if (const auto* fetch = std::get_if<kraft::raft::FetchRequest>(&step.received->body)) {
        waiting.fetches.push_back(
            {step.received->from, step.received->correlation_id, fetch->high_watermark, step.local + fetch->max_wait});
        waiting.to_check = true;
      }
    }
    for (const Message* message : step.sent) {
      if (waiting.fetches.empty()) break;
      if (!std::holds_alternative<kraft::raft::FetchResponse>(message->body)) continue;
      std::erase_if(waiting.fetches, [&](const Fetch& fetch) {
        return fetch.from == message->to && fetch.id == message->correlation_id;
      });
    }
    if (step.is_about(about::kCommits | about::kStanding | about::kTimer)) waiting.to_check = true;
    // What it says to a write of this event, it says once that is durable.
    if (waiting.fetches.empty() || !waiting.to_check || !now.up || now.writing) return {};
    waiting.to_check = false;
    for (const Fetch& fetch : waiting.fetches) {
      std::string why;
      if (now.role != kraft::raft::Role::kLeader) {
        why = "it is " + line(now.role);
      } else if (fetch.high_watermark < now.high_watermark) {
        why = "though " + line(*now.high_watermark) + " is committed, which the fetcher does not know";
      } else if (step.timer && fetch.until < step.local) {
        why = "though the wait was to end at " + line(fetch.until);
      } else {
        continue;
      }
      return "n" + line(now.id) + " keeps the Fetch #" + line(fetch.id) + " of n" + line(fetch.from) +
             " waiting: " + why;
    }
    return {};
  }

 private:
  struct Fetch {
    NodeId from;
    kraft::CorrelationId id;
    std::optional<Offset> high_watermark;
    Time until{};
  };
  struct Waiting {
    std::vector<Fetch> fetches;
    bool to_check = false;
  };
  PerNode<Waiting> waiting_;
};

}  // namespace kraftsim::check
