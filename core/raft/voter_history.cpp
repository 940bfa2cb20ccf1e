// Reading voters out of control records. A handful of entries in a cluster's life: searched from the back.
#include "core/raft/voter_history.hpp"

#include <algorithm>
#include <utility>

#include "core/base/overloaded.hpp"

namespace kraft::raft {
namespace {

VoterSet from_record(const records::VotersRecord& record) {
  std::vector<Voter> voters;
  for (const auto& voter : record.voters) {
    voters.push_back({{.id = voter.voter_id, .directory_id = voter.voter_directory_id},
                      {.min = voter.min_supported_version, .max = voter.max_supported_version}});
  }
  return VoterSet(std::move(voters));
}

}  // namespace

records::VotersRecord to_record(const VoterSet& voters) {
  records::VotersRecord record;
  for (const Voter& voter : voters.voters()) {
    record.voters.push_back({.voter_id = voter.id,
                             .voter_directory_id = voter.directory_id,
                             .min_supported_version = voter.supported.min,
                             .max_supported_version = voter.supported.max});
  }
  return record;
}

VoterHistory::VoterHistory(const VoterSet& configured, const records::Snapshot* snapshot, const Log& log)
    : VoterHistory(configured) {
  if (snapshot != nullptr) {
    // Where in the log its records lay is forgotten; they count as the last that it contains.
    for (const records::BatchRef& batch : snapshot->batches) {
      if (batch->is_control()) read(*batch, snapshot->header.end_offset - 1);
    }
  }
  for (const records::BatchRef& batch : log.batches()) {
    if (snapshot == nullptr || batch->base_offset >= snapshot->header.end_offset) append(*batch);
  }
}

void VoterHistory::truncate_to(Offset end) {
  while (entries_.size() > 1 && entries_.back().offset >= end) entries_.pop_back();
}

const VoterHistory::Entry& VoterHistory::at(Offset end) const {
  auto entry = entries_.end() - 1;
  while (entry != entries_.begin() && entry->offset >= end) --entry;
  return *entry;
}

void VoterHistory::read(const records::RecordBatch& batch, Offset offset) {
  const auto change = [&](auto&& set) {
    Entry next = latest();
    next.offset = offset;
    set(next);
    entries_.push_back(std::move(next));
  };
  for (const records::ControlRecord& record : std::get<records::ControlRecords>(batch.records)) {
    std::visit(overloaded{[&](const records::KRaftVersionRecord& r) {
                            change([&](Entry& entry) { entry.kraft_version = r.kraft_version; });
                          },
                          [&](const records::VotersRecord& r) {
                            change([&](Entry& entry) { entry.voters = from_record(r); });
                          },
                          [](const auto&) {}},
               record);
  }
}

}  // namespace kraft::raft
