// Names, errors and placement of new topics against Kafka's rules.
#include "core/metadata/topic_control.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/metadata/replica_placer.hpp"
#include "tests/core/metadata/fixtures.hpp"

namespace kraft::metadata {
namespace {

using namespace kraft::records;
using namespace kraft::metadata::testing;

TEST_CASE("topic names") {
  CHECK(is_valid_topic_name("a"));
  CHECK(is_valid_topic_name("A-z_0.9"));
  CHECK(is_valid_topic_name("..."));
  CHECK(is_valid_topic_name(std::string(249, 'x')));
  CHECK_FALSE(is_valid_topic_name(std::string(250, 'x')));
  CHECK_FALSE(is_valid_topic_name(""));
  CHECK_FALSE(is_valid_topic_name("."));
  CHECK_FALSE(is_valid_topic_name(".."));
  CHECK_FALSE(is_valid_topic_name("a b"));
  CHECK_FALSE(is_valid_topic_name("caf\xc3\xa9"));
}

TEST_CASE("what makes a creation fail, and that it then creates nothing") {
  Rng rng(5);
  const Ref<Image> three = with_topic(cluster(3), "there_is", 1, 1, rng);
  const auto error = [&](const Ref<Image>& image, std::vector<NewTopic> topics, std::int64_t max = kManyRecords) {
    const auto decision = decide(*image, CreateTopicsRequest{std::move(topics)}, max, rng);
    CHECK((decision.response.error == Error::kNone || decision.records.empty()));
    return line(decision.response.error);
  };
  CHECK(error(three, {{"a", 2, 3}}) == "NONE");
  CHECK(error(three, {{"a/b", 0, 0}}) == "INVALID_TOPIC_EXCEPTION");
  CHECK(error(three, {{"there_is", 0, 1}}) == "TOPIC_ALREADY_EXISTS");
  CHECK(error(three, {{"there.is", 1, 1}}) == "INVALID_TOPIC_EXCEPTION");
  CHECK(error(three, {{"a", 0, 0}}) == "INVALID_REPLICATION_FACTOR");
  CHECK(error(three, {{"a", 0, 1}}) == "INVALID_PARTITIONS");
  CHECK(error(three, {{"a", 1, 4}}) == "INVALID_REPLICATION_FACTOR");
  CHECK(error(three, {{"a", 1, 1}, {"a", 1, 1}}) == "INVALID_REQUEST");
  CHECK(error(three, {{"a.b", 1, 1}, {"a_b", 1, 1}}) == "INVALID_TOPIC_EXCEPTION");
  CHECK(error(three, {{"a", 9, 1}}, 10) == "NONE");
  CHECK(error(three, {{"a", 10, 1}}, 10) == "POLICY_VIOLATION");
  CHECK(error(cluster(0), {{"a", 1, 1}}) == "INVALID_REPLICATION_FACTOR");
  Ref<Image> fenced_all = three;
  for (int n = 1; n <= 3; ++n) fenced_all = fenced(fenced_all, broker_id(n));
  CHECK(error(fenced_all, {{"a", 1, 1}}) == "INVALID_REPLICATION_FACTOR");
}

TEST_CASE("deletion: all or nothing") {
  Rng rng(5);
  const Ref<Image> image = with_topic(with_topic(cluster(3), "a", 2, 2, rng), "b", 2, 2, rng);
  CHECK(decide(*image, DeleteTopicsRequest{{"a", "b"}}).records.size() == 2);
  const auto unknown = decide(*image, DeleteTopicsRequest{{"a", "c"}});
  CHECK(line(unknown.response.error) == "UNKNOWN_TOPIC_OR_PARTITION");
  CHECK(unknown.records.empty());
  CHECK(line(decide(*image, DeleteTopicsRequest{{"a", "a"}}).response.error) == "INVALID_REQUEST");
  const Ref<Image> less = after(image, decide(*image, DeleteTopicsRequest{{"a"}}).records);
  CHECK(less->topic("a") == nullptr);
  CHECK(broken_invariant(*less).empty());
}

TEST_CASE("a fenced broker may follow but neither lead nor start in sync; one that shuts down gets nothing") {
  Rng rng(5);
  Ref<Image> image = fenced(cluster(3), broker_id(1));
  image = after(image, {BrokerRegistrationChangeRecord{
                           broker_id(2), image->brokers.find(broker_id(2))->epoch, std::nullopt, true}});
  const auto too_many = decide(*image, CreateTopicsRequest{{{"x", 1, 3}}}, kManyRecords, rng);
  CHECK(line(too_many.response.error) == "INVALID_REPLICATION_FACTOR");
  image = with_topic(image, "t", 6, 2, rng);
  for (const auto& [id, partition] : image->topic("t")->partitions) {
    CHECK(partition.replicas == Replicas{broker_id(3), broker_id(1)});
    CHECK(partition.isr == Replicas{broker_id(3)});
    CHECK(partition.leader == broker_id(3));
    CHECK(partition.leader_epoch == LeaderEpoch(0));
    CHECK(partition.partition_epoch == PartitionEpoch(0));
  }
}

/// One place() after another, as lists.
std::vector<std::vector<NodeId>> place(const std::vector<UsableBroker>& brokers, std::size_t partitions,
                                       std::size_t replication, Rng& rng) {
  ReplicaPlacer placer(brokers, rng);
  std::vector<std::vector<NodeId>> placements;
  for (std::size_t p = 0; p < partitions; ++p) placements.push_back(placer.place(replication));
  return placements;
}

TEST_CASE("the stripes of Kafka's own description") {
  // Racks A, B, C of three brokers each; whatever the random starts, the first three partitions begin in three racks in
  // turn and take each rack's brokers in turn.
  std::vector<UsableBroker> brokers;
  for (int n = 0; n < 9; ++n) brokers.push_back({NodeId(n), std::string(1, static_cast<char>('A' + n / 3)), false});
  Rng rng(11);
  const auto stripes = place(brokers, 3, 3, rng);
  const auto rack = [](NodeId id) { return id.value() / 3; };
  for (std::size_t p = 0; p < 3; ++p) {
    for (std::size_t r = 0; r < 3; ++r) {
      CHECK(rack(stripes[p][r]) == (rack(stripes[0][0]) + static_cast<int>(p + r)) % 3);
    }
  }
  std::set<NodeId> used;
  for (const auto& replicas : stripes) used.insert(replicas.begin(), replicas.end());
  CHECK(used.size() == 9);
}

TEST_CASE("placement properties") {
  const bool ok = rc::check("StripedReplicaPlacer's rules", [] {
    const std::size_t racks = *rc::gen::inRange<std::size_t>(1, 5);
    const std::size_t per_rack = *rc::gen::inRange<std::size_t>(1, 5);
    const std::size_t count = racks * per_rack;
    std::vector<UsableBroker> brokers;
    for (std::size_t n = 0; n < count; ++n) {
      brokers.push_back({NodeId(static_cast<int>(n)), "r" + std::to_string(n % racks), false});
    }
    const auto replication = *rc::gen::inRange<std::size_t>(1, count + 1);
    const std::uint64_t seed = *rc::gen::arbitrary<std::uint64_t>();
    Rng rng(seed);
    const auto placements = place(brokers, count, replication, rng);
    std::map<NodeId, int> leaders;
    for (const auto& replicas : placements) {
      RC_ASSERT(replicas.size() == replication);
      RC_ASSERT((std::set<NodeId>(replicas.begin(), replicas.end()).size() == replication));
      std::map<std::size_t, int> in_rack;
      for (const NodeId id : replicas) ++in_rack[static_cast<std::size_t>(id.value()) % racks];
      // Equal racks: no rack holds two more replicas of a partition than another.
      const auto most = std::max_element(in_rack.begin(), in_rack.end(),
                                         [](const auto& a, const auto& b) { return a.second < b.second; });
      const std::size_t share = (replication + racks - 1) / racks;
      RC_ASSERT(static_cast<std::size_t>(most->second) <= share);
      RC_ASSERT(in_rack.size() == std::min(replication, racks));
      ++leaders[replicas.front()];
    }
    // As many partitions as brokers with a leader in each rack in turn: racks lead equally often.
    std::map<std::size_t, int> leading_racks;
    for (const auto& [id, times] : leaders) leading_racks[static_cast<std::size_t>(id.value()) % racks] += times;
    for (const auto& [rack, times] : leading_racks) RC_ASSERT(static_cast<std::size_t>(times) == per_rack);
    Rng same(seed);
    RC_ASSERT(place(brokers, count, replication, same) == placements);
  });
  CHECK(ok);
}

TEST_CASE("leaders are always unfenced and fenced brokers are the last resort") {
  const bool ok = rc::check("fenced brokers", [] {
    const auto fenced_flags = *rc::gen::nonEmpty(rc::gen::arbitrary<std::vector<bool>>());
    std::vector<UsableBroker> brokers;
    const int racks = *rc::gen::inRange(1, 4);
    int unfenced = 0;
    for (std::size_t n = 0; n < fenced_flags.size(); ++n) {
      const int id = static_cast<int>(n);
      brokers.push_back({NodeId(id), "r" + std::to_string(id % racks), fenced_flags[n]});
      unfenced += fenced_flags[n] ? 0 : 1;
    }
    RC_PRE(unfenced > 0);
    const auto replication = *rc::gen::inRange<std::size_t>(1, brokers.size() + 1);
    Rng rng(*rc::gen::arbitrary<std::uint64_t>());
    for (const auto& replicas : place(brokers, 20, replication, rng)) {
      RC_ASSERT(!brokers[static_cast<std::size_t>(replicas.front().value())].fenced);
      std::map<std::string, std::pair<int, int>> taken;  // by rack: unfenced, fenced
      for (const NodeId id : replicas) {
        const UsableBroker& broker = brokers[static_cast<std::size_t>(id.value())];
        ++(broker.fenced ? taken[*broker.rack].second : taken[*broker.rack].first);
      }
      for (const auto& [rack, counts] : taken) {
        if (counts.second == 0) continue;
        const auto idle = std::ranges::count_if(brokers, [&r = rack](const UsableBroker& broker) {
          return broker.rack == r && !broker.fenced;
        });
        RC_ASSERT(counts.first == static_cast<int>(idle));  // every unfenced one of the rack was taken first
      }
    }
  });
  CHECK(ok);
}

}  // namespace
}  // namespace kraft::metadata
