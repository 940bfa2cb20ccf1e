// The disk's side of raft/step.hpp's duty 2.
#include "sim/kraft/stored_replica.hpp"

#include <algorithm>

#include "core/base/overloaded.hpp"

namespace kraftsim::kraft_host {
namespace {
constexpr kraft::Duration kWriteBack = std::chrono::seconds(30);
}

void StoredReplica::perform(const std::vector<kraft::raft::Write>& writes, bool sync, kraft::Time now) {
  for (const kraft::raft::Write& write : writes) {
    std::visit(kraft::overloaded{
                   [&](const kraft::raft::WriteQuorumState& w) { stored_.quorum_state = w.data; },
                   [&](const kraft::raft::AppendBatches& w) {
                     for (const auto& batch : w.batches) stored_.log.append(batch);
                   },
                   [&](const kraft::raft::TruncateLog& w) {
                     stored_.log.truncate_to(w.end_offset);
                     synced_ = std::min(synced_, w.end_offset);
                     while (!dirty_.empty() && dirty_.back().second > w.end_offset) dirty_.pop_back();
                   },
               },
               write);
  }
  if (sync) {
    synced_ = stored_.log.end_offset();
    dirty_.clear();
  } else if (stored_.log.end_offset() > synced_) {
    dirty_.emplace_back(now, stored_.log.end_offset());
    write_back(now);
  }
}

void StoredReplica::write_back(kraft::Time now) {
  while (!dirty_.empty() && dirty_.front().first + kWriteBack <= now) {
    synced_ = dirty_.front().second;
    dirty_.pop_front();
  }
}

void StoredReplica::crash(kraft::Time now) {
  write_back(now);
  stored_.log.truncate_to(synced_);
  dirty_.clear();
}

}  // namespace kraftsim::kraft_host
