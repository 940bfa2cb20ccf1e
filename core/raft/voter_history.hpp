// VoterHistory: who votes, as a replica's own snapshot and log say it (Kafka's KRaftControlRecordStateMachine with its
// VoterSetHistory).
//
// The last set counts from the moment it is in the log, committed or not, on every replica (KIP-853; thesis §4.1). So
// the history follows the log step by step: it grows with every append, is cut with every truncation, and is read anew
// when a snapshot takes the log's place. Under kraft.version 0 there is nothing in the log and the configured voters
// count. It must not know what a replica makes of being a voter.
#pragma once

#include <vector>

#include "core/raft/log.hpp"
#include "core/raft/types.hpp"
#include "core/records/snapshot.hpp"

namespace kraft::raft {

[[nodiscard]] records::VotersRecord to_record(const VoterSet& voters);

class VoterHistory {
 public:
  /// What the quorum is from the record at `offset` on. -1: from before the log, by configuration or by the bootstrap
  /// snapshot that a node was formatted with.
  struct Entry {
    Offset offset{-1};
    KRaftVersion kraft_version = 0;
    VoterSet voters;
    friend bool operator==(const Entry&, const Entry&) = default;
  };

  /// From the configuration alone.
  explicit VoterHistory(VoterSet configured) : entries_{{.offset = Offset(-1), .voters = configured}} {}
  /// As a disk tells it: the configured voters, what `snapshot` (nullptr: there is none) says, and the log after that.
  VoterHistory(const VoterSet& configured, const records::Snapshot* snapshot, const Log& log);

  /// A batch that was just appended to the log.
  void append(const records::RecordBatch& batch) {
    if (batch.is_control()) read(batch, batch.base_offset);
  }
  /// The log now ends at `end`.
  void truncate_to(Offset end);

  [[nodiscard]] const Entry& latest() const { return entries_.back(); }
  /// What counts where the log ends at `end`, which is not before the log's start.
  [[nodiscard]] const Entry& at(Offset end) const;

  friend bool operator==(const VoterHistory&, const VoterHistory&) = default;

 private:
  void read(const records::RecordBatch& batch, Offset offset);

  std::vector<Entry> entries_;  // by offset; never empty
};

}  // namespace kraft::raft
