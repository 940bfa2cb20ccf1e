// The defaults are KafkaAdminClient's (request.timeout.ms, retry.backoff.ms, default.api.timeout.ms). An operation is
// either asked or waiting to be asked again; `retry_at` ends both.
#include "sim/zookeeper/admin_client.hpp"

#include <algorithm>

#include "core/base/check.hpp"

namespace kraftsim::zookeeper {

using namespace std::chrono_literals;

namespace {
constexpr Duration kRequestTimeout = 30s;
constexpr Duration kRetryBackoff = 100ms;
constexpr Duration kApiTimeout = 60s;
}  // namespace

void AdminClient::submit(Time now, NodeId via, const AdminRequest& request, Effects& fx) {
  const auto [it, fresh] = operations_.try_emplace(request.operation);
  ENSURE(fresh, "an operation is submitted once");
  it->second = {.request = request, .submitted = now, .broker = via};
  ask(now, it->second, fx);
}

void AdminClient::ask(Time now, Operation& operation, Effects& fx) const {
  operation.sent = true;
  operation.retry_at = now + kRequestTimeout;
  fx.request(operation.broker, operation.request);
}

void AdminClient::receive(Time now, const AdminReply& reply, Effects& fx) {
  const auto found = operations_.find(reply.operation);
  if (found == operations_.end()) return;
  Operation& operation = found->second;
  if (reply.error != AdminError::kNotController) {
    finish(reply.operation, reply.error == AdminError::kNone ? std::string() : line(reply.error), fx);
  } else {
    operation.broker = reply.controller != NodeId(-1) ? reply.controller : after(operation.broker);
    operation.sent = false;
    operation.retry_at = now + kRetryBackoff;
  }
}

void AdminClient::connection_lost(Time now, NodeId broker) {
  for (auto& [id, operation] : operations_) {
    if (operation.broker != broker || !operation.sent) continue;
    operation.broker = after(broker);
    operation.sent = false;
    operation.retry_at = now + kRetryBackoff;
  }
}

void AdminClient::timer(Time now, Effects& fx) {
  for (auto it = operations_.begin(); it != operations_.end();) {
    auto& [id, operation] = *it++;
    if (operation.submitted + kApiTimeout <= now) {
      finish(id, "REQUEST_TIMED_OUT", fx);
    } else if (operation.retry_at <= now) {
      if (operation.sent) operation.broker = after(operation.broker);
      ask(now, operation, fx);
    }
  }
}

Time AdminClient::wake_at() const {
  Time earliest = kraft::kNever;
  for (const auto& [id, operation] : operations_) {
    earliest = std::min({earliest, operation.retry_at, operation.submitted + kApiTimeout});
  }
  return earliest;
}

void AdminClient::finish(std::uint64_t id, const std::string& error, Effects& fx) {
  const auto done = operations_.extract(id);
  fx.observe(node_, cluster::OperationDone{id, done.mapped().submitted, error.empty(), error});
}

NodeId AdminClient::after(NodeId broker) const {
  const auto next = std::ranges::upper_bound(brokers_, broker);
  return next == brokers_.end() ? brokers_.front() : *next;
}

}  // namespace kraftsim::zookeeper
