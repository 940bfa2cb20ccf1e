// A document's faults are looked up anew each time: a member that is added to the document moves the others.
#include "sim/scenario/drawn_faults.hpp"

#include <utility>

#include "sim/scenario/duration_text.hpp"

namespace kraftsim::scenario {

using kraft::Duration;

Duration time_of(const Document& fault) {
  return parse_duration(fault["at"].get<std::string>()).value.value_or(Duration(0));
}

void DrawnFaults::add(Duration at, const char* act, Document what) {
  if (at < length_) (*document_)["faults"].push_back({{"at", duration_value(at)}, {act, std::move(what)}});
}

void DrawnFaults::break_disk(Dice& dice, const BrokenDisk& disk) {
  Document crash{{"node", disk.node}, {"restart_after", disk.restart_after}};
  switch (dice.rng().below(4)) {
    case 0:
      add(disk.at, "lying_fsync", {{"node", disk.node}, {"for", duration_value(disk.lies_for)}});
      crash["machine"] = true;
      break;
    case 1: add(disk.at, "bit_rot", {{"node", disk.node}}); break;
    case 2: add(disk.at, dice.chance(1, 2) ? "lost_write" : "misdirected_write", {{"node", disk.node}}); break;
    default: crash["wipe"] = true; break;
  }
  add(disk.dies, "crash", std::move(crash));
}

}  // namespace kraftsim::scenario
