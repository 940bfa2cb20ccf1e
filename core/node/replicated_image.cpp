// Replica and image, in step: effects go up unchanged, committed batches go into the image in the step that learns of
// them, so that nobody ever sees a high watermark ahead of the image. A snapshot waits for a step that leaves the
// replica nothing to persist.
#include "core/node/replicated_image.hpp"

#include <iterator>
#include <utility>

#include "core/base/check.hpp"

namespace kraft::node {

ReplicatedImage::ReplicatedImage(const raft::Config& config, const SnapshotConfig& snapshots, raft::ReplicaKey self,
                                 raft::VoterSet voters, raft::Durable durable, Rng rng, Time now)
    : replica_(config, self, std::move(voters), std::move(durable), rng, now),
      image_(share<metadata::Image>()),
      generator_(snapshots, now) {}

void ReplicatedImage::step(Time now, raft::Input&& input, metadata::ApplyCache& cache, Effects& effects) {
  ENSURE(!effects.persist, "the last write must be durable before the replica hears more");
  raft_effects_.clear();
  replica_.step(now, std::move(input), raft_effects_);
  hand_on(effects, 0);
  apply_committed(now, cache, effects);
  if (generator_.is_due(now) && !effects.persist) make_snapshot(now, cache, effects);
}

void ReplicatedImage::hand_on(Effects& effects, std::size_t first_notice) {
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
  raft_effects_.disconnects.clear();
  for (std::size_t i = first_notice; i < raft_effects_.notices.size(); ++i) {
    effects.notices.emplace_back(raft_effects_.notices[i]);
  }
}

void ReplicatedImage::apply_committed(Time now, metadata::ApplyCache& cache, Effects& effects) {
  const std::optional<Offset> committed = replica_.high_watermark();
  if (!committed) return;
  if (const auto* snapshot = replica_.latest_snapshot();
      snapshot != nullptr &&
      (image_->end_offset == Offset(0) || image_->end_offset < replica_.log().start_offset())) {
    image_ = cache.load(records::SnapshotRef(snapshot));
    last_append_time_ = snapshot->header.last_contained_log_timestamp;
    for (const records::BatchRef& batch : snapshot->batches) effects.work.records_applied += batch->count;
    generator_.reset(now);
  }
  // After a restart the replica knows less than nothing to apply; what is applied here stays so.
  if (*committed <= image_->end_offset) return;
  const auto& batches = replica_.log().batches();
  for (std::size_t i = replica_.log().index_of(image_->end_offset);
       i < batches.size() && batches[i]->end_offset() <= *committed; ++i) {
    image_ = cache.apply(image_, batches[i]);
    effects.work.records_applied += batches[i]->count;
    generator_.applied(batches[i]->size_bytes);
    last_append_time_ = batches[i]->append_time;
  }
}

void ReplicatedImage::make_snapshot(Time now, metadata::ApplyCache& cache, Effects& effects) {
  const raft::VoterHistory::Entry& quorum = replica_.voter_history().at(image_->end_offset);
  const std::size_t told = raft_effects_.notices.size();
  records::Snapshot::Header header{.end_offset = image_->end_offset,
                                   .epoch = image_->epoch,
                                   .last_contained_log_timestamp = last_append_time_,
                                   .kraft_version = quorum.kraft_version};
  if (quorum.kraft_version > 0) header.voters = to_record(quorum.voters);
  replica_.step(now, raft::CreateSnapshot{cache.save(*image_, header)}, raft_effects_);
  hand_on(effects, told);
  generator_.reset(now);
}

}  // namespace kraft::node
