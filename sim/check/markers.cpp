// Each marker in one or two lines; what costs to tell is looked for only where it can be.
#include "sim/check/markers.hpp"

#include <algorithm>
#include <variant>

namespace kraftsim::check {
namespace {

using kraft::raft::Role;

bool is_behind(const kraft::raft::VoteRequest& asked, const kraft::raft::Log& log) {
  const auto own = log.end();
  return asked.last_epoch < own.epoch || (asked.last_epoch == own.epoch && asked.last_offset < own.offset);
}

}  // namespace

const std::array<MarkerName, kMarkers>& marker_names() {
  // tidy: allow(static) because it is a constant table.
  static const std::array<MarkerName, kMarkers> kNames = {{
      {"split_vote", "A candidate waited its election time-out and was not elected."},
      {"pre_vote_denied", "A voter denied a pre-vote."},
      {"vote_denied", "A voter denied a vote."},
      {"vote_denied_stale_log", "A voter denied a vote to a candidate whose log was behind its own."},
      {"vote_repeated", "A voter gave the vote that it had given already."},
      {"check_quorum_resignation", "A leader stepped down because no majority fetched from it."},
      {"leader_without_majority", "A leader of an old epoch lived on beside one of a newer."},
      {"stale_leader_fenced", "A leader learnt that there is a newer epoch."},
      {"truncation", "A log was truncated."},
      {"diverging_fetch", "A leader told a follower where their logs part."},
      {"restart_as_resigned", "A leader's process was started again, as a resigned one."},
      {"restart_as_candidate", "A candidate's process was started again, and was still a candidate."},
      {"unsynced_lost", "A crash took what was not synced."},
  }};
  return kNames;
}

std::string line(Marker marker) { return std::string(marker_names()[static_cast<std::size_t>(marker)].name); }

std::optional<Marker> parse_marker(std::string_view name) {
  const auto& names = marker_names();
  const auto found = std::ranges::find(names, name, &MarkerName::name);
  if (found == names.end()) return std::nullopt;
  return static_cast<Marker>(found - names.begin());
}

void Markers::hear(const Step& step) {
  for (const Message* message : step.sent) {
    if (const auto* answer = std::get_if<kraft::raft::VoteResponse>(&message->body)) {
      const auto& disk = step.before->disk_state;
      if (answer->vote_granted) {
        if (!answer->pre_vote && step.received != nullptr && disk.leader_epoch == answer->leader.epoch &&
            disk.voted_key && disk.voted_key->id == message->to) {
          meet(Marker::kVoteRepeated);
        }
        continue;
      }
      meet(answer->pre_vote ? Marker::kPreVoteDenied : Marker::kVoteDenied);
      const auto* asked =
          step.received == nullptr ? nullptr : std::get_if<kraft::raft::VoteRequest>(&step.received->body);
      if (!answer->pre_vote && asked != nullptr && step.after->log != nullptr && is_behind(*asked, *step.after->log)) {
        meet(Marker::kVoteDeniedStaleLog);
      }
    } else if (const auto* fetched = std::get_if<kraft::raft::FetchResponse>(&message->body)) {
      if (fetched->diverging) meet(Marker::kDivergingFetch);
    }
  }
}

void Markers::see(const Step& step) {
  const NodeView& before = *step.before;
  const NodeView& now = *step.after;
  if (now.disk_mark.end < before.disk_mark.end && before.up && !now.up) meet(Marker::kUnsyncedLost);
  if (!now.up) return;
  if (!same_process(step)) {
    if (now.role == Role::kResigned) meet(Marker::kRestartAsResigned);
    if (now.role == Role::kCandidate) meet(Marker::kRestartAsCandidate);
    return;
  }
  if (!before.log_mark.is_prefix_of(*now.log)) meet(Marker::kTruncation);
  if (before.role == Role::kCandidate && step.timer &&
      (now.role == Role::kProspective || (now.role == Role::kCandidate && now.epoch > before.epoch))) {
    meet(Marker::kSplitVote);
  }
  if (before.role == Role::kLeader) {
    if (now.role == Role::kResigned && step.timer) meet(Marker::kCheckQuorumResignation);
    if (now.epoch > before.epoch) meet(Marker::kStaleLeaderFenced);
  }
  if (now.role != Role::kLeader || before.role == Role::kLeader) return;
  for (const NodeView& other : step.nodes) {
    if (other.up && other.role == Role::kLeader && other.epoch < now.epoch) meet(Marker::kLeaderWithoutMajority);
  }
}

}  // namespace kraftsim::check
