// ReplicatedImage: a replica of the metadata log together with the image of what is committed in it. What a controller
// and a broker have in common.
//
// It hands the replica's effects on, one floor up, applies each committed batch as it becomes known, loads the
// replica's snapshot where the log no longer reaches back, and makes one when the SnapshotGenerator says so. It must
// not know what anybody does with the image.
#pragma once

#include <cstddef>
#include <vector>

#include "core/base/rng.hpp"
#include "core/metadata/apply_cache.hpp"
#include "core/metadata/image.hpp"
#include "core/node/snapshot_generator.hpp"
#include "core/node/step.hpp"
#include "core/raft/replica.hpp"

namespace kraft::node {

class ReplicatedImage {
 public:
  ReplicatedImage(const raft::Config& config, const SnapshotConfig& snapshots, raft::ReplicaKey self,
                  raft::VoterSet voters, raft::Durable durable, Rng rng, Time now);

  /// Steps the replica and moves what it wants into `effects`, which must hold no Persist yet: one at a time.
  /// (`wake_at` is left to the caller.)
  void step(Time now, raft::Input&& input, metadata::ApplyCache& cache, Effects& effects);

  [[nodiscard]] const raft::Replica& replica() const { return replica_; }
  /// Everything committed that this replica knows of.
  [[nodiscard]] const Ref<metadata::Image>& image() const { return image_; }
  /// What the last step had to tell.
  [[nodiscard]] const std::vector<raft::Notice>& notices() const { return raft_effects_.notices; }

 private:
  void hand_on(Effects& effects, std::size_t first_notice);
  void apply_committed(Time now, metadata::ApplyCache& cache, Effects& effects);
  void make_snapshot(Time now, metadata::ApplyCache& cache, Effects& effects);

  raft::Replica replica_;
  Ref<metadata::Image> image_;
  Time last_append_time_{};  // of the last batch in the image, on its leader's clock
  SnapshotGenerator generator_;
  raft::Effects raft_effects_;  // of the last step; a member to keep its memory
};

}  // namespace kraft::node
