// One remembered offset per process.
#include "sim/check/high_watermark_monotonic.hpp"

namespace kraftsim::check {

Broken HighWatermarkMonotonic::check(const Step& step) {
  const NodeView& node = *step.after;
  if (!node.up || !node.high_watermark) return {};
  Known& known = known_[step.index];
  if (known.incarnation != node.incarnation) known = Known{node.incarnation, *node.high_watermark};
  if (*node.high_watermark < known.offset) {
    return "n" + line(node.id) + "'s high watermark fell from " + line(known.offset) + " to " +
           line(*node.high_watermark);
  }
  known.offset = *node.high_watermark;
  return {};
}

}  // namespace kraftsim::check
