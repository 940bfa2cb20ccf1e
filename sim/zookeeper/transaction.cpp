// Sizes and lines of requests, answers and transactions. Sizes are those of ZooKeeper's jute records and Kafka's JSON,
// to within a few bytes: they matter for bandwidth, not for meaning.
#include "sim/zookeeper/transaction.hpp"

#include <fmt/format.h>

#include "core/base/overloaded.hpp"

namespace kraftsim::zookeeper {

using kraft::overloaded;

namespace {

constexpr std::int64_t kHeader = 40;  // length, xid, type or zxid, error
constexpr std::int64_t kPath = 40;
constexpr std::int64_t kStat = 68;

std::string ids(const Replicas& replicas) {
  std::string text;
  for (const NodeId id : replicas) text += (text.empty() ? "" : ",") + std::to_string(id.value());
  return text;
}

std::int64_t bytes(const Changes& changes) {
  std::int64_t total = 0;
  for (const Change& change : changes) {
    total += kPath + std::visit(overloaded{
                                    [](const Check&) { return std::int64_t{8}; },
                                    [](const Create& c) { return zookeeper::bytes(c.data) + 30; },
                                    [](const SetData& c) { return zookeeper::bytes(c.data) + 8; },
                                    [](const Delete&) { return std::int64_t{8}; },
                                },
                                change);
  }
  return total;
}

std::string line(const Changes& changes) {
  std::string text;
  for (const Change& change : changes) {
    if (!text.empty()) text += "; ";
    text += std::visit(
        overloaded{
            [](const Check& c) { return fmt::format("check {} v{}", line(c.path), c.version); },
            [](const Create& c) {
              return fmt::format("create {}{} {}", line(c.path), c.ephemeral ? " ephemeral" : "", line(c.data));
            },
            [](const SetData& c) { return fmt::format("set {} v{} {}", line(c.path), c.version, line(c.data)); },
            [](const Delete& c) { return fmt::format("delete {} v{}", line(c.path), c.version); },
        },
        change);
  }
  return text;
}

}  // namespace

std::int64_t bytes(const DataRef& data) {
  if (!data) return 0;
  return std::visit(overloaded{
                        [](const NoData&) { return std::int64_t{0}; },
                        [](const ControllerData&) { return std::int64_t{60}; },
                        [](const ControllerEpochData&) { return std::int64_t{4}; },
                        [](const AssignmentData& d) {
                          return std::int64_t{90} + 24 * static_cast<std::int64_t>(d.partitions.size());
                        },
                        [](const PartitionState&) { return std::int64_t{86}; },
                    },
                    data->value);
}

std::string line(const DataRef& data) {
  if (!data) return "none";
  return std::visit(overloaded{
                        [](const NoData&) { return std::string("{}"); },
                        [](const ControllerData& d) { return fmt::format("broker={}", d.broker.value()); },
                        [](const ControllerEpochData& d) { return fmt::format("epoch={}", d.epoch); },
                        [](const AssignmentData& d) { return fmt::format("partitions={}", d.partitions.size()); },
                        [](const PartitionState& d) {
                          return fmt::format("leader={} e{} ctl=e{} isr={}", d.leader.value(), d.leader_epoch,
                                             d.controller_epoch, ids(d.isr));
                        },
                    },
                    data->value);
}

std::int64_t bytes(const Request& request) {
  return kHeader + std::visit(overloaded{
                                  [](const Read&) { return kPath; },
                                  [](const Write& w) { return bytes(w.changes); },
                                  [](const CloseSession&) { return std::int64_t{0}; },
                              },
                              request);
}

std::string line(const Request& request) {
  return std::visit(overloaded{
                        [](const Read& r) {
                          const char* what = r.what == Read::What::kData     ? "get"
                                             : r.what == Read::What::kExists ? "exists"
                                                                             : "children";
                          return fmt::format("{} {}{}", what, line(r.path), r.watch ? " watch" : "");
                        },
                        [](const Write& w) { return line(w.changes); },
                        [](const CloseSession&) { return std::string("close"); },
                    },
                    request);
}

std::string line(Error error) {
  switch (error) {
    case Error::kNone: return "OK";
    case Error::kNoNode: return "NONODE";
    case Error::kNodeExists: return "NODEEXISTS";
    case Error::kBadVersion: return "BADVERSION";
    case Error::kSessionExpired: return "SESSIONEXPIRED";
    case Error::kSessionMoved: return "SESSIONMOVED";
  }
  return {};
}

std::int64_t bytes(const Result& result) {
  return kHeader + kStat + bytes(result.data) + 12 * static_cast<std::int64_t>(result.children.size());
}

std::int64_t bytes(const Txn& txn) {
  return kHeader + std::visit(overloaded{
                                  [](const OpenSession&) { return std::int64_t{4}; },
                                  [](const EndSession&) { return std::int64_t{60}; },
                                  [](const Changes& c) { return bytes(c); },
                                  [](const Refused&) { return std::int64_t{4}; },
                              },
                              txn.body);
}

std::string line(const Txn& txn) {
  const std::string body = std::visit(
      overloaded{
          [](const OpenSession& b) { return "open timeout=" + kraft::line(b.timeout); },
          [](const EndSession&) { return std::string("close"); },
          [](const Changes& c) { return line(c); },
          [](const Refused& r) { return "refused " + line(r.error); },
      },
      txn.body);
  return fmt::format("{} session={:x} xid={} {}", show(txn.zxid), txn.session.value(), txn.xid, body);
}

std::string show(Zxid zxid) {
  return fmt::format("e{}/{}", zxid.value() / (std::int64_t{1} << 32U), zxid.value() % (std::int64_t{1} << 32U));
}

}  // namespace kraftsim::zookeeper
