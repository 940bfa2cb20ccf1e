// Sizes are a handful of records and times a few fetch time-outs, so that a run of seconds has many snapshots and
// changes of the voters.
#include "sim/scenario/draw_quorum.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "sim/scenario/dice.hpp"
#include "sim/scenario/drawn_faults.hpp"
#include "sim/scenario/duration_text.hpp"

namespace kraftsim::scenario {
namespace {

using kraft::Duration;
using std::chrono::milliseconds;

class QuorumDrawing {
 public:
  QuorumDrawing(std::uint64_t seed, Duration tempo, Duration length, Document& document)
      : seed_(seed), tempo_(tempo), length_(length), document_(document), faults_(document, length) {}

  void draw() {
    voters(Dice(seed_, "swarm voters"));
    snapshots(Dice(seed_, "swarm snapshots"));
    broken_disks(Dice(seed_, "swarm disks"));
    Dice dice(seed_, "swarm liveness");
    if (dice.chance(3, 4)) {
      document_["liveness"] = {{"core", dice.weighted<const char*>({{"auto", 3}, {"majority", 2}, {"all", 1}})}};
    }
  }

 private:
  void change(Duration at, const char* act, std::int64_t controller) {
    document_["workload"].push_back({{act, {{"at", duration_value(at)}, {"controller", controller}}}});
  }
  /// At any time, or in the wake of some fault: a leader that is about to fall is the one to ask.
  Duration a_moment(Dice& dice, const std::vector<Duration>& faults) {
    if (faults.empty() || dice.chance(1, 2)) return dice.in_ms(Duration(0), length_);
    const Duration fault = faults[static_cast<std::size_t>(dice.rng().below(faults.size()))];
    return std::max(Duration(0), fault + dice.in_ms(-tempo_ / 4, tempo_));
  }

  void voters(Dice dice) {
    if (!dice.chance(2, 5)) return;
    std::vector<Duration> faults;
    for (const Document& fault : document_["faults"]) faults.push_back(time_of(fault));
    // First, since a new member moves the others.
    if (!document_.contains("workload")) document_["workload"] = Document::array();
    Document& controllers = document_["cluster"]["controllers"];
    const auto count = controllers["count"].get<std::int64_t>();
    const std::int64_t observers = dice.weighted<std::int64_t>({{0, 3}, {1, 4}, {2, 2}});
    controllers["observers"] = observers;
    const bool in_the_log = dice.chance(3, 4);
    if (in_the_log) {
      controllers["kraft_version"] = 1;
    } else {
      const Duration at = dice.in_ms(Duration(0), length_ / 2);
      document_["workload"].push_back({{"finalize", {{"at", duration_value(at)}, {"kraft_version", 1}}}});
    }
    if (dice.chance(1, 3)) controllers["config"]["controller.quorum.auto.join.enable"] = 1;
    std::vector<bool> votes(static_cast<std::size_t>(count + observers + 1), false);
    std::fill(votes.begin(), votes.begin() + count + 1, true);
    std::vector<Duration> moments(dice.weighted<std::size_t>({{1, 1}, {3, 2}, {8, 2}, {16, 1}}));
    for (Duration& at : moments) at = a_moment(dice, faults);
    std::ranges::sort(moments);
    for (const Duration at : moments) {
      const std::int64_t who = dice.one_to(count + observers);
      const auto index = static_cast<std::size_t>(who);
      if (!dice.chance(1, 8)) votes[index] = !votes[index];  // now and then what is done already is asked for
      change(at, votes[index] ? "add_voter" : "remove_voter", who);
    }
    if (in_the_log && dice.chance(1, 2)) replace_disk(dice, dice.one_to(count));
  }

  /// A voter comes back on an empty disk; it is removed, and added with the new one.
  void replace_disk(Dice& dice, std::int64_t who) {
    const Duration at = dice.in_ms(Duration(0), length_ * 3 / 4);
    const Duration back = at + dice.in_ms(milliseconds(1), tempo_ * 2);
    const Duration removed = at + dice.in_ms(Duration(0), tempo_ * 3);
    faults_.add(at, "crash",
              {{"node", fmt::format("controller:{}", who)},
               {"wipe", true},
               {"restart_after", duration_value(back - at)}});
    change(removed, "remove_voter", who);
    change(std::max(removed, back) + dice.in_ms(Duration(0), tempo_ * 2), "add_voter", who);
  }

  /// A snapshot must live as long as it takes to fetch it, or whoever is behind never catches up.
  void snapshots(Dice dice) {
    if (!dice.chance(2, 5)) return;
    const std::int64_t every = dice.weighted<std::int64_t>({{300, 2}, {1'500, 2}, {6'000, 1}});
    const std::int64_t retained = dice.weighted<std::int64_t>({{0, 2}, {1'000, 2}, {10'000, 1}});
    const std::int64_t drawn = dice.weighted<std::int64_t>({{100, 2}, {300, 2}, {1'000, 1}, {4'000, 1}, {1 << 20, 1}});
    // With topics that come and go it grows to tens of kilobytes.
    const std::int64_t chunk = document_["cluster"].contains("topics") ? std::max<std::int64_t>(drawn, 4'000) : drawn;
    const std::int64_t clean = tempo_ / milliseconds(1) * dice.weighted<std::int64_t>({{1, 2}, {3, 1}});
    for (const char* role : {"controllers", "brokers"}) {
      Document& config = document_["cluster"][role]["config"];
      config["metadata.log.max.record.bytes.between.snapshots"] = every;
      config["metadata.max.retention.bytes"] = retained;
      config["metadata.log.clean.interval.ms"] = clean;
      config["controller.quorum.fetch.snapshot.max.bytes"] = chunk;
    }
  }

  /// What no protocol survives, on few disks: whoever is not struck must still keep its word.
  void broken_disks(Dice dice) {
    if (!dice.chance(1, 16)) return;
    const auto count = document_["cluster"]["controllers"]["count"].get<std::int64_t>();
    for (std::int64_t left = dice.one_to(2); left > 0; --left) {
      const std::string node = fmt::format("controller:{}", dice.one_to(count));
      const Duration at = dice.in_ms(Duration(0), length_);
      const Duration dies = at + dice.in_ms(Duration(0), tempo_ * 2);
      const std::string restart_after = duration_value(dice.in_ms(milliseconds(1), tempo_ * 2));
      faults_.break_disk(
          dice, {.node = node, .at = at, .lies_for = tempo_ * 3, .dies = dies, .restart_after = restart_after});
    }
  }

  std::uint64_t seed_;
  Duration tempo_;
  Duration length_;
  Document& document_;
  DrawnFaults faults_;
};

}  // namespace

void draw_quorum(std::uint64_t seed, Duration tempo, Duration length, Document& document) {
  QuorumDrawing(seed, tempo, length, document).draw();
}

}  // namespace kraftsim::scenario
