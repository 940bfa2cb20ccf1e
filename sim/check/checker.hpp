// Checker: every invariant, after every event, incrementally; a value, so that a forked run goes on being checked.
//
// It looks only at the node that the event concerned, compares it with what it was, and asks each invariant. Whatever
// did not change costs a few comparisons. Under ZooKeeper there is no Raft to judge and the checker has nothing to do.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/check/committed_is_durable.hpp"
#include "sim/check/election_safety.hpp"
#include "sim/check/high_watermark_monotonic.hpp"
#include "sim/check/leader_completeness.hpp"
#include "sim/check/log_matching.hpp"
#include "sim/check/no_busy_loop.hpp"
#include "sim/check/state_machine_safety.hpp"
#include "sim/check/view.hpp"
#include "sim/check/vote_once.hpp"
#include "sim/kraft/kraft_cluster.hpp"

namespace kraftsim::check {

/// The cards of all invariants, in the order in which they are asked.
[[nodiscard]] const std::vector<Card>& invariants();

class Checker {
 public:
  /// To be called after each event that the cluster handled.
  [[nodiscard]] std::optional<Violation> after_event(const kraft_host::KraftCluster& cluster,
                                                     const world::Happening& happening);
  /// All invariants on one step, in order; the first that is broken. What `after_event` calls, open to tests.
  [[nodiscard]] std::optional<Violation> check(const Step& step);

  [[nodiscard]] const CommittedHistory& committed() const { return state_machine_safety_.history(); }

 private:
  std::vector<NodeView> nodes_;  // in the order of the cluster's hosts

  ElectionSafety election_safety_;
  VoteOnce vote_once_;
  LogMatching log_matching_;
  StateMachineSafety state_machine_safety_;
  LeaderCompleteness leader_completeness_;
  HighWatermarkMonotonic high_watermark_monotonic_;
  CommittedIsDurable committed_is_durable_;
  NoBusyLoop no_busy_loop_;
};

}  // namespace kraftsim::check
