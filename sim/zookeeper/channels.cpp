// RequestSendThread, as steps: a request leaves its queue when it is answered, and until then is sent again after every
// broken connection.
#include "sim/zookeeper/channels.hpp"

#include <algorithm>

namespace kraftsim::zookeeper {

namespace {
constexpr Duration kRetryPause = std::chrono::milliseconds(100);
}

void Channels::send(NodeId broker, NodeId controller, std::int64_t epoch, Body body, Sends& out) {
  const auto channel = brokers_.find(broker);
  if (channel == brokers_.end()) return;
  auto& queue = channel->second.queue;
  queue.push_back({controller, epoch, ++last_number_, std::move(body)});
  if (queue.size() == 1) out.emplace_back(broker, queue.front());
}

void Channels::answered(NodeId broker, std::int64_t number, Sends& out) {
  const auto channel = brokers_.find(broker);
  if (channel == brokers_.end()) return;
  auto& queue = channel->second.queue;
  if (queue.empty() || queue.front().number != number) return;  // the answer to an earlier sending of it
  queue.pop_front();
  channel->second.retry_at = kraft::kNever;
  if (!queue.empty()) out.emplace_back(broker, queue.front());
}

void Channels::connection_lost(Time now, NodeId broker) {
  const auto channel = brokers_.find(broker);
  if (channel != brokers_.end() && !channel->second.queue.empty()) channel->second.retry_at = now + kRetryPause;
}

void Channels::timer(Time now, Sends& out) {
  for (auto& [broker, channel] : brokers_) {
    if (channel.retry_at > now) continue;
    channel.retry_at = kraft::kNever;
    out.emplace_back(broker, channel.queue.front());
  }
}

Time Channels::wake_at() const {
  Time earliest = kraft::kNever;
  for (const auto& [broker, channel] : brokers_) earliest = std::min(earliest, channel.retry_at);
  return earliest;
}

bool Channels::has_answered(NodeId broker, std::int64_t up_to) const {
  const auto channel = brokers_.find(broker);
  return channel == brokers_.end() || channel->second.queue.empty() || channel->second.queue.front().number > up_to;
}

}  // namespace kraftsim::zookeeper
