// `run`: one scenario, one seed, each of its coordinations. The command itself is said first on stderr, seed
// included, so that even a run that hangs can be had again.
#include <fstream>
#include <functional>

#include <fmt/format.h>

#include "core/base/digest.hpp"
#include "sim/cli/common.hpp"
#include "sim/cli/exit_code.hpp"
#include "sim/cli/interrupt.hpp"
#include "sim/cli/progress.hpp"
#include "sim/cli/seed.hpp"
#include "sim/report/csv.hpp"
#include "sim/report/json.hpp"
#include "sim/scenario/shell_word.hpp"

namespace kraftsim::cli {
namespace {

namespace po = boost::program_options;
using scenario::RunResult;
using scenario::Scenario;

void options(Options& options) {
  options.add_options()
      ("seed", po::value<Seed>()->default_value(Seed{}, "1")->value_name("N"), "a number, 0x..., or a commit hash")
      ("trace", po::value<std::string>()->value_name("FILE"), "write every event, with its cause; - is stdout")
      ("check-determinism", po::bool_switch(), "run twice; exit 5 unless both end in the same digest");
  add_run_options(options);
}

/// Runs each coordination until all are done or Ctrl-C.
std::vector<RunResult> run_all(const Scenario& scenario, std::uint64_t seed, const Arguments& arguments) {
  std::vector<RunResult> runs;
  for (const cluster::Coordination coordination : scenario.coordination) {
    const auto total = static_cast<std::uint64_t>((scenario.warm_up + scenario.duration).count() / 1'000'000'000);
    Progress progress(fmt::format("simulated seconds ({})", line(coordination)), total, flag(arguments, "quiet"));
    scenario::RunOptions run_options;
    run_options.shuffle_ties = flag(arguments, "shuffle-ties");
    run_options.trace = arguments.count("trace") > 0;
    run_options.keep_going = [&](std::uint64_t events, kraft::Time now) {
      const std::int64_t seconds = std::max<std::int64_t>(0, kraft::nanos(now)) / 1'000'000'000;
      progress.update(static_cast<std::uint64_t>(seconds), fmt::format("{} events", events));
      return !interrupted();
    };
    runs.push_back(scenario::run(scenario, coordination, seed, run_options));
    if (interrupted()) break;
  }
  return runs;
}

void write_trace(const std::vector<RunResult>& runs, const std::string& path) {
  std::ofstream file;
  if (path != "-") {
    file.open(path);
  }
  for (const RunResult& run : runs) {
    std::string text = fmt::format("# {} seed {}\n", line(run.coordination), run.seed);
    for (const engine::TraceEntry& entry : run.trace.entries()) {
      text += line(entry);
      text += '\n';
      constexpr std::size_t kEnough = 1 << 20;
      if (text.size() < kEnough) continue;
      path == "-" ? print(text) : static_cast<void>(file << text);
      text.clear();
    }
    path == "-" ? print(text) : static_cast<void>(file << text);
  }
  if (path != "-" && !file.flush()) throw OutputError(fmt::format("'{}' cannot be written", path));
}

std::string result_text(const Scenario& scenario, const std::vector<RunResult>& runs, const Arguments& arguments) {
  switch (format(arguments)) {
    case Format::kText: return report::run_text(build(), scenario, runs, text_options(arguments));
    case Format::kJson: return report::run_json(build(), scenario, runs);
    case Format::kCsv: {
      const auto sides = [&] {
        std::vector<report::Side> result;
        for (const RunResult& run : runs) {
          result.push_back({line(run.coordination), &scenario, run.coordination, {&run}});
        }
        return result;
      }();
      return report::samples_csv(sides);
    }
  }
  return {};
}

/// True if a second time gives the same.
bool same_again(const Scenario& scenario, const std::vector<RunResult>& runs, const Arguments& arguments) {
  bool same = true;
  const std::vector<RunResult> again = run_all(scenario, runs.front().seed, arguments);
  for (std::size_t i = 0; i < again.size(); ++i) {
    if (again[i].digest == runs[i].digest || interrupted()) continue;
    same = false;
    std::fprintf(stderr,
                 "kraftsim: not deterministic: %s ended in digest %s, then in %s\nreproduce  kraftsim diff %s "
                 "--coordination %s --seed %llu%s\n",
                 line(runs[i].coordination).c_str(), kraft::hex(runs[i].digest).c_str(),
                 kraft::hex(again[i].digest).c_str(), scenario::shell_word(scenario.path).c_str(),
                 line(runs[i].coordination).c_str(), static_cast<unsigned long long>(runs[i].seed),
                 scenario.arguments.c_str());
  }
  return same;
}

int run(const Arguments& arguments) {
  const Scenario scenario = load(arguments, operands(arguments).front());
  const std::uint64_t seed = arguments["seed"].as<Seed>().value;
  const std::string trace = arguments.count("trace") > 0 ? arguments["trace"].as<std::string>() : std::string();
  if (!trace.empty() && trace != "-") expect_writable("trace", trace);
  announce(arguments, fmt::format("kraftsim run {} --seed {}{}{}", scenario::shell_word(scenario.path), seed,
                                  said_coordination(arguments), scenario.arguments));
  watch_for_interrupt();
  const std::vector<RunResult> runs = run_all(scenario, seed, arguments);
  if (trace == "-") write_trace(runs, trace);
  print(result_text(scenario, runs, arguments));
  if (!trace.empty() && trace != "-") write_trace(runs, trace);
  if (interrupted()) {
    std::fputs("kraftsim: interrupted; the last run above is not complete\n", stderr);
    return kInterrupted;
  }
  if (flag(arguments, "check-determinism") && !same_again(scenario, runs, arguments)) return kNotDeterministic;
  return interrupted() ? kInterrupted : exit_code(runs);
}

}  // namespace

Command run_command() {
  return {
      .name = "run",
      .summary = "run one scenario with one seed and show its failovers, phase by phase",
      .operands = "FILE",
      .least = 1,
      .most = 1,
      .help = "Runs a scenario once on each of its coordinations. The same scenario and seed give the same run,\n"
              "to the byte, on every machine. What the file says under \"replay\" is for kraftsim replay and diff.\n\n"
              "A line of --trace: time, #event<-#its cause, node (- for none), kind (message, timer, disk, process,\n"
              "connection, fault, workload, note), and what happened.\n\n"
              "  kraftsim run scenarios/election_leader_killed.json\n"
              "  kraftsim run scenarios/demo.json --seed 7 --coordination zookeeper\n"
              "  kraftsim run scenarios/demo.json --set /cluster/brokers/count=15 --format json\n"
              "  kraftsim run scenarios/demo.json --coordination kraft --trace trace.txt",
      .options = options,
      .run = run,
  };
}

}  // namespace kraftsim::cli
