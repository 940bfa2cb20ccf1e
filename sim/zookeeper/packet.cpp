// Lines, sizes and fingerprints of packets: one visit each, without a catch-all, so that a new packet cannot be
// forgotten in any of them.
#include "sim/zookeeper/packet.hpp"

#include <fmt/format.h>

#include <type_traits>

#include "core/base/overloaded.hpp"
#include "core/base/rng.hpp"

namespace kraftsim::zookeeper {

using kraft::overloaded;

namespace {

template <class P, class... Ps>
constexpr bool kIsOneOf = (std::is_same_v<P, Ps> || ...);

std::string line(PeerState state) {
  switch (state) {
    case PeerState::kLooking: return "looking";
    case PeerState::kFollowing: return "following";
    case PeerState::kLeading: return "leading";
  }
  return {};
}

std::string line(const ControllerRequest& request) {
  const std::string body = std::visit(
      overloaded{
          [](const LeaderAndIsr& b) {
            return fmt::format("LeaderAndIsr {} joining={}", b.partitions, b.joining.size());
          },
          [](const UpdateMetadata& b) {
            return fmt::format("UpdateMetadata {} created={} deleted={}", b.partitions, b.created.size(),
                               b.deleted.size());
          },
          [](const StopReplica& b) { return fmt::format("StopReplica {}", b.partitions); },
      },
      request.body);
  return fmt::format("{} controller={} e{} #{}", body, request.controller.value(), request.controller_epoch,
                     request.number);
}

/// Packets of headers and a few numbers.
template <class P>
concept FixedSize =
    kIsOneOf<P, Notification, FollowerInfo, NotLeading, LeaderInfo, AckEpoch, AckNewLeader, UpToDate, Ack, Commit,
             QuorumPing, Revalidate, Revalidated, LeaderGone, ConnectRequest, ConnectResponse, SocketClosed, Ping, Pong,
             WatchEvent, ControllerReply, AlterPartitionReply, ControlledShutdown, ControlledShutdownReply,
             AdminRequest, AdminReply>;

}  // namespace

std::string line(AdminError error) {
  switch (error) {
    case AdminError::kNone: return "ok";
    case AdminError::kNotController: return "NOT_CONTROLLER";
    case AdminError::kTopicExists: return "TOPIC_ALREADY_EXISTS";
    case AdminError::kUnknownTopic: return "UNKNOWN_TOPIC_OR_PARTITION";
    case AdminError::kInvalidReplicationFactor: return "INVALID_REPLICATION_FACTOR";
  }
  return {};
}

std::string line(const Packet& packet) {
  return std::visit(
      overloaded{
          [](const Notification& p) {
            return fmt::format("Notification {} vote={} {} e{} round={}", line(p.state), p.vote.leader.value(),
                               show(p.vote.zxid), p.vote.peer_epoch, p.round);
          },
          [](const FollowerInfo& p) { return fmt::format("FOLLOWERINFO e{}", p.accepted_epoch); },
          [](const NotLeading&) { return std::string("refused: not leading"); },
          [](const LeaderInfo& p) { return fmt::format("LEADERINFO e{}", p.epoch); },
          [](const AckEpoch& p) { return fmt::format("ACKEPOCH last={}", show(p.last_zxid)); },
          [](const Sync& p) { return fmt::format("DIFF keep={} +{} NEWLEADER", show(p.keep), p.txns.size()); },
          [](const AckNewLeader&) { return std::string("ACK NEWLEADER"); },
          [](const UpToDate& p) { return fmt::format("UPTODATE {}", show(p.committed)); },
          [](const Proposal& p) { return "PROPOSAL " + line(*p.txn); },
          [](const Ack& p) { return "ACK " + show(p.zxid); },
          [](const Commit& p) { return "COMMIT " + show(p.zxid); },
          [](const QuorumPing&) { return std::string("PING learner"); },
          [](const QuorumPong& p) { return fmt::format("PING touched={}", p.touched.size()); },
          [](const Forward& p) {
            const auto* request = std::get_if<Request>(&p.request);
            return fmt::format("REQUEST session={:x} xid={} {}", p.session.value(), p.xid,
                               request != nullptr ? line(*request) : std::string("open"));
          },
          [](const Revalidate& p) { return fmt::format("REVALIDATE session={:x}", p.session.value()); },
          [](const Revalidated& p) { return fmt::format("REVALIDATE session={:x} {}", p.session.value(), p.valid); },
          [](const LeaderGone&) { return std::string("closed by the leader"); },
          [](const ConnectRequest& p) {
            return fmt::format("ConnectRequest {:x} session={:x} timeout={} last={}", p.socket, p.session.value(),
                               kraft::line(p.timeout), show(p.last_zxid));
          },
          [](const ConnectResponse& p) {
            return fmt::format("ConnectResponse {:x} session={:x} timeout={}", p.socket, p.session.value(),
                               kraft::line(p.timeout));
          },
          [](const SocketClosed& p) { return fmt::format("closed {:x}", p.socket); },
          [](const Ping& p) { return fmt::format("ping {:x}", p.socket); },
          [](const Pong& p) { return fmt::format("pong {:x}", p.socket); },
          [](const ClientRequest& p) { return fmt::format("request {:x}#{} {}", p.socket, p.xid, line(p.request)); },
          [](const ClientReply& p) {
            return fmt::format("reply {:x}#{} {} v{} {}", p.socket, p.xid, line(p.result.error), p.result.version,
                               p.result.data ? line(p.result.data) : "");
          },
          [](const WatchEvent& p) {
            return fmt::format("event {:x} {}{}", p.socket, line(p.watch.path),
                               p.watch.kind == WatchKind::kChildren ? " children" : "");
          },
          [](const SetWatches& p) {
            return fmt::format("SetWatches {:x} since={} {}", p.socket, show(p.since), p.watches.size());
          },
          [](const ControllerRequest& p) { return line(p); },
          [](const ControllerReply& p) { return fmt::format("ControllerReply #{}", p.number); },
          [](const CaughtUp& p) { return fmt::format("CaughtUp {}", p.partitions.size()); },
          [](const AlterPartition& p) { return fmt::format("AlterPartition {}", p.joined.size()); },
          [](const AlterPartitionReply& p) {
            return std::string(p.accepted ? "AlterPartitionReply" : "AlterPartitionReply NOT_CONTROLLER");
          },
          [](const ControlledShutdown&) { return std::string("ControlledShutdown"); },
          [](const ControlledShutdownReply& p) { return fmt::format("ControlledShutdownReply done={}", p.done); },
          [](const AdminRequest& p) {
            return fmt::format("{} #{} topic={} partitions={} replication={}",
                               p.create ? "CreateTopics" : "DeleteTopics", p.operation, p.topic.value(),
                               p.partitions, p.replication);
          },
          [](const AdminReply& p) {
            return fmt::format("AdminReply #{} {} controller={}", p.operation, line(p.error), p.controller.value());
          },
      },
      packet);
}

std::int64_t bytes(const Packet& packet) {
  constexpr std::int64_t kSmall = 40;
  constexpr std::int64_t kPartition = 60;
  const auto count = [](const auto& items) { return static_cast<std::int64_t>(items.size()); };
  return std::visit(
      overloaded{
          [](const Sync& p) {
            std::int64_t total = 2 * kSmall;
            for (const TxnRef& txn : p.txns) total += bytes(*txn);
            return total;
          },
          [](const Proposal& p) { return kSmall + bytes(*p.txn); },
          [&](const QuorumPong& p) { return kSmall + 12 * count(p.touched); },
          [](const Forward& p) {
            const auto* request = std::get_if<Request>(&p.request);
            return kSmall + (request != nullptr ? bytes(*request) : kSmall);
          },
          [](const ClientRequest& p) { return bytes(p.request); },
          [](const ClientReply& p) { return bytes(p.result); },
          [&](const SetWatches& p) { return kSmall + 44 * count(p.watches); },
          [](const ControllerRequest& p) {
            const auto partitions = std::visit([](const auto& body) { return body.partitions; }, p.body);
            return 2 * kSmall + kPartition * partitions;
          },
          [&](const CaughtUp& p) { return kSmall + 24 * count(p.partitions); },
          [&](const AlterPartition& p) { return kSmall + kPartition * count(p.joined); },
          [kSmall]<FixedSize P>(const P&) { return kSmall; },
      },
      packet);
}

std::uint64_t fingerprint(const Packet& packet) {
  std::uint64_t hash = packet.index() + 1;
  const auto add = [&hash](std::int64_t value) {
    hash ^= static_cast<std::uint64_t>(value);
    hash = kraft::splitmix64(hash);
  };
  const auto add_path = [&add](const Path& path) {
    add(static_cast<std::int64_t>(path.kind));
    add(path.first);
    add(path.second);
  };
  std::visit(
      overloaded{
          [&](const Notification& p) {
            add(static_cast<std::int64_t>(p.state));
            add(p.vote.leader.value());
            add(p.vote.zxid.value());
            add(p.vote.peer_epoch);
            add(p.round);
          },
          [&](const FollowerInfo& p) { add(p.accepted_epoch); },
          [](const NotLeading&) {},
          [&](const LeaderInfo& p) { add(p.epoch); },
          [&](const AckEpoch& p) { add(p.last_zxid.value()); },
          [&](const Sync& p) {
            add(p.keep.value());
            for (const TxnRef& txn : p.txns) add(txn->zxid.value());
          },
          [](const AckNewLeader&) {},
          [&](const UpToDate& p) { add(p.committed.value()); },
          [&](const Proposal& p) {
            add(p.txn->zxid.value());
            add(p.txn->session.value());
            add(p.txn->xid);
          },
          [&](const Ack& p) { add(p.zxid.value()); },
          [&](const Commit& p) { add(p.zxid.value()); },
          [](const QuorumPing&) {},
          [&](const QuorumPong& p) {
            for (const SessionId session : p.touched) add(session.value());
          },
          [&](const Forward& p) {
            add(p.session.value());
            add(p.xid);
          },
          [&](const Revalidate& p) { add(p.session.value()); },
          [&](const Revalidated& p) {
            add(p.session.value());
            add(p.valid);
          },
          [](const LeaderGone&) {},
          [&](const ConnectRequest& p) {
            add(p.socket);
            add(p.session.value());
            add(p.last_zxid.value());
          },
          [&](const ConnectResponse& p) {
            add(p.socket);
            add(p.session.value());
            add(p.timeout.count());
          },
          [&](const SocketClosed& p) { add(p.socket); },
          [&](const Ping& p) { add(p.socket); },
          [&](const Pong& p) { add(p.socket); },
          [&](const ClientRequest& p) {
            add(p.socket);
            add(p.xid);
            add(static_cast<std::int64_t>(p.request.index()));
          },
          [&](const ClientReply& p) {
            add(p.socket);
            add(p.xid);
            add(p.zxid.value());
            add(static_cast<std::int64_t>(p.result.error));
            add(p.result.version);
          },
          [&](const WatchEvent& p) {
            add(p.socket);
            add_path(p.watch.path);
          },
          [&](const SetWatches& p) {
            add(p.socket);
            for (const SetWatches::Item& item : p.watches) add_path(item.watch.path);
          },
          [&](const ControllerRequest& p) {
            add(p.controller.value());
            add(p.controller_epoch);
            add(p.number);
            add(static_cast<std::int64_t>(p.body.index()));
            add(std::visit([](const auto& body) { return body.partitions; }, p.body));
          },
          [&](const ControllerReply& p) { add(p.number); },
          [&](const CaughtUp& p) { add(static_cast<std::int64_t>(p.partitions.size())); },
          [&](const AlterPartition& p) { add(static_cast<std::int64_t>(p.joined.size())); },
          [&](const AlterPartitionReply& p) { add(p.accepted); },
          [](const ControlledShutdown&) {},
          [&](const ControlledShutdownReply& p) { add(p.done); },
          [&](const AdminRequest& p) {
            add(static_cast<std::int64_t>(p.operation));
            add(p.topic.value());
          },
          [&](const AdminReply& p) {
            add(static_cast<std::int64_t>(p.operation));
            add(static_cast<std::int64_t>(p.error));
          },
      },
      packet);
  return hash;
}

}  // namespace kraftsim::zookeeper
