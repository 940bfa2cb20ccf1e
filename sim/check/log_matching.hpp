// LogMatching: if two logs hold a record with the same offset and epoch, they are the same up to there (Raft §5.3).
//
// Checked batch by batch: the first log to hold a batch at (epoch, offset) fixes its content and the epoch before it;
// every other must agree. Agreement on each predecessor gives agreement on the whole prefix, by induction.
#pragma once

#include <map>
#include <vector>

#include "sim/check/view.hpp"

namespace kraftsim::check {

class LogMatching {
 public:
  static constexpr Card kCard{"LogMatching", "Logs that share an (offset, epoch) are identical up to that record.",
                              "Raft §5.3; KIP-595", kBasic};
  static constexpr Facets kLooksAt = about::kProcess | about::kStanding | about::kLog | about::kDisk;
  [[nodiscard]] Broken check(const Step& step);

 private:
  struct Entry {
    kraft::records::BatchRef batch;
    Epoch epoch_before;
  };
  [[nodiscard]] Broken check_batch(NodeId node, const kraft::records::BatchRef& batch, Epoch epoch_before);

  std::map<Epoch, std::vector<Entry>> known_;  // by base offset within each epoch
};

}  // namespace kraftsim::check
