// The reader: what a file means, and where each mistake is said to be.
#include "sim/scenario/reader.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

using namespace kraftsim;
using namespace kraftsim::scenario;
using namespace std::chrono_literals;

namespace {

Scenario read(std::string_view text, const ReadOptions& options = {}) {
  return read_text(text, "scenarios/x.json", options);
}

std::vector<Diagnostic> mistakes(std::string_view text, const ReadOptions& options = {}) {
  try {
    (void)read(text, options);
  } catch (const ScenarioError& error) {
    return error.diagnostics();
  }
  return {};
}

/// A scenario with `body` added on line 2.
std::string with(std::string_view body) {
  const std::string rest = body.empty() ? "" : ",\n" + std::string(body);
  return R"({"version": 1, "description": "d", "duration": "60s")" + rest + "}";
}

/// The only mistake, as the command line prints it, without the path.
std::string only_mistake(std::string_view body) {
  const auto found = mistakes(with(body));
  if (found.size() != 1) {
    std::string all = "mistakes: " + std::to_string(found.size());
    for (const auto& one : found) all += "\n" + line(one);
    return all;
  }
  const std::string text = line(found.front());
  const std::string path = "scenarios/x.json:";
  REQUIRE(text.starts_with(path));
  return text.substr(path.size());
}

bool begins(const std::string& text, std::string_view front) {
  INFO(text);
  return text.starts_with(front);
}

}  // namespace

TEST_CASE("the least scenario has every default") {
  const Scenario scenario = read(with(""));
  CHECK(scenario.name == "x");
  CHECK(scenario.duration == 60s);
  CHECK(scenario.warm_up == 5s);
  REQUIRE(scenario.coordination == std::vector{Coordination::kKraft});
  const cluster::ClusterSpec& spec = scenario.clusters.at(0);
  CHECK(spec.coordinators.size() == 3);
  CHECK(spec.brokers.size() == 3);
  CHECK(spec.coordinators[0].id == kraft::NodeId(1));
  CHECK(spec.brokers[0].id == kraft::NodeId(101));
  CHECK_FALSE(spec.raft_paper);
  CHECK(spec.link.latency.quantile(500'000) == 135us);  // the profile "lan"
  CHECK(spec.brokers[0].service.at("raft.fetch") == engine::Quantiles(40us));
}

TEST_CASE("the scenario of DESIGN section 6") {
  const Scenario scenario = read_file("scenarios/zookeeper_session_storm.json");
  REQUIRE(scenario.coordination == std::vector{Coordination::kZookeeper, Coordination::kKraft});
  const auto& on_zookeeper = scenario.clusters.at(0);
  const auto& on_kraft = scenario.clusters.at(1);
  CHECK(on_zookeeper.brokers.size() == 15);
  CHECK(on_zookeeper.brokers[4].rack == "b");
  CHECK(on_zookeeper.brokers[0].config.at("zookeeper.session.timeout.ms") == 6000);
  CHECK(on_kraft.brokers[0].config.empty());  // of ZooKeeper's keys KRaft's brokers hear nothing
  CHECK(on_zookeeper.coordinators[2].config.at("tickTime") == 2000);
  CHECK(on_kraft.coordinators[2].config.at("controller.quorum.election.timeout.ms") == 1000);
  CHECK(on_kraft.topics.at(0).count == 400);
  CHECK(on_kraft.link.latency.quantile(990'000) == 1500us);
  CHECK(on_kraft.workload.zookeeper_sessions == 266);
  CHECK(on_kraft.workload.create_topics.at(0).every == 5s);
  REQUIRE(scenario.faults.size() == 3);
  const auto& pause = std::get<cluster::PauseFault>(scenario.faults[0].action);
  CHECK(pause.node == cluster::Whom(cluster::Target{cluster::Target::Kind::kLeader}));
  CHECK(pause.length.fixed() == 8s);
  const auto& partition = std::get<cluster::PartitionFault>(scenario.faults[1].action);
  REQUIRE(partition.groups.size() == 2);
  CHECK(line(partition.groups[0].at(1)) == "coordinator:1");
  CHECK(std::get<cluster::CrashFault>(scenario.faults[2].action).restart_after.fixed() == 20s);
  REQUIRE(scenario.expect.size() == 2);
  CHECK(scenario.expect[0].quantile_millionths == 990'000);
  CHECK(scenario.expect[0].below == 5s);
  CHECK(scenario.expect[1].within == 30s);
}

TEST_CASE("values of one node lie over its role's, these over the scenario's, these over the profile's") {
  const Scenario scenario = read(with(R"("disk": {"fsync": "1ms"}, "service": {"raft.fetch": "2ms"}, "cluster": {
    "controllers": {"disk": {"write": "3ms"}, "config": {"controller.quorum.fetch.timeout.ms": 500}},
    "nodes": {"controller:2": {"disk": {"fsync": "4ms"}, "service": {"raft.fetch": "5ms"},
                               "config": {"controller.quorum.fetch.timeout.ms": 600}},
              "broker:3": {"rack": "z"}}})"));
  const auto& nodes = scenario.clusters.at(0).coordinators;
  CHECK(nodes[0].disk.fsync == engine::Quantiles(1ms));
  CHECK(nodes[1].disk.fsync == engine::Quantiles(4ms));
  CHECK(nodes[1].disk.write == engine::Quantiles(3ms));
  CHECK(nodes[0].service.at("raft.fetch") == engine::Quantiles(2ms));
  CHECK(nodes[1].service.at("raft.fetch") == engine::Quantiles(5ms));
  CHECK(nodes[2].service.at("raft.vote") == engine::Quantiles(100us));
  CHECK(nodes[0].config.at("controller.quorum.fetch.timeout.ms") == 500);
  CHECK(nodes[1].config.at("controller.quorum.fetch.timeout.ms") == 600);
  CHECK(scenario.clusters[0].brokers[2].rack == "z");
  CHECK(scenario.clusters[0].brokers[1].disk.fsync == engine::Quantiles(1ms));
}

TEST_CASE("links that differ") {
  const auto spec = read(with(R"("network": {"latency": "1ms", "links": [
    {"from": "controller:1", "to": ["controller:2", "broker:1"], "loss": 0.25},
    {"from": "coordinators", "to": "broker:2", "both": true, "bandwidth": "8Mbit/s"}]})")).clusters.at(0);
  REQUIRE(spec.links.size() == 2 + 6);
  CHECK(spec.links[0].from == kraft::NodeId(1));
  CHECK(spec.links[1].to == kraft::NodeId(101));
  CHECK(spec.links[0].link.loss_millionths == 250'000);
  CHECK(spec.links[0].link.latency == engine::Quantiles(1ms));
  CHECK(spec.links[7].link.bandwidth_bytes_per_s == 1'000'000);
  CHECK(spec.links[7].from == kraft::NodeId(102));
}

TEST_CASE("faults come in the order of time, equal times in the order of the file") {
  const auto faults = read(with(R"("faults": [{"at": "2s", "start": {"node": "broker:1"}},
    {"at": "1s", "stop": {"node": "broker:1"}},
    {"at": "2s", "crash": {"node": "broker:2", "machine": true}}])")).faults;
  REQUIRE(faults.size() == 3);
  CHECK(std::holds_alternative<cluster::StopFault>(faults[0].action));
  CHECK(std::holds_alternative<cluster::StartFault>(faults[1].action));
  CHECK(std::get<cluster::CrashFault>(faults[2].action).machine);
}

TEST_CASE("a slow CPU states a percentage") {
  const std::string slow_cpu = R"("faults": [{"at": "1s", "slow_cpu": {"node": "*", "percent": 180, "for": "2s"}}])";
  const auto faults = read(with(slow_cpu)).faults;
  const auto& slow = std::get<cluster::SlowCpuFault>(faults.at(0).action);
  CHECK(slow.percent == 180);
  CHECK(slow.length.fixed() == 2s);
}

TEST_CASE("a slow disk adds what is stated and nothing else") {
  const auto faults = read(with(R"("disk": {"write": "7us"},
    "faults": [{"at": "1s", "slow_disk": {"node": "active_controller", "fsync": "1s", "for": "2s"}}])")).faults;
  const auto& slow = std::get<cluster::SlowDiskFault>(faults.at(0).action);
  CHECK(slow.disk.fsync == engine::Quantiles(1s));
  CHECK(slow.disk.write == engine::Quantiles());
}

TEST_CASE("every mistake says where it is and what would be right") {
  CHECK(only_mistake(R"("duratoin": "1s")") ==
        "2:1: error: /duratoin: unknown key 'duratoin'; the keys here are $schema, version, name, "
        "description, duration, warm_up, stop_at_first_failover, coordination, profile, cluster, network, disk, "
        "service, raft_paper, workload, faults, expect, liveness, sometimes, replay (did you mean 'duration'?)");
  CHECK(only_mistake(R"("cluster": {"brokers": {"rak": ["a"]}})") ==
        "2:25: error: /cluster/brokers/rak: unknown key 'rak'; the keys here are count, racks, config, disk, service "
        "(did you mean 'racks'?)");
  CHECK(only_mistake(R"("warm_up": 150)") ==
        "2:12: error: /warm_up: the number 150 has no unit; write a duration with a unit, e.g. \"150ms\"");
  CHECK(only_mistake(R"("warm_up": "150")") ==
        "2:12: error: /warm_up: '150' has no unit; write a duration with a unit, e.g. \"150ms\"");
  CHECK(only_mistake(R"("warm_up": "5sec")") ==
        "2:12: error: /warm_up: '5sec' has an unknown unit 'sec'; the units are ns us ms s m h d");
  CHECK(only_mistake(R"("warm_up": "5Ms")") ==
        "2:12: error: /warm_up: '5Ms' has an unknown unit 'Ms'; the units are ns us ms s m h d (did you mean '5ms'?)");
  CHECK(only_mistake(R"("warm_up": "-5s")") == "2:12: error: /warm_up: '-5s' is negative (did you mean '5s'?)");
  CHECK(only_mistake(R"("warm_up": "0.1ns")") == "2:12: error: /warm_up: '0.1ns' is finer than a nanosecond");
  CHECK(only_mistake(R"("warm_up": "200000d")") == "2:12: error: /warm_up: '200000d' is more than 292 years");
  CHECK(only_mistake(R"("warm_up": "1s", "warm_up": "2s")") ==
        "2:18: error: /warm_up: the key 'warm_up' is here twice; the first is at 2:1");
  CHECK(only_mistake(R"("coordination": "krafft")") ==
        "2:17: error: /coordination: \"krafft\" is not one of kraft zookeeper (did you mean 'kraft'?)");
  CHECK(only_mistake(R"("coordination": ["kraft", "kraft"])") ==
        "2:27: error: /coordination/1: \"kraft\" is named twice");
  CHECK(only_mistake("\"coordination\": \"zookeeper\",\n\"liveness\": {}") ==
        "3:13: error: /liveness: does nothing without coordination \"kraft\"; to demand that the cluster lives, write "
        "\"expect\": [{\"verdict\": \"live\"}]");
  CHECK(only_mistake("\"coordination\": \"zookeeper\",\n\"sometimes\": [\"truncation\"]") ==
        "3:14: error: /sometimes: does nothing without coordination \"kraft\"; only Raft's replicas meet markers: "
        "leave it out");
  CHECK(mistakes(with(R"("coordination": ["kraft", "zookeeper"], "liveness": {}, "sometimes": ["truncation"])"))
            .empty());
  CHECK(only_mistake(R"("coordination": [])") == "2:17: error: /coordination: this list is empty; name at least one");
  CHECK(only_mistake(R"("stop_at_first_failover": 1)") ==
        "2:27: error: /stop_at_first_failover: the number 1 is neither true nor false");
  CHECK(only_mistake(R"("cluster": {"controllers": {"count": 0}})") ==
        "2:38: error: /cluster/controllers/count: 0 is out of range; the range is 1 to 99");
  CHECK(only_mistake(R"("cluster": {"brokers": {"count": 1.5}})") ==
        "2:34: error: /cluster/brokers/count: the number 1.5 is no whole number; the range is 0 to 10000");
  CHECK(only_mistake(R"("cluster": {"topics": [{"replication": 4}]})") ==
        "2:40: error: /cluster/topics/0/replication: 4 replicas need as many brokers; there are 3");
  CHECK(only_mistake(R"("cluster": [])") == "2:12: error: /cluster: a list stands where an object {…} should");
  CHECK(only_mistake(R"("faults": {})") == "2:11: error: /faults: an object stands where a list […] should");
  CHECK(only_mistake(R"("network": {"loss": 1.5})") ==
        "2:21: error: /network/loss: 1.5 is more than 1; it is a fraction, not a percentage");
  CHECK(only_mistake(R"("network": {"bandwidth": "10Mb/s"})") ==
        "2:26: error: /network/bandwidth: '10Mb/s' has an unknown unit 'Mb/s'; the units are B/s kB/s MB/s GB/s kbit/s "
        "Mbit/s Gbit/s (did you mean '10MB/s'?)");
  CHECK(only_mistake(R"("network": {"latency": {"p50": "2ms", "p99": "1ms"}})") ==
        "2:46: error: /network/latency/p99: 1ms is less than a lower quantile's 2ms");
  CHECK(only_mistake(R"("network": {"latency": {"q50": "2ms"}})") ==
        "2:25: error: /network/latency/q50: 'q50' is no quantile; write \"p50\", \"p99\", \"p99.9\" or \"uniform\"");
  CHECK(only_mistake(R"("network": {"latency": {"uniform": ["40ms", "30ms"]}})") ==
        "2:36: error: /network/latency/uniform: 40ms is more than 30ms; the low end comes first");
  CHECK(only_mistake(R"("service": {"raft.fech": "1ms"})") ==
        "2:13: error: /service/raft.fech: unknown kind of work 'raft.fech'; `kraftsim list services` shows all "
        "(did you mean 'raft.fetch'?)");
  CHECK(begins(only_mistake(R"("profile": "lam")"), "2:12: error: /profile: there is no profile 'lam'; there are "));
  CHECK(only_mistake(R"("profile": "lam")").ends_with("(did you mean 'lan'?)"));
}

TEST_CASE("mistakes about nodes") {
  CHECK(only_mistake(R"("faults": [{"at": "1s", "crash": {"node": "controller:4"}}])") ==
        "2:43: error: /faults/0/crash/node: 'controller:4' is not there: the controllers are 1 to 3");
  CHECK(only_mistake(R"("faults": [{"at": "1s", "crash": {"node": "zookeeper:1"}}])") ==
        "2:43: error: /faults/0/crash/node: there are no ZooKeeper servers without coordination \"zookeeper\"");
  CHECK(begins(only_mistake(R"("faults": [{"at": "1s", "crash": {"node": "active_controler"}}])"),
               "2:43: error: /faults/0/crash/node: 'active_controler' names no node; it can be "));
  CHECK(only_mistake(R"("faults": [{"at": "1s", "crash": {"node": "controler:2"}}])")
            .ends_with("(did you mean 'controller:2'?)"));
  CHECK(only_mistake(R"("cluster": {"nodes": {"broker:9": {}}})") ==
        "2:23: error: /cluster/nodes/broker:9: 'broker:9' is not there: the brokers are 1 to 3");
  CHECK(begins(only_mistake(R"("cluster": {"nodes": {"brokers": {}}})"),
               "2:23: error: /cluster/nodes/brokers: 'brokers' is no single node; "));
  CHECK(only_mistake(R"("network": {"links": [{"from": "coordinator:leader", "to": "*"}]})") ==
        "2:32: error: /network/links/0/from: 'coordinator:leader' changes during a run; a link joins nodes named by "
        "number");
  CHECK(only_mistake(R"("coordination": ["kraft", "zookeeper"], "cluster": {"zookeeper": {"count": 1}},
    "faults": [{"at": "1s", "crash": {"node": "coordinator:2"}}])") ==
        "3:47: error: /faults/0/crash/node: 'coordinator:2' is not there: the coordinators are 1 to 1");
}

TEST_CASE("mistakes about configuration keys") {
  CHECK(only_mistake(R"("cluster": {"controllers": {"config": {"controller.quorum.electoin.timeout.ms": 1}}})") ==
        "2:40: error: /cluster/controllers/config/controller.quorum.electoin.timeout.ms: unknown configuration key "
        "'controller.quorum.electoin.timeout.ms'; `kraftsim list config` shows all of controllers "
        "(did you mean 'controller.quorum.election.timeout.ms'?)");
  CHECK(only_mistake(R"("cluster": {"controllers": {"config": {"tickTime": 1}}})") ==
        "2:40: error: /cluster/controllers/config/tickTime: 'tickTime' is a key of ZooKeeper servers; it goes under "
        "/cluster/zookeeper/config");
  CHECK(only_mistake(R"("cluster": {"nodes": {"broker:1": {"config": {"tickTime": 1}}}})") ==
        "2:47: error: /cluster/nodes/broker:1/config/tickTime: 'tickTime' is a key of ZooKeeper servers; it goes under "
        "/cluster/zookeeper/config");
  CHECK(only_mistake(R"("cluster": {"controllers": {"config": {"controller.quorum.fetch.timeout.ms": "2s"}}})") ==
        "2:78: error: /cluster/controllers/config/controller.quorum.fetch.timeout.ms: \"2s\" is no number; "
        "write one in the key's own unit (did you mean '2000'?)");
  CHECK(only_mistake(R"("cluster": {"controllers": {"config": {"controller.quorum.fetch.timeout.ms": -1}}})") ==
        "2:78: error: /cluster/controllers/config/controller.quorum.fetch.timeout.ms: -1 is out of range; the "
        "range is 1 to 86400000");
}

TEST_CASE("mistakes about faults and expectations") {
  CHECK(only_mistake(R"("faults": [{"at": "60s", "start": {"node": "broker:1"}}])") ==
        "2:19: error: /faults/0/at: 60s is past the end: the run lasts 60s");
  CHECK(only_mistake(R"("faults": [{"at": "1s"}])") ==
        "2:12: error: /faults/0: exactly one of pause, crash, stop, start, slow_cpu, clock, partition, "
        "cut, flaky, bad_link, slow_disk, stall_disk, fail_disk, lying_fsync, bit_rot, lost_write, "
        "misdirected_write must be here; there are none");
  CHECK(only_mistake(R"("faults": [{"at": "1s", "start": {"node": "*"}, "stop": {"node": "*"}}])") ==
        "2:12: error: /faults/0: exactly one of pause, crash, stop, start, slow_cpu, clock, partition, "
        "cut, flaky, bad_link, slow_disk, stall_disk, fail_disk, lying_fsync, bit_rot, lost_write, "
        "misdirected_write must be here; there are several");
  CHECK(begins(only_mistake(R"("faults": [{"at": "1s", "pauze": {"node": "*"}}])"),
               "2:25: error: /faults/0/pauze: unknown key 'pauze'; "));
  CHECK(only_mistake(R"("faults": [{"at": "1s", "pause": {"node": "broker:1"}}])") ==
        "2:34: error: /faults/0/pause: exactly one of for, gc must be here; there are none");
  CHECK(only_mistake(R"("faults": [{"start": {"node": "broker:1"}}])") ==
        "2:12: error: /faults/0: exactly one of at, between must be here; there are none");
  const auto mistake = [](std::string_view fault) {
    const std::string text = only_mistake(R"("faults": [)" + std::string(fault) + "]");
    return text.substr(text.find("/faults"));
  };
  CHECK(mistake(R"({"at": "1s", "every": "1s", "start": {"node": "*"}})") ==
        "/faults/0/every: this never ends; write \"times\" or \"until\" as well");
  CHECK(mistake(R"({"at": "1s", "times": 2, "start": {"node": "*"}})") ==
        "/faults/0/times: several times need a pace; write \"every\" as well");
  CHECK(mistake(R"({"at": "2s", "until": "2s", "start": {"node": "*"}})") ==
        "/faults/0/until: it is over before it begins");
  CHECK(mistake(R"({"between": ["1s", "60s"], "start": {"node": "*"}})") ==
        "/faults/0/between: 60s is past the end: the run lasts 60s");
  CHECK(mistake(R"({"at": "1s", "bad_link": {"from": "*", "to": "*"}})") ==
        "/faults/0/bad_link: nothing is wrong with this link");
  CHECK(mistake(R"({"at": "1s", "bad_link": {"from": "*", "to": "*", "loss": 1}})") ==
        "/faults/0/bad_link/loss: a link that loses everything is cut; write \"cut\"");
  CHECK(mistake(R"({"at": "1s", "clock": {"node": "*", "drift_ppm": 0}})") ==
        "/faults/0/clock/drift_ppm: this clock does not drift");
  CHECK(mistake(R"({"at": "1s", "crash": {"node": "*", "subset": 3}})") ==
        "/faults/0/crash/subset: these bits are read with \"unsynced\": \"random\" only");
  CHECK(mistake(R"({"at": "1s", "partition": {"links": [["controller:1"]]}})") ==
        "/faults/0/partition/links: a link joins two nodes");
  CHECK(mistake(R"({"at": "1s", "crash": {"node": "rack:z"}})") ==
        "/faults/0/crash/node: 'rack:z' means nobody: the racks are ");
  CHECK(only_mistake(R"("coordination": "zookeeper", "faults": [{"at": "1s", "lying_fsync": {"node": "*"}}])") ==
        "2:41: error: /faults/0: disks have contents under coordination \"kraft\" only; nothing here can be struck by "
        "this");
  CHECK(only_mistake(R"("faults": [{"at": "1s", "pause": {"node": "broker:1", "for": "0s"}}])") ==
        "2:62: error: /faults/0/pause/for: '0s' is too short; it must be more than 0");
  CHECK(only_mistake(R"("faults": [{"at": "1s", "partition": {"groups": [["*"]]}}])") ==
        "2:49: error: /faults/0/partition/groups: a partition has two groups or more; \"*\" names the nodes that no "
        "other group names");
  CHECK(only_mistake(R"("faults": [{"at": "1s", "partition": {"groups": [["broker:1"], ["broker:1"]]}}])") ==
        "2:64: error: /faults/0/partition/groups/1: 'broker:1' is in an earlier group too");
  CHECK(begins(only_mistake(R"("expect": [{"metric": "failover", "p50": {"below": "1s"}}])"),
               "2:23: error: /expect/0/metric: \"failover\" is not one of "));
  CHECK(only_mistake(R"("expect": [{"metric": "elected"}])") ==
        "2:12: error: /expect/0: no bound here; write one like \"p99\": {\"below\": \"5s\"}");
  CHECK(only_mistake(R"("expect": [{"metric": "elected", "p50": {"below": "1s", "above": "2s"}}])") ==
        "2:41: error: /expect/0/p50: nothing is both below and above these");
  CHECK(only_mistake(R"("expect": [{"metric": "elected", "coordination": "zookeeper", "p50": {"below": "1s"}}])") ==
        "2:50: error: /expect/0/coordination: this scenario does not run \"zookeeper\"; see /coordination");
  CHECK(only_mistake(R"("raft_paper": {"timeout": ["1s", "2s"], "shorter_logs": 3})") ==
        "2:57: error: /raft_paper/shorter_logs: of 3 voters at least one must be able to win");
}

TEST_CASE("ten mistakes in one file are ten messages in the order of the file") {
  const auto found = mistakes(R"({
  "version": 2,
  "name": "ten",
  "duration": 60,
  "coordination": "kraftt",
  "cluster": {
    "brokers": {"count": -3, "cuont": 5},
    "controllers": {"config": {"controller.quorum.fetch.timeout": 1}}
  },
  "network": {"latency": "0.25"},
  "faults": [
    {"at": "1s", "crash": {"node": "controller:4"}},
    {"at": "2s", "pause": {"node": "broker:1", "for": "8 s"}},
    {"at": "2s", "at": "3s", "stop": {"node": "broker:1"}}
  ]
})");
  std::vector<std::pair<std::int64_t, std::string>> places;
  for (const Diagnostic& one : found) places.emplace_back(one.line, one.pointer);
  const std::vector<std::pair<std::int64_t, std::string>> expected{
      {1, ""},  // description
      {2, "/version"},
      {4, "/duration"},
      {5, "/coordination"},
      {7, "/cluster/brokers/count"},
      {7, "/cluster/brokers/cuont"},
      {8, "/cluster/controllers/config/controller.quorum.fetch.timeout"},
      {10, "/network/latency"},
      {12, "/faults/0/crash/node"},
      {13, "/faults/1/pause/for"},
      {14, "/faults/2/at"},
  };
  CHECK(places == expected);
}

TEST_CASE("what is no JSON text gets one clear message") {
  const auto only = [](std::string_view text) {
    const auto found = mistakes(text);
    REQUIRE(found.size() == 1);
    return line(found.front()).substr(std::string("scenarios/x.json:").size());
  };
  using namespace std::string_view_literals;
  CHECK(only("") == "1:1: error: the file is empty; a scenario is one object");
  CHECK(only(" \n ") == "1:1: error: the file is empty; a scenario is one object");
  CHECK(only("\xef\xbb\xbf{}") == "1:1: error: the file begins with a byte order mark; save it as UTF-8 without one");
  CHECK(only("\xff\xfe{\0}\0"sv) == "1:1: error: the file is UTF-16; save it as UTF-8");
  CHECK(only("{\"a\": \"\xc3\x28\"}") == "1:8: error: this is not UTF-8 text: the byte 0xc3 cannot stand here");
  CHECK(only("\x7f" "ELF\x02\x01\0\0"sv) == "1:5: error: this is not a text file: it holds the control byte 0x02");
  CHECK(only("[1]") == "1:1: error: a list stands where an object {…} should");
  CHECK(only("{\"a\": 1 \"b\": 2}") == "1:9: error: not JSON: unexpected string literal; expected '}'");
  CHECK(begins(only("{\"a\": [1,,2]}"), "1:10: error: not JSON: unexpected ','"));
  CHECK(only("{\"a\": 1,}") == "1:9: error: not JSON: unexpected '}'; expected string literal");
  CHECK(only("{\n// no\n\"a\": 1}") == "2:1: error: JSON has no comments; a \"description\" takes words");
  CHECK(only("{'a': 1}") == "1:2: error: JSON strings stand in double quotes");
  CHECK(only("{\"a\": tru}") == "1:7: error: not JSON: invalid literal");
  CHECK(only("{\"é\": x}") == "1:7: error: not JSON: invalid literal");  // columns count characters
  CHECK(begins(only("{\"a\": 1"), "1:8: error: not JSON: unexpected end of input"));
  CHECK(begins(only("{} {}"), "1:4: error: not JSON: unexpected '{'; expected end of input"));
  CHECK(begins(only("{\"a\": 1e999}"), "1:7: error: not JSON: number overflow"));
}

TEST_CASE("nesting is limited and costs no stack") {
  const std::string deep(100'000, '[');
  const auto found = mistakes(deep + std::string(100'000, ']'));
  REQUIRE(found.size() == 1);
  CHECK(line(found[0]) == "scenarios/x.json:1:33: error: nested more than 32 deep; no scenario is");
  CHECK(mistakes("{\"a\":" + deep).size() == 1);
}

TEST_CASE("files that cannot be read") {
  const auto message = [](const std::filesystem::path& path) -> std::string {
    try {
      (void)read_file(path);
    } catch (const ScenarioError& error) {
      return error.what();
    }
    return {};
  };
  const auto folder = std::filesystem::temp_directory_path() / "kraftsim_reader_test";
  std::filesystem::create_directories(folder);
  const auto none = folder / "none.json";
  CHECK(message(none) == none.string() + ": error: cannot be opened: No such file or directory");
  CHECK(message(folder) == folder.string() + ": error: this is a folder, not a file");
  const auto large = folder / "large.json";
  std::ofstream(large) << '{';
  std::filesystem::resize_file(large, 100'000'000);
  CHECK(message(large) == large.string() + ": error: larger than 4 MiB; no scenario is");
  std::filesystem::remove_all(folder);
}

TEST_CASE("a file with very many mistakes says the first hundred") {
  std::string many = "{";
  for (int i = 0; i < 1000; ++i) many += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\": 0";
  const auto found = mistakes(many + "}");
  REQUIRE(found.size() == 101);
  CHECK(found.back().message == "and 903 more mistakes");  // and three keys that are missing
}

TEST_CASE("overrides") {
  const auto set = [](std::string pointer, std::string value) {
    return ReadOptions{.overrides = {{std::move(pointer), std::move(value)}}, .only = {}};
  };
  const std::string text = with(R"("faults": [{"at": "1s", "start": {"node": "broker:1"}}])");
  CHECK(read(text, set("/cluster/brokers/count", "7")).clusters[0].brokers.size() == 7);
  CHECK(read(text, set("/duration", "90s")).duration == 90s);
  CHECK(read(text, set("/faults/0/at", "2s")).faults[0].at == kraft::Time(2s));
  CHECK(read(text, set("/faults/1", R"({"at": "0s", "stop": {"node": "broker:2"}})")).faults.size() == 2);
  CHECK(read(text, set("/faults", "[]")).faults.empty());
  CHECK(read(text, set("/duration", "90s")).hash != read(text).hash);
  CHECK(read(text, set("/duration", "90s")).arguments == " --set /duration=90s");
  const auto message = [&](const ReadOptions& options) {
    const auto found = mistakes(text, options);
    REQUIRE(found.size() == 1);
    return line(found[0]);
  };
  CHECK(message(set("/duration", "90")) ==
        "--set /duration=90: error: /duration: the number 90 has no unit; write a duration with a unit, "
        "e.g. \"150ms\"");
  CHECK(message(set("/faults/5", "{}")) == "--set /faults/5={}: error: /faults: '5' is no index of this list of 1");
  CHECK(message(set("duration", "1s")) ==
        "--set duration=1s: error: 'duration' is no JSON pointer to a value; write one like /cluster/brokers/count");
}

TEST_CASE("one coordination of several, or another") {
  const std::string both = with(R"("coordination": ["kraft", "zookeeper"],
    "expect": [{"metric": "elected", "coordination": "kraft", "p50": {"below": "9s"}}])");
  const auto only = [&](Coordination coordination) { return read(both, {.overrides = {}, .only = coordination}); };
  CHECK(only(Coordination::kZookeeper).coordination == std::vector{Coordination::kZookeeper});
  CHECK(only(Coordination::kKraft).clusters.size() == 1);
  CHECK(read(with(""), {.overrides = {}, .only = Coordination::kZookeeper}).clusters[0].coordination ==
        Coordination::kZookeeper);
}

TEST_CASE("what is written is what is read") {
  const bool ok = rc::check("durations, counts and faults survive", [] {
    struct Unit {
      const char* name;
      std::int64_t ns;
    };
    const auto unit = *rc::gen::element(Unit{"ns", 1}, Unit{"us", 1'000}, Unit{"ms", 1'000'000},
                                        Unit{"s", 1'000'000'000});
    const auto duration = *rc::gen::inRange<std::int64_t>(1, 1'000'000);
    const auto brokers = *rc::gen::inRange(1, 50);
    const auto victims = *rc::gen::container<std::vector<int>>(rc::gen::inRange(1, 51));
    std::string faults;
    std::vector<int> there;
    for (const int victim : victims) {
      if (victim > brokers) continue;
      there.push_back(victim);
      faults += (faults.empty() ? "" : ", ") +
                std::string(R"({"at": "0s", "crash": {"node": "broker:)") + std::to_string(victim) + "\"}}";
    }
    const Scenario scenario = read(R"({"version": 1, "description": "d", "duration": ")" + std::to_string(duration) +
                                   unit.name + R"(", "cluster": {"brokers": {"count": )" + std::to_string(brokers) +
                                   R"(}}, "faults": [)" + faults + "]}");
    RC_ASSERT(scenario.duration.count() == duration * unit.ns);
    RC_ASSERT(scenario.clusters.at(0).brokers.size() == static_cast<std::size_t>(brokers));
    RC_ASSERT(scenario.faults.size() == there.size());
    for (std::size_t i = 0; i < there.size(); ++i) {
      RC_ASSERT(std::get<cluster::CrashFault>(scenario.faults[i].action).node.targets.front().number == there[i]);
    }
  });
  CHECK(ok);
}

TEST_CASE("any cut of a good file is refused with one message, or good") {
  const std::string text = with(R"("cluster": {"brokers": {"racks": ["a", "\u00e9\"\\"]}}, "faults": [])");
  const bool ok = rc::check("no prefix is taken for a scenario", [&] {
    const auto length = *rc::gen::inRange<std::size_t>(0, text.size());
    RC_ASSERT(mistakes(text.substr(0, length)).size() == 1);
  });
  CHECK(ok);
  CHECK(mistakes(text).empty());
}

TEST_CASE("every shipped scenario is good") {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("scenarios")) {
    if (entry.path().extension() != ".json") continue;
    INFO(entry.path().string());
    ++count;
    CHECK_NOTHROW((void)read_file(entry.path()));
    CHECK(read_file(entry.path()).name == entry.path().stem().string());
  }
  CHECK(count >= 12);
}
