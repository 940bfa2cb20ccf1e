// The trace's one line per entry.
#include "sim/engine/trace.hpp"

#include <doctest/doctest.h>

using kraft::at_nanos;
using kraft::NodeId;
using kraftsim::engine::Trace;
using kraftsim::engine::TraceEntry;

TEST_CASE("an entry says when, which event, caused by which, where and what") {
  TraceEntry entry{.at = at_nanos(12'000'160'000),
                   .event = 4711,
                   .cause = 4690,
                   .node = NodeId{2},
                   .kind = TraceEntry::Kind::kMessage,
                   .text = "1->2 FetchResponse"};
  CHECK(line(entry) == "12.000160s #4711<-4690 n2 message 1->2 FetchResponse");
  entry.at = at_nanos(12'000'160'007);
  CHECK(line(entry) == "12.000160007s #4711<-4690 n2 message 1->2 FetchResponse");
}

TEST_CASE("an entry about no node in particular, and one without text") {
  CHECK(line(TraceEntry{.kind = TraceEntry::Kind::kWorkload}) == "0.000000s #0<-0 - workload");
}

TEST_CASE("a trace is off until it is enabled, and keeps the order") {
  Trace trace;
  CHECK_FALSE(trace.enabled());
  trace.enable();
  CHECK(trace.enabled());
  trace.add({.event = 1});
  trace.add({.event = 2});
  CHECK(trace.entries().size() == 2);
  CHECK(trace.entries()[1].event == 2);
}
