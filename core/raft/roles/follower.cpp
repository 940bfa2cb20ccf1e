// The successors' back-off in whole milliseconds, as Kafka's shifts have it: n=4, B=1000 gives 0, 125, 250,
// 500. It must not know who the successors are.
#include "core/raft/roles/follower.hpp"

#include <algorithm>

namespace kraft::raft {

Duration successor_backoff(std::size_t position, std::size_t successors, Duration max) {
  if (position >= successors) return max;
  if (position == 0) return Duration(0);
  const std::int64_t max_ms = std::chrono::duration_cast<std::chrono::milliseconds>(max).count();
  const std::size_t halvings = std::min<std::size_t>(successors - 1, 62);  // a longer shift would be undefined
  const std::size_t doublings = std::min(position - 1, halvings);
  return std::min<Duration>(max, std::chrono::milliseconds((max_ms >> halvings) << doublings));
}

}  // namespace kraft::raft
