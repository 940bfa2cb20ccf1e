// Moves records, never copies them: the first append of a batch becomes the batch. What is drained leaves the
// accumulator as it was made.
#include "core/raft/accumulator.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "core/base/check.hpp"

namespace kraft::raft {

void Accumulator::append(Time now, records::MetadataRecords records) {
  if (records.empty()) return;
  std::int64_t bytes = 0;
  for (const records::MetadataRecord& record : records) bytes += records::size_bytes(record);
  ENSURE_LE(bytes, max_batch_bytes_, "an append must fit into one batch");

  count_ += static_cast<std::int64_t>(records.size());
  if (batches_.empty()) deadline_ = now + linger_;
  if (!batches_.empty() && open_bytes_ + bytes <= max_batch_bytes_) {
    open_bytes_ += bytes;
    std::ranges::move(records, std::back_inserter(batches_.back()));
    return;
  }
  if (!batches_.empty()) deadline_ = now;  // a full batch waits for nobody
  batches_.push_back(std::move(records));
  open_bytes_ = bytes;
}

std::vector<records::MetadataRecords> Accumulator::drain() {
  open_bytes_ = 0;
  count_ = 0;
  deadline_ = kNever;
  return std::exchange(batches_, {});
}

}  // namespace kraft::raft
