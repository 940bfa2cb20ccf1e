// VotersChangeOneByOne: from one committed set of voters to the next, one voter comes or one goes, so that majorities
// of the two overlap (Raft thesis §4.1; KIP-853). A voter with another directory is another voter. The upgrade to
// kraft.version 1 changes none.
#pragma once

#include <algorithm>
#include <iterator>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "sim/check/view.hpp"

namespace kraftsim::check {

class VotersChangeOneByOne {
 public:
  static constexpr Card kCard{"VotersChangeOneByOne", "Successive voter sets differ by one voter at most.",
                              "Raft thesis §4.1; KIP-853", kDelta};
  static constexpr Facets kLooksAt = about::kProcess | about::kCommits;

  [[nodiscard]] Broken check(const Step& step, std::span<const kraft::records::BatchRef> fresh) {
    for (const auto& batch : fresh) {
      const auto* control = std::get_if<kraft::records::ControlRecords>(&batch->records);
      if (control == nullptr) continue;
      for (const auto& record : *control) {
        const auto* voters = std::get_if<kraft::records::VotersRecord>(&record);
        if (voters == nullptr) continue;
        const Keys next = keys_of(*voters);
        Keys changed;
        std::ranges::set_symmetric_difference(last_, next, std::back_inserter(changed));
        if (!last_.empty() && changed.size() > 1) {
          return std::to_string(changed.size()) + " voters came or went with " + line(*batch);
        }
        if (last_.empty() && !upgrades(step.after->configured_voters, next)) {
          return "an upgrade changed the voters with " + line(*batch);
        }
        last_ = next;
      }
    }
    return {};
  }

 private:
  using Keys = std::vector<kraft::raft::ReplicaKey>;
  /// The first set in the log holds the configured voters, if there are any, now with their directories.
  static bool upgrades(const kraft::raft::VoterSet* configured, const Keys& first) {
    return configured == nullptr || configured->size() == 0 ||
           std::ranges::equal(configured->ids(), first, {}, {}, &kraft::raft::ReplicaKey::id);
  }
  static Keys keys_of(const kraft::records::VotersRecord& record) {
    Keys keys;
    for (const auto& voter : record.voters) keys.push_back({voter.voter_id, voter.voter_directory_id});
    std::ranges::sort(keys);
    return keys;
  }
  Keys last_;
};

}  // namespace kraftsim::check
