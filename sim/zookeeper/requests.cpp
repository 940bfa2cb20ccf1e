// Groups are served in the order they came, as threads that queue for one semaphore; within a group, what was lost
// comes first.
#include "sim/zookeeper/requests.hpp"

#include "core/base/check.hpp"

namespace kraftsim::zookeeper {

std::int64_t Requests::add(std::vector<Request> requests) {
  ENSURE(!requests.empty());
  Group& group = groups_[++last_group_];
  group.results.resize(requests.size());
  group.requests = std::move(requests);
  return last_group_;
}

void Requests::pump(Time now, Client& client, ClientEffects& fx) {
  for (auto& [number, group] : groups_) {
    while (!group.again.empty() || group.next < group.requests.size()) {
      if (!client.is_connected() || std::ssize(in_flight_) >= max_in_flight_) return;
      std::size_t index = group.next;
      if (group.again.empty()) {
        ++group.next;
      } else {
        index = group.again.back();
        group.again.pop_back();
      }
      const std::int64_t xid = client.submit(now, group.requests[index], fx);
      in_flight_[xid] = {number, index};
    }
  }
}

std::optional<Requests::Done> Requests::replied(std::int64_t xid, const Result& result) {
  const auto it = in_flight_.find(xid);
  if (it == in_flight_.end()) return std::nullopt;  // given up meanwhile
  const auto [number, index] = it->second;
  in_flight_.erase(it);
  Group& group = groups_.at(number);
  group.results[index] = result;
  if (++group.answered < group.requests.size()) return std::nullopt;
  Done done{number, std::move(group.results)};
  groups_.erase(number);
  return done;
}

void Requests::lost(std::int64_t xid) {
  const auto it = in_flight_.find(xid);
  if (it == in_flight_.end()) return;
  groups_.at(it->second.first).again.push_back(it->second.second);
  in_flight_.erase(it);
}

void Requests::clear() {
  groups_.clear();
  in_flight_.clear();
}

}  // namespace kraftsim::zookeeper
