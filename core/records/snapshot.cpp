// How a snapshot's file is laid out. It must not know what its metadata records mean.
#include "core/records/snapshot.hpp"

#include <fmt/format.h>

#include <utility>

namespace kraft::records {

Snapshot::Snapshot(Header what, std::vector<MetadataRecords> contents) : header(std::move(what)) {
  Offset base{0};
  const auto add = [&](auto records) {
    batches.push_back(make_batch(base, header.epoch, header.last_contained_log_timestamp, std::move(records)));
    base = batches.back()->end_offset();
    size_bytes += batches.back()->size_bytes;
  };
  ControlRecords first{SnapshotHeaderRecord{.last_contained_log_timestamp = header.last_contained_log_timestamp}};
  if (header.kraft_version > 0) {
    first.emplace_back(KRaftVersionRecord{.kraft_version = header.kraft_version});
    first.emplace_back(header.voters);
  }
  add(std::move(first));
  for (MetadataRecords& records : contents) add(std::move(records));
  add(ControlRecords{SnapshotFooterRecord{}});
}

SnapshotRef make_snapshot(Snapshot::Header header, std::vector<MetadataRecords> contents) {
  return share<Snapshot>(std::move(header), std::move(contents));
}

std::string line(const Snapshot& snapshot) {
  return fmt::format("{}-{} ({} batches, {} bytes)", line(snapshot.header.end_offset), line(snapshot.header.epoch),
                     snapshot.batches.size(), snapshot.size_bytes);
}

}  // namespace kraft::records
