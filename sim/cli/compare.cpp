// `compare`: two sides with the same seeds, so that their differences are paired. The sides are the coordinations of
// one scenario, two scenarios, or a scenario before and after --set.
#include <filesystem>

#include <fmt/format.h>

#include "sim/cli/exit_code.hpp"
#include "sim/cli/many.hpp"
#include "sim/report/csv.hpp"
#include "sim/scenario/shell_word.hpp"

namespace kraftsim::cli {
namespace {

using scenario::Scenario;
using scenario::SweepResult;

/// Scenarios that are swept, one or two of them.
std::vector<Scenario> load_all(const Arguments& arguments) {
  const std::vector<std::string> files = operands(arguments);
  const bool set = arguments.count("set") > 0;
  std::vector<Scenario> scenarios;
  scenarios.push_back(load(arguments, files[0], files.size() == 2 || !set));
  if (files.size() == 2) {
    scenarios.push_back(load(arguments, files[1]));
  } else if (set && scenarios[0].coordination.size() == 1) {
    scenarios.push_back(load(arguments, files[0]));
  } else if (set) {
    scenarios[0] = load(arguments, files[0]);  // both coordinations, both changed
  }
  std::size_t sides = 0;
  for (const Scenario& scenario : scenarios) sides += scenario.coordination.size();
  if (sides != 2) {
    throw UsageError(fmt::format("{} sides to compare, not two: name a scenario with two coordinations, two files, or "
                                 "one --coordination and a --set", sides));
  }
  return scenarios;
}

std::vector<report::Side> sides_of(const std::vector<Scenario>& scenarios, const std::vector<SweepResult>& results) {
  if (scenarios.size() == 1) return report::sides_of(scenarios[0], results[0]);
  std::vector<report::Side> sides;
  for (std::size_t i = 0; i < results.size(); ++i) {
    sides.push_back(report::sides_of(scenarios[i], results[i]).front());
    const bool changed = scenarios[0].path == scenarios[1].path;
    sides.back().label = !changed ? scenarios[i].name : i == 0 ? "as it is" : scenarios[i].arguments.substr(1);
  }
  return sides;
}

std::string result_text(const std::vector<report::Side>& sides, const report::SweepFacts& what,
                        const Arguments& arguments) {
  if (format(arguments) == Format::kCsv && what.samples) return report::samples_csv(sides);
  std::vector<report::Summary> summaries;
  for (const report::Side& side : sides) summaries.push_back(report::summarise(side));
  switch (format(arguments)) {
    case Format::kText: return report::compare_text(build(), what, summaries, text_options(arguments));
    case Format::kJson: return report::compare_json(build(), what, summaries);
    case Format::kCsv: return report::compare_csv(summaries);
  }
  return {};
}

int run(const Arguments& arguments) {
  const std::vector<Scenario> scenarios = load_all(arguments);
  const scenario::SeedRange range = seeds(arguments);
  const bool two = operands(arguments).size() == 2;
  announce(arguments, fmt::format("kraftsim compare {}{} --seeds {}-{}{}{}",
                                  scenario::shell_word(scenarios.front().path),
                                  two ? " " + scenario::shell_word(scenarios.back().path) : "", range.first,
                                  range.last, said_coordination(arguments), scenarios.back().arguments));
  std::vector<SweepResult> results;
  bool interrupted = false;
  for (const Scenario& scenario : scenarios) {
    results.push_back(sweep_all(scenario, arguments, false));
    interrupted = interrupted || results.back().interrupted;
  }
  print(result_text(sides_of(scenarios, results), facts(arguments, interrupted), arguments));
  if (interrupted) {
    std::fputs("kraftsim: interrupted; the result holds the runs that had ended\n", stderr);
    return kInterrupted;
  }
  int worst = kHeld;
  for (const SweepResult& result : results) {
    const int code = exit_code(result.runs);
    if (worst != kViolated && code != kHeld) worst = code;
  }
  return worst;
}

}  // namespace

Command compare_command() {
  return {
      .name = "compare",
      .summary = "two coordinations or two configurations over the same seeds, side by side",
      .operands = "FILE [FILE]",
      .least = 1,
      .most = 2,
      .help = "Compares the two coordinations of a scenario, two scenarios, or a scenario as it is with the same\n"
              "after --set. Both sides run with the same seeds; differences are paired, with 95 % intervals.\n\n"
              "  kraftsim compare scenarios/demo.json --seeds 1-200\n"
              "  kraftsim compare scenarios/thesis_wan_same_f0.json scenarios/thesis_wan_same_f2.json\n"
              "  kraftsim compare scenarios/demo.json --coordination kraft \\\n"
              "      --set /cluster/controllers/config/controller.quorum.fetch.timeout.ms=500",
      .options = add_sweep_options,
      .run = run,
  };
}

}  // namespace kraftsim::cli
