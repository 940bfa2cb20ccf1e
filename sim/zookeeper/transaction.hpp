// What clients ask of ZooKeeper, what it answers, and the transactions that writes become.
//
// A write is a list of changes applied together (ZooKeeper's multi; a single create is a list of one). The leader
// checks it against the state that all earlier proposals will have led to and turns it into a transaction, which cannot
// fail any more: a refused write is a transaction too, since its answer has a place in the order (ZooKeeper's
// OpCode.error).
#pragma once

#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "core/base/check.hpp"
#include "core/base/shared.hpp"
#include "sim/zookeeper/ids.hpp"
#include "sim/zookeeper/path.hpp"

namespace kraftsim::zookeeper {

// ---- data of znodes ----

struct NoData {
  friend bool operator==(const NoData&, const NoData&) = default;
};
struct ControllerData {
  NodeId broker;
  friend bool operator==(const ControllerData&, const ControllerData&) = default;
};
struct ControllerEpochData {
  std::int64_t epoch = 0;
  friend bool operator==(const ControllerEpochData&, const ControllerEpochData&) = default;
};
/// The replicas of each partition of a topic.
struct AssignmentData {
  std::vector<Replicas> partitions;
  friend bool operator==(const AssignmentData&, const AssignmentData&) = default;
};
struct PartitionState {
  NodeId leader = kNoLeader;
  std::int32_t leader_epoch = 0;
  std::int64_t controller_epoch = 0;
  Replicas isr{};
  friend bool operator==(const PartitionState&, const PartitionState&) = default;
};
/// Immutable: servers, answers and forked worlds share it.
struct Data : kraft::Shared<Data> {
  using Value = std::variant<NoData, ControllerData, ControllerEpochData, AssignmentData, PartitionState>;
  Value value;
  explicit Data(Value v) : value(std::move(v)) {}
};
using DataRef = kraft::Ref<Data>;
[[nodiscard]] std::int64_t bytes(const DataRef& data);
[[nodiscard]] std::string line(const DataRef& data);

/// The value, which must be a T.
template <class T>
[[nodiscard]] const T& as(const DataRef& data) {
  const T* value = data ? std::get_if<T>(&data->value) : nullptr;
  ENSURE(value != nullptr);
  return *value;
}

// ---- requests ----

inline constexpr std::int32_t kAnyVersion = -1;

struct Check {
  Path path{};
  std::int32_t version = kAnyVersion;
};
struct Create {
  Path path{};
  DataRef data{};
  bool ephemeral = false;
};
struct SetData {
  Path path{};
  DataRef data{};
  std::int32_t version = kAnyVersion;
};
struct Delete {
  Path path{};
  std::int32_t version = kAnyVersion;
};
using Change = std::variant<Check, Create, SetData, Delete>;
using Changes = boost::container::small_vector<Change, 2>;

struct Read {
  enum class What : std::uint8_t { kData, kExists, kChildren } what = What::kData;
  Path path{};
  bool watch = false;
};
struct Write {
  Changes changes;
};
struct CloseSession {};
using Request = std::variant<Read, Write, CloseSession>;

[[nodiscard]] inline Request get(Path path, bool watch = false) { return Read{Read::What::kData, path, watch}; }
[[nodiscard]] inline Request exists(Path path, bool watch = false) { return Read{Read::What::kExists, path, watch}; }
[[nodiscard]] inline Request children(Path path, bool watch = false) {
  return Read{Read::What::kChildren, path, watch};
}
[[nodiscard]] std::int64_t bytes(const Request& request);
[[nodiscard]] std::string line(const Request& request);

// ---- answers ----

enum class Error : std::uint8_t { kNone, kNoNode, kNodeExists, kBadVersion, kSessionExpired, kSessionMoved };
[[nodiscard]] std::string line(Error error);

struct Result {
  Error error = Error::kNone;
  std::int32_t failed = -1;            // of a write: which change was refused
  DataRef data{};                      // of kData
  std::int32_t version = 0;            // of the znode
  Zxid created{};                      // of the znode; of a write: its transaction
  SessionId owner = kNoSession;         // of an ephemeral
  std::vector<std::int32_t> children{};  // of kChildren
};
[[nodiscard]] std::int64_t bytes(const Result& result);

// ---- transactions ----

struct OpenSession {
  Duration timeout{};
};
/// Deletes the session's ephemerals with it.
struct EndSession {};
struct Refused {
  Error error{};
  std::int32_t failed = -1;
};
struct Txn : kraft::Shared<Txn> {
  using Body = std::variant<OpenSession, EndSession, Changes, Refused>;
  Zxid zxid;
  SessionId session;
  std::int64_t xid = 0;  // of the request, within its session
  Body body;
  Txn(Zxid z, SessionId s, std::int64_t x, Body b) : zxid(z), session(s), xid(x), body(std::move(b)) {}
};
using TxnRef = kraft::Ref<Txn>;
[[nodiscard]] std::int64_t bytes(const Txn& txn);
[[nodiscard]] std::string line(const Txn& txn);

/// "e3/17".
[[nodiscard]] std::string show(Zxid zxid);

}  // namespace kraftsim::zookeeper
