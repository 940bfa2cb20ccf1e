// Text and sizes of records, and how a batch is made.
//
// The sizes are estimates from the fields (a frame of 8 bytes, a UUID of 16, an id of 4, ...), good to about a third;
// the simulated network and disk charge by them. It must not know who appends a batch or where it goes.
#include "core/records/record.hpp"

#include <fmt/format.h>

#include <utility>

#include "core/base/check.hpp"
#include "core/base/overloaded.hpp"

namespace kraft::records {
namespace {

constexpr std::int64_t kBatchOverhead = 61;  // Kafka's record batch v2 header
constexpr std::int64_t kRecordFrame = 8;     // length, attributes, deltas, api key and version as varints
constexpr std::int64_t kUuid = 16;
constexpr std::int64_t kInt32 = 4;
constexpr std::int64_t kInt64 = 8;

std::int64_t ids_size(const std::vector<NodeId>& ids) { return 1 + kInt32 * static_cast<std::int64_t>(ids.size()); }
std::int64_t text_size(const std::string& text) { return 1 + static_cast<std::int64_t>(text.size()); }

std::int64_t size_bytes(const ControlRecord& record) {
  return std::visit(overloaded{[](const LeaderChangeMessage& r) {
                                 return kRecordFrame + kInt32 + ids_size(r.voters) + ids_size(r.granting_voters);
                               },
                               [](const SnapshotHeaderRecord&) { return kRecordFrame + kInt64; },
                               [](const SnapshotFooterRecord&) { return kRecordFrame; },
                               [](const KRaftVersionRecord&) { return kRecordFrame + kInt32; },
                               [](const VotersRecord& r) {
                                 constexpr std::int64_t kEndpoints = 24;  // one name and port, and the versions
                                 return kRecordFrame + static_cast<std::int64_t>(r.voters.size()) *
                                                           (kInt32 + kUuid + kEndpoints);
                               }},
                    record);
}

template <class Record>
std::int64_t total_size(const std::vector<Record>& records) {
  std::int64_t total = 0;
  for (const Record& record : records) total += size_bytes(record);
  return total;
}

}  // namespace

RecordBatch::RecordBatch(Offset base, Epoch leader_epoch, Time appended,
                         std::variant<MetadataRecords, ControlRecords> content)
    : base_offset(base), epoch(leader_epoch), append_time(appended), records(std::move(content)) {
  count = std::visit([](const auto& list) { return static_cast<std::int64_t>(list.size()); }, records);
  size_bytes = kBatchOverhead + std::visit([](const auto& list) { return total_size(list); }, records);
  ENSURE_GT(count, 0, "a batch holds at least one record");
}

std::int64_t total_size(const MetadataRecords& records) { return total_size<MetadataRecord>(records); }

bool RecordBatch::same_content(const RecordBatch& other) const {
  return base_offset == other.base_offset && epoch == other.epoch && records == other.records;
}

BatchRef make_batch(Offset base, Epoch epoch, Time appended, MetadataRecords records) {
  return share<RecordBatch>(base, epoch, appended, std::move(records));
}

BatchRef make_batch(Offset base, Epoch epoch, Time appended, ControlRecords records) {
  return share<RecordBatch>(base, epoch, appended, std::move(records));
}

std::string line(const MetadataRecord& record) {
  return std::visit(
      overloaded{
          [](const RegisterBrokerRecord& r) {
            return fmt::format("RegisterBroker(broker={} epoch={}{}{}{})", line(r.broker_id), line(r.broker_epoch),
                               r.rack ? " rack=" + *r.rack : "", r.fenced ? " fenced" : "",
                               r.in_controlled_shutdown ? " shutting-down" : "");
          },
          [](const UnregisterBrokerRecord& r) {
            return fmt::format("UnregisterBroker(broker={} epoch={})", line(r.broker_id), line(r.broker_epoch));
          },
          [](const TopicRecord& r) { return fmt::format("Topic({} id={})", r.name, line(r.topic_id)); },
          [](const PartitionRecord& r) {
            return fmt::format("Partition({}-{} replicas={} isr={} leader={} e{} pe{})", line(r.topic_id),
                               line(r.partition_id), line(r.replicas), line(r.isr), line(r.leader),
                               line(r.leader_epoch), line(r.partition_epoch));
          },
          [](const PartitionChangeRecord& r) {
            return fmt::format("PartitionChange({}-{}{}{})", line(r.topic_id), line(r.partition_id),
                               r.isr ? " isr=" + line(*r.isr) : "", r.leader ? " leader=" + line(*r.leader) : "");
          },
          [](const RemoveTopicRecord& r) { return fmt::format("RemoveTopic({})", line(r.topic_id)); },
          [](const BrokerRegistrationChangeRecord& r) {
            return fmt::format("BrokerRegistrationChange(broker={} epoch={}{}{})", line(r.broker_id),
                               line(r.broker_epoch), !r.fenced ? "" : *r.fenced ? " fence" : " unfence",
                               r.enter_controlled_shutdown ? " shutting-down" : "");
          },
          [](const NoOpRecord&) { return std::string("NoOp"); }},
      record);
}

std::string line(const ControlRecord& record) {
  return std::visit(overloaded{[](const LeaderChangeMessage& r) {
                                 return fmt::format("LeaderChange(leader={} voters={} granted={})", line(r.leader_id),
                                                    line(r.voters), line(r.granting_voters));
                               },
                               [](const SnapshotHeaderRecord& r) {
                                 return "SnapshotHeader(last=" + kraft::line(r.last_contained_log_timestamp) + ")";
                               },
                               [](const SnapshotFooterRecord&) { return std::string("SnapshotFooter"); },
                               [](const KRaftVersionRecord& r) {
                                 return fmt::format("KRaftVersion({})", r.kraft_version);
                               },
                               [](const VotersRecord& r) {
                                 std::string text;
                                 for (const VotersRecord::Voter& voter : r.voters) {
                                   const DirectoryId& directory = voter.voter_directory_id;
                                   text += (text.empty() ? "" : ",") + line(voter.voter_id);
                                   if (!directory.is_zero()) text += "/" + line(directory);
                                   text += fmt::format(":{}-{}", voter.min_supported_version,
                                                       voter.max_supported_version);
                                 }
                                 return "Voters(" + text + ")";
                               }},
                    record);
}

std::string line(const RecordBatch& batch, std::size_t limit) {
  std::string text = fmt::format("[{}..{})@{}", line(batch.base_offset), line(batch.end_offset()), line(batch.epoch));
  if (limit == 0) return text;
  std::visit(
      [&](const auto& list) {
        for (std::size_t i = 0; i < list.size() && i < limit; ++i) text += (i == 0 ? " " : ", ") + line(list[i]);
        if (list.size() > limit) text += fmt::format(", {} more", list.size() - limit);
      },
      batch.records);
  return text;
}

std::int64_t size_bytes(const MetadataRecord& record) {
  return kRecordFrame +
         std::visit(overloaded{
                        [](const RegisterBrokerRecord& r) {
                          return kInt32 + kUuid + kInt64 + 2 + (r.rack ? text_size(*r.rack) : 1);
                        },
                        [](const UnregisterBrokerRecord&) { return kInt32 + kInt64; },
                        [](const TopicRecord& r) { return text_size(r.name) + kUuid; },
                        [](const PartitionRecord& r) {
                          return kUuid + 4 * kInt32 + ids_size(r.replicas) + ids_size(r.isr);
                        },
                        [](const PartitionChangeRecord& r) {
                          return kUuid + kInt32 + (r.isr ? ids_size(*r.isr) : 0) + (r.leader ? kInt32 : 0);
                        },
                        [](const RemoveTopicRecord&) { return kUuid; },
                        [](const BrokerRegistrationChangeRecord&) { return kInt32 + kInt64 + 2; },
                        [](const NoOpRecord&) { return std::int64_t{0}; },
                    },
                    record);
}

}  // namespace kraft::records
