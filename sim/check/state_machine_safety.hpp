// StateMachineSafety: no two nodes ever apply different records at an offset (Raft §5.4.3). What a node may apply is
// what lies below its high watermark, so that is what is compared.
#pragma once

#include "sim/check/committed_history.hpp"
#include "sim/check/view.hpp"

namespace kraftsim::check {

class StateMachineSafety {
 public:
  static constexpr Card kCard{"StateMachineSafety", "No two nodes call different records at one offset committed.",
                              "Raft §5.4.3; Kafka's ConsistentCommittedData", kBasic};
  static constexpr Facets kLooksAt = about::kState;
  [[nodiscard]] Broken check(const Step& step) { return history_.extend(step); }
  [[nodiscard]] const CommittedHistory& history() const { return history_; }

 private:
  CommittedHistory history_;
};

}  // namespace kraftsim::check
