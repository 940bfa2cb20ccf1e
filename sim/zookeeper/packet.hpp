// Packets: everything that goes over the wire in a ZooKeeper-coordinated cluster, as plain data.
//
// Three conversations: servers among themselves (FastLeaderElection and ZAB), clients with servers, and Kafka's brokers
// with their controller. Acknowledgements and commits are cumulative: ZooKeeper sends one per transaction, back to
// back, which moves the last of them at the same time. A client's packets carry the number of its socket, since many
// clients can share one connection of the world.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "sim/world/payload.hpp"
#include "sim/zookeeper/election.hpp"
#include "sim/zookeeper/transaction.hpp"

namespace kraftsim::zookeeper {

// ---- servers: election is Notification; then discovery, synchronisation, broadcast ----

struct FollowerInfo {
  std::int64_t accepted_epoch = 0;
};
/// The peer does not listen for followers: a refused connection, in ZooKeeper.
struct NotLeading {};
struct LeaderInfo {
  std::int64_t epoch = 0;
};
struct AckEpoch {
  Zxid last_zxid{};
};
/// DIFF (or TRUNC and DIFF) and NEWLEADER: keep the log up to `keep`, append the rest.
struct Sync {
  Zxid keep{};
  std::vector<TxnRef> txns{};
};
struct AckNewLeader {};
struct UpToDate {
  Zxid committed{};
};
struct Proposal {
  TxnRef txn{};
};
struct Ack {
  Zxid zxid{};
};
struct Commit {
  Zxid zxid{};
};
struct QuorumPing {};
/// The sessions heard of since the last one: the learner's touch table.
struct QuorumPong {
  std::vector<SessionId> touched{};
};
/// A client's write, from the learner it is connected to.
struct Forward {
  SessionId session{};
  std::int64_t xid = 0;
  std::variant<Request, OpenSession> request{};
};
struct Revalidate {
  SessionId session{};
};
struct Revalidated {
  SessionId session{};
  bool valid = false;
};
/// The leader closes its side of a learner's connection.
struct LeaderGone {};

// ---- clients and servers ----

struct ConnectRequest {
  std::int64_t socket = 0;
  SessionId session = kNoSession;
  Duration timeout{};
  Zxid last_zxid{};
};
struct ConnectResponse {
  std::int64_t socket = 0;
  SessionId session = kNoSession;
  Duration timeout{};  // zero: the session has expired
};
/// Either side closed the socket.
struct SocketClosed {
  std::int64_t socket = 0;
};
struct Ping {
  std::int64_t socket = 0;
};
struct Pong {
  std::int64_t socket = 0;
};
struct ClientRequest {
  std::int64_t socket = 0;
  std::int64_t xid = 0;
  Request request{};
};
struct ClientReply {
  std::int64_t socket = 0;
  std::int64_t xid = 0;
  Zxid zxid{};  // the last one that the server has applied
  Result result{};
};
enum class WatchKind : std::uint8_t { kNode, kChildren };
struct Watch {
  WatchKind kind{};
  Path path{};
  friend constexpr auto operator<=>(const Watch&, const Watch&) = default;
};
/// A watch fired; it is gone.
struct WatchEvent {
  std::int64_t socket = 0;
  Watch watch{};
};
/// After a reconnect: watches to set again, firing those whose znode has changed since `since`.
struct SetWatches {
  struct Item {
    Watch watch{};
    bool existed = false;  // when the watch was set
  };
  std::int64_t socket = 0;
  Zxid since{};
  std::vector<Item> watches{};
};

// ---- brokers and the controller; the client's administration ----

struct LeaderAndIsr {
  std::int64_t partitions = 0;
  /// Those among them whose ISR the broker is not in, with the leader to catch up with.
  std::vector<std::pair<NodeId, PartitionKey>> joining{};
};
struct UpdateMetadata {
  std::int64_t partitions = 0;
  std::vector<TopicNumber> created{};
  std::vector<TopicNumber> deleted{};
};
struct StopReplica {
  std::int64_t partitions = 0;
};
struct ControllerRequest {
  NodeId controller{};
  std::int64_t controller_epoch = 0;
  std::int64_t number = 0;
  std::variant<LeaderAndIsr, UpdateMetadata, StopReplica> body{};
};
struct ControllerReply {
  std::int64_t number = 0;
};
/// A follower has caught up with the receiver, which leads these partitions.
struct CaughtUp {
  std::vector<PartitionKey> partitions{};
};
/// A leader asks for members to be added to ISRs.
struct AlterPartition {
  std::vector<std::pair<PartitionKey, NodeId>> joined{};
};
struct AlterPartitionReply {
  bool accepted = false;  // else: not the controller
};
struct ControlledShutdown {};
struct ControlledShutdownReply {
  bool done = false;  // no partition is led by the broker any more
};
struct AdminRequest {
  std::uint64_t operation = 0;
  bool create = true;
  TopicNumber topic{};
  std::int32_t partitions = 0;
  std::int32_t replication = 0;
};
enum class AdminError : std::uint8_t {
  kNone,
  kNotController,
  kTopicExists,
  kUnknownTopic,
  kInvalidReplicationFactor,
};
/// Kafka's name of it.
[[nodiscard]] std::string line(AdminError error);
struct AdminReply {
  std::uint64_t operation = 0;
  AdminError error = AdminError::kNone;
  NodeId controller{-1};  // whom to ask instead; -1: not known
};

using Packet = std::variant<Notification, FollowerInfo, NotLeading, LeaderInfo, AckEpoch, Sync, AckNewLeader, UpToDate,
                            Proposal, Ack, Commit, QuorumPing, QuorumPong, Forward, Revalidate, Revalidated, LeaderGone,
                            ConnectRequest, ConnectResponse, SocketClosed, Ping, Pong, ClientRequest, ClientReply,
                            WatchEvent, SetWatches, ControllerRequest, ControllerReply, CaughtUp, AlterPartition,
                            AlterPartitionReply, ControlledShutdown, ControlledShutdownReply, AdminRequest, AdminReply>;

[[nodiscard]] std::string line(const Packet& packet);
[[nodiscard]] std::int64_t bytes(const Packet& packet);
/// Of the fields that decide what the receiver does.
[[nodiscard]] std::uint64_t fingerprint(const Packet& packet);

/// A packet as the world carries it.
class Message final : public world::Payload {
 public:
  explicit Message(Packet packet) : packet_(std::move(packet)) {}
  [[nodiscard]] const Packet& packet() const { return packet_; }
  [[nodiscard]] std::string text() const override { return line(packet_); }
  [[nodiscard]] std::int64_t size_bytes() const override { return bytes(packet_); }
  [[nodiscard]] std::uint64_t fingerprint() const override { return zookeeper::fingerprint(packet_); }

 private:
  Packet packet_;
};
using MessageRef = kraft::Ref<Message>;

}  // namespace kraftsim::zookeeper
