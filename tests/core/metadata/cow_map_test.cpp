// CowMap against std::map: the same operations, the same answers, and copies that later changes leave alone.
#include "core/metadata/cow_map.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <map>
#include <string>
#include <vector>

#include "core/base/rng.hpp"

namespace kraft::metadata {
namespace {

using Map = CowMap<int, std::string>;
using Oracle = std::map<int, std::string>;

void check_same(const Map& map, const Oracle& oracle) {
  RC_ASSERT(map.size() == oracle.size());
  auto it = map.begin();
  for (const auto& [key, value] : oracle) {
    RC_ASSERT(it != map.end());
    RC_ASSERT(it->key == key);
    RC_ASSERT(it->value == value);
    ++it;
  }
  RC_ASSERT(it == map.end());
}

TEST_CASE("every operation answers as std::map does, and no copy changes") {
  const bool ok = rc::check("CowMap is std::map", [] {
    Map map;
    Oracle oracle;
    std::vector<std::pair<Map, Oracle>> copies;
    // Phases of mostly adding and mostly erasing, so that trees of three levels grow and shrink again.
    const int keys = *rc::gen::element(50, 300, 5000);
    Rng rng(*rc::gen::arbitrary<std::uint64_t>());
    const int operations = *rc::gen::inRange(0, 4 * keys);
    for (int i = 0; i < operations; ++i) {
      const bool growing = (i / (2 * keys)) % 2 == 0;
      const int key = static_cast<int>(rng.below(static_cast<std::uint64_t>(keys)));
      const int kind = static_cast<int>(rng.below(10));
      if (kind < (growing ? 6 : 1)) {
        const std::string value = std::to_string(key) + "@" + std::to_string(oracle.size());
        map.upsert(key) = value;
        oracle[key] = value;
      } else if (kind < 8) {
        RC_ASSERT(map.erase(key) == (oracle.erase(key) == 1));
      } else if (std::string* const value = map.find_mutable(key)) {
        *value += "!";
        oracle.at(key) += "!";
      } else {
        RC_ASSERT(!oracle.contains(key));
      }
      if (rng.below(static_cast<std::uint64_t>(keys)) == 0) copies.emplace_back(map, oracle);
    }
    check_same(map, oracle);
    for (int key = -1; key <= keys; ++key) {
      const auto expected = oracle.lower_bound(key);
      const auto found = map.lower_bound(key);
      RC_ASSERT((found == map.end()) == (expected == oracle.end()));
      if (expected != oracle.end()) RC_ASSERT(found->key == expected->first);
      RC_ASSERT((map.find(key) != nullptr) == oracle.contains(key));
    }
    for (const auto& [copy, then] : copies) check_same(copy, then);
  });
  CHECK(ok);
}

TEST_CASE("equality is of contents, however they came about") {
  Map up;
  Map down;
  for (int key = 0; key < 500; ++key) up.upsert(key) = "v";
  for (int key = 499; key >= 0; --key) down.upsert(key) = "v";
  CHECK(up == down);
  down.upsert(250) = "w";
  CHECK(up != down);
  down.erase(250);
  CHECK(up != down);
}

TEST_CASE("what erasing leaves is found in order") {
  CowSet<int> set;
  for (int key = 0; key < 40'000; ++key) set.upsert(key);
  for (int key = 0; key < 40'000; ++key) {
    if (key % 5000 != 0) set.erase(key);
  }
  std::vector<int> left;
  for (const auto& [key, unit] : set) left.push_back(key);
  CHECK(left == std::vector<int>{0, 5000, 10'000, 15'000, 20'000, 25'000, 30'000, 35'000});
}

TEST_CASE("a first child that took keys below its own mark keeps them when nodes join") {
  // Rising keys fill leaves of 32 and inner nodes of 32 leaves: the second inner node begins at key 10,240.
  CowSet<int> set;
  for (int i = 0; i < 32 * 40; ++i) set.upsert(10 * i);
  for (int key = 10'240; key < 10'560; key += 10) set.erase(key);  // its first leaf goes
  set.upsert(10'245);                                              // into the next, which begins above
  for (int key = 0; key < 10 * 32 * 26; key += 10) set.erase(key);  // the first inner node shrinks and they join
  CHECK(set.contains(10'245));
  CHECK(set.lower_bound(10'240)->key == 10'245);
  CHECK(set.erase(10'245));
}

}  // namespace
}  // namespace kraft::metadata
