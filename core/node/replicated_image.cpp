// Replica and image, in step: effects go up unchanged, committed batches go into the image in the step that learns of
// them, so that nobody ever sees a high watermark ahead of the image.
#include "core/node/replicated_image.hpp"

#include <iterator>
#include <utility>

#include "core/base/check.hpp"

namespace kraft::node {

ReplicatedImage::ReplicatedImage(const raft::Config& config, raft::ReplicaKey self, raft::VoterSet voters,
                                 raft::Durable durable, Rng rng, Time now)
    : replica_(config, self, std::move(voters), std::move(durable), rng, now), image_(share<metadata::Image>()) {}

void ReplicatedImage::step(Time now, raft::Input&& input, metadata::ApplyCache& cache, Effects& effects) {
  ENSURE(!effects.persist, "the last write must be durable before the replica hears more");
  raft_effects_.clear();
  replica_.step(now, std::move(input), raft_effects_);
  hand_on(effects);
  apply_committed(cache, effects);
}

void ReplicatedImage::hand_on(Effects& effects) {
  for (raft::Message& message : raft_effects_.sends) effects.sends.emplace_back(std::move(message));
  raft_effects_.sends.clear();
  if (raft_effects_.persist) {
    Persist& persist = effects.persist.emplace();
    persist.writes = std::move(raft_effects_.persist->writes);
    persist.sync = raft_effects_.persist->sync;
    persist.then.reserve(raft_effects_.persist->then.size());
    for (raft::Message& message : raft_effects_.persist->then) persist.then.emplace_back(std::move(message));
    raft_effects_.persist.reset();
  }
  effects.disconnects.insert(effects.disconnects.end(), raft_effects_.disconnects.begin(),
                             raft_effects_.disconnects.end());
  for (const raft::Notice& notice : raft_effects_.notices) effects.notices.emplace_back(notice);
}

void ReplicatedImage::apply_committed(metadata::ApplyCache& cache, Effects& effects) {
  const std::optional<Offset> committed = replica_.high_watermark();
  // After a restart the replica knows less than nothing to apply; what is applied here stays so.
  if (!committed || *committed <= image_->end_offset) return;
  const auto& batches = replica_.log().batches();
  for (std::size_t i = replica_.log().index_of(image_->end_offset);
       i < batches.size() && batches[i]->end_offset() <= *committed; ++i) {
    image_ = cache.apply(image_, batches[i]);
    effects.work.records_applied += batches[i]->count;
  }
}

}  // namespace kraft::node
