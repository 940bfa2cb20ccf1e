// StaleResponseIgnored: an answer to a question that the node no longer asks, of an earlier connection, round, role
// or life, changes nothing (kraft.md §2: correlation ids, and connections reset on every change of state). Not judged
// where a timer of the node was due as well: then something may change, and not on the answer's account.
#pragma once

#include <algorithm>
#include <vector>

#include "sim/check/view.hpp"

namespace kraftsim::check {

class StaleResponseIgnored {
 public:
  static constexpr Card kCard{"StaleResponseIgnored", "An answer whose question is no longer open changes nothing.",
                              "KIP-595; KafkaRaftClient.RequestManager", kDelta, kOfOneProcess};
  static constexpr Facets kLooksAt = about::kTalk | about::kProcess | about::kStanding;

  [[nodiscard]] Broken check(const Step& step) {
    Questions& questions = questions_[step.index];
    const NodeView& before = *step.before;
    const NodeView& now = *step.after;
    Broken broken;
    const Message* answer = step.received;
    if (answer != nullptr && !kraft::raft::is_request(*answer)) {
      const auto open = std::ranges::find(questions, answer->from, &Question::peer);
      const bool expected = open != questions.end() && open->id == answer->correlation_id;
      if (!expected && same_process(step) && before.wake_at > step.local && !same(before, now)) {
        broken = "n" + line(now.id) + " took " + line(*answer) +
                 ", which answers nothing that it asks: " + line(before.role) + " of epoch " + line(before.epoch) +
                 " became " + line(now.role) + " of epoch " + line(now.epoch) + ", its log's end is " +
                 line(now.log->end_offset());
      }
      if (expected) questions.erase(open);
    }
    if (step.is_about(about::kProcess | about::kStanding)) questions.clear();
    for (const Message* message : step.sent) {
      if (!kraft::raft::is_request(*message)) continue;
      const auto open = std::ranges::find(questions, message->to, &Question::peer);
      if (open == questions.end()) {
        questions.push_back({message->to, message->correlation_id});
      } else {
        open->id = message->correlation_id;
      }
    }
    return broken;
  }

 private:
  struct Question {
    NodeId peer;
    kraft::CorrelationId id;
  };
  using Questions = std::vector<Question>;
  static bool same(const NodeView& before, const NodeView& now) {
    return before.role == now.role && before.epoch == now.epoch && before.leader_id == now.leader_id &&
           before.high_watermark == now.high_watermark && before.log_mark.end == now.log->end_offset();
  }
  PerNode<Questions> questions_;
};

}  // namespace kraftsim::check
