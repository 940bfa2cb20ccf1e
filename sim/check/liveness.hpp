// Liveness: once a core of nodes that could serve is whole and nothing else happens any more, the cluster must come
// back within a bound: a leader, commits, every node of the core in step with it, every broker of it served.
//
// The demands are those that KRaft makes good on. A leader outside the core that the core's majority can reach is as
// good as one inside; whoever of the core cannot reach such a leader is then not in step by design (those who can deny
// it their pre-votes, KIP-996), so it is not asked to be. Judged from states alone, at regular looks; the first
// look at which all holds ends the phase.
//
// The bound: what must pass before everybody knows where it stands, and then twenty elections, of which each succeeds
// by itself more often than not (time-outs are randomised over their own length), so that all of them fail in less than
// one run of a million:
//
//   setup    a connection that was begun into the void fails after socket.connection.setup.timeout.ms
//   notice   the longest of: a follower's silence, an election time-out, check-quorum, a controller's orderly shutdown
//   rounds   20 x (election time-out + request time-out: a request to somebody frozen costs that, and half of all
//            servers that are tried may be)
//   spread   two periods of BeginQuorumEpoch and a request time-out: everybody hears of the leader and fetches
//   brokers  four sessions: RPCs give up after half of one, then look for the controller anew
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/time.hpp"
#include "sim/check/committed_history.hpp"
#include "sim/check/core_choice.hpp"
#include "sim/check/view.hpp"
#include "sim/kraft/kraft_cluster.hpp"

namespace kraftsim::check {

/// What is demanded, in the order in which it is reported missing.
[[nodiscard]] const std::vector<Card>& liveness_demands();

[[nodiscard]] kraft::Duration liveness_bound(const cluster::ClusterSpec& spec);
/// The coordinators as the oracle sees them at this moment.
[[nodiscard]] std::vector<Candidate> candidates(const kraft_host::KraftCluster& cluster,
                                                const CommittedHistory& committed);

class Liveness {
 public:
  /// From now on `core` is whole. `committed` is the end of what was committed before.
  Liveness(std::vector<NodeId> core, Offset committed, std::vector<Candidate> then)
      : core_(std::move(core)), committed_(committed), then_(std::move(then)) {}

  /// True if everything that is demanded holds at this moment.
  [[nodiscard]] bool look(const kraft_host::KraftCluster& cluster);
  /// What was missing at the last look.
  [[nodiscard]] const Violation& missing() const { return missing_; }
  [[nodiscard]] const std::vector<NodeId>& core() const { return core_; }
  /// Why the core cannot be blamed any more: somebody has joined or left the voters since (controllers may do so by
  /// themselves, and a change may have been on its way), and without others the core could elect nobody now.
  [[nodiscard]] std::string excuse(const std::vector<Candidate>& now) const;

 private:
  [[nodiscard]] bool lacks(const Card& card, std::string detail);

  std::vector<NodeId> core_;
  Offset committed_;
  std::vector<Candidate> then_;    // the coordinators when the phase began
  Epoch epoch_{-1};                // of the leader at the last look
  std::optional<Offset> target_;   // what it had committed when it was first seen to commit: others must have it too
  Violation missing_;
};

}  // namespace kraftsim::check
