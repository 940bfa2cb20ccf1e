// A made-up history for one invariant: nodes whose states a test sets by hand, and messages that it makes up. What is
// not set is as in a quiet cluster of three voters.
#pragma once

#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "sim/check/state_machine_safety.hpp"
#include "sim/check/view.hpp"
#include "sim/check/vote_once.hpp"

namespace kraftsim::check {

inline kraft::records::BatchRef batch(int offset, int epoch, int topic = 0) {
  return kraft::records::make_batch(Offset(offset), Epoch(epoch), Time{},
                                    kraft::records::MetadataRecords{kraft::records::RemoveTopicRecord{
                                        kraft::TopicId{0, static_cast<std::uint64_t>(topic)}}});
}

template <class Invariant> class History {
 public:
  struct Node {
    NodeView view;
    kraft::raft::Log log;
    kraft::raft::Log disk;
    std::optional<kraft::raft::VoterHistory> voters{};  // none: as configured
  };
  /// What happens in the event that a look is about.
  struct Event {
    std::vector<VoteCast> votes{};
    bool timer = false;
    std::optional<Message> received{};
    std::vector<Message> sent{};
    bool disconnected = false;
  };

  History() {
    std::vector<kraft::raft::ReplicaKey> keys;
    for (int id = 1; id <= 3; ++id) {
      keys.push_back({NodeId(id), {}});
      Node& node = nodes_.emplace_back();
      node.view.id = NodeId(id);
      node.view.voter = true;
      node.view.up = true;
      node.view.incarnation = 1;
      node.view.role = kraft::raft::Role::kFollower;
    }
    voters_ = kraft::raft::VoterSet(std::move(keys));
    for (Node& node : nodes_) before_.push_back(current(node));
  }

  Node& operator[](int id) { return nodes_[static_cast<std::size_t>(id - 1)]; }
  Invariant& invariant() { return invariant_; }
  kraft::metadata::Image& image() { return *image_; }
  kraft::raft::Config& config() { return config_; }
  kraft::raft::VoterSet& voters() { return voters_; }

  /// Shows the invariant node `id` as it stands now; what it says if that breaks it.
  Broken look(int id, const Event& event = {}) {
    std::vector<NodeView> views;
    for (Node& node : nodes_) views.push_back(current(node));
    std::vector<const Message*> sent;
    for (const Message& message : event.sent) sent.push_back(&message);
    Step step;
    step.now = step.local = now_;
    step.timer = event.timer;
    step.index = static_cast<std::size_t>(id - 1);
    step.before = &before_[step.index];
    step.after = &views[step.index];
    step.nodes = views;
    step.votes = event.votes;
    step.received = event.received ? &*event.received : nullptr;
    step.sent = sent;
    step.disconnected = event.disconnected;
    note_facets(step);
    static_cast<void>(votes_.check(step));
    Broken broken = judge(step);
    before_[step.index] = views[step.index];
    return broken;
  }
  bool broken(int id, const Event& event = {}) { return look(id, event).has_value(); }

  /// The batch is in the node's log and synced on its disk.
  void store(int id, const kraft::records::BatchRef& b) {
    (*this)[id].log.append(b);
    (*this)[id].disk.append(b);
    (*this)[id].view.synced_end = b->end_offset();
  }
  void lead(int id, int epoch) {
    NodeView& view = (*this)[id].view;
    view.role = kraft::raft::Role::kLeader;
    view.epoch = Epoch(epoch);
    view.leader_id = NodeId(id);
  }
  void be(int id, kraft::raft::Role role, int epoch) {
    (*this)[id].view.role = role;
    (*this)[id].view.epoch = Epoch(epoch);
  }
  void pass(kraft::Duration time) { now_ += time; }

 private:
  /// Asks the invariant as the Checker does: only about what it looks at, with what it asks for besides the step.
  Broken judge(const Step& step) {
    if (!step.is_about(Invariant::kLooksAt)) return {};
    if constexpr (std::is_same_v<Invariant, StateMachineSafety>) {
      return invariant_.check(step);
    } else {
      static_cast<void>(safety_.check(step));
      const CommittedHistory& committed = safety_.history();
      if constexpr (requires { invariant_.check(step, committed); }) {
        return invariant_.check(step, committed);
      } else if constexpr (requires { invariant_.check(step, committed.fresh()); }) {
        return invariant_.check(step, committed.fresh());
      } else if constexpr (requires { invariant_.check(step, votes_); }) {
        return invariant_.check(step, votes_);
      } else if constexpr (requires { invariant_.check(step); }) {
        return invariant_.check(step);
      } else {
        return invariant_.check(committed.fresh());
      }
    }
  }

  NodeView current(Node& node) {
    NodeView view = node.view;
    view.log = view.up ? &node.log : nullptr;
    view.disk_log = &node.disk;
    view.voter_set = view.up ? &voters_ : nullptr;
    view.config = view.up ? &config_ : nullptr;
    view.image = view.up ? image_.get() : nullptr;
    if (!node.voters) node.voters.emplace(voters_);
    view.voter_history = view.up ? &*node.voters : nullptr;
    view.configured_voters = view.up ? &voters_ : nullptr;
    if (view.up) view.log_mark = LogMark::of(node.log);
    view.disk_mark = LogMark::of(node.disk);
    for (const kraft::raft::Log* log : {&node.log, &node.disk}) {
      held_.insert(held_.end(), log->batches().begin(), log->batches().end());
    }
    return view;
  }

  std::vector<Node> nodes_;
  std::vector<NodeView> before_;
  kraft::raft::VoterSet voters_;
  kraft::raft::Config config_;
  boost::intrusive_ptr<kraft::metadata::Image> image_{new kraft::metadata::Image};  // invariants may keep it
  Invariant invariant_;
  StateMachineSafety safety_;
  VoteOnce votes_;
  Time now_ = kraft::at_nanos(1);
  std::vector<kraft::records::BatchRef> held_;  // all that marks may point to
};

}  // namespace kraftsim::check
