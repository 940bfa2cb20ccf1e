// The oracle on made-up clusters: whom it finds, and when it finds nobody.
#include "sim/check/core_choice.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

using namespace kraftsim::check;
using kraft::NodeId;
using kraft::Rng;

namespace {

/// Voters 1 to `count`, sound and with everything.
std::vector<Candidate> voters(int count) {
  std::vector<Candidate> all;
  for (int id = 1; id <= count; ++id) {
    all.push_back({.id = NodeId(id), .voter = true, .sound = true, .holds_committed = true});
  }
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
  nodes.push_back({.id = NodeId(4), .voter = false, .sound = true, .holds_committed = true});
  Rng rng(7);
  CHECK(choose_core(CorePolicy::kMajority, nodes, {}, rng).nodes.size() == 2);
  CHECK(choose_core(CorePolicy::kAll, nodes, {}, rng).nodes.size() == 4);
  nodes[0].sound = nodes[1].sound = false;
  CHECK_FALSE(choose_core(CorePolicy::kAll, nodes, {}, rng).unrecoverable.empty());
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
