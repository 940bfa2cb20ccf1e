// The schema of result objects. The lists of phases and metrics come from their tables, so that a new metric is in the
// schema without being written here; sim/report/result.schema.json is this text, committed, and a test compares them.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "sim/report/json.hpp"

namespace kraftsim::report {
namespace {

using Json = nlohmann::ordered_json;

Json ref(std::string_view name) { return {{"$ref", fmt::format("#/$defs/{}", name)}}; }
Json list_of(Json items) { return {{"type", "array"}, {"items", std::move(items)}}; }
Json text() { return {{"type", "string"}}; }
Json flag() { return {{"type", "boolean"}}; }
Json count() { return {{"type", "integer"}, {"minimum", 0}}; }
Json integer() { return {{"type", "integer"}}; }
Json maybe(Json type) {
  type["type"] = Json::array({type["type"], "null"});
  return type;
}

/// An object with exactly these keys, all of which are there unless named in `optional`.
Json object(Json properties, const std::vector<std::string>& optional = {}) {
  Json required = Json::array();
  for (const auto& [key, value] : properties.items()) {
    if (std::find(optional.begin(), optional.end(), key) == optional.end()) required.push_back(key);
  }
  return {{"type", "object"},
          {"properties", std::move(properties)},
          {"required", std::move(required)},
          {"additionalProperties", false}};
}

Json quantiles() {
  return object({{"count", count()},
                 {"p50", maybe(integer())},
                 {"p90", maybe(integer())},
                 {"p99", maybe(integer())},
                 {"max", maybe(integer())}});
}

Json phases(cluster::Coordination coordination) {
  Json properties = Json::object();
  for (const cluster::Phase phase : phases_of(coordination)) properties[line(phase)] = maybe(integer());
  return object(std::move(properties));
}

Json markers() {
  Json properties = Json::object();
  for (const check::MarkerName& marker : check::marker_names()) properties[marker.name] = count();
  return object(std::move(properties));
}

Json coordinations() { return {{"enum", Json::array({"kraft", "zookeeper"})}}; }
Json verdicts() { return {{"enum", Json::array({"held", "violated", "inconclusive"})}}; }

Json run() {
  return object({
      {"coordination", coordinations()},
      {"verdict", verdicts()},
      {"invariant", maybe(text())},
      {"detail", maybe(text())},
      {"violated_at_ns", maybe(integer())},
      {"digest", ref("digest")},
      {"events", count()},
      {"simulated_ns", count()},
      {"wall_ns", count()},
      {"failovers", list_of(ref("failover"))},
      {"commit_latency_ns", ref("quantiles")},
      {"commit_stages_ns", object({{"lingered", ref("quantiles")},
                                   {"leader_durable", ref("quantiles")},
                                   {"replicated", ref("quantiles")}})},
      {"operations", object({{"ok", count()}, {"failed", count()}, {"latency_ns", ref("quantiles")}})},
      {"unavailable_ns", object({{"controller", count()}, {"commits", count()}, {"partitions", count()}})},
      {"expect",
       list_of(object({{"text", text()}, {"observed_ns", maybe(integer())}, {"held", maybe(flag())}}))},
      {"liveness", maybe(object({{"began_ns", integer()},
                                 {"bound_ns", count()},
                                 {"core", list_of(integer())},
                                 {"took_ns", maybe(integer())}}))},
      {"markers", ref("markers")},
  });
}

Json failover() {
  return object({{"fault", maybe(text())},
                 {"fault_at_ns", integer()},
                 {"cause", maybe(text())},
                 {"epochs", count()},
                 {"phases",
                  {{"oneOf", Json::array({phases(cluster::Coordination::kKraft),
                                          phases(cluster::Coordination::kZookeeper)})}}}});
}

Json metric() {
  return object({{"unit", {{"enum", Json::array({line(measure::Unit::kNanoseconds),
                                                line(measure::Unit::kPartitionNanoseconds),
                                                line(measure::Unit::kCount)})}}},
                 {"per", {{"enum", Json::array({"failover", "batch", "operation", "run"})}}},
                 {"count", count()},
                 {"mean", maybe(integer())},
                 {"min", maybe(integer())},
                 {"p50", maybe(integer())},
                 {"p90", maybe(integer())},
                 {"p99", maybe(integer())},
                 {"max", maybe(integer())},
                 {"samples", list_of(list_of(integer()))}},
                {"samples"});
}

Json side() {
  Json failure = object({{"seed", ref("seed")},
                         {"verdict", verdicts()},
                         {"invariant", maybe(text())},
                         {"detail", maybe(text())},
                         {"digest", ref("digest")},
                         {"reproduce", text()}});
  Json metrics = Json::object();
  for (const measure::Metric& row : measure::metrics()) metrics[row.name] = ref("metric");
  return object({{"label", text()},
                 {"scenario", ref("scenario")},
                 {"coordination", coordinations()},
                 {"runs", count()},
                 {"held", count()},
                 {"violated", count()},
                 {"inconclusive", count()},
                 {"events", count()},
                 {"digest", ref("digest")},
                 {"failures", list_of(std::move(failure))},
                 {"markers", ref("markers")},
                 {"unmet", list_of(text())},
                 {"sample_seeds", list_of(ref("seed"))},
                 {"metrics", object(std::move(metrics))}},
                {"sample_seeds"});
}

Json sweep() {
  return {{"kraftsim", ref("build")},
          {"seeds", object({{"first", ref("seed")}, {"last", ref("seed")}})},
          {"interrupted", flag()},
          {"sides", list_of(ref("side"))}};
}

Json compare() {
  Json difference = object({{"pairs", count()},
                            {"mean", maybe(integer())},
                            {"low", maybe(integer())},
                            {"high", maybe(integer())},
                            {"ks", {{"type", Json::array({"number", "null"})}, {"minimum", 0}, {"maximum", 1}}}});
  Json differences = Json::object();
  for (const measure::Metric& row : measure::metrics()) differences[row.name] = difference;
  Json properties = sweep();
  properties["differences"] = object(std::move(differences));
  return object(std::move(properties));
}

}  // namespace

std::string result_schema() {
  const Json digest{{"type", "string"}, {"pattern", "^[0-9a-f]{16}$"}};
  const Json seed{{"type", "string"}, {"pattern", "^[0-9]{1,20}$"}};
  const Json run_object = object({{"kraftsim", ref("build")},
                                  {"scenario", ref("scenario")},
                                  {"seed", ref("seed")},
                                  {"runs", list_of(ref("run"))}});
  const Json schema{
      {"$schema", "https://json-schema.org/draft/2020-12/schema"},
      {"title", "kraftsim result"},
      {"description",
       "What run, sweep and compare print with --format json. Durations are integer nanoseconds of simulated time, and "
       "phases count from the fault; what did not happen is null."},
      {"oneOf", Json::array({run_object, object(sweep()), compare()})},
      {"$defs",
       {{"build", object({{"version", text()}, {"commit", text()}, {"compiler", text()}})},
        {"scenario", object({{"name", text()}, {"hash", digest}})},
        {"digest", digest},
        {"seed", seed},
        {"quantiles", quantiles()},
        {"failover", failover()},
        {"markers", markers()},
        {"run", run()},
        {"metric", metric()},
        {"side", side()}}}};
  return schema.dump(2) + '\n';
}

}  // namespace kraftsim::report
