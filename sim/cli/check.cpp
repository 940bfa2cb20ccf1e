// `check`: are these scenario files good? Fast enough for a pre-commit hook; nothing is run. Every file is looked at,
// whatever the first ones were like; a folder stands for the .json files in it.
#include <algorithm>
#include <filesystem>
#include <functional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sim/cli/common.hpp"
#include "sim/cli/exit_code.hpp"

namespace kraftsim::cli {
namespace {

namespace po = boost::program_options;
namespace fs = std::filesystem;

void options(Options& options) {
  add_format_option(options);
  options.add_options()("quiet,q", po::bool_switch(), "say nothing of good files");
}

/// Folders stand for the .json files directly within; `empty` is told of one that has none.
std::vector<std::string> files_of(const std::vector<std::string>& operands,
                                  const std::function<void(const scenario::Diagnostic&)>& empty) {
  std::vector<std::string> files;
  for (const std::string& operand : operands) {
    std::error_code none;
    if (!fs::is_directory(operand, none)) {
      files.push_back(operand);
      continue;
    }
    std::vector<std::string> inside;
    for (const auto& entry : fs::directory_iterator(operand, none)) {
      if (entry.path().extension() == ".json") inside.push_back(entry.path().string());
    }
    if (inside.empty()) {
      empty({operand, 0, 0, {}, none ? none.message() : "there is no .json file in this folder", {}});
    }
    std::sort(inside.begin(), inside.end());
    files.insert(files.end(), inside.begin(), inside.end());
  }
  return files;
}

nlohmann::ordered_json as_json(const scenario::Diagnostic& one) {
  nlohmann::ordered_json object{{"path", one.path},       {"line", one.line},       {"column", one.column},
                                {"pointer", one.pointer}, {"message", one.message}, {"suggestion", nullptr}};
  if (!one.suggestion.empty()) object["suggestion"] = one.suggestion;
  return object;
}

int run(const Arguments& arguments) {
  const bool json = format(arguments) == Format::kJson;
  nlohmann::ordered_json mistakes = nlohmann::ordered_json::array();
  int code = kHeld;
  const auto report = [&](const scenario::Diagnostic& one) {
    code = kBadScenario;
    if (!json) std::fprintf(stderr, "%s\n", line(one).c_str());
    mistakes.push_back(as_json(one));
  };
  for (const std::string& file : files_of(operands(arguments), report)) {
    try {
      static_cast<void>(scenario::read_file(file));
      if (!json && !flag(arguments, "quiet")) print(file + ": good\n");
    } catch (const scenario::ScenarioError& error) {
      std::ranges::for_each(error.diagnostics(), report);
    }
  }
  if (json) print(mistakes.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
  return code;
}

}  // namespace

Command check_command() {
  return {
      .name = "check",
      .summary = "look for mistakes in scenario files, without running them",
      .operands = "FILE...",
      .least = 1,
      .most = kManyFiles,
      .help = "Reports every mistake of every file, each with file, line, column and JSON pointer. A folder stands\n"
              "for the .json files in it.\n\n"
              "  kraftsim check scenarios\n"
              "  kraftsim check my_scenario.json --format json",
      .options = options,
      .run = run,
  };
}

}  // namespace kraftsim::cli
