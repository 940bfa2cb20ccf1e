// `sweep`: one scenario over many seeds. What it prints depends on the seeds alone, not on the number of jobs nor on
// which of them was done first.
#include <fmt/format.h>

#include "sim/cli/exit_code.hpp"
#include "sim/cli/many.hpp"
#include "sim/report/csv.hpp"
#include "sim/scenario/shell_word.hpp"

namespace kraftsim::cli {
namespace {

void options(Options& options) {
  add_sweep_options(options);
  options.add_options()("fail-fast", boost::program_options::bool_switch(), "end with the first violated seed");
}

std::string result_text(const scenario::Scenario& scenario, const scenario::SweepResult& result,
                        const Arguments& arguments) {
  const auto sides = report::sides_of(scenario, result);
  if (format(arguments) == Format::kCsv && flag(arguments, "samples")) return report::samples_csv(sides);
  std::vector<report::Summary> summaries;
  for (const report::Side& side : sides) summaries.push_back(report::summarise(side));
  const report::SweepFacts what = facts(arguments, result.interrupted);
  switch (format(arguments)) {
    case Format::kText: return report::sweep_text(build(), what, summaries, text_options(arguments));
    case Format::kJson: return report::sweep_json(build(), what, summaries);
    case Format::kCsv: return report::sweep_csv(summaries);
  }
  return {};
}

/// Markers that the scenario says its runs meet, and none did.
std::vector<check::Marker> unmet(const scenario::Scenario& scenario, const scenario::SweepResult& result) {
  std::vector<check::Marker> all;
  for (const report::Side& side : report::sides_of(scenario, result)) {
    for (const check::Marker marker : report::summarise(side).unmet) all.push_back(marker);
  }
  return all;
}

int run(const Arguments& arguments) {
  const scenario::Scenario scenario = load(arguments, operands(arguments).front());
  const scenario::SeedRange range = seeds(arguments);
  announce(arguments, fmt::format("kraftsim sweep {} --seeds {}-{}{}{}", scenario::shell_word(scenario.path),
                                  range.first, range.last, said_coordination(arguments), scenario.arguments));
  const scenario::SweepResult result = sweep_all(scenario, arguments, flag(arguments, "fail-fast"));
  print(result_text(scenario, result, arguments));
  if (result.interrupted) {
    std::fprintf(stderr, "kraftsim: interrupted after %zu of %llu runs\n", result.runs.size(),
                 static_cast<unsigned long long>(result.planned));
    return kInterrupted;
  }
  const int code = exit_code(result.runs);
  return code == kHeld && !unmet(scenario, result).empty() ? kInconclusive : code;
}

}  // namespace

Command sweep_command() {
  return {
      .name = "sweep",
      .summary = "run one scenario with many seeds and show quantiles",
      .operands = "FILE",
      .least = 1,
      .most = 1,
      .help = "Runs a scenario with each seed of a range on each of its coordinations. Ctrl-C keeps what has ended.\n\n"
              "  kraftsim sweep scenarios/election_leader_killed.json --seeds 1-1000\n"
              "  kraftsim sweep scenarios/crash_leader_60s_r3.json --seeds 1-100000 --jobs 2 --fail-fast\n"
              "  kraftsim sweep scenarios/demo.json --seeds 1-50 --format csv --samples > samples.csv",
      .options = options,
      .run = run,
  };
}

}  // namespace kraftsim::cli
