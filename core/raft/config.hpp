// A replica's configuration: Kafka's keys with Kafka's defaults (kraft.md §2), and the election policy.
//
// The policy is where KRaft and the Raft papers differ; the rest of the replica is one code. `kafka_policy` is KRaft as
// released. `raft_paper_policy` is Ongaro's: one randomised range for followers and candidates alike, a heartbeat that
// resets the follower's timer, pre-vote and check-quorum (thesis §9.6, §6.2) where the caller wants them.
#pragma once

#include <vector>

#include "core/base/ids.hpp"
#include "core/base/rng.hpp"
#include "core/base/time.hpp"
#include "core/raft/types.hpp"

namespace kraft::raft {

/// Uniform in [low, high); fixed when the two are equal.
struct TimeoutRange {
  Duration low{};
  Duration high{};
  friend bool operator==(const TimeoutRange&, const TimeoutRange&) = default;
};
[[nodiscard]] inline Time deadline_in(Time now, const TimeoutRange& range, Rng& rng) {
  return now + rng.between(range.low, range.high);
}

struct ElectionPolicy {
  TimeoutRange follower_timeout;       // silence that a follower accepts; drawn anew at every reset
  TimeoutRange election_timeout;       // how long unattached, prospective and resigned wait
  TimeoutRange candidate_timeout;      // how long a candidate waits for votes
  Duration begin_epoch_interval{};     // the leader's BeginQuorumEpoch period to voters that did not fetch for so long
  Duration check_quorum_timeout{};     // leader resigns after so long without a majority's fetches
  bool pre_vote = true;                // KIP-996; off: an expired follower becomes Candidate at once
  bool check_quorum = true;
  /// Paper: BeginQuorumEpoch is a heartbeat (Raft §5.2, an empty AppendEntries): it resets the timer of the leader's
  /// follower, and its answer is contact for check-quorum. Kafka: only a Fetch is contact, on both sides.
  bool begin_epoch_resets_timer = false;
  /// Paper: a follower that learns of a newer epoch without granting a vote goes on waiting for what was left of its
  /// timer (Raft §5.2 resets it for a granted vote and a live leader only). Kafka: it draws a fresh election time-out.
  bool keep_timer_on_higher_epoch = false;
  friend bool operator==(const ElectionPolicy&, const ElectionPolicy&) = default;
};

struct Config {
  Duration election_timeout = std::chrono::milliseconds(1000);      // controller.quorum.election.timeout.ms
  Duration fetch_timeout = std::chrono::milliseconds(2000);         // controller.quorum.fetch.timeout.ms
  Duration election_backoff_max = std::chrono::milliseconds(1000);  // controller.quorum.election.backoff.max.ms
  Duration append_linger = std::chrono::milliseconds(25);           // controller.quorum.append.linger.ms
  Duration request_timeout = std::chrono::milliseconds(2000);       // controller.quorum.request.timeout.ms
  Duration retry_backoff = std::chrono::milliseconds(20);           // controller.quorum.retry.backoff.ms
  Duration fetch_max_wait = std::chrono::milliseconds(500);         // hard-coded in Kafka
  std::int64_t fetch_max_bytes = 1 << 20;                           // controller.quorum.fetch.max.bytes
  std::int64_t fetch_snapshot_max_bytes = 1 << 20;                  // controller.quorum.fetch.snapshot.max.bytes
  std::int64_t max_batch_bytes = 8 << 20;                           // hard-coded in Kafka
  // What is beyond either is cleaned; negative: no limit.
  std::int64_t retention_bytes = 100 << 20;                         // metadata.max.retention.bytes, log and snapshots
  Duration retention = std::chrono::hours(7 * 24);                  // metadata.max.retention.ms
  Duration clean_interval = std::chrono::seconds(60);               // hard-coded in Kafka
  Duration caught_up_window = std::chrono::hours(1);                // hard-coded in Kafka: for AddRaftVoter
  /// controller.quorum.bootstrap.servers: whom to ask for the leader. Empty: the configured voters.
  std::vector<NodeId> bootstrap_servers;
  /// A controller. What it acknowledges must be on its disk even before it votes: a leader may count it from one record
  /// to the next (KAFKA-17332).
  bool can_become_voter = false;
  KRaftVersionRange supported_kraft_versions;  // what this software can run; Kafka's is built in
  bool auto_join = false;  // controller.quorum.auto.join.enable: an observer that can asks to be a voter
  ElectionPolicy election;

  /// How often a follower looks whether the voters know it as it is; fixed to this in Kafka.
  [[nodiscard]] Duration voter_check_interval() const { return 2 * fetch_timeout; }
  /// Kafka's policy derived from the time-outs above: F fixed for followers, U[E, 2E) for elections, begin-epoch every
  /// F/2, check-quorum after 1.5 F.
  [[nodiscard]] static ElectionPolicy kafka_policy(Duration election_timeout, Duration fetch_timeout);
  /// Randomised as in Raft §9.3: every time-out from [low, high), heartbeats every low/2; a leader that hears from no
  /// majority for `high` steps down if `check_quorum` (thesis §6.2).
  [[nodiscard]] static ElectionPolicy raft_paper_policy(TimeoutRange timeout, bool pre_vote, bool check_quorum);

  Config() : election(kafka_policy(election_timeout, fetch_timeout)) {}
  friend bool operator==(const Config&, const Config&) = default;
};

}  // namespace kraft::raft
