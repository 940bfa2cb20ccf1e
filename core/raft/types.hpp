// The Raft room's small vocabulary: who is who, and what a replica writes to disk.
//
// KRaft is Raft with pull replication: epoch = term, high watermark = commit index (exclusive), log end offset = last
// index + 1, voter = member that counts, observer = anyone else that follows the log (brokers, above all).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/time.hpp"

namespace kraft::raft {

/// Node and directory: a voter's whole identity (KIP-853). A zero directory id means "not known" and matches any.
struct ReplicaKey {
  NodeId id{};
  DirectoryId directory_id{};
  friend auto operator<=>(const ReplicaKey&, const ReplicaKey&) = default;
};
[[nodiscard]] std::string line(const ReplicaKey& key);

/// Same id, and the same directory where both name one.
[[nodiscard]] bool matches(const ReplicaKey& a, const ReplicaKey& b);

struct OffsetAndEpoch {
  Offset offset{};
  Epoch epoch{};
  friend auto operator<=>(const OffsetAndEpoch&, const OffsetAndEpoch&) = default;
};
[[nodiscard]] std::string line(const OffsetAndEpoch& position);  // "120@3"

struct LeaderAndEpoch {
  std::optional<NodeId> leader_id{};
  Epoch epoch{};
  friend bool operator==(const LeaderAndEpoch&, const LeaderAndEpoch&) = default;
};

/// kraft.version, Kafka's feature level of the quorum itself: 0 has configured voters, 1 has them in the log
/// (KIP-853).
using KRaftVersion = std::int16_t;
inline constexpr KRaftVersion kLatestKRaftVersion = 1;

/// The levels of kraft.version that a node's software can run (Kafka: SupportedVersionRange); this release's, unless
/// said otherwise.
struct KRaftVersionRange {
  KRaftVersion min = 0;
  KRaftVersion max = kLatestKRaftVersion;
  [[nodiscard]] bool contains(KRaftVersion version) const { return min <= version && version <= max; }
  [[nodiscard]] static KRaftVersionRange none() { return {.min = 0, .max = -1}; }
  friend auto operator<=>(const KRaftVersionRange&, const KRaftVersionRange&) = default;
};

[[nodiscard]] std::string line(const KRaftVersionRange& range);  // "0-1"

/// What a VotersRecord says of a voter. Its identity is the key; the rest it may change (UpdateRaftVoter).
struct Voter : ReplicaKey {
  KRaftVersionRange supported{};
  friend auto operator<=>(const Voter&, const Voter&) = default;
};

/// The members whose votes and acknowledgements count, in ascending order of id.
class VoterSet {
 public:
  VoterSet() = default;
  explicit VoterSet(std::vector<Voter> voters);
  /// Voters of this release.
  explicit VoterSet(const std::vector<ReplicaKey>& keys);

  [[nodiscard]] const std::vector<Voter>& voters() const { return voters_; }
  [[nodiscard]] std::size_t size() const { return voters_.size(); }
  [[nodiscard]] std::size_t majority() const { return voters_.size() / 2 + 1; }
  [[nodiscard]] bool contains(const ReplicaKey& key) const;
  [[nodiscard]] bool contains(NodeId id) const { return find(id) != nullptr; }
  [[nodiscard]] std::vector<NodeId> ids() const;
  /// The voter with this id, whatever its directory; nullptr if there is none.
  [[nodiscard]] const Voter* find(NodeId id) const;
  [[nodiscard]] VoterSet with(const Voter& voter) const;
  [[nodiscard]] VoterSet without(const ReplicaKey& key) const;
  friend bool operator==(const VoterSet&, const VoterSet&) = default;

 private:
  std::vector<Voter> voters_;
};

[[nodiscard]] std::string line(const VoterSet& voters);  // "[1,2,3]"

/// The contents of Kafka's `quorum-state` file: what must survive a crash besides the log (Raft §5.2, KIP-595).
struct QuorumStateData {
  Epoch leader_epoch{};
  std::optional<NodeId> leader_id{};
  std::optional<ReplicaKey> voted_key{};
  friend bool operator==(const QuorumStateData&, const QuorumStateData&) = default;
};
[[nodiscard]] std::string line(const QuorumStateData& data);

/// The states of kraft.md §1. Who does not vote is Unattached or Follower, unless it was removed while it was something
/// else.
enum class Role : std::uint8_t { kUnattached, kProspective, kCandidate, kLeader, kResigned, kFollower };
[[nodiscard]] std::string line(Role role);  // "follower", as Kafka's current-state metric spells it

}  // namespace kraft::raft
