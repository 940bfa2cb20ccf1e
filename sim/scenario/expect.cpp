// Judging: one result per expectation, in the scenario's order.
#include "sim/scenario/expect.hpp"

#include "sim/measure/metrics.hpp"
#include "sim/measure/statistics.hpp"

namespace kraftsim::scenario {
namespace {

std::string text_of(const Expectation& expected) {
  if (expected.metric.empty())
    return expected.verdict + " within " + kraft::line(expected.within) + " after the last fault";
  std::string percent = std::to_string(expected.quantile_millionths / 10'000);
  std::string text = expected.metric + " p" + percent;
  if (expected.above) text += " above " + kraft::line(*expected.above);
  if (expected.below) text += " below " + kraft::line(*expected.below);
  return text;
}

ExpectationResult judge(const Expectation& expected, std::optional<kraft::Duration> recovery, const RunResult& run) {
  ExpectationResult result;
  result.text = text_of(expected);
  if (expected.metric.empty()) {
    if (recovery) result.observed_ns = recovery->count();
    // That nothing was committed again is an observation too: the run lasted long enough to see it, or says nothing.
    if (recovery) result.held = *recovery <= expected.within;
    return result;
  }
  const measure::Metric* metric = measure::find_metric(expected.metric);
  ENSURE(metric != nullptr, "the reader lets no other metric pass");
  const measure::Sorted samples(metric->samples(run.measures));
  result.observed_ns = samples.quantile(expected.quantile_millionths);
  if (!result.observed_ns) return result;
  result.held = (!expected.below || *result.observed_ns < expected.below->count()) &&
                (!expected.above || *result.observed_ns > expected.above->count());
  return result;
}

}  // namespace

void judge_expectations(const Scenario& scenario, std::optional<kraft::Duration> recovery, RunResult& result) {
  for (const Expectation& expected : scenario.expect) {
    if (expected.coordination && *expected.coordination != result.coordination) continue;
    result.expect.push_back(judge(expected, recovery, result));
    const ExpectationResult& judged = result.expect.back();
    if (result.verdict == Verdict::kViolated) continue;
    if (!judged.held) {
      result.verdict = Verdict::kInconclusive;
      result.detail = "no sample for the expectation: " + judged.text;
    } else if (!*judged.held) {
      result.verdict = Verdict::kViolated;
      result.invariant = "Expectation";
      result.detail = judged.text + "; observed " + kraft::line(kraft::Duration(*judged.observed_ns));
    }
  }
}

}  // namespace kraftsim::scenario
