// Elections, ISR changes and AlterPartition, row by row; then random histories under the invariants.
#include "core/metadata/partition_control.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>
#include <vector>

#include "tests/core/metadata/fixtures.hpp"

namespace kraft::metadata {
namespace {

using namespace kraft::records;
using namespace kraft::metadata::testing;

const NodeId k1 = broker_id(1);
const NodeId k2 = broker_id(2);
const NodeId k3 = broker_id(3);
const std::vector<NodeId> kAll{k1, k2, k3};

TEST_CASE("a broker leaves: ISR and leader") {
  struct Row {
    const char* what;
    std::vector<NodeId> isr;
    NodeId leader;
    std::vector<NodeId> fenced_before;
    NodeId leaves;
    std::optional<std::vector<NodeId>> new_isr;  // as in the record
    std::optional<NodeId> new_leader;
  };
  const std::vector<Row> rows{
      {"the leader goes, the first in order of assignment follows", {k3, k2, k1}, k1, {}, k1, {{k3, k2}}, k2},
      {"the next in order is not in sync", {k1, k3}, k1, {}, k1, {{k3}}, k3},
      {"a follower goes, the leader stays", {k1, k2, k3}, k1, {}, k2, {{k1, k3}}, {}},
      {"the last in sync goes: no leader, and it stays in the ISR", {k1}, k1, {}, k1, {}, kNoLeader},
      {"the rest is fenced: no leader, the ISR shrinks to it", {k1, k2}, k1, {k2}, k1, {{k2}}, kNoLeader},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    Ref<Image> image = with_partition(cluster(3), kAll, row.isr, row.leader);
    for (const NodeId id : row.fenced_before) image = fenced(image, id);
    MetadataRecords records;
    append_changes_without(*image, row.leaves, records);
    REQUIRE(records.size() == 1);
    const auto& change = std::get<PartitionChangeRecord>(records[0]);
    CHECK(change.isr == row.new_isr);
    CHECK(change.leader == row.new_leader);
  }
}

TEST_CASE("a broker out of the ISR goes without a record") {
  const Ref<Image> image = with_partition(cluster(3), kAll, {k1, k2}, k1);
  MetadataRecords records;
  append_changes_without(*image, k3, records);
  CHECK(records.empty());
}

TEST_CASE("a broker returns: it leads what waited for it and nothing else") {
  const Ref<Image> waiting = fenced(with_partition(cluster(3), kAll, {k2}, kNoLeader), k2);
  MetadataRecords records;
  append_changes_with(*waiting, k2, records);
  REQUIRE(records.size() == 1);
  CHECK(std::get<PartitionChangeRecord>(records[0]).leader == k2);
  CHECK_FALSE(std::get<PartitionChangeRecord>(records[0]).isr.has_value());
  records.clear();
  append_changes_with(*waiting, k3, records);  // not in sync: electing it would be unclean
  CHECK(records.empty());
  const Ref<Image> led = fenced(with_partition(cluster(3), kAll, {k1, k2}, k1), k2);
  append_changes_with(*led, k2, records);
  CHECK(records.empty());
}

TEST_CASE("AlterPartition: the checks, in Kafka's order") {
  // Leader 101 at leader epoch 5, partition epoch 9; 104 is registered but no replica; 103 is fenced.
  const Ref<Image> image = fenced(with_partition(cluster(4), kAll, {k1}, k1), k3);
  const AlterPartitionRequest good{.broker_id = k1,
                                   .broker_epoch = image->brokers.find(k1)->epoch,
                                   .topic_id = kOnly.topic_id,
                                   .partition_id = kOnly.partition_id,
                                   .leader_epoch = LeaderEpoch(5),
                                   .partition_epoch = PartitionEpoch(9),
                                   .new_isr = {k1, k2}};
  const auto error = [&](auto&& spoil) {
    AlterPartitionRequest request = good;
    spoil(request);
    const auto decision = decide(*image, request);
    CHECK((decision.response.error == Error::kNone || decision.records.empty()));
    return line(decision.response.error);
  };
  using R = AlterPartitionRequest;
  CHECK(error([](R&) {}) == "NONE");
  CHECK(error([](R& r) { r.broker_epoch = BrokerEpoch(999); r.topic_id = {9, 9}; }) == "STALE_BROKER_EPOCH");
  CHECK(error([](R& r) { r.broker_id = NodeId(1); }) == "STALE_BROKER_EPOCH");
  CHECK(error([](R& r) { r.topic_id = {9, 9}; r.leader_epoch += 1; }) == "UNKNOWN_TOPIC_OR_PARTITION");
  CHECK(error([](R& r) { r.partition_id = PartitionId(1); }) == "UNKNOWN_TOPIC_OR_PARTITION");
  CHECK(error([](R& r) { r.leader_epoch += 1; r.new_isr = {}; }) == "NOT_CONTROLLER");
  CHECK(error([](R& r) { r.partition_epoch += 1; }) == "NOT_CONTROLLER");
  CHECK(error([](R& r) { r.leader_epoch = LeaderEpoch(4); r.partition_epoch = PartitionEpoch(8); }) ==
        "FENCED_LEADER_EPOCH");
  CHECK(error([&](R& r) {
          r.broker_id = k2;
          r.broker_epoch = image->brokers.find(k2)->epoch;
          r.partition_epoch = PartitionEpoch(8);
        }) == "INVALID_REQUEST");
  CHECK(error([](R& r) { r.partition_epoch = PartitionEpoch(8); r.new_isr = {}; }) == "INVALID_UPDATE_VERSION");
  CHECK(error([](R& r) { r.new_isr = {k1, broker_id(4)}; }) == "INVALID_REQUEST");  // no replica
  CHECK(error([](R& r) { r.new_isr = {k1, k2, k2}; }) == "INVALID_REQUEST");        // twice
  CHECK(error([](R& r) { r.new_isr = {k2, k3}; }) == "INVALID_REQUEST");            // lacks the leader
  CHECK(error([](R& r) { r.new_isr = {}; }) == "INVALID_REQUEST");
  CHECK(error([](R& r) { r.new_isr = {k1, k3}; }) == "INELIGIBLE_REPLICA");
  const auto decision = decide(*image, good);
  REQUIRE(decision.records.size() == 1);
  CHECK(std::get<PartitionChangeRecord>(decision.records[0]).isr == std::vector<NodeId>{k1, k2});
  CHECK_FALSE(std::get<PartitionChangeRecord>(decision.records[0]).leader.has_value());
  AlterPartitionRequest same = good;
  same.new_isr = {k1};
  CHECK(decide(*image, same).records.empty());
}

/// Applies record by record and checks what must hold of every single one.
Ref<Image> replay(Ref<Image> image, const MetadataRecords& records) {
  for (const MetadataRecord& record : records) {
    const Ref<Image> next = apply(image, std::span(&record, 1), Epoch(1));
    if (const auto* const change = std::get_if<PartitionChangeRecord>(&record)) {
      const TopicPartition id{change->topic_id, change->partition_id};
      const Partition& before = *image->partition(id);
      const Partition& now = *next->partition(id);
      RC_ASSERT(now.partition_epoch == before.partition_epoch + 1);
      RC_ASSERT(now.leader_epoch == before.leader_epoch + (now.leader == before.leader ? 0 : 1));
      for (const NodeId id_in_isr : now.isr) {
        if (!contains(before.isr, id_in_isr)) RC_ASSERT(next->is_active(id_in_isr));
      }
      // (One that comes back while its shutdown flag is still set may lead what waited for it, as in Kafka.)
      if (now.leader != before.leader && now.leader != kNoLeader) RC_ASSERT(!next->brokers.find(now.leader)->fenced);
    }
    image = next;
  }
  return image;
}

/// What a leader would ask for: its ISR plus or minus one replica.
MetadataRecords random_alter(const Image& image, Rng& rng) {
  std::vector<TopicPartition> all;
  for (const auto& [topic_id, topic] : image.topics) {
    for (const auto& [partition_id, partition] : topic.partitions) all.push_back({topic_id, partition_id});
  }
  if (all.empty()) return {};
  const TopicPartition id = all[rng.below(all.size())];
  const Partition& partition = *image.partition(id);
  const Broker* const leader = image.brokers.find(partition.leader);
  if (leader == nullptr) return {};
  AlterPartitionRequest request{.broker_id = partition.leader,
                                .broker_epoch = leader->epoch,
                                .topic_id = id.topic_id,
                                .partition_id = id.partition_id,
                                .leader_epoch = partition.leader_epoch,
                                .partition_epoch = partition.partition_epoch,
                                .new_isr = {}};
  const NodeId toggled = partition.replicas[rng.below(partition.replicas.size())];
  for (const NodeId replica : partition.replicas) {
    if (contains(partition.isr, replica) != (replica == toggled)) request.new_isr.push_back(replica);
  }
  return decide(image, request).records;
}

TEST_CASE("random histories keep every invariant, and their replay is the image") {
  const bool ok = rc::check("apply after decide", [] {
    Rng rng(*rc::gen::arbitrary<std::uint64_t>());
    const int brokers = *rc::gen::inRange(1, 7);
    Ref<Image> image = cluster(brokers, *rc::gen::inRange(0, 4));
    HeartbeatTracker tracker(*image, std::chrono::seconds(9), Time{});
    const Ref<Image> start = image;
    MetadataRecords history;
    for (int step = 0; step < 60; ++step) {
      MetadataRecords records;
      const NodeId id = broker_id(1 + static_cast<int>(rng.below(static_cast<std::uint64_t>(brokers))));
      const std::uint64_t dice = rng.below(10);
      if (dice == 0) {
        const std::int16_t replication = static_cast<std::int16_t>(1 + rng.below(4));
        const CreateTopicsRequest request{{{"t" + std::to_string(step), 5, replication}}};
        records = decide(*image, request, kManyRecords, rng).records;
      } else if (dice == 1 && !image->topics.empty()) {
        records = decide(*image, DeleteTopicsRequest{{image->topics.begin()->value.name}}).records;
      } else if (dice == 2 && tracker.state(id) != BrokerControlState::kFenced) {
        records = fence(*image, id);
        tracker.fence(id);
      } else if (dice == 3 && tracker.state(id) == BrokerControlState::kFenced) {
        records = decide(*image, {id, {2, rng.next()}, std::nullopt}, false).records;
        tracker.registered(id, true, Time{});
      } else if (dice <= 6) {
        const bool want_shut_down = rng.below(4) == 0;
        const BrokerHeartbeatRequest request{id, image->brokers.find(id)->epoch, image->last_offset(), false,
                                             want_shut_down};
        const HeartbeatDecision decision = decide(*image, tracker, request);
        records = decision.records;
        tracker.touch(id, is_fenced(decision.after), request.current_metadata_offset, Time{});
        if (decision.after == BrokerControlState::kControlledShutdown) {
          tracker.begin_controlled_shutdown(id, image->last_offset());
        }
      } else {
        records = random_alter(*image, rng);
      }
      image = replay(image, records);
      history.insert(history.end(), records.begin(), records.end());
      const std::string broken = broken_invariant(*image);
      if (!broken.empty()) RC_FAIL(broken);
    }
    RC_ASSERT(*apply(start, history, Epoch(1)) == *image);
  });
  CHECK(ok);
}

}  // namespace
}  // namespace kraft::metadata
