// FencedBrokerLeadsNothing: a broker that is fenced in what is committed leads no partition in it (KIP-631): the
// change and the elections that follow from it are one batch. Looked at are the brokers that a batch registers, fences
// or makes leaders.
#pragma once

#include <span>
#include <variant>

#include "core/base/overloaded.hpp"
#include "sim/check/view.hpp"

namespace kraftsim::check {

class FencedBrokerLeadsNothing {
 public:
  static constexpr Card kCard{"FencedBrokerLeadsNothing", "A fenced broker leads no partition.",
                              "KIP-631; ReplicationControlManager.handleBrokerFenced", kBasic};
  static constexpr Facets kLooksAt = about::kProcess | about::kCommits;

  [[nodiscard]] Broken check(const Step& step, std::span<const kraft::records::BatchRef> fresh) const {
    for (const auto& batch : fresh) {
      const auto* records = std::get_if<kraft::records::MetadataRecords>(&batch->records);
      if (records == nullptr) continue;
      for (const auto& record : *records) {
        const NodeId id = named_by(record);
        const auto* broker = id == kraft::records::kNoLeader ? nullptr : step.after->image->brokers.find(id);
        if (broker == nullptr || !broker->fenced) continue;
        const std::int64_t leads = step.after->image->leaders_on(id);
        if (leads == 0) continue;
        return "broker " + line(id) + " is fenced and leads " + std::to_string(leads) + " partitions";
      }
    }
    return {};
  }

 private:
  /// The broker that the record registers, changes or makes a leader; kNoLeader if there is none.
  static NodeId named_by(const kraft::records::MetadataRecord& record) {
    using namespace kraft::records;
    return std::visit(
        kraft::overloaded{[](const RegisterBrokerRecord& r) { return r.broker_id; },
                          [](const BrokerRegistrationChangeRecord& r) { return r.broker_id; },
                          [](const PartitionRecord& r) { return r.leader; },
                          [](const PartitionChangeRecord& r) { return r.leader.value_or(kNoLeader); },
                          [](const auto&) { return kNoLeader; }},
        record);
  }
};

}  // namespace kraftsim::check
