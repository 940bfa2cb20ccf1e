// PartitionsSound: every committed change leaves its partitions with an ISR of assigned replicas and a leader from
// the ISR, or none (KIP-631, KIP-966). Looked at where the change is committed first, on the image that has it
// applied.
#pragma once

#include <algorithm>
#include <optional>
#include <span>
#include <variant>

#include "sim/check/view.hpp"

namespace kraftsim::check {

class PartitionsSound {
 public:
  static constexpr Card kCard{"PartitionsSound",
                              "Of every partition the ISR is among the replicas and the leader in the ISR.",
                              "KIP-631; ReplicationControlManager", kBasic};
  static constexpr Facets kLooksAt = about::kProcess | about::kCommits;

  /// `fresh` are the batches that the history has grown by.
  [[nodiscard]] Broken check(const Step& step, std::span<const kraft::records::BatchRef> fresh) const {
    for (const auto& batch : fresh) {
      const auto* records = std::get_if<kraft::records::MetadataRecords>(&batch->records);
      if (records == nullptr) continue;
      for (const auto& record : *records) {
        const auto id = partition_of(record);
        const auto* partition = id ? step.after->image->partition(*id) : nullptr;
        if (partition == nullptr) continue;
        const bool isr = std::ranges::all_of(
            partition->isr, [&](NodeId node) { return kraft::metadata::contains(partition->replicas, node); });
        const bool leader = partition->leader == kraft::records::kNoLeader ||
                            kraft::metadata::contains(partition->isr, partition->leader);
        if (!isr || !leader) return line(*id) + " is " + line(*partition) + " after " + line(*batch);
      }
    }
    return {};
  }

 private:
  static std::optional<kraft::metadata::TopicPartition> partition_of(const kraft::records::MetadataRecord& record) {
    if (const auto* made = std::get_if<kraft::records::PartitionRecord>(&record)) {
      return kraft::metadata::TopicPartition{made->topic_id, made->partition_id};
    }
    if (const auto* change = std::get_if<kraft::records::PartitionChangeRecord>(&record)) {
      return kraft::metadata::TopicPartition{change->topic_id, change->partition_id};
    }
    return {};
  }
};

}  // namespace kraftsim::check
