// The report of one run, and of a failure. Reports of many runs are in text_sweep.cpp. Phases are listed in the order
// of their coordination and all of them, so that what was not reached is seen missing.
#include "sim/report/text.hpp"

#include <fmt/format.h>

#include "core/base/digest.hpp"
#include "sim/report/layout.hpp"

namespace kraftsim::report {
namespace {

using measure::Failover;
using scenario::RunResult;
using scenario::Verdict;
using enum Table::Align;

std::string verdict_text(Verdict verdict, const Paint& paint) {
  switch (verdict) {
    case Verdict::kHeld: return paint.good(line(verdict));
    case Verdict::kViolated: return paint.bad(line(verdict));
    case Verdict::kInconclusive: return paint.doubtful(line(verdict));
  }
  return {};
}

/// Phases in time, each with the step from the one before it in the table.
std::string phase_table(const Failover& failover, cluster::Coordination coordination) {
  Table table({kLeft, kRight, kRight, kLeft});
  table.row({"phase", "after fault", "step", "until"});
  std::optional<std::int64_t> before = 0;
  for (const cluster::Phase phase : phases_of(coordination)) {
    const measure::Metric& metric = measure::phase_metric(phase);
    const auto& reached = failover.phases[static_cast<std::size_t>(phase)];
    if (!reached) {
      table.row({line(phase), "-", "", std::string(metric.what)});
      continue;
    }
    const std::int64_t at = reached->count();
    const std::int64_t step = at - before.value_or(at);
    table.row({line(phase), duration_text(at), (step < 0 ? "" : "+") + duration_text(step), std::string(metric.what)});
    before = at;
  }
  return table.text(4);
}

std::string failover_text(const Failover& failover, std::size_t number, cluster::Coordination coordination) {
  std::string head = fmt::format("failover {}: {} at {}", number,
                                 failover.fault.empty() ? "no fault before it, detected" : failover.fault,
                                 duration_text(kraft::nanos(failover.fault_at)));
  if (!failover.cause.empty()) head += "; cause: " + failover.cause;
  if (failover.epochs > 1) head += fmt::format("; {} epochs, votes were split", failover.epochs);
  return paragraph(head, 2) + phase_table(failover, coordination);
}

std::string latencies_text(const measure::Measures& measures) {
  Table table({kLeft, kRight, kRight, kRight, kRight, kRight});
  table.row({"latency", "count", "p50", "p90", "p99", "max"});
  for (const std::string_view name : {"commit_lingered", "commit_leader_durable", "commit_replicated",
                                      "commit_latency", "operation_latency"}) {
    const measure::Sorted samples(measure::find_metric(name)->samples(measures));
    if (samples.count() == 0) continue;
    table.row({std::string(name), count_text(samples.count()), duration_text(samples.quantile(500'000)),
               duration_text(samples.quantile(900'000)), duration_text(samples.quantile(990'000)),
               duration_text(samples.max())});
  }
  return table.text(2);
}

std::string unavailable_text(const measure::Unavailable& unavailable) {
  return fmt::format("  unavailable: no active controller {}, no commits {}, leaderless partitions {} in sum\n",
                     duration_text(unavailable.controller.count()), duration_text(unavailable.commits.count()),
                     duration_text(unavailable.partition_leaderless.count()));
}

std::string expectations_text(const RunResult& run, const Paint& paint) {
  std::string text;
  for (const scenario::ExpectationResult& expectation : run.expect) {
    const std::string mark = !expectation.held  ? paint.doubtful("no sample")
                             : *expectation.held ? paint.good("ok")
                                                 : paint.bad("not met");
    text += fmt::format("  expected: {}; observed: {}: {}\n", expectation.text,
                        duration_text(expectation.observed_ns), mark);
  }
  return text;
}

std::string liveness_text(const scenario::LivenessResult& liveness) {
  if (liveness.core.empty()) return {};
  std::string core;
  for (const cluster::NodeId node : liveness.core) core += (core.empty() ? "n" : " n") + line(node);
  return fmt::format("  liveness: healed {} at {}; {} (bound {})\n", core,
                     duration_text(kraft::nanos(liveness.began)),
                     liveness.took ? "all of it lived after " + duration_text(liveness.took->count()) : "stuck",
                     duration_text(liveness.bound.count()));
}

std::string one_run_text(const RunResult& run, const Paint& paint) {
  std::string text = fmt::format("{}: {}; {} simulated, {}, digest {}\n", paint.bold(line(run.coordination)),
                                 verdict_text(run.verdict, paint), duration_text(run.simulated.count()),
                                 count_text(run.events, "event", "events"), kraft::hex(run.digest));
  const measure::Measures& measures = run.measures;
  if (measures.failovers.empty()) text += "  no failover\n";
  for (std::size_t i = 0; i < measures.failovers.size(); ++i) {
    text += failover_text(measures.failovers[i], i + 1, run.coordination);
  }
  text += latencies_text(measures);
  text += unavailable_text(measures.unavailable);
  if (const measure::Operations& operations = measures.operations; operations.ok + operations.failed > 0) {
    text += fmt::format("  operations: {} succeeded, {} failed\n",
                        count_text(static_cast<std::uint64_t>(operations.ok)),
                        count_text(static_cast<std::uint64_t>(operations.failed)));
  }
  if (run.liveness) text += liveness_text(*run.liveness);
  text += markers_text(run.markers, 2);
  return text + expectations_text(run, paint);
}

}  // namespace

std::string failure_text(const Build& build, const scenario::Scenario& scenario, const RunResult& run,
                         const TextOptions& options) {
  const Paint paint(options.colour);
  const bool violated = run.verdict == Verdict::kViolated;
  std::string text = fmt::format("{}  {}  {}  seed={}", violated ? paint.bad("FAIL") : paint.doubtful("INCONCLUSIVE"),
                                 scenario.path, line(run.coordination), run.seed);
  // A broken expectation has no moment of its own.
  text += violated && run.invariant ? fmt::format("  at t={}\n", line(run.violated_at)) : "\n";
  if (run.invariant) text += fmt::format("  invariant  {}\n", *run.invariant);
  if (!run.detail.empty()) text += fmt::format("  detail     {}\n", run.detail);
  for (const scenario::ExpectationResult& expectation : run.expect) {
    if (expectation.held == true) continue;
    text += fmt::format("  expected   {}; observed: {}\n", expectation.text, duration_text(expectation.observed_ns));
  }
  text += fmt::format("  digest     {} after {}\n", kraft::hex(run.digest), count_text(run.events, "event", "events"));
  text += fmt::format("  build      kraftsim {} ({}, {})\n", build.version, build.commit, build.compiler);
  return text + fmt::format("  reproduce  {}\n", reproduce_line(scenario, run));
}

std::string run_text(const Build& build, const scenario::Scenario& scenario, const std::vector<RunResult>& runs,
                     const TextOptions& options) {
  const Paint paint(options.colour);
  std::string text = fmt::format("seed {}\n{}\n", runs.front().seed, paint.bold(scenario.name));
  text += paragraph(scenario.description);
  for (const RunResult& run : runs) text += '\n' + one_run_text(run, paint);
  for (const RunResult& run : runs) {
    if (run.verdict != Verdict::kHeld) text += '\n' + failure_text(build, scenario, run, options);
  }
  return text;
}

}  // namespace kraftsim::report
