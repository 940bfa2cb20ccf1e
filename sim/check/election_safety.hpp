// ElectionSafety: at most one leader per epoch (Raft §5.2, Figure 3), and nobody takes another for it. Leaders are
// taken at their role and followers at their word; either is enough to convict.
#pragma once

#include <map>

#include "sim/check/view.hpp"

namespace kraftsim::check {

class ElectionSafety {
 public:
  static constexpr Card kCard{"ElectionSafety", "At most one node leads in any epoch, and all agree on which.",
                              "Raft §5.2; KIP-595", kBasic};
  static constexpr Facets kLooksAt = about::kProcess | about::kStanding;
  [[nodiscard]] Broken check(const Step& step);

 private:
  std::map<Epoch, NodeId> leaders_;  // as first seen or heard of
};

}  // namespace kraftsim::check
