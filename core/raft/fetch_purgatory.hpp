// FetchPurgatory: fetches at the end of the leader's log, parked until there is something to say (Kafka's fetch
// purgatory). It is what makes pull replication as quick as push.
//
// Only a fetch at the log's end is parked, so new records or a higher watermark complete all of them at once and there
// is no need to look for whom an event concerns; only expiry picks. It must not know logs or how an answer is made.
#pragma once

#include <algorithm>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/time.hpp"

namespace kraft::raft {

struct ParkedFetch {
  NodeId from;
  CorrelationId correlation_id;
  Offset fetch_offset;
  Time deadline;
};

class FetchPurgatory {
 public:
  void park(const ParkedFetch& fetch) {
    // All wait equally long, so this is the end nearly always.
    const auto later = std::ranges::upper_bound(fetches_, fetch.deadline, {}, &ParkedFetch::deadline);
    fetches_.insert(later, fetch);
  }
  /// The earliest expiry; kNever when nothing is parked.
  [[nodiscard]] Time deadline() const { return fetches_.empty() ? kNever : fetches_.front().deadline; }

  /// Calls `answer` for every parked fetch, in order of expiry, and forgets them all.
  template <class Answer>
  void complete_all(Answer&& answer) {
    for (const ParkedFetch& fetch : fetches_) answer(fetch);
    fetches_.clear();
  }
  /// The same for those whose time is up.
  template <class Answer>
  void complete_expired(Time now, Answer&& answer) {
    auto end = fetches_.begin();
    for (; end != fetches_.end() && end->deadline <= now; ++end) answer(*end);
    fetches_.erase(fetches_.begin(), end);
  }

 private:
  std::vector<ParkedFetch> fetches_;  // by deadline
};

}  // namespace kraft::raft
