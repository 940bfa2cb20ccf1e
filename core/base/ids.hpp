// The identities and positions that every room speaks of, under Kafka's names.
//
// A node id names a controller or a broker; Kafka numbers both from one space, so both are NodeId here. A directory id
// names one disk's log directory (KIP-858, KIP-853): together with the node id it is a voter's identity, so that a
// wiped disk is never taken for the voter it used to be.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "core/base/strong.hpp"

namespace kraft {

using NodeId = Strong<struct NodeIdTag, std::int32_t>;
using Epoch = Strong<struct EpochTag, std::int32_t, true>;              // Raft's term
using Offset = Strong<struct OffsetTag, std::int64_t, true>;            // a position in the log; ends are exclusive
using BrokerEpoch = Strong<struct BrokerEpochTag, std::int64_t>;        // one per incarnation of a broker
using PartitionId = Strong<struct PartitionIdTag, std::int32_t>;        // within its topic
using LeaderEpoch = Strong<struct LeaderEpochTag, std::int32_t, true>;  // of a partition, not of the quorum
using PartitionEpoch = Strong<struct PartitionEpochTag, std::int32_t, true>;
using CorrelationId = Strong<struct CorrelationIdTag, std::int64_t, true>;

/// 128 bits that name a thing for good. Kafka prints them in URL-safe base64 without padding.
struct Uuid {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  friend constexpr auto operator<=>(const Uuid&, const Uuid&) = default;
  [[nodiscard]] constexpr bool is_zero() const { return high == 0 && low == 0; }
};

/// Kafka's 22-character form, e.g. "AAAAAAAAAAAAAAAAAAAAAQ".
[[nodiscard]] std::string line(const Uuid& id);

/// "[1,2,3]".
[[nodiscard]] std::string line(const std::vector<NodeId>& ids);

using TopicId = Uuid;
using DirectoryId = Uuid;

}  // namespace kraft
