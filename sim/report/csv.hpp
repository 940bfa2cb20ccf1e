// CSV results (RFC 4180, with a header line and \n): for spreadsheets and data frames. Numbers are as in the JSON; an
// empty field is what JSON calls null.
#pragma once

#include <string>
#include <vector>

#include "sim/report/summary.hpp"

namespace kraftsim::report {

/// One line per sample: side,coordination,seed,metric,unit,sample. What `run` and `sweep --samples` print.
[[nodiscard]] std::string samples_csv(const std::vector<Side>& sides);
/// One line per side and metric, with quantiles: what `sweep` prints.
[[nodiscard]] std::string sweep_csv(const std::vector<Summary>& sides);
/// One line per metric, both sides in it, and their difference: what `compare` prints. Exactly two sides.
[[nodiscard]] std::string compare_csv(const std::vector<Summary>& sides);
/// The table of metrics itself: name,unit,per,what,kafka.
[[nodiscard]] std::string metrics_csv();

}  // namespace kraftsim::report
