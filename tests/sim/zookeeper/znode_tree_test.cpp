// The tree against a plain map, and the rules of versions, lists and ephemerals.
#include "sim/zookeeper/znode_tree.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "sim/zookeeper/initial_tree.hpp"

using namespace kraftsim::zookeeper;
using namespace std::chrono_literals;
using Kind = Path::Kind;

namespace {

const Racks kRacks{{NodeId(101), 0}, {NodeId(102), 1}, {NodeId(103), 2}};

ZnodeTree make_tree() {
  return ZnodeTree(make_initial_tree({{.count = 3, .partitions = 2, .replication = 3}}, kRacks));
}
DataRef nothing() { return kraft::share<Data>(NoData{}); }

struct Applied {
  ZnodeTree tree = make_tree();
  Zxid zxid = first_zxid(1);
  std::vector<Path> touched;
  void apply(Txn::Body body, SessionId session = SessionId(1)) {
    zxid += 1;
    touched.clear();
    tree.apply(Txn(zxid, session, 0, std::move(body)), touched);
  }
};

}  // namespace

TEST_CASE("the initial tree holds Kafka's directories, and every partition with its leader") {
  const ZnodeTree tree = make_tree();
  CHECK(tree.children(path(Kind::kTopics)) == std::vector<std::int32_t>{1, 2, 3});
  CHECK(tree.children(path(Kind::kBrokerIds)).empty());
  CHECK(tree.partitions() == 6);
  CHECK(tree.leaderless() == 0);
  const auto state = as<PartitionState>(tree.find(state_path({TopicNumber(2), 1}))->data);
  CHECK(state.leader == state.isr.front());
  CHECK(state.isr.size() == 3);
}

TEST_CASE("a set counts the version up, and a wrong version or a missing znode refuses the whole list") {
  Applied a;
  const Path epoch = path(Kind::kControllerEpoch);
  a.apply(Changes{SetData{epoch, kraft::share<Data>(ControllerEpochData{1}), 0}});
  CHECK(a.tree.find(epoch)->version == 1);
  CHECK(a.tree.find(epoch)->modified == a.zxid);

  const Changes stale{Create{broker_path(NodeId(101)), nothing(), true}, SetData{epoch, nothing(), 0}};
  CHECK(a.tree.refuse(stale).error == Error::kBadVersion);
  CHECK(a.tree.refuse(stale).failed == 1);
  CHECK(a.tree.refuse({Check{epoch, 0}}).failed == 0);
  CHECK(a.tree.refuse({Check{epoch, 1}}).error == Error::kNone);
  CHECK(a.tree.refuse({Delete{path(Kind::kController)}}).error == Error::kNoNode);
  CHECK(a.tree.refuse({Create{topic_path(TopicNumber(1)), nothing()}}).error == Error::kNodeExists);
}

TEST_CASE("the end of a session deletes its ephemerals, and only those, in one transaction") {
  Applied a;
  a.apply(OpenSession{6s}, SessionId(1));
  a.apply(OpenSession{6s}, SessionId(2));
  a.apply(Changes{Create{broker_path(NodeId(101)), nothing(), true}}, SessionId(1));
  a.apply(Changes{Create{broker_path(NodeId(102)), nothing(), true}}, SessionId(2));
  const auto by = kraft::share<Data>(ControllerData{NodeId(101)});
  a.apply(Changes{Create{path(Kind::kController), by, true}}, SessionId(1));
  a.apply(EndSession{}, SessionId(1));
  CHECK(a.tree.children(path(Kind::kBrokerIds)) == std::vector<std::int32_t>{102});
  CHECK(a.tree.find(path(Kind::kController)) == nullptr);
  CHECK(a.touched.size() == 2);
  CHECK(a.tree.sessions().size() == 1);
  CHECK(a.tree.find(path(Kind::kBrokerIds))->children_modified == a.zxid);
}

TEST_CASE("leaderless partitions are counted as they come and go") {
  Applied a;
  const Path state = state_path({TopicNumber(1), 0});
  a.apply(Changes{SetData{state, kraft::share<Data>(PartitionState{})}});
  CHECK(a.tree.leaderless() == 1);
  a.apply(Changes{SetData{state, kraft::share<Data>(PartitionState{})}});
  CHECK(a.tree.leaderless() == 1);
  a.apply(Changes{Delete{state}});
  CHECK(a.tree.leaderless() == 0);
  CHECK(a.tree.partitions() == 5);
}

TEST_CASE("creates and deletes over the shared table read like those of one map") {
  const bool ok = rc::check("tree == map", [] {
    Applied a;
    std::map<std::int32_t, std::int32_t> topics{{1, 0}, {2, 0}, {3, 0}};  // and versions
    for (int steps = *rc::gen::inRange(0, 40); steps > 0; --steps) {
      const auto number = *rc::gen::inRange(0, 6);
      const Path topic = topic_path(TopicNumber(number));
      const auto known = topics.find(number);
      switch (*rc::gen::inRange(0, 3)) {
        case 0:
          RC_ASSERT((a.tree.refuse({Create{topic, nothing()}}).error == Error::kNone) == (known == topics.end()));
          if (known != topics.end()) break;
          a.apply(Changes{Create{topic, nothing()}});
          topics[number] = 0;
          break;
        case 1:
          RC_ASSERT((a.tree.refuse({Delete{topic}}).error == Error::kNone) == (known != topics.end()));
          if (known == topics.end()) break;
          a.apply(Changes{Delete{topic}});
          topics.erase(known);
          break;
        default:
          if (known == topics.end()) break;
          a.apply(Changes{SetData{topic, nothing(), known->second}});
          ++known->second;
      }
      std::vector<std::int32_t> numbers;
      for (const auto& [n, version] : topics) {
        numbers.push_back(n);
        RC_ASSERT(a.tree.find(topic_path(TopicNumber(n)))->version == version);
      }
      RC_ASSERT(a.tree.children(path(Kind::kTopics)) == numbers);
    }
  });
  CHECK(ok);
}

TEST_CASE("replicas of a partition stand in different racks while there are enough, and leaders are spread evenly") {
  const bool ok = rc::check("placement", [] {
    const auto rack_count = *rc::gen::inRange(1, 5);
    const auto per_rack = *rc::gen::inRange(1, 5);
    Racks racks;
    for (std::int32_t i = 0; i < rack_count * per_rack; ++i) racks[NodeId(101 + i)] = i % rack_count;
    const auto replication = *rc::gen::inRange(1, rack_count * per_rack + 1);
    const auto rounds = *rc::gen::inRange(1, 4);
    const auto partitions = rounds * static_cast<std::int32_t>(racks.size());
    const auto assignment = place(racks, partitions, replication, *rc::gen::inRange(0, 20));
    RC_ASSERT(std::ssize(assignment) == partitions);
    std::map<NodeId, int> leaders;
    for (const Replicas& replicas : assignment) {
      std::set<NodeId> brokers(replicas.begin(), replicas.end());
      std::set<std::int32_t> used;
      for (const NodeId broker : replicas) used.insert(racks.at(broker));
      RC_ASSERT(std::ssize(brokers) == replication);
      RC_ASSERT(std::ssize(used) == std::min(replication, rack_count));
      ++leaders[replicas.front()];
    }
    for (const auto& [broker, count] : leaders) RC_ASSERT(count == rounds);
  });
  CHECK(ok);
  CHECK(place({{NodeId(101), 0}}, 1, 2, 0).empty());
}
