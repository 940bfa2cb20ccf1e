// Shared options, loading and output. The environment is read in this room only: NO_COLOR here, about colour, and
// GITHUB_ACTIONS in swarm.cpp, about annotations.
#include "sim/cli/common.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <span>
#include <unistd.h>

#include <fmt/format.h>
#include "kraftsim_version.hpp"

#include "sim/cli/exit_code.hpp"
#include "sim/scenario/duration_text.hpp"
#include "sim/scenario/text_file.hpp"

namespace kraftsim::cli {
namespace {

namespace po = boost::program_options;
namespace fs = std::filesystem;
using kraft::Duration;

using Words = std::span<const char* const>;
constexpr const char* kCoordinations[] = {"kraft", "zookeeper"};
constexpr const char* kFormats[] = {"text", "json", "csv"};
constexpr const char* kColours[] = {"auto", "always", "never"};

/// One of the words, by its place.
std::size_t choice(const char* option, const std::string& given, Words words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == given) return i;
  }
  throw UsageError(fmt::format("--{} {}: it is one of {}", option, given, fmt::join(words, ", ")));
}

/// An option that is one of the words, or else the command line is refused before anything is run.
po::typed_value<std::string>* one_of(const char* option, Words words) {
  return po::value<std::string>()
      ->value_name(fmt::format("{}", fmt::join(words, "|")))
      ->notifier([=](const std::string& given) { static_cast<void>(choice(option, given, words)); });
}

Duration checked_duration(const char* option, const std::string& text) {
  constexpr Duration kLongest = std::chrono::hours(24 * 3650);
  const auto parsed = scenario::parse_duration(text);
  if (!parsed.value) throw UsageError(fmt::format("--{} {}: {}", option, text, parsed.error));
  if (*parsed.value == Duration{}) throw UsageError(fmt::format("--{} {}: it must be more than 0", option, text));
  return std::min(*parsed.value, kLongest);
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

void add_coordination_option(Options& options, const char* what) {
  options.add_options()("coordination", one_of("coordination", kCoordinations), what);
}

void add_format_option(Options& options, std::size_t formats) {
  options.add_options()("format", one_of("format", Words(kFormats).first(formats))
                                      ->default_value("text"), "of the result");
}

void add_run_options(Options& options, std::size_t formats) {
  add_coordination_option(options, "run on this one only");
  options.add_options()
      ("set", po::value<std::vector<std::string>>()->value_name("POINTER=VALUE")->composing(),
       "change a value of the scenario: --set /cluster/brokers/count=15; may be repeated")
      ("shuffle-ties", po::bool_switch(), "draw the order of simultaneous events from the seed");
  add_result_options(options, formats);
}

void add_result_options(Options& options, std::size_t formats) {
  if (formats > 1) add_format_option(options, formats);
  options.add_options()
      ("quiet,q", po::bool_switch(), "nothing on stderr but errors")
      ("color", one_of("color", kColours)->default_value("auto"), "of text; auto heeds NO_COLOR");
}

Format format(const Arguments& arguments) {
  return static_cast<Format>(choice("format", arguments["format"].as<std::string>(), kFormats));
}

void add_duration_option(Options& options, const char* option, const char* fallback, const char* what) {
  auto* value = po::value<std::string>()->value_name(*fallback == '\0' ? "10m" : fallback);
  if (*fallback != '\0') value->default_value(fallback);
  value->notifier([=](const std::string& text) { static_cast<void>(checked_duration(option, text)); });
  options.add_options()(option, value, what);
}

Duration duration(const Arguments& arguments, const char* option) {
  return checked_duration(option, arguments[option].as<std::string>());
}

bool flag(const Arguments& arguments, const char* name) { return arguments[name].as<bool>(); }

std::string read_once(const std::string& path) {
  scenario::TextFile file = scenario::read_text_file(path);
  if (!file.error.empty()) throw scenario::ScenarioError({{path, 0, 0, {}, file.error, {}}});
  return std::move(file.text);
}

scenario::Scenario load_text(const Arguments& arguments, const std::string& text, const std::string& path,
                             bool with_set) {
  scenario::ReadOptions options;
  if (with_set) options.overrides = overrides(arguments);
  if (arguments.count("coordination") > 0) {
    options.only = static_cast<cluster::Coordination>(
        choice("coordination", arguments["coordination"].as<std::string>(), kCoordinations));
  }
  scenario::Scenario scenario = scenario::read_text(text, path, options);
  if (flag(arguments, "shuffle-ties")) scenario.arguments += " --shuffle-ties";
  return scenario;
}

scenario::Scenario load(const Arguments& arguments, const std::string& path, bool with_set) {
  return load_text(arguments, read_once(path), path, with_set);
}

std::string said_coordination(const Arguments& arguments) {
  if (arguments.count("coordination") == 0) return {};
  return " --coordination " + arguments["coordination"].as<std::string>();
}

report::Build build() { return {KRAFTSIM_VERSION, KRAFTSIM_COMMIT, KRAFTSIM_COMPILER}; }

report::TextOptions text_options(const Arguments& arguments) {
  const std::size_t when = choice("color", arguments["color"].as<std::string>(), kColours);
  if (when > 0) return {.colour = when == 1};
  const char* no_color = std::getenv("NO_COLOR");  // https://no-color.org: set and not empty
  return {.colour = isatty(STDOUT_FILENO) == 1 && (no_color == nullptr || *no_color == '\0')};
}

void print(const std::string& text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0) return;
  throw OutputError(fmt::format("stdout cannot be written: {}", std::strerror(errno)));
}

void expect_writable(const char* option, const fs::path& path) {
  std::error_code none;
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  if (fs::is_directory(path, none)) {
    throw UsageError(fmt::format("--{} {}: this is a folder; name a file", option, path.string()));
  }
  if (!fs::is_directory(folder, none)) {
    throw UsageError(fmt::format("--{} {}: there is no folder '{}'", option, path.string(), folder.string()));
  }
  if (access((fs::exists(path, none) ? path : folder).c_str(), W_OK) != 0) {
    throw UsageError(fmt::format("--{} {}: it cannot be written: {}", option, path.string(), std::strerror(errno)));
  }
}

void write_file(const fs::path& path, const std::string& text) {
  std::error_code error;
  const bool replace = !fs::exists(path, error) || fs::is_regular_file(path, error);  // not a device, which is no file
  const fs::path whole = replace ? fs::path(path.string() + ".tmp") : path;
  errno = 0;
  std::ofstream file(whole);
  file << text;
  file.close();
  if (file && replace) fs::rename(whole, path, error);
  if (file && !error) return;
  const std::string reason = file ? error.message() : std::strerror(errno);
  if (replace) fs::remove(whole, error);
  throw OutputError(fmt::format("'{}' cannot be written: {}", path.string(), reason));
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
