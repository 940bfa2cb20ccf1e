// Follower: knows the leader of its epoch and fetches from it.
//
// It denies pre-votes once the leader has answered it in this stay: a leader that can be reached should not be voted
// out (KIP-996). Before that it grants them, or two nodes that both name a dead leader would deny each other for ever
// (KAFKA-17641). Real votes of its epoch are spent: a leader was elected.
#pragma once

#include <cstdint>
#include <optional>

#include "core/base/time.hpp"
#include "core/raft/election.hpp"
#include "core/records/snapshot.hpp"

namespace kraft::raft {

/// A snapshot on its way from the leader. It is dropped with the role, and so whenever the leader changes.
struct PartialSnapshot {
  OffsetAndEpoch id;
  std::int64_t received = 0;  // bytes, from the first on
};

struct Follower {
  Time fetch_deadline = kNever;
  std::optional<PartialSnapshot> fetching{};
  /// When to look whether the voters know this node as it is, and from then on at this pace.
  Time voter_check_deadline = kNever;
  bool has_told_leader = false;      // what it can run, in this stay (kraft.version 0)
  bool has_fetched = false;
  bool leader_said_goodbye = false;  // the deadline is EndQuorumEpoch's, not the fetch time-out's

  [[nodiscard]] bool grants(const Ballot& ballot, const QuorumStateData&) const {
    return ballot.pre_vote && !has_fetched && ballot.log_up_to_date;
  }
  /// An answer to a fetch of records or of a snapshot.
  void on_fetched(Time deadline) {
    has_fetched = true;
    on_leader_contact(deadline);
  }
  void on_leader_contact(Time deadline) {
    fetch_deadline = deadline;
    leader_said_goodbye = false;
  }
  void on_leader_goodbye(Time deadline) {
    fetch_deadline = deadline;
    leader_said_goodbye = true;
  }
};

/// How long a voter lets the preferred successors go first (KafkaRaftClient.endEpochElectionBackoff): nothing for the
/// first, then B/2^(n-1), doubling up to B/2 for the last of n; B for who is not on the list (`position` >= n).
[[nodiscard]] Duration successor_backoff(std::size_t position, std::size_t successors, Duration max);

}  // namespace kraft::raft
