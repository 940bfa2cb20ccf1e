// A candidate's own vote counts when it asks for others'. On disk it may by then read "leader: self".
#include "sim/check/vote_once.hpp"

namespace kraftsim::check {

Broken VoteOnce::check(const Step& step) {
  for (const VoteCast& vote : step.votes) {
    std::vector<Vote>& votes = cast_[{vote.voter, vote.epoch}];
    const auto known = std::ranges::find(votes, step.after->directory, &Vote::directory);
    const bool first = known == votes.end();
    if (first) votes.push_back({step.after->directory, vote.candidate});
    if (step.after->disk_forgot) {  // that it called a vote durable and lost it is not the node's fault
      if (!first) known->candidate = vote.candidate;
      continue;
    }
    if (!first && known->candidate != vote.candidate) {
      return "n" + line(vote.voter) + " voted for n" + line(known->candidate) + " and for n" + line(vote.candidate) +
             " in epoch " + line(vote.epoch);
    }
    const kraft::raft::QuorumStateData& disk = step.after->disk_state;
    const bool on_disk = disk.leader_epoch == vote.epoch &&
                         ((disk.voted_key && disk.voted_key->id == vote.candidate) || disk.leader_id == vote.candidate);
    // A vote repeated in a later epoch's time answers a retry of the old request; what counts then is the first.
    if (first && !on_disk) {
      return "n" + line(vote.voter) + " cast a vote for n" + line(vote.candidate) + " in epoch " + line(vote.epoch) +
             " that its disk does not hold: " + line(disk);
    }
  }
  return {};
}

}  // namespace kraftsim::check
