// What continuous integration is told of a swarm that failed, and of one that met too little.
#include "sim/report/swarm.hpp"

#include <doctest/doctest.h>

#include <string>

namespace {

using namespace kraftsim;
using namespace kraftsim::report;

scenario::SwarmResult failed() {
  scenario::SwarmResult result;
  result.planned = result.last = 20;
  result.held = 19;
  result.violated = 1;
  result.failures.push_back({.seed = 17,
                             .invariant = "VoteOnce",
                             .detail = "n1 voted for n2 <& n3>\nat 50 % of its epoch",
                             .violated_at = {},
                             .digest = 1});
  return result;
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("JUnit: a case for all that held and one a failing seed, with what its XML must not hold escaped") {
  const std::string xml = swarm_junit({.seeds = {1, 20}, .wall_ns = 2'500'000'000, .kept = {}}, failed());
  CHECK(has(xml, R"(<testsuite name="swarm" tests="2" failures="1" time="2.500">)"));
  CHECK(has(xml, R"(name="19 of seeds 1-20 held")"));
  CHECK(has(xml, R"(<testcase classname="swarm" name="seed 17">)"));
  CHECK(has(xml, R"(<failure message="VoteOnce">n1 voted for n2 &lt;&amp; n3&gt;)"));
  CHECK(has(xml, "reproduce: kraftsim swarm --seeds 17"));
}

TEST_CASE("annotations: one line a failing seed, whatever its detail holds") {
  CHECK(swarm_annotations(failed()) ==
        "::error title=swarm seed 17: VoteOnce::n1 voted for n2 <& n3>%0Aat 50 %25 of its epoch; "
        "kraftsim swarm --seeds 17\n");
}

TEST_CASE("a swarm that is large enough to meet every marker and did not is told of as a failure") {
  scenario::SwarmResult result;
  result.held = scenario::kRunsThatMeetAll - 1;
  CHECK(result.unmet().empty());
  CHECK(swarm_annotations(result).empty());
  ++result.held;
  result.markers.fill(1);
  result.markers.front() = 0;
  const std::string name(check::marker_names().front().name);
  CHECK(swarm_annotations(result) == "::error title=swarm: markers never met::" + name + "\n");
  const std::string xml = swarm_junit({.seeds = {1, 3'000}, .wall_ns = 0, .kept = {}}, result);
  CHECK(has(xml, R"(tests="2" failures="1")"));
  CHECK(has(xml, "<failure message=\"never met\">" + name + "</failure>"));
}
