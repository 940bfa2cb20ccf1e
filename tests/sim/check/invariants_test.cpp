// Every invariant is shown a made-up history that breaks it, and one beside it that does not.
#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

#include "sim/check/checker.hpp"

namespace kraftsim::check {
namespace {

namespace raft = kraft::raft;
namespace records = kraft::records;
using kraft::at_nanos;
using kraft::DirectoryId;

records::BatchRef batch(int offset, int epoch, int topic = 0) {
  return records::make_batch(
      Offset(offset), Epoch(epoch), Time{},
      records::MetadataRecords{records::RemoveTopicRecord{kraft::TopicId{0, static_cast<std::uint64_t>(topic)}}});
}

/// Three voters whose states a test sets by hand.
class History {
 public:
  struct Node {
    NodeView view;
    raft::Log log;
    raft::Log disk;
  };

  History() {
    for (int id = 1; id <= 3; ++id) {
      Node& node = nodes_.emplace_back();
      node.view.id = NodeId(id);
      node.view.voter = true;
      node.view.up = true;
      node.view.incarnation = 1;
      node.view.role = raft::Role::kFollower;
    }
    for (Node& node : nodes_) before_.push_back(current(node));
  }

  Node& operator[](int id) { return nodes_[static_cast<std::size_t>(id - 1)]; }

  /// Shows the checker node `id` as it stands now.
  std::optional<Violation> look(int id, std::vector<VoteCast> votes = {}, bool timer = false) {
    std::vector<NodeView> views;
    for (Node& node : nodes_) views.push_back(current(node));
    const auto index = static_cast<std::size_t>(id - 1);
    const Step step{now_, timer, &before_[index], &views[index], views, votes};
    const auto violation = checker_.check(step);
    before_[index] = views[index];
    return violation;
  }
  /// The name of the invariant that the sight of node `id` breaks; "" if none.
  std::string broken(int id, std::vector<VoteCast> votes = {}, bool timer = false) {
    const auto violation = look(id, std::move(votes), timer);
    return violation ? violation->invariant : "";
  }
  /// The batch is in the node's log and synced on its disk.
  void store(int id, const records::BatchRef& b) {
    (*this)[id].log.append(b);
    (*this)[id].disk.append(b);
    (*this)[id].view.synced_end = b->end_offset();
  }
  void pass(std::int64_t ns) { now_ += kraft::Duration(ns); }

 private:
  static NodeView current(Node& node) {
    NodeView view = node.view;
    view.log = view.up ? &node.log : nullptr;
    view.disk_log = &node.disk;
    if (view.up) view.log_mark = LogMark::of(node.log);
    view.disk_mark = LogMark::of(node.disk);
    return view;
  }

  std::vector<Node> nodes_;
  std::vector<NodeView> before_;
  Checker checker_;
  Time now_ = at_nanos(1);
};

void lead(History& h, int id, int epoch) {
  h[id].view.role = raft::Role::kLeader;
  h[id].view.epoch = Epoch(epoch);
  h[id].view.leader_id = NodeId(id);
}

}  // namespace

TEST_CASE("ElectionSafety fires on two leaders of one epoch and not on leaders of two") {
  History h;
  lead(h, 1, 3);
  CHECK(h.broken(1) == "");
  lead(h, 2, 4);
  CHECK(h.broken(2) == "");
  lead(h, 2, 3);
  CHECK(h.broken(2) == "ElectionSafety");
}

TEST_CASE("ElectionSafety fires when a follower takes another for the leader") {
  History h;
  lead(h, 1, 3);
  CHECK(h.broken(1) == "");
  h[3].view.epoch = Epoch(3);
  h[3].view.leader_id = NodeId(1);
  CHECK(h.broken(3) == "");
  h[3].view.leader_id = NodeId(2);
  CHECK(h.broken(3) == "ElectionSafety");
}

TEST_CASE("VoteOnce fires on a second vote in one epoch, across restarts") {
  History h;
  h[3].view.disk_state = {Epoch(5), std::nullopt, raft::ReplicaKey{NodeId(1), {}}};
  CHECK(h.broken(3, {{NodeId(3), Epoch(5), NodeId(1)}}) == "");
  CHECK(h.broken(3, {{NodeId(3), Epoch(5), NodeId(1)}}) == "");  // repeated: the same vote
  h[3].view.incarnation = 2;
  h[3].view.disk_state.voted_key = raft::ReplicaKey{NodeId(2), {}};
  CHECK(h.broken(3, {{NodeId(3), Epoch(5), NodeId(2)}}) == "VoteOnce");
}

TEST_CASE("VoteOnce fires on a vote that is not on disk when it leaves") {
  History h;
  h[3].view.disk_state = {Epoch(4), std::nullopt, std::nullopt};
  CHECK(h.broken(3, {{NodeId(3), Epoch(5), NodeId(1)}}) == "VoteOnce");
}

TEST_CASE("LogMatching fires on different records at one offset and epoch") {
  History h;
  h.store(1, batch(0, 1));
  CHECK(h.broken(1) == "");
  h.store(2, batch(0, 1));
  CHECK(h.broken(2) == "");
  h.store(3, batch(0, 1, 7));
  CHECK(h.broken(3) == "LogMatching");
}

TEST_CASE("LogMatching fires on equal records after different epochs") {
  History h;
  h.store(1, batch(0, 1));
  h.store(1, batch(1, 3));
  CHECK(h.broken(1) == "");
  h.store(2, batch(0, 2));
  CHECK(h.broken(2) == "");
  h.store(2, batch(1, 3));
  CHECK(h.broken(2) == "LogMatching");
}

TEST_CASE("StateMachineSafety fires when two nodes commit different records at an offset") {
  History h;
  for (int id : {1, 2}) h.store(id, batch(0, 1));
  h[1].view.high_watermark = Offset(1);
  CHECK(h.broken(1) == "");
  h.store(3, batch(0, 2));
  CHECK(h.broken(3) == "");
  h[3].view.high_watermark = Offset(1);
  CHECK(h.broken(3) == "StateMachineSafety");
}

TEST_CASE("StateMachineSafety fires on a high watermark beyond the log") {
  History h;
  h.store(1, batch(0, 1));
  h[1].view.high_watermark = Offset(2);
  CHECK(h.broken(1) == "StateMachineSafety");
}

TEST_CASE("StateMachineSafety fires on a log that starts after a snapshot of what was not committed") {
  const auto starts_at = [](int offset, int epoch) {
    History h;
    for (int id : {1, 2}) {
      h.store(id, batch(0, 1));
      h.store(id, batch(1, 1));
    }
    h[1].view.high_watermark = Offset(2);
    CHECK(h.broken(1) == "");
    h[3].log.reset_to({Offset(offset), Epoch(epoch)});
    h[3].view.high_watermark = Offset(offset);
    return h.broken(3);
  };
  CHECK(starts_at(1, 1) == "");
  CHECK(starts_at(2, 1) == "");
  CHECK(starts_at(3, 1) == "StateMachineSafety");
  CHECK(starts_at(1, 2) == "StateMachineSafety");
}

TEST_CASE("LeaderCompleteness fires on a new leader that misses a committed record") {
  History h;
  for (int id : {1, 2}) h.store(id, batch(0, 1));
  h[1].view.epoch = Epoch(1);
  h[1].view.high_watermark = Offset(1);
  CHECK(h.broken(1) == "");
  lead(h, 2, 2);
  CHECK(h.broken(2) == "");
  lead(h, 3, 3);
  CHECK(h.broken(3) == "LeaderCompleteness");
}

TEST_CASE("HighWatermarkMonotonic fires when a process's high watermark falls, not when a new process starts lower") {
  History h;
  for (int id : {1, 2}) {
    h.store(id, batch(0, 1));
    h.store(id, batch(1, 1));
  }
  h[1].view.high_watermark = Offset(2);
  CHECK(h.broken(1) == "");
  h[1].view.high_watermark = std::nullopt;
  CHECK(h.broken(1) == "");
  h[1].view.incarnation = 2;
  h[1].view.high_watermark = Offset(1);
  CHECK(h.broken(1) == "");
  h[1].view.high_watermark = Offset(2);
  CHECK(h.broken(1) == "");
  h[1].view.high_watermark = Offset(1);
  CHECK(h.broken(1) == "HighWatermarkMonotonic");
}

TEST_CASE("CommittedIsDurable fires on a commit that only a minority synced") {
  History h;
  h.store(1, batch(0, 1));
  h[2].log.append(batch(0, 1));
  h[2].disk.append(batch(0, 1));  // written, not synced
  h[1].view.high_watermark = Offset(1);
  CHECK(h.broken(1) == "CommittedIsDurable");
}

TEST_CASE("CommittedIsDurable fires when a majority no longer holds what was committed") {
  History h;
  for (int id : {1, 2}) {
    CHECK(h.broken(id) == "");
    h.store(id, batch(0, 1));
  }
  h[1].view.high_watermark = Offset(1);
  CHECK(h.broken(1) == "");
  CHECK(h.broken(2) == "");
  h[2].disk.truncate_to(Offset(0));
  h[2].log.truncate_to(Offset(0));
  h[2].view.synced_end = Offset(0);
  CHECK(h.broken(2) == "CommittedIsDurable");
}

TEST_CASE("NoBusyLoop fires when a timer fires again and again within an instant") {
  History h;
  for (int i = 1; i < NoBusyLoop::kLimit; ++i) CHECK(h.broken(1, {}, true) == "");
  CHECK(h.broken(1, {}, true) == "NoBusyLoop");
  History patient;
  for (int i = 0; i < 10 * NoBusyLoop::kLimit; ++i) {
    CHECK(patient.broken(1, {}, true) == "");
    patient.pass(1);
  }
}

TEST_CASE("every invariant has a card with a name of its own") {
  std::vector<std::string> names;
  for (const Card& card : invariants()) {
    CHECK(std::string(card.promise).size() > 10);
    CHECK(std::string(card.source).size() > 3);
    names.emplace_back(card.name);
  }
  CHECK(names.size() == 8);
  std::sort(names.begin(), names.end());
  CHECK(std::adjacent_find(names.begin(), names.end()) == names.end());
}

}  // namespace kraftsim::check
