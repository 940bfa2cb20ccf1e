// A touch that stays in its bucket, which is what most do, changes nothing. A closing session keeps its place in the
// table until its closeSession is applied, so that it cannot be taken for a new one.
#include "sim/zookeeper/session_tracker.hpp"

#include "core/base/check.hpp"

namespace kraftsim::zookeeper {

Time SessionTracker::bucket_at(Time expiry) const {
  const Duration since = expiry.time_since_epoch() - phase_;
  ENSURE_GE(since, Duration::zero());
  return Time(phase_ + (since / tick_ + 1) * tick_);
}

void SessionTracker::add(Time now, SessionId session, Duration timeout) {
  ENSURE(!sessions_.contains(session));
  const Time bucket = bucket_at(now + timeout);
  sessions_[session] = {.timeout = timeout, .bucket = bucket};
  buckets_[bucket].insert(session);
}

void SessionTracker::leave_bucket(SessionId session, const Session& entry) {
  if (entry.bucket == kraft::kNever) return;
  const auto bucket = buckets_.find(entry.bucket);
  bucket->second.erase(session);
  if (bucket->second.empty()) buckets_.erase(bucket);
}

void SessionTracker::remove(SessionId session) {
  const auto it = sessions_.find(session);
  if (it == sessions_.end()) return;
  leave_bucket(session, it->second);
  sessions_.erase(it);
}

bool SessionTracker::touch(Time now, SessionId session) {
  const auto it = sessions_.find(session);
  if (it == sessions_.end() || it->second.bucket == kraft::kNever) return false;
  const Time bucket = bucket_at(now + it->second.timeout);
  if (bucket <= it->second.bucket) return true;
  leave_bucket(session, it->second);
  it->second.bucket = bucket;
  buckets_[bucket].insert(session);
  return true;
}

void SessionTracker::set_closing(SessionId session) {
  const auto it = sessions_.find(session);
  ENSURE(it != sessions_.end());
  leave_bucket(session, it->second);
  it->second.bucket = kraft::kNever;
}

bool SessionTracker::is_open(SessionId session) const {
  const auto it = sessions_.find(session);
  return it != sessions_.end() && it->second.bucket != kraft::kNever;
}

std::vector<SessionId> SessionTracker::expire(Time now) {
  std::vector<SessionId> expired;
  while (next_expiry() <= now) {
    expired.insert(expired.end(), buckets_.begin()->second.begin(), buckets_.begin()->second.end());
    for (const SessionId session : buckets_.begin()->second) sessions_[session].bucket = kraft::kNever;
    buckets_.erase(buckets_.begin());
  }
  return expired;
}

}  // namespace kraftsim::zookeeper
