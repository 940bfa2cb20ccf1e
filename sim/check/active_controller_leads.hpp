// ActiveControllerLeads: a controller decides only while its node leads, only once it has applied everything up to
// the start of its own epoch, and always on the state that its next record will meet (KAFKA-15345, KAFKA-17333;
// QuorumController).
#pragma once

#include <string>

#include "sim/check/view.hpp"

namespace kraftsim::check {

class ActiveControllerLeads {
 public:
  static constexpr Card kCard{
      "ActiveControllerLeads",
      "Who acts as controller leads, has applied its epoch's start, and decides on all it wrote.",
      "KIP-631; KAFKA-15345; KAFKA-13100", kBasic, kOfOneProcess};
  static constexpr Facets kLooksAt =
      about::kProcess | about::kStanding | about::kImage | about::kActive | about::kWriting;

  [[nodiscard]] Broken check(const Step& step) const {
    const NodeView& now = *step.after;
    if (!now.up || !now.active || now.writing) return {};
    std::string but;
    if (now.role != kraft::raft::Role::kLeader) {
      but = " and is " + line(now.role);
    } else if (now.image_end <= now.epoch_start) {
      but = ", which starts at " + line(now.epoch_start) + ", with an image of " + line(now.image_end);
    } else if (now.ahead_end != now.next_append) {
      but = " on a state as of " + line(now.ahead_end) + " where its next record is " + line(now.next_append);
    } else {
      return {};
    }
    return "n" + line(now.id) + " acts as controller of epoch " + line(now.epoch) + but;
  }
};

}  // namespace kraftsim::check
