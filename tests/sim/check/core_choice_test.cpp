// The oracle on made-up clusters: whom it finds, and when it finds nobody.
#include "sim/check/core_choice.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

using namespace kraftsim::check;
using kraft::NodeId;
using kraft::Rng;
using kraft::raft::OffsetAndEpoch;
using kraft::raft::ReplicaKey;
using kraft::raft::VoterSet;

namespace {

constexpr OffsetAndEpoch kEnd{.offset = kraft::Offset(10), .epoch = kraft::Epoch(1)};
constexpr OffsetAndEpoch kChangeAppended{.offset = kraft::Offset(11), .epoch = kraft::Epoch(1)};

ReplicaKey key(int id, std::uint64_t disk = 0) { return {NodeId(id), kraft::DirectoryId{1, disk}}; }

VoterSet set_of(std::initializer_list<int> ids) {
  std::vector<ReplicaKey> keys;
  for (const int id : ids) keys.push_back(key(id));
  return VoterSet(std::move(keys));
}

Candidate node(int id, VoterSet voters) {
  return {.key = key(id), .voters = std::move(voters), .end = kEnd, .sound = true, .holds_committed = true};
}

/// Voters 1 to `count`, sound and with everything.
std::vector<Candidate> voters(int count) {
  std::vector<ReplicaKey> keys;
  for (int id = 1; id <= count; ++id) keys.push_back(key(id));
  std::vector<Candidate> all;
  for (int id = 1; id <= count; ++id) all.push_back(node(id, VoterSet(keys)));
  return all;
}

/// Every core that the smallest policy draws.
std::set<std::vector<NodeId>> smallest(const std::vector<Candidate>& nodes) {
  std::set<std::vector<NodeId>> all;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    Rng rng(seed);
    all.insert(choose_core(CorePolicy::kMajority, nodes, {}, rng).nodes);
  }
  return all;
}

std::vector<NodeId> ids(std::initializer_list<int> numbers) {
  std::vector<NodeId> all;
  for (const int number : numbers) all.emplace_back(number);
  return all;
}

}  // namespace

TEST_CASE("a core has a majority of the voters, one of them with every committed record, and a broker") {
  auto five = voters(5);
  for (const std::size_t lagging : {0U, 1U, 3U, 4U}) five[lagging].holds_committed = false;
  five[1].sound = false;
  std::set<std::size_t> sizes;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Rng rng(seed);
    const Core core = choose_core(CorePolicy::kAuto, five, {NodeId(101), NodeId(102)}, rng);
    REQUIRE(core.unrecoverable.empty());
    CHECK(std::ranges::is_sorted(core.nodes));
    const auto among = std::ranges::count_if(core.nodes, [](NodeId id) { return id < NodeId(100); });
    CHECK(among >= 3);
    CHECK(std::ranges::binary_search(core.nodes, NodeId(3)));
    CHECK_FALSE(std::ranges::binary_search(core.nodes, NodeId(2)));
    CHECK(core.nodes.back() > NodeId(100));
    sizes.insert(core.nodes.size());
  }
  CHECK(sizes == std::set<std::size_t>{4, 5, 6});  // three or four voters, one or two brokers
}

TEST_CASE("policies: no more than needed, and everybody") {
  Rng rng(7);
  CHECK(choose_core(CorePolicy::kMajority, voters(5), {}, rng).nodes.size() == 3);
  CHECK(choose_core(CorePolicy::kAll, voters(5), {NodeId(101), NodeId(102)}, rng).nodes.size() == 7);
}

TEST_CASE("observers may join but do not count") {
  auto nodes = voters(3);
  nodes.push_back(node(4, nodes.front().voters));
  Rng rng(7);
  CHECK(choose_core(CorePolicy::kMajority, nodes, {}, rng).nodes.size() == 2);
  CHECK(choose_core(CorePolicy::kAll, nodes, {}, rng).nodes.size() == 4);
  nodes[0].sound = nodes[1].sound = false;
  CHECK_FALSE(choose_core(CorePolicy::kAll, nodes, {}, rng).unrecoverable.empty());
}

TEST_CASE("the voters of the log count: who was removed, or came back on another disk, does not") {
  std::vector<Candidate> nodes;
  for (int id = 1; id <= 4; ++id) nodes.push_back(node(id, set_of({1, 2, 3})));
  nodes[2].key = key(3, 1);
  CHECK(smallest(nodes) == std::set{ids({1, 2})});
  nodes[1].sound = false;
  Rng rng(7);
  CHECK(choose_core(CorePolicy::kAll, nodes, {}, rng).unrecoverable ==
        "only 1 of 3 voters have a sound disk, and 2 are needed");
}

TEST_CASE("while a change is in flight each is elected by the voters that its own log tells") {
  // 1 led and has added 4, which only 4 knows of: 2 and 3 can go on without them, and with them 1 or 4 can.
  std::vector<Candidate> adding;
  for (int id = 1; id <= 4; ++id) adding.push_back(node(id, set_of({1, 2, 3})));
  for (const std::size_t knows : {0U, 3U}) {
    adding[knows].voters = set_of({1, 2, 3, 4});
    adding[knows].end = kChangeAppended;
  }
  CHECK(smallest(adding) == std::set{ids({2, 3}), ids({1, 2, 3}), ids({1, 2, 4}), ids({1, 3, 4}), ids({2, 3, 4})});
  CHECK(why_stuck(ids({2, 3}), adding).empty());
  CHECK_FALSE(why_stuck(ids({1, 2}), adding).empty());  // 1's log is longer, and it needs three
}

TEST_CASE("who has removed itself stands no more, and denies its vote to whoever has not heard") {
  std::vector<Candidate> nodes;
  for (int id = 1; id <= 4; ++id) nodes.push_back(node(id, set_of({1, 2, 3, 4})));
  nodes[0].voters = set_of({2, 3, 4});
  nodes[0].end = kChangeAppended;
  CHECK(smallest(nodes) == std::set{ids({2, 3, 4})});
  CHECK(why_stuck(ids({1, 2, 3}), nodes) ==
        "nobody who holds every committed record would be elected by a majority of the voters in its log");
}

TEST_CASE("nobody is blamed when a majority of disks is lost, or the committed records are") {
  Rng rng(7);
  auto lost = voters(3);
  lost[0].sound = lost[2].sound = false;
  CHECK(choose_core(CorePolicy::kAuto, lost, {}, rng).unrecoverable ==
        "only 1 of 3 voters have a sound disk, and 2 are needed");
  auto empty = voters(3);
  for (Candidate& each : empty) each.holds_committed = false;
  CHECK(choose_core(CorePolicy::kAuto, empty, {}, rng).unrecoverable ==
        "no voter's sound disk holds every committed record");
}
