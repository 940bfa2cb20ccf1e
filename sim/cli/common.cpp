// Shared options, loading and output. The environment is read here and in no other room: NO_COLOR and whether stdout is
// a terminal decide about colour, and about nothing else.
#include "sim/cli/common.hpp"

#include <cstdio>
#include <cstdlib>
#include <unistd.h>

#include <fmt/format.h>
#include "kraftsim_version.hpp"

#include "sim/cli/exit_code.hpp"

namespace kraftsim::cli {
namespace {

namespace po = boost::program_options;

/// One of the words, by its place.
std::size_t choice(const Arguments& arguments, const char* option, const std::vector<std::string>& words) {
  const auto& given = arguments[option].as<std::string>();
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == given) return i;
  }
  throw UsageError(fmt::format("--{} {}: it is one of {}", option, given, fmt::join(words, ", ")));
}

std::vector<scenario::Override> overrides(const Arguments& arguments) {
  std::vector<scenario::Override> result;
  if (arguments.count("set") == 0) return result;
  for (const std::string& text : arguments["set"].as<std::vector<std::string>>()) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos) {
      throw UsageError(fmt::format("--set {}: write a JSON pointer and a value, /cluster/brokers/count=15", text));
    }
    result.push_back({text.substr(0, equals), text.substr(equals + 1)});
  }
  return result;
}

}  // namespace

void add_run_options(Options& options) {
  options.add_options()
      ("coordination", po::value<std::string>()->value_name("kraft|zookeeper"), "run on this one only")
      ("set", po::value<std::vector<std::string>>()->value_name("POINTER=VALUE")->composing(),
       "change a value of the scenario: --set /cluster/brokers/count=15; may be repeated")
      ("format", po::value<std::string>()->default_value("text")->value_name("text|json|csv"), "of the result")
      ("shuffle-ties", po::bool_switch(), "draw the order of simultaneous events from the seed")
      ("quiet,q", po::bool_switch(), "nothing on stderr but errors")
      ("color", po::value<std::string>()->default_value("auto")->value_name("auto|always|never"),
       "of text; auto heeds NO_COLOR");
}

void add_result_options(Options& options) {
  options.add_options()
      ("format", po::value<std::string>()->default_value("text")->value_name("text|json"), "of the result")
      ("quiet,q", po::bool_switch(), "nothing on stderr but errors")
      ("color", po::value<std::string>()->default_value("auto")->value_name("auto|always|never"),
       "of text; auto heeds NO_COLOR");
}

Format format(const Arguments& arguments) {
  return static_cast<Format>(choice(arguments, "format", {"text", "json", "csv"}));
}

bool flag(const Arguments& arguments, const char* name) { return arguments[name].as<bool>(); }

scenario::Scenario load(const Arguments& arguments, const std::string& path, bool with_set) {
  scenario::ReadOptions options;
  if (with_set) options.overrides = overrides(arguments);
  if (arguments.count("coordination") > 0) {
    options.only = static_cast<cluster::Coordination>(choice(arguments, "coordination", {"kraft", "zookeeper"}));
  }
  scenario::Scenario scenario = scenario::read_file(path, options);
  if (flag(arguments, "shuffle-ties")) scenario.arguments += " --shuffle-ties";
  return scenario;
}

report::Build build() { return {KRAFTSIM_VERSION, KRAFTSIM_COMMIT, KRAFTSIM_COMPILER}; }

report::TextOptions text_options(const Arguments& arguments) {
  const std::size_t when = choice(arguments, "color", {"auto", "always", "never"});
  if (when > 0) return {.colour = when == 1};
  const char* no_color = std::getenv("NO_COLOR");  // https://no-color.org: set and not empty
  return {.colour = isatty(STDOUT_FILENO) == 1 && (no_color == nullptr || *no_color == '\0')};
}

void print(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

void announce(const Arguments& arguments, const std::string& text) {
  if (flag(arguments, "quiet")) return;
  std::fprintf(stderr, "%s\n", text.c_str());
}

int exit_code(const std::vector<scenario::RunResult>& runs) {
  int code = kHeld;
  for (const scenario::RunResult& run : runs) {
    switch (run.verdict) {
      case scenario::Verdict::kHeld: break;
      case scenario::Verdict::kViolated: return kViolated;
      case scenario::Verdict::kInconclusive: code = kInconclusive; break;
    }
  }
  return code;
}

}  // namespace kraftsim::cli
