// DrawnFaults: the list of faults of a scenario that is being drawn, and what several families do with it. It must not
// know why a fault is drawn, nor how often.
#pragma once

#include <string>

#include "core/base/time.hpp"
#include "sim/scenario/dice.hpp"
#include "sim/scenario/document.hpp"

namespace kraftsim::scenario {

/// When a fault in such a document strikes.
[[nodiscard]] kraft::Duration time_of(const Document& fault);

class DrawnFaults {
 public:
  /// `document` has a list of faults, is `length` long and outlives this.
  DrawnFaults(Document& document, kraft::Duration length) : document_(&document), length_(length) {}

  /// Nothing strikes after the end.
  void add(kraft::Duration at, const char* act, Document what);

  /// When and how a disk loses what it had called durable.
  struct BrokenDisk {
    std::string node;
    kraft::Duration at;
    kraft::Duration lies_for;  // if it is by an fsync that lies
    kraft::Duration dies;      // the process, which notices nothing before
    std::string restart_after;
  };
  /// Which of the ways it is, the dice decide.
  void break_disk(Dice& dice, const BrokenDisk& disk);

 private:
  Document* document_;
  kraft::Duration length_;
};

}  // namespace kraftsim::scenario
