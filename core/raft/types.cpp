// Text and comparisons of the Raft room's vocabulary. Voter sets are a handful of keys, so they are scanned. It must
// not know any protocol rule.
#include "core/raft/types.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/check.hpp"

namespace kraft::raft {

std::string line(const ReplicaKey& key) {
  return key.directory_id.is_zero() ? line(key.id) : line(key.id) + "/" + kraft::line(key.directory_id);
}

std::string line(const OffsetAndEpoch& position) { return line(position.offset) + "@" + line(position.epoch); }

std::string line(const KRaftVersionRange& range) { return fmt::format("{}-{}", range.min, range.max); }

std::string line(const VoterSet& voters) { return line(voters.ids()); }

bool matches(const ReplicaKey& a, const ReplicaKey& b) {
  return a.id == b.id &&
         (a.directory_id == b.directory_id || a.directory_id.is_zero() || b.directory_id.is_zero());
}

VoterSet::VoterSet(std::vector<Voter> voters) : voters_(std::move(voters)) {
  std::ranges::sort(voters_);
  for (std::size_t i = 1; i < voters_.size(); ++i) ENSURE_NE(voters_[i - 1].id, voters_[i].id, "voter ids are unique");
}

VoterSet::VoterSet(const std::vector<ReplicaKey>& keys) {
  std::vector<Voter> voters;
  for (const ReplicaKey& key : keys) voters.push_back({key});
  *this = VoterSet(std::move(voters));
}

bool VoterSet::contains(const ReplicaKey& key) const {
  return std::ranges::any_of(voters_, [&](const ReplicaKey& voter) { return matches(voter, key); });
}

const Voter* VoterSet::find(NodeId id) const {
  const auto voter = std::ranges::find(voters_, id, &Voter::id);
  return voter == voters_.end() ? nullptr : &*voter;
}

VoterSet VoterSet::with(const Voter& voter) const {
  std::vector<Voter> voters = voters_;
  voters.push_back(voter);
  return VoterSet(std::move(voters));
}

VoterSet VoterSet::without(const ReplicaKey& key) const {
  std::vector<Voter> voters = voters_;
  std::erase_if(voters, [&](const ReplicaKey& voter) { return voter == key; });
  return VoterSet(std::move(voters));
}

std::vector<NodeId> VoterSet::ids() const {
  std::vector<NodeId> ids;
  ids.reserve(voters_.size());
  for (const ReplicaKey& voter : voters_) ids.push_back(voter.id);
  return ids;
}

std::string line(const QuorumStateData& data) {
  return fmt::format("e{}{}{}", line(data.leader_epoch), data.leader_id ? " leader=" + line(*data.leader_id) : "",
                     data.voted_key ? " voted=" + line(*data.voted_key) : "");
}

std::string line(Role role) {
  switch (role) {
    case Role::kUnattached: return "unattached";
    case Role::kProspective: return "prospective";
    case Role::kCandidate: return "candidate";
    case Role::kLeader: return "leader";
    case Role::kResigned: return "resigned";
    case Role::kFollower: return "follower";
  }
  return {};
}

}  // namespace kraft::raft
