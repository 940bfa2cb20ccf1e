// apply: the only way in which an image changes. Leader (ahead of the commit), follower, broker and snapshot loader all
// run this one, so that equal logs make equal images.
//
// It trusts its input: a record that does not fit the image means that the log is not what a controller decided, and
// stops the process.
#pragma once

#include <cstdint>
#include <span>

#include "core/base/shared.hpp"
#include "core/metadata/image.hpp"
#include "core/records/record.hpp"
#include "core/records/snapshot.hpp"

namespace kraft::metadata {

/// Applies the record at offset `image.end_offset`.
void apply(Image& image, const records::MetadataRecord& record);

/// The image after `records`, appended in `epoch` at the image's end.
[[nodiscard]] Ref<Image> apply(const Ref<Image>& image, std::span<const records::MetadataRecord> records, Epoch epoch);

/// What `Image::history` becomes by one more batch.
[[nodiscard]] std::uint64_t extend(std::uint64_t history, const records::RecordBatch& batch);

/// The image after a committed batch that begins at the image's end. A control batch only moves the offset.
[[nodiscard]] Ref<Image> apply(const Ref<Image>& image, const records::RecordBatch& batch);

/// The same image, as of a later offset: what lies between is Raft's own.
[[nodiscard]] Ref<Image> skip_to(const Ref<Image>& image, Offset end);

/// The image that a snapshot holds.
[[nodiscard]] Ref<Image> load(const records::Snapshot& snapshot);

}  // namespace kraft::metadata
