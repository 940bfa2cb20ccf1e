// `list`: everything that can be named, each from the table that defines it, so that no list can be out of date. A
// listing is columns and rows of text; how it is printed is the same for all.
#include <algorithm>
#include <filesystem>
#include <functional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sim/check/checker.hpp"
#include "sim/check/linearizability.hpp"
#include "sim/check/liveness.hpp"
#include "sim/check/markers.hpp"
#include "sim/cli/common.hpp"
#include "sim/cli/exit_code.hpp"
#include "sim/cli/planted_bugs.hpp"
#include "sim/cluster/target.hpp"
#include "sim/measure/metrics.hpp"
#include "sim/report/layout.hpp"
#include "sim/scenario/names.hpp"
#include "sim/scenario/profiles.hpp"
#include "sim/scenario/suggest.hpp"

namespace kraftsim::cli {
namespace {

namespace po = boost::program_options;
namespace fs = std::filesystem;

struct Listing {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
  bool complete = true;  // false: something that belongs in it could not be read, and the person has been told
};

Listing scenarios(const std::string& folder) {
  Listing listing{{"name", "coordination", "description"}, {}};
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() != ".json") continue;
    try {
      const scenario::Scenario scenario = scenario::read_file(entry.path());
      std::string coordination;
      for (const auto each : scenario.coordination) coordination += (coordination.empty() ? "" : " ") + line(each);
      listing.rows.push_back({scenario.name, coordination, scenario.description});
    } catch (const scenario::ScenarioError& bad) {
      std::fprintf(stderr, "%s\n", bad.what());
      listing.complete = false;
    }
  }
  if (error) throw UsageError(fmt::format("there is no folder '{}'; name one: kraftsim list scenarios FOLDER", folder));
  std::sort(listing.rows.begin(), listing.rows.end());
  return listing;
}

/// The planted bugs that it was the first to name when they were last hunted.
std::string caught_by(std::string_view invariant) {
  std::vector<std::string_view> names;
  for (const PlantedBug& bug : planted_bugs()) {
    if (bug.caught_by == invariant) names.emplace_back(bug.name);
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string word(check::PromiseKind kind) {
  switch (kind) {
    case check::PromiseKind::kBasic: return "basic";
    case check::PromiseKind::kDelta: return "delta";
    case check::PromiseKind::kHistory: return "history";
    case check::PromiseKind::kLiveness: return "liveness";
  }
  return {};
}

Listing invariants(const std::string&) {
  Listing listing{{"name", "kind", "promise", "source", "caught"}, {}};
  const auto add = [&](const check::Card& card) {
    listing.rows.push_back({card.name, word(card.kind), card.promise, card.source, caught_by(card.name)});
  };
  add({"Assertion", "Nothing that the code takes for granted (ENSURE) turns out false.", "core/base/check.hpp",
       check::PromiseKind::kDelta});
  for (const check::Card& card : check::invariants()) add(card);
  for (const check::Card& card : {check::ClientHistory::kAcknowledged, check::ClientHistory::kLinearizable}) add(card);
  for (const check::Card& card : check::liveness_demands()) add(card);
  return listing;
}

Listing markers(const std::string&) {
  Listing listing{{"name", "what"}, {}};
  for (const check::MarkerName& marker : check::marker_names()) {
    listing.rows.push_back({std::string(marker.name), std::string(marker.what)});
  }
  return listing;
}

Listing targets(const std::string&) {
  Listing listing{{"target"}, {}};
  for (std::string& name : cluster::target_names()) listing.rows.push_back({std::move(name)});
  return listing;
}

Listing config(const std::string&) {
  Listing listing{{"key", "coordination", "of", "default", "least", "most", "what"}, {}};
  for (const scenario::KnownKey& known : scenario::known_keys()) {
    const cluster::ConfigKey& key = known.key;
    listing.rows.push_back({std::string(key.name), line(known.coordination), std::string(scenario::plural(key.role)),
                            fmt::to_string(key.default_value), fmt::to_string(key.min), fmt::to_string(key.max),
                            std::string(key.what)});
  }
  return listing;
}

Listing services(const std::string&) {
  Listing listing{{"name", "coordination", "what"}, {}};
  for (const scenario::KnownService& known : scenario::known_services()) {
    const cluster::ServiceName& service = known.service;
    listing.rows.push_back({std::string(service.name), line(known.coordination), std::string(service.what)});
  }
  return listing;
}

Listing metrics(const std::string&) {
  Listing listing{{"name", "unit", "per", "what", "kafka"}, {}};
  for (const measure::Metric& metric : measure::metrics()) {
    listing.rows.push_back({std::string(metric.name), line(metric.unit), std::string(metric.per),
                            std::string(metric.what), std::string(metric.kafka)});
  }
  return listing;
}

Listing profiles(const std::string& folder) {
  Listing listing{{"name", "description"}, {}};
  for (const std::string& name : scenario::profile_names(folder)) {
    const auto source = scenario::find_profile(name, folder);
    const auto tree = source ? scenario::parse_json(source->text, 0).root : std::nullopt;
    const scenario::Value* description = tree ? tree->find("description") : nullptr;
    listing.rows.push_back({name, description == nullptr ? "" : description->text});
  }
  return listing;
}

struct Kind {
  std::string_view name;
  Listing (*list)(const std::string& folder);
};
constexpr Kind kKinds[] = {{"scenarios", scenarios}, {"invariants", invariants}, {"markers", markers},
                           {"targets", targets},     {"config", config},         {"services", services},
                           {"metrics", metrics},     {"profiles", profiles}};

std::string as_text(const Listing& listing) {
  report::Table table(std::vector(listing.columns.size(), report::Table::Align::kLeft));
  table.row(listing.columns);
  for (const auto& row : listing.rows) table.row(row);
  return table.text();
}

std::string as_json(const Listing& listing) {
  nlohmann::ordered_json result = nlohmann::ordered_json::array();
  for (const auto& row : listing.rows) {
    nlohmann::ordered_json object;
    for (std::size_t i = 0; i < row.size(); ++i) object[listing.columns[i]] = row[i];
    result.push_back(std::move(object));
  }
  return result.dump(2) + "\n";
}

int run(const Arguments& arguments) {
  const std::vector<std::string> given = operands(arguments);
  const std::string folder = given.size() > 1 ? given[1] : "scenarios";
  for (const Kind& kind : kKinds) {
    if (kind.name != given[0]) continue;
    const Listing listing = kind.list(folder);
    print(format(arguments) == Format::kJson ? as_json(listing) : as_text(listing));
    return listing.complete ? kHeld : kBadScenario;
  }
  std::vector<std::string> names;
  for (const Kind& kind : kKinds) names.emplace_back(kind.name);
  const std::string meant = scenario::nearest(given[0], names);
  throw UsageError(fmt::format("there is no list of '{}'{}\nthere are {}", given[0], did_you_mean(meant),
                               fmt::join(names, ", ")));
}

}  // namespace

Command list_command() {
  return {
      .name = "list",
      .summary = "everything that can be named: scenarios, metrics, configuration keys ...",
      .operands = "WHAT [FOLDER]",
      .least = 1,
      .most = 2,
      .help = "Lists scenarios, invariants, markers, targets, config, services, metrics or profiles. FOLDER\n"
              "(\"scenarios\") is where scenarios and profiles/ are looked for.\n\n"
              "Of an invariant, kind says on what it is judged: basic (a state), delta (a step), history (all that\n"
              "clients were told), liveness (time); caught names the planted bugs that it was the first to name.\n\n"
              "  kraftsim list scenarios\n"
              "  kraftsim list config --format json",
      .options =
          [](Options& options) { add_format_option(options); },
      .run = run,
  };
}

}  // namespace kraftsim::cli
