// Text of inputs and effects: one line each, in the notation that traces and transcripts share. Order is the order of
// events: what happened, then what is said, then what is written and said after.
#include "core/raft/step.hpp"

#include <fmt/format.h>

#include "core/base/overloaded.hpp"

namespace kraft::raft {
namespace {

std::string leader_line(const std::optional<NodeId>& leader) { return leader ? line(*leader) : "none"; }

}  // namespace

std::string line(const Write& write) {
  return std::visit(overloaded{[](const WriteQuorumState& w) { return "quorum-state(" + raft::line(w.data) + ")"; },
                               [](const AppendBatches& w) {
                                 std::string text = "append(";
                                 for (const auto& batch : w.batches) {
                                   if (text.back() != '(') text += ", ";
                                   text += records::line(*batch, 0);
                                 }
                                 return text + ")";
                               },
                               [](const TruncateLog& w) { return "truncate(" + line(w.end_offset) + ")"; },
                               [](const WriteSnapshot& w) { return "snapshot(" + records::line(*w.snapshot) + ")"; },
                               [](const TrimLog& w) { return "trim(" + raft::line(w.snapshot_id) + ")"; },
                               [](const ResetLog& w) { return "reset(" + raft::line(w.snapshot_id) + ")"; }},
                    write);
}

std::string line(const Input& input) {
  return std::visit(
      overloaded{[](const Receive& i) { return "receive " + line(i.message); },
                 [](const Tick&) { return std::string("tick"); },
                 [](const Persisted&) { return std::string("persisted"); },
                 [](const Append& i) { return fmt::format("append e{} {} records", line(i.epoch), i.records.size()); },
                 [](const Disconnected& i) { return "disconnected " + line(i.peer); },
                 [](const Shutdown& i) { return "shutdown within " + kraft::line(i.timeout); },
                 [](const Resign& i) { return "resign e" + line(i.epoch); },
                 [](const CreateSnapshot& i) { return "create snapshot " + records::line(*i.snapshot); }},
      input);
}

std::string line(Reason reason) {
  switch (reason) {
    case Reason::kFetchTimeout: return "fetch timeout";
    case Reason::kElectionTimeout: return "election timeout";
    case Reason::kEndQuorumEpoch: return "leader ended its epoch";
    case Reason::kPreVoteMajority: return "pre-vote majority";
    case Reason::kPreVoteRejected: return "pre-vote rejected";
    case Reason::kVoteMajority: return "vote majority";
    case Reason::kHigherEpoch: return "higher epoch";
    case Reason::kLeaderDiscovered: return "leader discovered";
    case Reason::kVoteGranted: return "vote granted";
    case Reason::kCheckQuorum: return "check quorum";
    case Reason::kResignRequested: return "resign requested";
    case Reason::kShutdown: return "shutdown";
    case Reason::kRemovedFromVoters: return "removed from the voters";
  }
  return {};
}

std::string line(const Notice& notice) {
  return std::visit(
      overloaded{
          [](const Transitioned& n) {
            return fmt::format("{} -> {} e{} leader={} ({})", line(n.from), line(n.to), line(n.epoch),
                               leader_line(n.leader_id), line(n.reason));
          },
          [](const Committed& n) { return "committed hw=" + line(n.high_watermark); },
          [](const LeaderChanged& n) {
            return fmt::format("leader changed e{} leader={}", line(n.leader.epoch), leader_line(n.leader.leader_id));
          },
          [](const Appended& n) { return fmt::format("appended [{}..{})", line(n.base_offset), line(n.end_offset)); },
          [](const Truncated& n) { return "truncated end=" + line(n.end_offset); },
          [](const AppendRefused& n) { return "append refused e" + line(n.current_epoch); },
          [](const ShutdownComplete&) { return std::string("shutdown complete"); },
          [](const SnapshotKept& n) { return (n.fetched ? "snapshot fetched " : "snapshot made ") + raft::line(n.id); },
          [](const LogTrimmed& n) { return "log starts at " + line(n.start_offset); },
          [](const VotersChanged& n) {
            return fmt::format("voters {} kraft.version={}", raft::line(n.voters), n.kraft_version);
          }},
      notice);
}

void Effects::clear() {
  sends.clear();
  persist.reset();
  disconnects.clear();
  notices.clear();
  wake_at = kNever;
}

std::string line(const Effects& effects) {
  std::string text;
  const auto add = [&](const std::string& item) { text += (text.empty() ? "" : "; ") + item; };
  for (const Notice& notice : effects.notices) add(line(notice));
  for (const NodeId peer : effects.disconnects) add("disconnect " + line(peer));
  for (const Message& message : effects.sends) add(line(message));
  if (effects.persist) {
    std::string writes;
    for (const Write& write : effects.persist->writes) writes += " " + line(write);
    add("persist" + writes + (effects.persist->sync ? " sync" : ""));
    for (const Message& message : effects.persist->then) add("then " + line(message));
  }
  add("wake " + kraft::line(effects.wake_at));
  return text;
}

}  // namespace kraft::raft
