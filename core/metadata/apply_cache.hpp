// ApplyCache: applying a committed batch to an image is a pure function, so replicas in one process share its results.
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

#include "core/metadata/apply.hpp"
#include "core/metadata/image.hpp"
#include "core/records/record.hpp"

namespace kraft::metadata {

class ApplyCache {
 public:
  /// `apply(image, *batch)`. Batches are compared by identity: the entries keep them alive, so no address comes again.
  [[nodiscard]] Ref<Image> apply(const Ref<Image>& image, const records::BatchRef& batch) {
    for (const Entry& entry : entries_) {
      if (entry.batch == batch && entry.history == image->history) return entry.after;
    }
    Entry& entry = entries_[next_];
    next_ = (next_ + 1) % entries_.size();
    entry = {.history = image->history, .batch = batch, .after = metadata::apply(image, *batch)};
    return entry.after;
  }

 private:
  struct Entry {
    std::uint64_t history = 0;
    records::BatchRef batch;
    Ref<Image> after;
  };
  std::array<Entry, 8> entries_{};
  std::size_t next_ = 0;
};

}  // namespace kraft::metadata
