// Markers: rare and interesting things that a run may meet, counted. A sweep in which none ever happened has shown less
// than it seems (FoundationDB's CODE_PROBE); a scenario names under `sometimes` those that its runs exist for.
//
// They are read off the same steps as the invariants, and decide nothing.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sim/check/view.hpp"

namespace kraftsim::check {

enum class Marker : std::uint8_t {
  kSplitVote,
  kPreVoteDenied,
  kVoteDenied,
  kVoteDeniedStaleLog,
  kVoteRepeated,
  kCheckQuorumResignation,
  kLeaderWithoutMajority,
  kStaleLeaderFenced,
  kTruncation,
  kDivergingFetch,
  kRestartAsResigned,
  kRestartAsCandidate,
  kUnsyncedLost,
  kVotersChanged,
  kVoterChangeRefused,
  kVoterChangeInherited,
  kVoterChangeRolledBack,
  kLeaderRemovedItself,
  kVoteByObserver,
  kAutoJoined,
  kWipedVoterReplaced,
  kLogCut,
  kBelowLogStart,
  kSnapshotFetched,
  kSnapshotInChunks,
  kSnapshotGone,
  kSnapshotDuringVoterChange,
  kSnapshotChangedVoters,
};
inline constexpr std::size_t kMarkers = 28;

struct MarkerName {
  std::string_view name;  // "split_vote"
  std::string_view what;
};
/// In Marker's order.
[[nodiscard]] const std::array<MarkerName, kMarkers>& marker_names();
[[nodiscard]] std::string line(Marker marker);
[[nodiscard]] std::optional<Marker> parse_marker(std::string_view name);

/// How often each was met, in Marker's order.
using MarkerCounts = std::array<std::uint64_t, kMarkers>;

class Markers {
 public:
  /// What the node said and heard.
  void hear(const Step& step);
  /// What it has become.
  void see(const Step& step);
  [[nodiscard]] const MarkerCounts& counts() const { return counts_; }

 private:
  /// What a process was last seen to know of the voters.
  struct Known {
    std::uint64_t incarnation = 0;
    Offset since{-1};
    kraft::raft::VoterSet voters;
    bool asked_to_join = false;
  };
  void meet(Marker marker) { ++counts_[static_cast<std::size_t>(marker)]; }
  void see_voters(const Step& step);
  void see_snapshots(const Step& step);

  MarkerCounts counts_{};
  PerNode<Known> known_;
};

}  // namespace kraftsim::check
