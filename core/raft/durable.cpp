// The meaning of each write, in one place for all hosts.
#include "core/raft/durable.hpp"

#include "core/base/overloaded.hpp"
#include "core/raft/voter_history.hpp"

namespace kraft::raft {

Durable formatted_with(const VoterSet& voters) {
  Durable disk;
  disk.snapshots.push_back(records::make_snapshot(
      {.end_offset = Offset(0), .epoch = Epoch(0), .kraft_version = 1, .voters = to_record(voters)}, {}));
  return disk;
}

void perform(Durable& disk, const Write& write) {
  const auto drop_snapshots_before = [&](Offset start) {
    std::erase_if(disk.snapshots, [&](const auto& snapshot) { return snapshot->header.end_offset < start; });
  };
  std::visit(overloaded{[&](const WriteQuorumState& w) { disk.quorum_state = w.data; },
                        [&](const AppendBatches& w) {
                          for (const records::BatchRef& batch : w.batches) disk.log.append(batch);
                        },
                        [&](const TruncateLog& w) { disk.log.truncate_to(w.end_offset); },
                        [&](const WriteSnapshot& w) { disk.snapshots.push_back(w.snapshot); },
                        [&](const TrimLog& w) {
                          disk.log.trim_to(w.snapshot_id);
                          drop_snapshots_before(w.snapshot_id.offset);
                        },
                        [&](const ResetLog& w) {
                          disk.log.reset_to(w.snapshot_id);
                          drop_snapshots_before(w.snapshot_id.offset);
                        }},
             write);
}

}  // namespace kraft::raft
