// CommittedIsDurable: what is committed is, at that moment and ever after, on the synced part of a majority of the
// voters' disks: it survives any crash of all processes (Raft §5.3, §3.8 of the thesis; KAFKA-10533). A voter whose
// disk was taken away, or lost what it had called durable, kept its word: the others miss it by the key that is gone
// (KIP-853), or whoever judges the run knows of its disk.
#pragma once

#include "sim/check/committed_history.hpp"
#include "sim/check/view.hpp"

namespace kraftsim::check {

class CommittedIsDurable {
 public:
  static constexpr Card kCard{"CommittedIsDurable", "Every committed record is synced on a majority of voters' disks.",
                              "Raft thesis §3.8; KIP-595; KAFKA-10533", kBasic};
  static constexpr Facets kLooksAt = about::kProcess | about::kCommits | about::kDisk;
  [[nodiscard]] Broken check(const Step& step, const CommittedHistory& committed);

 private:
  kraft::raft::VoterSet voters_;  // of whoever committed last; empty: all controllers
};

}  // namespace kraftsim::check
