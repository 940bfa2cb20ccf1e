// LeaderCompleteness: whoever leads holds every record that was committed before (Raft §5.4). By log matching it is
// enough that the leader's log holds the last of them.
#pragma once

#include "sim/check/committed_history.hpp"
#include "sim/check/view.hpp"

namespace kraftsim::check {

class LeaderCompleteness {
 public:
  static constexpr Card kCard{"LeaderCompleteness", "A new leader's log holds every record committed before it.",
                              "Raft §5.4", kBasic};
  static constexpr Facets kLooksAt = about::kProcess | about::kStanding;
  [[nodiscard]] Broken check(const Step& step, const CommittedHistory& committed);
};

}  // namespace kraftsim::check
