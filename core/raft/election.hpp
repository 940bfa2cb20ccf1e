// One election as its two sides see it: the ballot a voter is asked to sign, and the candidate's tally of the
// answers.
//
// Pre-vote and real vote count alike (KIP-996), so Prospective and Candidate share the tally. An answer is recorded
// once per voter; a second one changes nothing. It must not know messages or time.
#pragma once

#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <vector>

#include "core/raft/types.hpp"

namespace kraft::raft {

struct Ballot {
  ReplicaKey candidate;
  bool log_up_to_date = false;  // the candidate's log is not behind the voter's (Raft §5.4.1)
  bool pre_vote = false;
};

class Tally {
 public:
  /// Of an election among `voters`; `self` has voted for itself.
  Tally(const VoterSet& voters, NodeId self);

  void record(NodeId voter, bool granted);
  [[nodiscard]] bool is_granted() const { return granted_ >= majority_; }
  /// No majority can be had any more.
  [[nodiscard]] bool is_rejected() const { return votes_.size() - rejected_ < majority_; }
  [[nodiscard]] bool is_pending(NodeId voter) const;
  [[nodiscard]] std::vector<NodeId> granting() const;

 private:
  enum class Answer : std::uint8_t { kPending, kGranted, kRejected };
  struct Vote {
    NodeId voter;
    Answer answer = Answer::kPending;
  };
  boost::container::small_vector<Vote, 7> votes_;
  std::size_t majority_ = 0;
  std::size_t granted_ = 0;
  std::size_t rejected_ = 0;
};

}  // namespace kraft::raft
