// image_records: an image said in records, for a snapshot (Kafka's MetadataImage.write); `load` of apply.hpp undoes it.
//
// The order is that of the image, so that equal images make equal snapshots. It must not know when or why snapshots are
// made.
#pragma once

#include <vector>

#include "core/metadata/image.hpp"
#include "core/records/record.hpp"

namespace kraft::metadata {

/// In batches as Kafka cuts them.
[[nodiscard]] std::vector<records::MetadataRecords> image_records(const Image& image);

}  // namespace kraft::metadata
