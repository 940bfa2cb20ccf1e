// FencedBrokerLeadsNothing: once it is committed that a broker is fenced, it leads no partition (KIP-631): the change
// and the elections that follow from it are one batch.
#pragma once

#include <span>
#include <variant>

#include "sim/check/view.hpp"

namespace kraftsim::check {

class FencedBrokerLeadsNothing {
 public:
  static constexpr Card kCard{"FencedBrokerLeadsNothing", "A fenced broker leads no partition.",
                              "KIP-631; ReplicationControlManager.handleBrokerFenced"};
  static constexpr Facets kLooksAt = about::kProcess | about::kCommits;

  [[nodiscard]] Broken check(const Step& step, std::span<const kraft::records::BatchRef> fresh) const {
    for (const auto& batch : fresh) {
      const auto* records = std::get_if<kraft::records::MetadataRecords>(&batch->records);
      if (records == nullptr) continue;
      for (const auto& record : *records) {
        const auto* change = std::get_if<kraft::records::BrokerRegistrationChangeRecord>(&record);
        if (change == nullptr || change->fenced != true) continue;
        const auto* broker = step.after->image->brokers.find(change->broker_id);
        const std::int64_t leads = step.after->image->leaders_on(change->broker_id);
        if (broker == nullptr || !broker->fenced || leads == 0) continue;
        return "broker " + line(change->broker_id) + " is fenced and leads " + std::to_string(leads) + " partitions";
      }
    }
    return {};
  }
};

}  // namespace kraftsim::check
