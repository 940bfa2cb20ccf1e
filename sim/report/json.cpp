// Objects are built in the order in which their keys are to appear. One function per object of the schema, so that the
// two can be read side by side.
#include "sim/report/json.hpp"

#include <cmath>
#include <nlohmann/json.hpp>

#include "core/base/check.hpp"
#include "core/base/digest.hpp"

namespace kraftsim::report {
namespace {

using Json = nlohmann::ordered_json;
using scenario::RunResult;

Json or_null(const std::optional<std::int64_t>& value) { return value ? Json(*value) : Json(); }
Json or_null(const std::optional<std::string>& value) { return value ? Json(*value) : Json(); }
Json text_or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

std::string dump(const Json& json) {
  // Bytes that are no UTF-8 can only come from the names in a scenario file; they are replaced, not refused.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

Json build_json(const Build& build) {
  return {{"version", build.version}, {"commit", build.commit}, {"compiler", build.compiler}};
}

Json scenario_json(const scenario::Scenario& scenario) {
  return {{"name", scenario.name}, {"hash", kraft::hex(scenario.hash)}};
}

Json quantiles_json(const measure::Sorted& samples) {
  return {{"count", samples.count()},
          {"p50", or_null(samples.quantile(500'000))},
          {"p90", or_null(samples.quantile(900'000))},
          {"p99", or_null(samples.quantile(990'000))},
          {"max", or_null(samples.max())}};
}

Json failover_json(const measure::Failover& failover, cluster::Coordination coordination) {
  Json phases = Json::object();
  for (const cluster::Phase phase : phases_of(coordination)) {
    const auto& reached = failover.phases[static_cast<std::size_t>(phase)];
    phases[line(phase)] = reached ? Json(reached->count()) : Json();
  }
  return {{"fault", text_or_null(failover.fault)},
          {"fault_at_ns", kraft::nanos(failover.fault_at)},
          {"cause", text_or_null(failover.cause)},
          {"epochs", failover.epochs},
          {"phases", std::move(phases)}};
}

Json markers_json(const check::MarkerCounts& counts) {
  Json json = Json::object();
  for (std::size_t i = 0; i < check::kMarkers; ++i) json[check::marker_names()[i].name] = counts[i];
  return json;
}

Json one_run_json(const RunResult& run) {
  const bool violated = run.verdict == scenario::Verdict::kViolated;
  Json failovers = Json::array();
  for (const auto& failover : run.measures.failovers) failovers.push_back(failover_json(failover, run.coordination));
  Json expectations = Json::array();
  for (const scenario::ExpectationResult& expectation : run.expect) {
    expectations.push_back(Json{{"text", expectation.text},
                                {"observed_ns", or_null(expectation.observed_ns)},
                                {"held", expectation.held ? Json(*expectation.held) : Json()}});
  }
  Json liveness;
  if (run.liveness) {
    Json core = Json::array();
    for (const cluster::NodeId node : run.liveness->core) core.push_back(node.value());
    liveness = Json{{"began_ns", kraft::nanos(run.liveness->began)},
                    {"bound_ns", run.liveness->bound.count()},
                    {"core", std::move(core)},
                    {"took_ns", run.liveness->took ? Json(run.liveness->took->count()) : Json()}};
  }
  const measure::Measures& measures = run.measures;
  const auto quantiles = [](const std::vector<std::int64_t>& samples) {
    return quantiles_json(measure::Sorted(samples));
  };
  return {{"coordination", line(run.coordination)},
          {"verdict", line(run.verdict)},
          {"invariant", or_null(run.invariant)},
          {"detail", text_or_null(run.detail)},
          {"violated_at_ns", violated ? Json(kraft::nanos(run.violated_at)) : Json()},
          {"digest", kraft::hex(run.digest)},
          {"events", run.events},
          {"simulated_ns", run.simulated.count()},
          {"wall_ns", run.wall.count()},
          {"failovers", std::move(failovers)},
          {"commit_latency_ns", quantiles(measures.commit.total_ns)},
          {"commit_stages_ns",
           {{"lingered", quantiles(measures.commit.lingered_ns)},
            {"leader_durable", quantiles(measures.commit.leader_durable_ns)},
            {"replicated", quantiles(measures.commit.replicated_ns)}}},
          {"operations",
           {{"ok", measures.operations.ok},
            {"failed", measures.operations.failed},
            {"latency_ns", quantiles(measures.operations.latency_ns)}}},
          {"unavailable_ns",
           {{"controller", measures.unavailable.controller.count()},
            {"commits", measures.unavailable.commits.count()},
            {"partitions", measures.unavailable.partition_leaderless.count()}}},
          {"expect", std::move(expectations)},
          {"liveness", std::move(liveness)},
          {"markers", markers_json(run.markers)}};
}

// ---- sweeps ----

Json metric_json(const Samples& samples, const Side& side, bool raw) {
  Json json{{"unit", line(samples.metric->unit)},
            {"per", samples.metric->per},
            {"count", samples.all.count()},
            {"mean", or_null(samples.all.mean())},
            {"min", or_null(samples.all.min())},
            {"p50", or_null(samples.all.quantile(500'000))},
            {"p90", or_null(samples.all.quantile(900'000))},
            {"p99", or_null(samples.all.quantile(990'000))},
            {"max", or_null(samples.all.max())}};
  if (raw) {
    Json lists = Json::array();
    for (const RunResult* run : side.runs) lists.push_back(samples.metric->samples(run->measures));
    json["samples"] = std::move(lists);
  }
  return json;
}

Json side_json(const Summary& summary, bool raw) {
  const Side& side = *summary.side;
  Json metrics = Json::object();
  for (const Samples& samples : summary.metrics) metrics[samples.metric->name] = metric_json(samples, side, raw);
  Json seeds = Json::array();
  Json failures = Json::array();
  for (const RunResult* run : side.runs) {
    seeds.push_back(std::to_string(run->seed));
    if (run->verdict == scenario::Verdict::kHeld) continue;
    failures.push_back(Json{{"seed", std::to_string(run->seed)},
                            {"verdict", line(run->verdict)},
                            {"invariant", or_null(run->invariant)},
                            {"detail", text_or_null(run->detail)},
                            {"digest", kraft::hex(run->digest)},
                            {"reproduce", reproduce_line(*side.scenario, *run)}});
  }
  Json unmet = Json::array();
  for (const check::Marker marker : summary.unmet) unmet.push_back(line(marker));
  Json json{{"label", side.label},
            {"scenario", scenario_json(*side.scenario)},
            {"coordination", line(side.coordination)},
            {"runs", side.runs.size()},
            {"held", summary.verdicts.held},
            {"violated", summary.verdicts.violated},
            {"inconclusive", summary.verdicts.inconclusive},
            {"events", summary.events},
            {"digest", kraft::hex(summary.digest)},
            {"failures", std::move(failures)},
            {"markers", markers_json(summary.markers)},
            {"unmet", std::move(unmet)}};
  if (raw) json["sample_seeds"] = std::move(seeds);  // whose samples the lists are, in their order
  json["metrics"] = std::move(metrics);
  return json;
}

Json sweep_object(const Build& build, const SweepFacts& facts, const std::vector<Summary>& sides) {
  Json list = Json::array();
  for (const Summary& side : sides) list.push_back(side_json(side, facts.samples));
  return {{"kraftsim", build_json(build)},
          {"seeds", {{"first", std::to_string(facts.seeds.first)}, {"last", std::to_string(facts.seeds.last)}}},
          {"interrupted", facts.interrupted},
          {"sides", std::move(list)}};
}

Json difference_json(const Difference& difference) {
  const auto rounded = [](double value) { return Json(std::llround(value)); };
  return {{"pairs", difference.pairs},
          {"mean", difference.mean ? rounded(difference.mean->mean) : Json()},
          {"low", difference.mean ? rounded(difference.mean->low) : Json()},
          {"high", difference.mean ? rounded(difference.mean->high) : Json()},
          {"ks", difference.ks ? Json(std::round(*difference.ks * 1e6) / 1e6) : Json()}};
}

}  // namespace

std::string run_json(const Build& build, const scenario::Scenario& scenario, const std::vector<RunResult>& runs) {
  ENSURE(!runs.empty());
  Json list = Json::array();
  for (const RunResult& run : runs) {
    ENSURE_EQ(run.seed, runs.front().seed);
    list.push_back(one_run_json(run));
  }
  return dump({{"kraftsim", build_json(build)},
               {"scenario", scenario_json(scenario)},
               {"seed", std::to_string(runs.front().seed)},
               {"runs", std::move(list)}});
}

std::string sweep_json(const Build& build, const SweepFacts& facts, const std::vector<Summary>& sides) {
  return dump(sweep_object(build, facts, sides));
}

std::string compare_json(const Build& build, const SweepFacts& facts, const std::vector<Summary>& sides) {
  ENSURE_EQ(sides.size(), 2U);
  Json differences = Json::object();
  for (const measure::Metric& metric : measure::metrics()) {
    differences[metric.name] = difference_json(difference(sides[0], sides[1], metric));
  }
  Json json = sweep_object(build, facts, sides);
  json["differences"] = std::move(differences);
  return dump(json);
}

}  // namespace kraftsim::report
