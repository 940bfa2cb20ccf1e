// Lines of fields; a field is quoted when it must be. Every table has one header and the same fields in every line, so
// that whatever reads it needs no options.
#include "sim/report/csv.hpp"

#include <fmt/format.h>

#include <cmath>

#include "core/base/check.hpp"

namespace kraftsim::report {
namespace {

std::string field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + '"';
}

std::string number(const std::optional<std::int64_t>& value) { return value ? fmt::format("{}", *value) : ""; }

/// count, mean, min, p50, p90, p99, max.
std::string quantiles(const measure::Sorted& samples) {
  return fmt::format("{},{},{},{},{},{},{}", samples.count(), number(samples.mean()), number(samples.min()),
                     number(samples.quantile(500'000)), number(samples.quantile(900'000)),
                     number(samples.quantile(990'000)), number(samples.max()));
}

}  // namespace

std::string samples_csv(const std::vector<Side>& sides) {
  std::string csv = "side,coordination,seed,metric,unit,sample\n";
  for (const Side& side : sides) {
    const std::string prefix = fmt::format("{},{}", field(side.label), line(side.coordination));
    for (const scenario::RunResult* run : side.runs) {
      for (const measure::Metric& metric : measure::metrics()) {
        for (const std::int64_t sample : metric.samples(run->measures)) {
          csv += fmt::format("{},{},{},{},{}\n", prefix, run->seed, metric.name, line(metric.unit), sample);
        }
      }
    }
  }
  return csv;
}

std::string sweep_csv(const std::vector<Summary>& sides) {
  std::string csv = "side,coordination,metric,unit,per,count,mean,min,p50,p90,p99,max\n";
  for (const Summary& summary : sides) {
    for (const Samples& samples : summary.metrics) {
      csv += fmt::format("{},{},{},{},{},{}\n", field(summary.side->label), line(summary.side->coordination),
                         samples.metric->name, line(samples.metric->unit), samples.metric->per,
                         quantiles(samples.all));
    }
  }
  return csv;
}

std::string compare_csv(const std::vector<Summary>& sides) {
  ENSURE_EQ(sides.size(), 2U);
  std::string csv = "metric,unit,per";
  for (const Summary& summary : sides) {
    for (const std::string_view column : {"count", "mean", "min", "p50", "p90", "p99", "max"}) {
      csv += "," + field(fmt::format("{} {}", summary.side->label, column));
    }
  }
  csv += ",pairs,difference,difference_low,difference_high,ks\n";
  for (const measure::Metric& metric : measure::metrics()) {
    csv += fmt::format("{},{},{},{},{}", metric.name, line(metric.unit), metric.per,
                       quantiles(sides[0][metric.name]), quantiles(sides[1][metric.name]));
    const Difference d = difference(sides[0], sides[1], metric);
    csv += fmt::format(",{}", d.pairs);
    csv += d.mean ? fmt::format(",{},{},{}", std::llround(d.mean->mean), std::llround(d.mean->low),
                                std::llround(d.mean->high))
                  : ",,,";
    csv += d.ks ? fmt::format(",{:.6f}\n", *d.ks) : ",\n";
  }
  return csv;
}

std::string metrics_csv() {
  std::string csv = "name,unit,per,what,kafka\n";
  for (const measure::Metric& metric : measure::metrics()) {
    csv += fmt::format("{},{},{},{},{}\n", metric.name, line(metric.unit), metric.per, field(metric.what),
                       field(metric.kafka));
  }
  return csv;
}

}  // namespace kraftsim::report
