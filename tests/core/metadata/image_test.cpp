// apply: what each record does to an image, and what images share.
#include "core/metadata/image.hpp"

#include <doctest/doctest.h>

#include "core/metadata/apply.hpp"
#include "core/metadata/apply_cache.hpp"
#include "tests/core/metadata/fixtures.hpp"

namespace kraft::metadata {
namespace {

using namespace kraft::records;
using namespace kraft::metadata::testing;

TEST_CASE("a no-op moves the offset and shares everything else") {
  Rng rng(1);
  const Ref<Image> before = with_topic(cluster(3), "t", 8, 3, rng);
  const Ref<Image> next = after(before, {NoOpRecord{}});
  CHECK(next->end_offset == before->end_offset + 1);
  CHECK(next->topics.find(before->topics.begin()->key) == before->topics.find(before->topics.begin()->key));
  CHECK(next->brokers == before->brokers);
}

TEST_CASE("an image never changes once the next one is made from it") {
  Rng rng(1);
  const Ref<Image> before = with_topic(cluster(3), "t", 8, 3, rng);
  const Image copy = *before;
  Ref<Image> next = after(before, fence(*before, broker_id(1)));
  next = after(next, decide(*next, DeleteTopicsRequest{{"t"}}).records);
  CHECK(*before == copy);
  CHECK(next->topics.empty());
}

TEST_CASE("a control batch moves only offset and epoch") {
  const Ref<Image> before = cluster(1);
  const BatchRef batch =
      make_batch(before->end_offset, Epoch(4), Time{},
                 ControlRecords{LeaderChangeMessage{.leader_id = NodeId(1), .voters = {}, .granting_voters = {}}});
  const Ref<Image> next = apply(before, *batch);
  CHECK(next->end_offset == before->end_offset + 1);
  CHECK(next->epoch == Epoch(4));
  CHECK(next->brokers == before->brokers);
}

TEST_CASE("registering sets where the broker must catch up to, and a registration change keeps it") {
  Ref<Image> image = after(share<Image>(), {NoOpRecord{}, NoOpRecord{}});
  image = after(image, {RegisterBrokerRecord{.broker_id = NodeId(9),
                                             .incarnation_id = {1, 2},
                                             .broker_epoch = BrokerEpoch(2),
                                             .rack = "r"}});
  const Broker* broker = image->brokers.find(NodeId(9));
  REQUIRE(broker != nullptr);
  CHECK(broker->registered_at == Offset(2));
  CHECK(broker->rack == "r");
  CHECK_FALSE(broker->active());
  image = after(image, {BrokerRegistrationChangeRecord{NodeId(9), BrokerEpoch(2), false, false}});
  CHECK(image->brokers.find(NodeId(9))->active());
  image = after(image, {BrokerRegistrationChangeRecord{NodeId(9), BrokerEpoch(2), {}, true}});
  CHECK_FALSE(image->brokers.find(NodeId(9))->active());
  CHECK(image->brokers.find(NodeId(9))->registered_at == Offset(2));
  image = after(image, {UnregisterBrokerRecord{NodeId(9), BrokerEpoch(2)}});
  CHECK(image->brokers.empty());
}

TEST_CASE("a partition change: epochs, and the leader epoch even for the same leader") {
  const std::vector<NodeId> all{broker_id(1), broker_id(2), broker_id(3)};
  const Ref<Image> image = with_partition(cluster(3), all, all, broker_id(1));
  PartitionChangeRecord change{kOnly.topic_id, kOnly.partition_id, {}, {}};
  change.isr = {{broker_id(1), broker_id(2)}};
  const Partition shrunk = *after(image, {change})->partition(kOnly);
  CHECK(shrunk.partition_epoch == PartitionEpoch(10));
  CHECK(shrunk.leader_epoch == LeaderEpoch(5));
  CHECK(shrunk.isr == Replicas{broker_id(1), broker_id(2)});
  change.leader = broker_id(1);
  const Partition again = *after(image, {change})->partition(kOnly);
  CHECK(again.leader == broker_id(1));
  CHECK(again.leader_epoch == LeaderEpoch(6));
  change.leader = kNoLeader;
  const Ref<Image> headless = after(image, {change});
  CHECK(headless->leaderless.contains(kOnly));
  CHECK(headless->leaders_on(broker_id(1)) == 0);
}

TEST_CASE("names that differ by '.' and '_' only are found") {
  const auto named = [](const std::string& name) {
    return after(share<Image>(), {TopicRecord{.name = "a", .topic_id = {1, 1}},
                                  TopicRecord{.name = name, .topic_id = {2, 2}},
                                  TopicRecord{.name = "zz", .topic_id = {3, 3}}});
  };
  REQUIRE(named("my.topic_1")->colliding_name("my_topic.1") != nullptr);
  CHECK(*named("my.topic_1")->colliding_name("my_topic.1") == "my.topic_1");
  CHECK(named("my_topic")->colliding_name("my.topic") != nullptr);
  CHECK(named("my_topic")->colliding_name("my-topic") == nullptr);
  CHECK(named("my_topic")->colliding_name("my_topi") == nullptr);
  CHECK(named("my_topic")->topic("my_topic") != nullptr);
  CHECK(named("my_topic")->topic("my.topic") == nullptr);
}

BatchRef no_op(const Ref<Image>& image, std::int64_t at) {
  return make_batch(image->end_offset, Epoch(1), at_nanos(at), MetadataRecords{NoOpRecord{}});
}

TEST_CASE("the cache returns the very same image for the same history and batch, and computes otherwise") {
  ApplyCache cache;
  const Ref<Image> image = share<Image>();
  const BatchRef batch = no_op(image, 1);
  const Ref<Image> first = cache.apply(image, batch);
  CHECK(cache.apply(image, batch) == first);
  CHECK(cache.apply(share<Image>(), batch) == first);  // another empty image has the same history
  CHECK(cache.apply(image, no_op(image, 1)) != first);  // an equal batch, but not this one
  Ref<Image> shared_end = first;
  for (int i = 2; i < 40; ++i) {  // more than it holds
    shared_end = cache.apply(shared_end, no_op(shared_end, i));
  }
  CHECK(cache.apply(image, batch) != first);
  CHECK(*cache.apply(image, batch) == *first);
}

TEST_CASE("what was applied ahead is what the batch's application returns, with the history that the batch makes") {
  ApplyCache cache;
  const Ref<Image> image = apply(share<Image>(), *no_op(share<Image>(), 1));
  const BatchRef batch = no_op(image, 2);
  const Ref<Image> ahead = apply(image, std::get<MetadataRecords>(batch->records), Epoch(1));
  const Ref<Image> adopted = cache.adopt(image->history, batch, ahead);
  CHECK(cache.apply(image, batch) == adopted);
  CHECK(*adopted == *apply(image, *batch));
  CHECK(adopted->history == apply(image, *batch)->history);
}

TEST_CASE("a replica that replays its log by itself ends up with the others' image") {
  ApplyCache cache;
  Ref<Image> others = share<Image>();
  Ref<Image> replayed = share<Image>();
  for (int i = 0; i < 20; ++i) {
    const BatchRef batch = no_op(others, i);
    others = cache.apply(others, batch);
    replayed = i < 19 ? apply(replayed, *batch) : cache.apply(replayed, batch);
    CHECK((replayed == others) == (i == 19));
  }
}

TEST_CASE("a batch on top of another history is computed, though offset and batch agree") {
  ApplyCache cache;
  const Ref<Image> one = apply(share<Image>(), *no_op(share<Image>(), 1));
  const Ref<Image> other = apply(share<Image>(), *no_op(share<Image>(), 2));
  const BatchRef batch = no_op(one, 3);
  CHECK(cache.apply(one, batch) != cache.apply(other, batch));
}

}  // namespace
}  // namespace kraft::metadata
