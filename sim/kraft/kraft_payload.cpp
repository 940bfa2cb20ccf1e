// What a message adds to a run's digest: its addresses, its kind, and the numbers that steer the protocol.
#include "sim/kraft/kraft_payload.hpp"

#include "core/base/overloaded.hpp"

namespace kraftsim::kraft_host {
namespace {

namespace raft = kraft::raft;
namespace node = kraft::node;

/// Order-dependent mixing of a few integers; cheaper than a Digest for so few.
class Mix {
 public:
  Mix& add(std::int64_t value) {
    state_ = (state_ ^ static_cast<std::uint64_t>(value)) * 0x9e3779b97f4a7c15U;
    state_ ^= state_ >> 32U;
    return *this;
  }
  template <class Tag, class Rep, bool kSteps>
  Mix& add(kraft::Strong<Tag, Rep, kSteps> value) {
    return add(static_cast<std::int64_t>(value.value()));
  }
  template <class T>
  Mix& add(const std::optional<T>& value) {
    return value ? add(*value) : add(std::int64_t{-1});
  }
  Mix& add(const raft::LeaderAndEpoch& leader) { return add(leader.leader_id).add(leader.epoch); }
  [[nodiscard]] std::uint64_t value() const { return state_; }

 private:
  std::uint64_t state_ = 0x243f6a8885a308d3U;
};

void add_body(Mix& mix, const raft::Body& body) {
  std::visit(kraft::overloaded{
                 [&](const raft::VoteRequest& m) {
                   mix.add(m.epoch).add(m.last_epoch).add(m.last_offset).add(m.pre_vote ? 1 : 0);
                 },
                 [&](const raft::VoteResponse& m) { mix.add(m.leader).add(m.vote_granted ? 1 : 0); },
                 [&](const raft::BeginQuorumEpochRequest& m) { mix.add(m.epoch); },
                 [&](const raft::BeginQuorumEpochResponse& m) { mix.add(m.leader); },
                 [&](const raft::EndQuorumEpochRequest& m) { mix.add(m.epoch); },
                 [&](const raft::EndQuorumEpochResponse& m) { mix.add(m.leader); },
                 [&](const raft::FetchRequest& m) {
                   mix.add(m.current_leader_epoch).add(m.fetch_offset).add(m.last_fetched_epoch).add(m.high_watermark);
                 },
                 [&](const raft::FetchResponse& m) {
                   mix.add(m.leader).add(m.high_watermark).add(static_cast<std::int64_t>(m.error));
                   if (m.diverging) mix.add(m.diverging->epoch).add(m.diverging->end_offset);
                   for (const auto& batch : m.batches)
                     mix.add(batch->base_offset).add(batch->epoch).add(batch->size_bytes);
                   if (m.snapshot_id) mix.add(m.snapshot_id->offset).add(m.snapshot_id->epoch);
                 },
                 [&](const raft::FetchSnapshotRequest& m) {
                   mix.add(m.current_leader_epoch).add(m.snapshot_id.offset).add(m.snapshot_id.epoch).add(m.position);
                 },
                 [&](const raft::FetchSnapshotResponse& m) {
                   mix.add(m.leader).add(static_cast<std::int64_t>(m.error)).add(m.position).add(m.bytes);
                 },
                 [&](const raft::AddRaftVoterRequest& m) { mix.add(m.voter.id); },
                 [&](const raft::RemoveRaftVoterRequest& m) { mix.add(m.voter.id); },
                 [&](const raft::UpdateFeaturesRequest& m) { mix.add(m.kraft_version); },
                 [&](const raft::UpdateRaftVoterRequest& m) {
                   mix.add(m.current_leader_epoch).add(m.voter.id);
                   mix.add(m.voter.supported.min).add(m.voter.supported.max);
                 },
                 [](const raft::ApiVersionsRequest&) {},
                 [&](const raft::ApiVersionsResponse& m) { mix.add(m.kraft_version.min).add(m.kraft_version.max); },
                 // The answers to changes of the quorum.
                 [&](const auto& m) { mix.add(m.leader).add(static_cast<std::int64_t>(m.error)); },
             },
             body);
}

}  // namespace

std::uint64_t KraftPayload::fingerprint() const {
  Mix mix;
  if (const auto* m = std::get_if<raft::Message>(&message_)) {
    mix.add(m->from).add(m->to).add(m->correlation_id).add(static_cast<std::int64_t>(m->body.index()));
    add_body(mix, m->body);
  } else {
    const auto& rpc = std::get<node::Rpc>(message_);
    mix.add(rpc.from).add(rpc.to).add(rpc.correlation_id).add(static_cast<std::int64_t>(rpc.body.index()) + 100);
    mix.add(rpc.controller_id).add(node::size_bytes(message_));
  }
  return mix.value();
}

}  // namespace kraftsim::kraft_host
