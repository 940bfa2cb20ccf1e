// Text forms of the trace. Columns are separated by one space, so that a trace can be cut, sorted and compared with
// the usual tools.
#include "sim/engine/trace.hpp"

#include <fmt/format.h>

namespace kraftsim::engine {

std::string line(TraceEntry::Kind kind) {
  switch (kind) {
    case TraceEntry::Kind::kMessage: return "message";
    case TraceEntry::Kind::kTimer: return "timer";
    case TraceEntry::Kind::kDisk: return "disk";
    case TraceEntry::Kind::kProcess: return "process";
    case TraceEntry::Kind::kConnection: return "connection";
    case TraceEntry::Kind::kFault: return "fault";
    case TraceEntry::Kind::kWorkload: return "workload";
    case TraceEntry::Kind::kNote: return "note";
  }
  return "?";
}

std::string line(const TraceEntry& entry) {
  // Columns line up: microseconds, and nanoseconds only where there are any.
  const std::int64_t ns = kraft::nanos(entry.at);
  const std::int64_t fraction = ns % 1'000'000'000;
  const std::string after_point =
      fraction % 1000 == 0 ? fmt::format("{:06}", fraction / 1000) : fmt::format("{:09}", fraction);
  const std::string node = entry.node.value() < 0 ? "-" : fmt::format("n{}", entry.node.value());
  return fmt::format("{}.{}s #{}<-{} {} {}{}{}", ns / 1'000'000'000, after_point, entry.event, entry.cause, node,
                     line(entry.kind), entry.text.empty() ? "" : " ", entry.text);
}

}  // namespace kraftsim::engine
