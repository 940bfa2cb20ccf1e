// Saving and loading an image are each other's inverse, whatever happened to the image before.
#include "core/metadata/image_records.hpp"

#include <doctest/doctest.h>

#include "core/base/rng.hpp"
#include "core/metadata/apply.hpp"
#include "core/metadata/apply_cache.hpp"
#include "core/records/snapshot.hpp"

namespace kraft::metadata {
namespace {

using namespace kraft::records;

SnapshotRef save(const Image& image) {
  return make_snapshot({.end_offset = image.end_offset, .epoch = image.epoch}, image_records(image));
}

/// Records that fit what was made before: brokers come, change and go, topics are made, change and are removed.
Ref<Image> random_image(std::uint64_t seed) {
  Rng rng = Rng::stream(seed, 0, "image");
  Ref<Image> image = share<Image>();
  std::uint64_t topics = 0;
  for (int i = 0; i < 60; ++i) {
    MetadataRecords records;
    const NodeId broker(static_cast<std::int32_t>(101 + rng.below(5)));
    const Broker* known = image->brokers.find(broker);
    switch (rng.below(6)) {
      case 0:
        records.emplace_back(RegisterBrokerRecord{.broker_id = broker,
                                                  .incarnation_id = {rng.next(), 1},
                                                  .broker_epoch = BrokerEpoch(image->end_offset.value()),
                                                  .rack = rng.chance(1, 2) ? std::optional<std::string>("a")
                                                                           : std::nullopt});
        break;
      case 1:
        if (known == nullptr) break;
        records.emplace_back(BrokerRegistrationChangeRecord{.broker_id = broker,
                                                            .broker_epoch = known->epoch,
                                                            .fenced = rng.chance(1, 2),
                                                            .enter_controlled_shutdown = rng.chance(1, 4)});
        break;
      case 2:
        if (known != nullptr && rng.chance(1, 3)) {
          records.emplace_back(UnregisterBrokerRecord{.broker_id = broker, .broker_epoch = known->epoch});
        }
        break;
      case 3: {
        const TopicId id{1, ++topics};
        records.emplace_back(TopicRecord{.name = "t" + std::to_string(topics), .topic_id = id});
        const auto partitions = static_cast<std::int32_t>(1 + rng.below(3));
        for (std::int32_t p = 0; p < partitions; ++p) {
          records.emplace_back(PartitionRecord{.topic_id = id,
                                               .partition_id = PartitionId(p),
                                               .replicas = {NodeId(101), NodeId(102)},
                                               .isr = {NodeId(101)},
                                               .leader = rng.chance(1, 4) ? kNoLeader : NodeId(101)});
        }
        break;
      }
      case 4:
      case 5: {
        const TopicId id{1, 1 + rng.below(topics + 1)};
        if (!image->topics.contains(id)) break;
        if (rng.chance(1, 3)) {
          records.emplace_back(RemoveTopicRecord{.topic_id = id});
        } else {
          records.emplace_back(PartitionChangeRecord{.topic_id = id,
                                                     .partition_id = PartitionId(0),
                                                     .isr = std::vector{NodeId(102)},
                                                     .leader = rng.chance(1, 2) ? std::optional(NodeId(102))
                                                                                : std::nullopt});
        }
        break;
      }
      default: break;
    }
    records.emplace_back(NoOpRecord{});
    image = apply(image, records, Epoch(1 + i / 20));
  }
  return image;
}

}  // namespace

TEST_CASE("property: what is loaded from a snapshot is what was saved") {
  std::size_t topics = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const Ref<Image> image = random_image(seed);
    const Ref<Image> loaded = load(*save(*image));
    REQUIRE(*loaded == *image);
    REQUIRE(image_records(*loaded) == image_records(*image));
    topics += image->topics.size();
  }
  CHECK(topics > 100);
}

TEST_CASE("a loaded image has a history of its own, and a broker's registration is as old as the snapshot") {
  const Ref<Image> image = random_image(1);
  const Ref<Image> loaded = load(*save(*image));
  CHECK(loaded->history != image->history);
  REQUIRE(loaded->brokers.begin() != loaded->brokers.end());
  for (const auto& [id, broker] : loaded->brokers) CHECK(broker.registered_at == image->end_offset - 1);
}

TEST_CASE("replicas in one process share the snapshots that they make and load") {
  ApplyCache cache;
  const Ref<Image> image = random_image(2);
  const Snapshot::Header header{.end_offset = image->end_offset, .epoch = image->epoch};
  const SnapshotRef snapshot = cache.save(*image, header);
  CHECK(cache.save(*image, header) == snapshot);
  CHECK(cache.load(snapshot) == cache.load(snapshot));
  Snapshot::Header other = header;
  other.kraft_version = 1;
  CHECK(cache.save(*image, other) != snapshot);
}

}  // namespace kraft::metadata
