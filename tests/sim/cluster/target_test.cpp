// Targets and the small texts of sim/cluster: what a scenario writes is what comes back.
#include "sim/cluster/target.hpp"

#include <doctest/doctest.h>

#include "sim/cluster/observation.hpp"
#include "sim/cluster/spec.hpp"

using namespace kraftsim::cluster;
using Kind = Target::Kind;

TEST_CASE("every form of target is parsed and printed as it was written") {
  for (const char* text : {"controller:2", "zookeeper:1", "coordinator:3", "broker:15", "coordinator:leader",
                           "active_controller", "follower:any", "broker:any", "brokers", "coordinators", "*"}) {
    const auto target = parse_target(text);
    REQUIRE_MESSAGE(target.has_value(), text);
    CHECK(line(*target) == text);
  }
  CHECK(*parse_target("broker:15") == Target{.kind = Kind::kBroker, .number = 15});
  CHECK(*parse_target("coordinator:leader") == Target{.kind = Kind::kLeader, .number = 0});
}

TEST_CASE("what is no target is refused") {
  for (const char* text : {"", "broker", "broker:", "broker:0", "broker:-1", "broker:+1", "broker:01", "broker:1x",
                           "broker:99999999999", "Broker:1", "leader", "controller:leader", " *"}) {
    CHECK_MESSAGE(!parse_target(text).has_value(), text);
  }
}

TEST_CASE("a rack is named by its name; sets that are drawn have names of their own") {
  const Target rack = *parse_target("rack:eu-1a");
  CHECK(rack.kind == Kind::kRack);
  CHECK(rack.name == "eu-1a");
  CHECK(line(rack) == "rack:eu-1a");
  CHECK_FALSE(parse_target("rack:").has_value());
  for (const char* text : {"controller:any", "coordinator:any", "majority", "minority"}) {
    REQUIRE(parse_target(text).has_value());
    CHECK(line(*parse_target(text)) == text);
    CHECK_FALSE(is_fixed(*parse_target(text)));
  }
  CHECK(is_fixed(rack));
}

TEST_CASE("the names offered in error messages are the forms") {
  const auto names = target_names();
  CHECK(names.size() == 16);
  CHECK(names.front() == "controller:<n>");
  CHECK(names.back() == "*");
}

TEST_CASE("a config value is what was set, else the key's default") {
  const std::vector<ConfigKey> keys{{"tickTime", KeyRole::kZookeeperServer, 3000, 1, 9999, "tick"}};
  CHECK(config_value({}, keys, "tickTime") == 3000);
  CHECK(config_value({{"tickTime", 2000}, {"other", 1}}, keys, "tickTime") == 2000);
}

TEST_CASE("phases have the names of the result object") {
  CHECK(line(Phase::kPreVote) == "pre_vote");
  CHECK(line(Phase::kLastBrokerTold) == "last_broker_told");
  CHECK(line(Coordination::kZookeeper) == "zookeeper");
}

TEST_CASE("an observation is one line") {
  const Observation elected{.at = kraft::at_nanos(1'500'000'000),
                            .event = 42,
                            .node = NodeId(101),
                            .fact = PhaseReached{.phase = Phase::kElected, .epoch = 3, .cause = "fetch timeout"}};
  CHECK(line(elected) == "1.5s #42 n101 phase elected e3 cause=fetch timeout");
  const Observation none{.at = {}, .event = 0, .node = NodeId(1), .fact = ActiveControllerChanged{}};
  CHECK(line(none) == "0s #0 n1 active_controller none");
}
