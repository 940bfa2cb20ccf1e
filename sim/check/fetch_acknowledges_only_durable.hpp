// FetchAcknowledgesOnlyDurable: a voter's Fetch at an offset tells its leader that all below is there for good, so it
// must be synced on the disk by the time the Fetch leaves (KIP-595; KAFKA-10533, KAFKA-17332).
#pragma once

#include <variant>

#include "sim/check/view.hpp"

namespace kraftsim::check {

class FetchAcknowledgesOnlyDurable {
 public:
  static constexpr Card kCard{"FetchAcknowledgesOnlyDurable", "A voter fetches only from where its disk is synced.",
                              "KIP-595; KAFKA-10533; KAFKA-17332", kDelta, kOfOneProcess};
  static constexpr Facets kLooksAt = about::kFetches;

  [[nodiscard]] Broken check(const Step& step) const {
    if (!step.after->voter) return {};
    for (const Message* message : step.sent) {
      const auto* fetch = std::get_if<kraft::raft::FetchRequest>(&message->body);
      if (fetch == nullptr || fetch->fetch_offset <= step.after->synced_end) continue;
      return "n" + line(message->from) + " fetches from " + line(fetch->fetch_offset) + ", its disk is synced to " +
             line(step.after->synced_end);
    }
    return {};
  }
};

}  // namespace kraftsim::check
