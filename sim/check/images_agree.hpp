// ImagesAgree: what a node has applied is what its offset says: images of one offset came about by the same batches,
// whoever applied them, and none is ahead of what its node knows to be committed. An image carries a fingerprint of
// the batches that made it, so that comparing is one comparison. One that was loaded from a snapshot, fetched or found
// on the disk by a process that starts, has another fingerprint: it is compared by the records that would make it,
// while an image of that offset is still at hand.
#pragma once

#include <algorithm>
#include <vector>

#include "core/metadata/image_records.hpp"
#include "sim/check/view.hpp"

namespace kraftsim::check {

class ImagesAgree {
 public:
  static constexpr Card kCard{
      "ImagesAgree", "Images of the metadata at one offset are the same on every node, and of committed records only.",
      "Raft §5.4.3; KAFKA-14618", kBasic};
  static constexpr Facets kLooksAt = about::kProcess | about::kCommits | about::kImage;

  [[nodiscard]] Broken check(const Step& step) {
    const NodeView& now = *step.after;
    Offset& committed = committed_[step.index];
    if (!same_process(step)) {
      committed = Offset(0);
      loaded_[step.index] = now.snapshot != nullptr && !now.snapshot->is_bootstrap();
    }
    if (!now.up) return {};
    committed = std::max(committed, now.high_watermark.value_or(Offset(0)));
    if (now.image_end == Offset(0) || (same_process(step) && now.image_end == step.before->image_end)) return {};
    if (now.image_end > committed) {
      return "n" + line(now.id) + " applied up to " + line(now.image_end) + ", of which " + line(committed) +
             " is committed";
    }
    const bool replayed = !loaded_[step.index] && now.log->start_offset() == Offset(0);
    const auto known = std::ranges::lower_bound(made_, now.image_end, {}, &Made::end);
    if (known == made_.end() || known->end != now.image_end) {
      made_.insert(known, {now.image_end, now.image_history, replayed, now.image});
      if (made_.size() > kImagesKept) made_[made_.size() - 1 - kImagesKept].image = nullptr;
      return {};
    }
    if (known->history == now.image_history) return {};
    if (!known->replayed || !replayed) {
      if (known->image == nullptr ||
          kraft::metadata::image_records(*known->image) == kraft::metadata::image_records(*now.image)) {
        return {};
      }
    }
    return "n" + line(now.id) + "'s image at " + line(now.image_end) + " came about otherwise than another's";
  }

 private:
  static constexpr std::size_t kImagesKept = 256;
  struct Made {
    Offset end;
    std::uint64_t history;
    bool replayed;  // from the log's first record on
    kraft::Ref<kraft::metadata::Image> image;
  };

  PerNode<Offset> committed_{Offset(0)};  // the largest that each process knew
  PerNode<bool> loaded_{false};           // each process found a snapshot when it started
  std::vector<Made> made_;                // by offset
};

}  // namespace kraftsim::check
