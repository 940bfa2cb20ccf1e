// Every marker is met in a sweep of ordinary scenarios, and none where nothing goes wrong.
#include "sim/check/markers.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

using namespace kraftsim::check;

TEST_CASE("markers are found by their names, which are all different") {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < kMarkers; ++i) {
    const MarkerName& marker = marker_names()[i];
    CHECK(parse_marker(marker.name) == static_cast<Marker>(i));
    CHECK(marker.what.size() > 10);
    names.insert(marker.name);
  }
  CHECK(names.size() == kMarkers);
  CHECK_FALSE(parse_marker("no_such_thing"));
}
