// Records and batches: offsets, content, text, and that sizes follow the fields.
#include "core/records/record.hpp"

#include <doctest/doctest.h>

#include "tests/support/throwing_checks.hpp"

namespace kraft::records {
namespace {

const Time kNow = at_nanos(5);

PartitionChangeRecord isr_change(std::size_t isr) {
  PartitionChangeRecord change{.topic_id = {.high = 0, .low = 1}, .partition_id = PartitionId(7)};
  change.isr.emplace(isr, NodeId(1));
  return change;
}

}  // namespace

TEST_CASE("a batch holds consecutive records: end offset, count, kind") {
  const BatchRef batch = make_batch(Offset(10), Epoch(3), kNow, MetadataRecords{NoOpRecord{}, NoOpRecord{}});
  CHECK(batch->count == 2);
  CHECK(batch->end_offset() == Offset(12));
  CHECK_FALSE(batch->is_control());
  CHECK(make_batch(Offset(0), Epoch(1), kNow, ControlRecords{LeaderChangeMessage{}})->is_control());
}

TEST_CASE("an empty batch cannot be made: it would have no place in a log") {
  const kraft::testing::ThrowingChecks guard;
  CHECK_THROWS_AS((void)make_batch(Offset(0), Epoch(1), kNow, MetadataRecords{}), kraft::testing::CheckThrown);
}

TEST_CASE("same content: offset, epoch and records count, the time of append does not") {
  const auto batch = [](int offset, int epoch, Time at, MetadataRecord record) {
    return make_batch(Offset(offset), Epoch(epoch), at, MetadataRecords{std::move(record)});
  };
  const BatchRef one = batch(1, 2, kNow, NoOpRecord{});
  CHECK(one->same_content(*batch(1, 2, at_nanos(99), NoOpRecord{})));
  CHECK_FALSE(one->same_content(*batch(2, 2, kNow, NoOpRecord{})));
  CHECK_FALSE(one->same_content(*batch(1, 3, kNow, NoOpRecord{})));
  CHECK_FALSE(one->same_content(*batch(1, 2, kNow, RemoveTopicRecord{})));
}

TEST_CASE("sizes: about 40 bytes for a change of ISR (KIP-630), 4 more a replica, and a batch adds its header") {
  const std::int64_t three = size_bytes(MetadataRecord(isr_change(3)));
  CHECK(three >= 35);
  CHECK(three <= 50);
  CHECK(size_bytes(MetadataRecord(isr_change(4))) == three + 4);
  const BatchRef one = make_batch(Offset(0), Epoch(1), kNow, MetadataRecords{isr_change(3)});
  const BatchRef two = make_batch(Offset(0), Epoch(1), kNow, MetadataRecords{isr_change(3), isr_change(3)});
  CHECK(two->size_bytes == one->size_bytes + three);
  CHECK(one->size_bytes == 61 + three);
}

TEST_CASE("every record prints as one line") {
  const Uuid id{.high = 0, .low = 1};
  const std::string uuid = "AAAAAAAAAAAAAAAAAAAAAQ";
  CHECK(line(MetadataRecord(RegisterBrokerRecord{.broker_id = NodeId(4),
                                                 .incarnation_id = id,
                                                 .broker_epoch = BrokerEpoch(9),
                                                 .rack = "a",
                                                 .fenced = true,
                                                 .in_controlled_shutdown = true})) ==
        "RegisterBroker(broker=4 epoch=9 rack=a fenced shutting-down)");
  CHECK(line(MetadataRecord(UnregisterBrokerRecord{.broker_id = NodeId(4), .broker_epoch = BrokerEpoch(9)})) ==
        "UnregisterBroker(broker=4 epoch=9)");
  CHECK(line(MetadataRecord(TopicRecord{.name = "t", .topic_id = id})) == "Topic(t id=" + uuid + ")");
  CHECK(line(MetadataRecord(PartitionRecord{.topic_id = id,
                                            .partition_id = PartitionId(2),
                                            .replicas = {NodeId(1), NodeId(2)},
                                            .isr = {NodeId(1)},
                                            .leader = NodeId(1),
                                            .leader_epoch = LeaderEpoch(5),
                                            .partition_epoch = PartitionEpoch(6)})) ==
        "Partition(" + uuid + "-2 replicas=[1,2] isr=[1] leader=1 e5 pe6)");
  PartitionChangeRecord change{.topic_id = id, .partition_id = PartitionId(2)};
  CHECK(line(MetadataRecord(change)) == "PartitionChange(" + uuid + "-2)");
  change.isr = std::vector{NodeId(2)};
  change.leader = kNoLeader;
  CHECK(line(MetadataRecord(change)) == "PartitionChange(" + uuid + "-2 isr=[2] leader=-1)");
  CHECK(line(MetadataRecord(RemoveTopicRecord{.topic_id = id})) == "RemoveTopic(" + uuid + ")");
  BrokerRegistrationChangeRecord broker{.broker_id = NodeId(4), .broker_epoch = BrokerEpoch(9)};
  broker.fenced = false;
  CHECK(line(MetadataRecord(broker)) == "BrokerRegistrationChange(broker=4 epoch=9 unfence)");
  broker.fenced = true;
  broker.enter_controlled_shutdown = true;
  CHECK(line(MetadataRecord(broker)) == "BrokerRegistrationChange(broker=4 epoch=9 fence shutting-down)");
  CHECK(line(MetadataRecord(NoOpRecord{})) == "NoOp");
  CHECK(line(ControlRecord(LeaderChangeMessage{.leader_id = NodeId(1),
                                               .voters = {NodeId(1), NodeId(2)},
                                               .granting_voters = {NodeId(1)}})) ==
        "LeaderChange(leader=1 voters=[1,2] granted=[1])");
}

TEST_CASE("a batch prints its place, its first records in full, and how many more there are") {
  const BatchRef batch = make_batch(Offset(10), Epoch(3), kNow, MetadataRecords(6, NoOpRecord{}));
  CHECK(line(*batch) == "[10..16)@3 NoOp, NoOp, NoOp, NoOp, 2 more");
  CHECK(line(*batch, 6) == "[10..16)@3 NoOp, NoOp, NoOp, NoOp, NoOp, NoOp");
  CHECK(line(*batch, 0) == "[10..16)@3");
}

}  // namespace kraft::records
