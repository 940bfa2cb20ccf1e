// LeaderTellsVoters: a leader goes on telling voters that do not fetch from it that it leads (BeginQuorumEpoch;
// KIP-595, KAFKA-16926), at least as often as its period and a request that nobody answers allow. As CheckQuorum's, a
// gap that is too long is given once more the same from when the node, awake, could have seen it.
#pragma once

#include <algorithm>
#include <optional>
#include <variant>
#include <vector>

#include "sim/check/view.hpp"

namespace kraftsim::check {

class LeaderTellsVoters {
 public:
  static constexpr Card kCard{"LeaderTellsVoters",
                              "A voter that does not fetch is told of the leader again and again.",
                              "KIP-595; KAFKA-17030; KAFKA-16926", kDelta, kOfOneProcess};
  static constexpr Facets kLooksAt =
      about::kFetches | about::kElections | about::kTimer | about::kProcess | about::kStanding;

  [[nodiscard]] Broken check(const Step& step) {
    const NodeView& now = *step.after;
    if (!now.up || now.role != kraft::raft::Role::kLeader) return {};
    Reign& reign = reigns_[step.index];
    if (!same_process(step) || reign.epoch != now.epoch) reign = {.epoch = now.epoch, .voters = {}};
    if (step.received != nullptr && is_fetch(*step.received)) note(reign, step.received->from, step.local);
    for (const Message* message : step.sent) {
      if (std::holds_alternative<kraft::raft::BeginQuorumEpochRequest>(message->body)) {
        note(reign, message->to, step.local);
      }
    }
    if (!step.timer || now.voter_set == nullptr) return {};
    const kraft::Duration most = 3 * now.config->election.begin_epoch_interval + 2 * now.config->request_timeout;
    for (const NodeId voter : now.voter_set->ids()) {
      if (voter == now.id) continue;
      Heard& heard = of(reign, voter, step.local);
      if (step.local - heard.at <= most) continue;
      if (!heard.late) heard.late = step.local;
      if (step.local - *heard.late <= most) continue;
      return "n" + line(now.id) + " leads epoch " + line(now.epoch) + " and has told n" + line(voter) +
             ", which does not fetch, nothing since " + line(heard.at);
    }
    return {};
  }

 private:
  struct Heard {
    NodeId voter;
    Time at{};                 // when it last fetched or was told, or was first seen to be a voter
    std::optional<Time> late;  // when that was first seen to be too long ago
  };
  struct Reign {
    Epoch epoch{-1};
    std::vector<Heard> voters;
  };
  static bool is_fetch(const Message& message) {
    return std::holds_alternative<kraft::raft::FetchRequest>(message.body) ||
           std::holds_alternative<kraft::raft::FetchSnapshotRequest>(message.body);
  }
  static Heard& of(Reign& reign, NodeId voter, Time now) {
    const auto found = std::ranges::find(reign.voters, voter, &Heard::voter);
    return found != reign.voters.end() ? *found : reign.voters.emplace_back(voter, now);
  }
  static void note(Reign& reign, NodeId voter, Time now) { of(reign, voter, now) = {voter, now, {}}; }
  PerNode<Reign> reigns_;
};

}  // namespace kraftsim::check
