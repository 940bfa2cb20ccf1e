// Snapshot: the metadata log up to an offset, said in the fewest records (KIP-630; Kafka's
// <offset>-<epoch>.checkpoint).
//
// Its id is the offset after the last record it stands for, and that record's epoch. It holds a batch of control
// records (header, kraft.version and voters as of its end), the metadata records that make the image, and a footer.
// Immutable once made and shared by whoever holds it: disks, replicas, chunks under way. It must not know who makes it
// or why.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/shared.hpp"
#include "core/base/time.hpp"
#include "core/records/record.hpp"

namespace kraft::records {

struct Snapshot : Shared<Snapshot> {
  /// What is said of a snapshot besides its metadata records.
  struct Header {
    Offset end_offset;  // exclusive
    Epoch epoch;        // of the last record before it
    Time last_contained_log_timestamp{};
    std::int16_t kraft_version = 0;
    VotersRecord voters{};  // empty under kraft.version 0, where the voters are configured
    friend bool operator==(const Header&, const Header&) = default;
  };
  Snapshot(Header what, std::vector<MetadataRecords> contents);

  Header header;
  std::vector<BatchRef> batches;  // base offsets from 0, epochs all the id's
  std::int64_t size_bytes = 0;

  /// 0-0: written when a node is formatted, for the voters in it (KIP-853). Leaders never send it.
  [[nodiscard]] bool is_bootstrap() const { return header.end_offset == Offset(0); }
};
using SnapshotRef = Ref<Snapshot>;

[[nodiscard]] SnapshotRef make_snapshot(Snapshot::Header header, std::vector<MetadataRecords> contents);

/// "120-3 (5 batches, 1234 bytes)".
[[nodiscard]] std::string line(const Snapshot& snapshot);

}  // namespace kraft::records
