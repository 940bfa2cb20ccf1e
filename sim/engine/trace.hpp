// Trace: the typed record of a run, one entry per processed event, and notes hung under it.
//
// An entry has the event's cause, so that a chain of causes can be walked back to a fault or to the start; "armed by"
// is the same link for timers. Entries hold their text in the project's one notation. Off by default: a run that is not
// traced pays one branch per event.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/time.hpp"
#include "sim/engine/queue.hpp"

namespace kraftsim::engine {

struct TraceEntry {
  enum class Kind : std::uint8_t { kMessage, kTimer, kDisk, kProcess, kConnection, kFault, kWorkload, kNote };
  Time at{};
  EventId event = 0;
  EventId cause = 0;
  kraft::NodeId node{-1};  // -1: none in particular
  Kind kind{};
  std::string text{};
};
[[nodiscard]] std::string line(TraceEntry::Kind kind);
/// "12.000160s #4711<-4690 n2 message 1->2 FetchResponse …".
[[nodiscard]] std::string line(const TraceEntry& entry);

class Trace {
 public:
  void enable() { enabled_ = true; }
  [[nodiscard]] bool enabled() const { return enabled_; }
  void add(TraceEntry entry) { entries_.push_back(std::move(entry)); }
  [[nodiscard]] const std::vector<TraceEntry>& entries() const { return entries_; }

 private:
  bool enabled_ = false;
  std::vector<TraceEntry> entries_;
};

}  // namespace kraftsim::engine
