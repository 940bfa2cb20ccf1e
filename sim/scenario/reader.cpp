// Reading, from the file to the Scenario. Checking and building both go on after mistakes, so that one call reports
// as many as there are; only text that is no JSON object ends it early.
#include "sim/scenario/reader.hpp"

#include <fmt/format.h>

#include "core/base/digest.hpp"
#include "sim/scenario/builder.hpp"
#include "sim/scenario/checker.hpp"
#include "sim/scenario/names.hpp"
#include "sim/scenario/overrides.hpp"
#include "sim/scenario/profiles.hpp"
#include "sim/scenario/shell_word.hpp"
#include "sim/scenario/text_file.hpp"

namespace kraftsim::scenario {
namespace {

std::optional<Value> parse(std::uint32_t source, Problems& problems) {
  JsonTree tree = parse_json(problems.sources().at(source).text, source);
  for (JsonProblem& problem : tree.problems) problems.add(problem.place, problem.pointer, std::move(problem.message));
  return std::move(tree.root);
}

/// The profile that the scenario names, checked; none after a report.
std::optional<Value> profile(const Value& root, const std::filesystem::path& folder, Problems& problems) {
  const Value* stated = root.find("profile");
  if (stated != nullptr && stated->kind != Value::Kind::kString) return {};
  const std::string name(stated != nullptr ? stated->text : object_type("scenario").find("profile")->fallback);
  auto source = find_profile(name, folder);
  if (!source) {
    const std::vector<std::string> names = profile_names(folder);
    problems.add_unknown(stated != nullptr ? stated->place : root.place, "/profile",
                         fmt::format("there is no profile '{}'; there are {}", shown(name), fmt::join(names, " ")),
                         name, names);
    return {};
  }
  auto tree = parse(problems.add_source(std::move(*source)), problems);
  if (tree) check(*tree, object_type("profile"), problems);
  return tree;
}

}  // namespace

Scenario read_text(std::string_view text, const std::string& path, const ReadOptions& options) {
  Problems problems;
  auto root = parse(problems.add_source({.path = path, .text = std::string(text)}), problems);
  if (!root) throw ScenarioError(problems.diagnostics());
  apply(options.overrides, *root, problems);
  check(*root, object_type("scenario"), problems);
  if (root->kind != Value::Kind::kObject) throw ScenarioError(problems.diagnostics());

  const std::filesystem::path file(path);
  const auto surroundings = profile(*root, file.parent_path(), problems);
  Scenario scenario = build(*root, surroundings ? &*surroundings : nullptr, options.only, problems);
  if (problems.any()) throw ScenarioError(problems.diagnostics());

  if (scenario.name.empty()) scenario.name = file.stem().string();
  scenario.path = path;
  for (const Override& set : options.overrides) {
    scenario.arguments += fmt::format(" --set {}", shell_word(set.pointer + "=" + set.value));
  }
  kraft::Digest digest;
  for (const Source& source : problems.sources()) {
    if (!source.is_file) digest.add(source.path);
    digest.add(source.text);
  }
  scenario.hash = digest.value();
  return scenario;
}

Scenario read_file(const std::filesystem::path& path, const ReadOptions& options) {
  const TextFile file = read_text_file(path);
  if (!file.error.empty()) throw ScenarioError({{path.string(), 0, 0, {}, file.error, {}}});
  return read_text(file.text, path.string(), options);
}

}  // namespace kraftsim::scenario
