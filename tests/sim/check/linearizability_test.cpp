// Histories of clients that can be explained, and such that cannot.
#include "sim/check/linearizability.hpp"

#include <doctest/doctest.h>

using namespace kraftsim::check;
using kraftsim::cluster::Operation;
using Kind = Operation::Kind;
using Outcome = Call::Outcome;
using kraft::Epoch;
using kraft::Offset;
using kraft::at_nanos;
namespace records = kraft::records;

namespace {

Call create(Outcome outcome, int called, int answered) {
  return {Kind::kCreateTopic, outcome, at_nanos(called), at_nanos(answered)};
}
Call remove(Outcome outcome, int called, int answered) {
  return {Kind::kDeleteTopic, outcome, at_nanos(called), at_nanos(answered)};
}
Call lost(Kind kind, int called) { return {kind, Outcome::kUnknown, at_nanos(called), kraft::kNever}; }

/// A history whose one node committed these records, a batch each.
CommittedHistory committed(const std::vector<records::MetadataRecord>& made) {
  kraft::raft::Log log;
  for (const auto& record : made) {
    log.append(records::make_batch(log.end_offset(), Epoch(1), {}, records::MetadataRecords{record}));
  }
  NodeView view;
  view.id = NodeId(1);
  view.up = true;
  view.log = &log;
  view.high_watermark = log.end_offset();
  Step step;
  step.after = &view;
  CommittedHistory history;
  CHECK_FALSE(history.extend(step));
  return history;
}

}  // namespace

TEST_CASE("plain histories are linearizable") {
  CHECK(is_linearizable({}, 0));
  CHECK(is_linearizable({create(Outcome::kDone, 1, 2)}, 1));
  CHECK(is_linearizable({create(Outcome::kDone, 1, 2), remove(Outcome::kDone, 3, 4)}, 2));
  CHECK(is_linearizable({remove(Outcome::kDone, 2, 3), create(Outcome::kDone, 1, 5)}, 2));  // at once
}

TEST_CASE("an acknowledged write that is gone is not, nor is a change that nobody asked for") {
  CHECK_FALSE(is_linearizable({create(Outcome::kDone, 1, 2)}, 0));
  CHECK_FALSE(is_linearizable({create(Outcome::kDone, 1, 2), remove(Outcome::kDone, 3, 4)}, 1));
  CHECK_FALSE(is_linearizable({}, 1));
  CHECK_FALSE(is_linearizable({remove(Outcome::kDone, 1, 2), create(Outcome::kDone, 3, 4)}, 2));
}

TEST_CASE("an operation without an answer may have happened, may happen later, or never") {
  CHECK(is_linearizable({lost(Kind::kCreateTopic, 1)}, 1));
  CHECK(is_linearizable({lost(Kind::kCreateTopic, 1)}, 0));
  CHECK(is_linearizable({create(Outcome::kDone, 1, 2), lost(Kind::kDeleteTopic, 3)}, 1));
  CHECK(is_linearizable({create(Outcome::kDone, 1, 2), lost(Kind::kDeleteTopic, 3)}, 2));
  CHECK(is_linearizable({lost(Kind::kCreateTopic, 1), remove(Outcome::kDone, 5, 6)}, 2));
  CHECK_FALSE(is_linearizable({remove(Outcome::kDone, 1, 2), lost(Kind::kCreateTopic, 3)}, 2));  // too late
}

TEST_CASE("a broker that asks again makes a topic that already exists, or one that was deleted exist again") {
  CHECK(is_linearizable({create(Outcome::kWasSo, 1, 2)}, 1));
  CHECK_FALSE(is_linearizable({create(Outcome::kWasSo, 1, 2)}, 0));
  CHECK(is_linearizable({create(Outcome::kDone, 1, 2), remove(Outcome::kWasSo, 3, 4)}, 2));
  CHECK_FALSE(is_linearizable({create(Outcome::kDone, 1, 2), remove(Outcome::kWasSo, 3, 4)}, 1));
  CHECK(is_linearizable({create(Outcome::kDone, 1, 2), remove(Outcome::kDone, 3, 4)}, 3));
  CHECK_FALSE(is_linearizable({create(Outcome::kDone, 1, 2)}, 2));  // nobody asked to delete it
  CHECK_FALSE(is_linearizable({create(Outcome::kDone, 1, 2)}, 3));
}

TEST_CASE("an acknowledgement of what is not committed is caught by the next commit") {
  const kraft::TopicId id{0, 1};
  const Operation make{.id = 1, .kind = Kind::kCreateTopic, .topic = "t", .via = NodeId(101)};
  const Operation drop{.id = 2, .kind = Kind::kDeleteTopic, .topic = "t", .via = NodeId(101)};
  const records::TopicRecord topic{"t", id};
  const auto created = committed({topic});

  ClientHistory told_too_soon;
  told_too_soon.call(make, at_nanos(1));
  CHECK_FALSE(told_too_soon.answer(1, "", at_nanos(2), committed({})));
  CHECK_FALSE(told_too_soon.judge(committed({})));
  CHECK(told_too_soon.judge(committed({records::NoOpRecord{}}))->invariant == "AcknowledgedIsCommitted");

  ClientHistory shown_late;
  shown_late.call(make, at_nanos(1));
  CHECK_FALSE(shown_late.answer(1, "", at_nanos(2), committed({})));
  CHECK_FALSE(shown_late.judge(created));
  shown_late.call(drop, at_nanos(3));
  CHECK_FALSE(shown_late.answer(2, "REQUEST_TIMED_OUT", at_nanos(4), created));
  CHECK_FALSE(shown_late.judge(created));

  ClientHistory revived;
  revived.call(make, at_nanos(1));
  CHECK_FALSE(revived.answer(1, "", at_nanos(2), created));
  revived.call(drop, at_nanos(3));
  CHECK_FALSE(revived.answer(2, "", at_nanos(4), created));
  CHECK(revived.judge(committed({topic, records::NoOpRecord{}}))->invariant == "AcknowledgedIsCommitted");

  // Created and deleted anew; the leader ended as it told of the second deletion, and the log does not show it yet.
  ClientHistory again;
  const kraft::TopicId next{0, 2};
  const records::RemoveTopicRecord gone{id};
  again.call(make, at_nanos(1));
  CHECK_FALSE(again.answer(1, "", at_nanos(2), created));
  again.call(drop, at_nanos(3));
  CHECK_FALSE(again.answer(2, "", at_nanos(4), committed({topic, gone})));
  const auto anew = committed({topic, gone, records::TopicRecord{"t", next}});
  again.call({.id = 3, .kind = Kind::kCreateTopic, .topic = "t", .via = NodeId(101)}, at_nanos(5));
  CHECK_FALSE(again.answer(3, "", at_nanos(6), anew));
  again.call({.id = 4, .kind = Kind::kDeleteTopic, .topic = "t", .via = NodeId(101)}, at_nanos(7));
  CHECK_FALSE(again.answer(4, "", at_nanos(8), anew));
  CHECK_FALSE(again.judge(anew));
  CHECK(again.judge(committed({topic, gone, records::TopicRecord{"t", next}, records::NoOpRecord{}}))->invariant ==
        "AcknowledgedIsCommitted");

  // Or the answer that told of it was another client's, which was too late.
  ClientHistory late;
  late.call(make, at_nanos(1));
  CHECK_FALSE(late.answer(1, "", at_nanos(2), created));
  late.call(drop, at_nanos(3));
  late.call({.id = 3, .kind = Kind::kDeleteTopic, .topic = "t", .via = NodeId(101)}, at_nanos(3));
  CHECK_FALSE(late.answer(3, "UNKNOWN_TOPIC_OR_PARTITION", at_nanos(4), created));
  CHECK_FALSE(late.judge(created));
  CHECK(late.judge(committed({topic, records::NoOpRecord{}}))->invariant == "MetadataLinearizable");

  ClientHistory lost;
  lost.call(make, at_nanos(1));
  CHECK_FALSE(lost.answer(1, "", at_nanos(2), created));
  CHECK(lost.judge(committed({topic, records::RemoveTopicRecord{id}}))->invariant == "MetadataLinearizable");
}
