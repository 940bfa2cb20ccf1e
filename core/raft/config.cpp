// The two election policies. Kafka's factors are those that KafkaRaftClient and LeaderState have in their code; the
// papers' are of Raft §9.3 and of the thesis, §6.2.
#include "core/raft/config.hpp"

namespace kraft::raft {

ElectionPolicy Config::kafka_policy(Duration election_timeout, Duration fetch_timeout) {
  ElectionPolicy policy;
  policy.follower_timeout = {.low = fetch_timeout, .high = fetch_timeout};
  policy.election_timeout = {.low = election_timeout, .high = 2 * election_timeout};
  policy.candidate_timeout = policy.election_timeout;
  policy.begin_epoch_interval = fetch_timeout / 2;
  policy.check_quorum_timeout = fetch_timeout * 3 / 2;
  return policy;
}

ElectionPolicy Config::raft_paper_policy(TimeoutRange timeout, bool pre_vote, bool check_quorum) {
  ElectionPolicy policy;
  policy.follower_timeout = timeout;
  policy.election_timeout = timeout;
  policy.candidate_timeout = timeout;
  policy.begin_epoch_interval = timeout.low / 2;
  policy.check_quorum_timeout = timeout.high;
  policy.pre_vote = pre_vote;
  policy.check_quorum = check_quorum;
  policy.begin_epoch_resets_timer = true;
  policy.keep_timer_on_higher_epoch = true;
  return policy;
}

}  // namespace kraft::raft
