// SessionTracker: when each session expires, as the ZooKeeper leader keeps it (SessionTrackerImpl on ExpiryQueue).
//
// Sessions live in buckets one tick apart: a touch at `now` moves a session to the bucket at (⌊(now + timeout) / tick⌋
// + 1) · tick, so it expires more than its timeout and at most timeout + tick after the last touch that the leader
// heard of. A bucket expires as a whole. Ticks are counted on the server's own clock, whose phase is arbitrary. It must
// not know how touches arrive.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "sim/zookeeper/ids.hpp"

namespace kraftsim::zookeeper {

class SessionTracker {
 public:
  /// `phase`: what the clock reads, modulo the tick, when a tick begins.
  SessionTracker(Duration tick, Duration phase) : tick_(tick), phase_(phase - tick) {}

  void add(Time now, SessionId session, Duration timeout);
  void remove(SessionId session);
  /// False if the session is unknown or closing; then nothing happens.
  bool touch(Time now, SessionId session);
  /// It takes no more touches and requests.
  void set_closing(SessionId session);
  [[nodiscard]] bool is_open(SessionId session) const;

  /// The sessions whose bucket is due; they are closing from now on.
  [[nodiscard]] std::vector<SessionId> expire(Time now);
  [[nodiscard]] Time next_expiry() const { return buckets_.empty() ? kraft::kNever : buckets_.begin()->first; }
  /// Of a session that is known.
  [[nodiscard]] Time expiry(SessionId session) const { return sessions_.at(session).bucket; }

 private:
  struct Session {
    Duration timeout{};
    Time bucket{};  // kNever while closing
  };
  [[nodiscard]] Time bucket_at(Time expiry) const;
  void leave_bucket(SessionId session, const Session& entry);

  Duration tick_;
  Duration phase_;  // at or before zero, so that no time lies before it
  std::map<SessionId, Session> sessions_;
  std::map<Time, std::set<SessionId>> buckets_;
};

}  // namespace kraftsim::zookeeper
