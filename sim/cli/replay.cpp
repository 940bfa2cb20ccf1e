// `replay`: the run that a file was written for. The file says with which seed, and how it ended.
#include <cstdio>
#include <optional>

#include <fmt/format.h>

#include "core/base/digest.hpp"
#include "sim/cli/common.hpp"
#include "sim/cli/exit_code.hpp"
#include "sim/cli/interrupt.hpp"

namespace kraftsim::cli {
namespace {

using scenario::RunResult;
using scenario::Scenario;

void options(Options& options) {
  options.add_options()("quiet,q", boost::program_options::bool_switch(), "nothing of files that hold");
}

/// What became of the file's failure.
std::string outcome(const Scenario& scenario, const RunResult& run) {
  const scenario::Replay& told = scenario.replay;
  if (run.verdict != scenario::Verdict::kViolated) {
    if (told.invariant.empty()) return line(run.verdict);
    return fmt::format("{}; it no longer breaks {}", line(run.verdict), told.invariant);
  }
  const std::string broken = fmt::format("breaks {}", *run.invariant);
  if (told.invariant.empty()) return broken;
  if (told.invariant != *run.invariant) return fmt::format("{}, where it broke {}", broken, told.invariant);
  if (told.digest.empty()) return broken + " again";
  return broken + (told.digest == kraft::hex(run.digest) ? " again, in the same run to the byte"
                                                         : " again, in another run: the code has changed");
}

int run(const Arguments& arguments) {
  watch_for_interrupt();
  std::vector<RunResult> runs;
  bool all_read = true;
  for (const std::string& path : operands(arguments)) {
    std::optional<Scenario> read;
    try {
      read = scenario::read_file(path);
    } catch (const scenario::ScenarioError& error) {
      std::fprintf(stderr, "%s\n", error.what());
      all_read = false;
      continue;
    }
    Scenario& scenario = *read;
    if (scenario.replay.shuffle_ties) scenario.arguments += " --shuffle-ties";
    scenario::RunOptions run_options;
    run_options.shuffle_ties = scenario.replay.shuffle_ties;
    run_options.keep_going = [](std::uint64_t, kraft::Time) { return !interrupted(); };
    runs.push_back(scenario::run(scenario, scenario.coordination.front(), scenario.replay.seed, run_options));
    if (interrupted()) return kInterrupted;
    const RunResult& last = runs.back();
    if (last.verdict == scenario::Verdict::kHeld && flag(arguments, "quiet")) continue;
    print(fmt::format("{}: seed {}, digest {}: {}\n", path, last.seed, kraft::hex(last.digest),
                      outcome(scenario, last)));
    if (last.verdict == scenario::Verdict::kViolated) {
      print(fmt::format("  at t={}: {}\n  trace  {} --trace -\n", line(last.violated_at), last.detail,
                        report::reproduce_line(scenario, last)));
    }
  }
  const int code = exit_code(runs);
  return all_read || code == kViolated ? code : kBadScenario;
}

}  // namespace

Command replay_command() {
  return {
      .name = "replay",
      .summary = "do again the run that a shrunk file was written for",
      .operands = "FILE...",
      .least = 1,
      .most = kManyFiles,
      .help = "Runs each file with the seed that its \"replay\" names, 1 if it names none, and says whether it still\n"
              "breaks what it broke and, if so, whether the run is the same to the byte. Exit code 0: all hold; 1:\n"
              "one breaks something; 3: one cannot be read; 4: one is inconclusive.\n\n"
              "  kraftsim replay build/swarm/seed_17.shrunk.json\n"
              "  kraftsim replay tests/corpus/*.json --quiet",
      .options = options,
      .run = run,
  };
}

}  // namespace kraftsim::cli
