// ApplyCache: applying a committed batch to an image is a pure function, and so is turning an image into a snapshot and
// back; replicas in one process share the results.
//
// A process that hosts several replicas of the log (Kafka's combined mode has two: controller and broker) would replay
// every batch once each. The last few results, keyed by (image, batch), are kept; a replica that asks for one of them
// gets the very same image. Correct with any capacity, even none: a miss computes.
//
// An image is known by its history and not by its address, so that a replica that replays its log after a restart ends
// up with the image that the others hold.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "core/base/check.hpp"
#include "core/metadata/apply.hpp"
#include "core/metadata/image.hpp"
#include "core/metadata/image_records.hpp"
#include "core/records/record.hpp"
#include "core/records/snapshot.hpp"

namespace kraft::metadata {

class ApplyCache {
 public:
  /// `apply(image, *batch)`. Batches are compared by identity: the entries keep them alive, so no address comes again.
  [[nodiscard]] Ref<Image> apply(const Ref<Image>& image, const records::BatchRef& batch) {
    for (const Entry& entry : entries_) {
      if (entry.batch == batch && entry.history == image->history) return entry.after;
    }
    return keep({.history = image->history, .batch = batch, .after = metadata::apply(image, *batch)});
  }
  /// The same for whoever applied the batch's records to an image of that history before they were a batch: `ahead` is
  /// taken for the result. Returns it with its history.
  [[nodiscard]] Ref<Image> adopt(std::uint64_t history, const records::BatchRef& batch, const Ref<Image>& ahead) {
    ENSURE_EQ(ahead->end_offset, batch->end_offset());
    ENSURE_EQ(ahead->epoch, batch->epoch);
    const boost::intrusive_ptr<Image> after(new Image(*ahead));
    after->history = extend(history, *batch);
    return keep({.history = history, .batch = batch, .after = after});
  }
  /// `load(*snapshot)`.
  [[nodiscard]] Ref<Image> load(const records::SnapshotRef& snapshot) {
    if (loaded_from_ != snapshot) {
      loaded_from_ = snapshot;
      loaded_ = metadata::load(*snapshot);
    }
    return loaded_;
  }
  /// A snapshot of the image, with this header.
  [[nodiscard]] records::SnapshotRef save(const Image& image, const records::Snapshot::Header& header) {
    if (saved_ == nullptr || saved_history_ != image.history || saved_->header != header) {
      saved_history_ = image.history;
      saved_ = records::make_snapshot(header, image_records(image));
    }
    return saved_;
  }

 private:
  struct Entry {
    std::uint64_t history = 0;
    records::BatchRef batch;
    Ref<Image> after;
  };
  Ref<Image> keep(Entry&& entry) {
    Entry& place = entries_[next_];
    next_ = (next_ + 1) % entries_.size();
    place = std::move(entry);
    return place.after;
  }

  std::array<Entry, 8> entries_{};
  std::size_t next_ = 0;
  records::SnapshotRef loaded_from_;
  Ref<Image> loaded_;
  records::SnapshotRef saved_;
  std::uint64_t saved_history_ = 0;
};

}  // namespace kraft::metadata
