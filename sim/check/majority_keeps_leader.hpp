// MajorityKeepsLeader: the other side of CheckQuorum. A leader whose timer makes it resign, unless its removal is
// committed, does so for want of a majority; then no majority can have fetched from it within the last check-quorum
// time-out, by its own clock and since its voters last changed. Only fetches that fit its log are counted here: those
// count for Kafka, too.
#pragma once

#include <algorithm>
#include <variant>
#include <vector>

#include "sim/check/view.hpp"

namespace kraftsim::check {

class MajorityKeepsLeader {
 public:
  static constexpr Card kCard{"MajorityKeepsLeader",
                              "A leader that a majority fetches from does not step down for want of one.",
                              "KIP-595; Raft thesis §6.2", kDelta, kOfOneProcess};
  static constexpr Facets kLooksAt = about::kTalk | about::kProcess | about::kStanding;

  [[nodiscard]] Broken check(const Step& step) {
    using kraft::raft::Role;
    const NodeView& now = *step.after;
    Reign& reign = reigns_[step.index];
    if (!same_process(step) || now.voter_set == nullptr) {
      reign = {};
      return {};
    }
    if (now.role == Role::kLeader) {
      note(step, reign);
      return {};
    }
    const bool gave_up = step.timer && step.before->role == Role::kLeader && now.role == Role::kResigned &&
                         step.before->epoch == now.epoch;
    const std::size_t own = now.voter_set->contains(now.id) ? 1 : 0;
    const bool is_removed = own == 0 && now.high_watermark > now.voter_history->latest().offset;
    if (!gave_up || is_removed) return {};
    const Time since = step.local - now.config->election.check_quorum_timeout;
    const auto recent = std::ranges::count_if(reign.fetches, [&](const Fetched& fetched) {
      return fetched.at > since && now.voter_set->contains(fetched.by);
    });
    if (static_cast<std::size_t>(recent) + own < majority_size(*now.voter_set)) return {};
    return "n" + line(now.id) + " stepped down from epoch " + line(now.epoch) + " though " + std::to_string(recent) +
           " of its " + std::to_string(now.voter_set->size() - own) + " followers have fetched since " + line(since);
  }

 private:
  struct Fetched {
    NodeId by;
    Time at;  // last
  };
  struct Reign {
    Epoch epoch{-1};
    Offset voters_since{-1};
    std::vector<Fetched> fetches;
  };

  static void note(const Step& step, Reign& reign) {
    const NodeView& leader = *step.after;
    const Offset voters_since = leader.voter_history->latest().offset;
    if (reign.epoch != leader.epoch || reign.voters_since != voters_since) {
      reign = {.epoch = leader.epoch, .voters_since = voters_since, .fetches = {}};
    }
    if (step.received == nullptr) return;
    const auto* request = std::get_if<kraft::raft::FetchRequest>(&step.received->body);
    if (request == nullptr || !fits(*request, leader)) return;
    std::erase_if(reign.fetches, [&](const Fetched& fetched) { return fetched.by == request->replica.id; });
    reign.fetches.push_back({.by = request->replica.id, .at = step.local});
  }
  /// Where the answer could be a snapshot it does not: below the log's start and at it, and in older epochs than one's.
  static bool fits(const kraft::raft::FetchRequest& request, const NodeView& leader) {
    if (leader.snapshot != nullptr && request.last_fetched_epoch < leader.snapshot->header.epoch) return false;
    return request.current_leader_epoch == leader.epoch && request.replica.id != leader.id &&
           leader.voter_set->contains(request.replica) && request.fetch_offset > leader.log->start_offset() &&
           leader.log->holds({request.fetch_offset, request.last_fetched_epoch});
  }

  PerNode<Reign> reigns_;
};

}  // namespace kraftsim::check
