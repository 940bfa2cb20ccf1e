// BrokerEpochsRise: every registration of a broker has a higher epoch than the one before, or an old incarnation's
// request could pass for the new one's (KIP-380, KIP-631).
#pragma once

#include <map>
#include <span>
#include <variant>

#include "sim/check/view.hpp"

namespace kraftsim::check {

class BrokerEpochsRise {
 public:
  static constexpr Card kCard{"BrokerEpochsRise",
                              "Every new incarnation of a broker has a higher broker epoch than the last.",
                              "KIP-631; KIP-380", kDelta};
  static constexpr Facets kLooksAt = about::kProcess | about::kCommits;

  [[nodiscard]] Broken check(std::span<const kraft::records::BatchRef> fresh) {
    for (const auto& batch : fresh) {
      const auto* records = std::get_if<kraft::records::MetadataRecords>(&batch->records);
      if (records == nullptr) continue;
      for (const auto& record : *records) {
        const auto* registered = std::get_if<kraft::records::RegisterBrokerRecord>(&record);
        if (registered == nullptr) continue;
        const auto [last, first] = registered_.emplace(registered->broker_id, *registered);
        // A process that registers again, because it got no answer, keeps the epoch that it has.
        const bool again = last->second.incarnation_id == registered->incarnation_id;
        if (!first && (again ? registered->broker_epoch < last->second.broker_epoch
                             : registered->broker_epoch <= last->second.broker_epoch)) {
          return "broker " + line(registered->broker_id) + " registered with epoch " + line(registered->broker_epoch) +
                 " after " + line(last->second.broker_epoch);
        }
        last->second = *registered;
      }
    }
    return {};
  }

 private:
  std::map<NodeId, kraft::records::RegisterBrokerRecord> registered_;  // the last of each
};

}  // namespace kraftsim::check
