// `swarm`: look for a broken promise in scenarios drawn from seeds. What fails is kept as a scenario and shrunk.
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "core/base/digest.hpp"
#include "sim/cli/exit_code.hpp"
#include "sim/cli/interrupt.hpp"
#include "sim/cli/many.hpp"
#include "sim/cli/progress.hpp"
#include "sim/cli/seed.hpp"
#include "sim/report/swarm.hpp"
#include "sim/scenario/draw.hpp"

namespace kraftsim::cli {
namespace {

namespace po = boost::program_options;
namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using kraft::Duration;

constexpr std::size_t kMostShrunk = 3;  // of failures that break different invariants

void options(Options& options) {
  options.add_options()
      ("seeds", po::value<Seeds>()->default_value(Seeds{{1, 10'000}}, "1-10000")->value_name("A-B"),
       "both ends included")
      ("jobs,j", po::value<int>()->default_value(0, "all cores")->value_name("N"),
       "runs at a time; the result does not depend on it")
      ("stop-at-first", po::bool_switch(), "end with the first violated seed")
      ("out", po::value<std::string>()->default_value("build/swarm")->value_name("DIR"),
       "where scenarios that failed are kept")
      ("no-shrink", po::bool_switch(), "keep them as they were drawn")
      ("print", po::bool_switch(), "print the scenario of the first seed and run nothing")
      ("junit", po::value<std::string>()->value_name("FILE"), "write the result as JUnit XML, too");
  add_duration_option(options, "for", "", "from seed A on, for so long, whatever B is");
  add_duration_option(options, "shrink-for", "60s", "at most, for each");
  add_result_options(options);
}

std::string write(const fs::path& path, const std::string& text) {
  std::error_code none;
  fs::create_directories(path.parent_path(), none);
  write_file(path, text);
  return path.string();
}

/// Files of the failures; the first of each invariant is shrunk.
void keep(const scenario::SwarmResult& result, const Arguments& arguments, std::vector<report::Kept>& kept) {
  const fs::path folder(arguments["out"].as<std::string>());
  std::set<std::string> shrunk;
  constexpr std::size_t kMostKept = 100;
  for (const scenario::SwarmFailure& failure : result.failures) {
    if (kept.size() == kMostKept) break;
    scenario::Document document = scenario::draw_scenario(failure.seed);
    document["replay"]["invariant"] = failure.invariant;
    document["replay"]["digest"] = kraft::hex(failure.digest);
    const std::string name = fmt::format("seed_{}", failure.seed);
    kept.push_back({failure.seed, write(folder / (name + ".json"), scenario::text_of(document)), {}, {}});
    if (flag(arguments, "no-shrink") || interrupted() || shrunk.size() == kMostShrunk) continue;
    if (!shrunk.insert(failure.invariant).second) continue;
    announce(arguments, fmt::format("shrinking seed {}: {}", failure.seed, failure.invariant));
    report::Kept& one = kept.back();
    const Clock::time_point end = Clock::now() + duration(arguments, "shrink-for");
    one.result = scenario::shrink(document, one.path,
                                  {.keep_going = [&] { return !interrupted() && Clock::now() < end; }});
    one.shrunk = write(folder / (name + ".shrunk.json"), scenario::text_of(one.result->document));
  }
}

int run(const Arguments& arguments) {
  scenario::SeedRange range = seeds(arguments);
  if (flag(arguments, "print")) {
    print(scenario::text_of(scenario::draw_scenario(range.first)));
    return kHeld;
  }
  const bool json = format(arguments) == Format::kJson;
  const Clock::time_point began = Clock::now();
  Clock::time_point end = Clock::time_point::max();
  if (arguments.count("for") > 0) {
    constexpr std::uint64_t kEndless = 100'000'000;
    end = began + duration(arguments, "for");
    range.last = range.first + std::min(kEndless - 1, std::numeric_limits<std::uint64_t>::max() - range.first);
  }
  const std::string junit = arguments.count("junit") > 0 ? arguments["junit"].as<std::string>() : std::string();
  if (!junit.empty()) expect_writable("junit", junit);
  announce(arguments, fmt::format("kraftsim swarm --seeds {}-{}", range.first, range.last));
  watch_for_interrupt();
  scenario::SwarmResult result;
  {
    Progress progress("seeds", range.count(), flag(arguments, "quiet"));
    scenario::SwarmOptions swarm_options;
    swarm_options.stop_at_first = flag(arguments, "stop-at-first");
    swarm_options.keep_going = [&] { return !interrupted() && Clock::now() < end; };
    result = scenario::swarm(range, jobs(arguments), swarm_options, [&](std::uint64_t done, std::uint64_t violated) {
      progress.update(done, violated > 0 ? fmt::format("{} violated", violated) : "");
    });
  }
  result.interrupted = interrupted();  // and not because its time was over
  report::SwarmFacts facts;
  facts.wall_ns = std::chrono::duration_cast<Duration>(Clock::now() - began).count();
  if (end != Clock::time_point::max()) range.last = std::max(range.first, result.last);
  facts.seeds = range;
  std::optional<OutputError> lost;
  try {
    keep(result, arguments, facts.kept);
  } catch (const OutputError& error) {
    lost = error;  // the result is said first
  }
  print(json ? report::swarm_json(build(), facts, result)
             : report::swarm_text(build(), facts, result, text_options(arguments)));
  if (!junit.empty()) write_file(junit, report::swarm_junit(facts, result));
  if (std::getenv("GITHUB_ACTIONS") != nullptr) std::fputs(report::swarm_annotations(result).c_str(), stderr);
  if (lost) throw OutputError(*lost);
  if (result.violated > 0) return kViolated;
  if (result.interrupted) {
    std::fprintf(stderr, "kraftsim: interrupted after %llu runs\n", static_cast<unsigned long long>(result.runs()));
    return kInterrupted;
  }
  return result.unmet().empty() ? kHeld : kInconclusive;
}

}  // namespace

Command swarm_command() {
  return {
      .name = "swarm",
      .summary = "draw a scenario from each seed and look for a broken promise",
      .operands = "",
      .least = 0,
      .most = 0,
      .help = "Each seed draws which faults are on, how often and how long they strike, the cluster, its timings,\n"
              "network, disks and load, and in a quarter of them the order of what happens at one time; the\n"
              "scenario is run under KRaft with all invariants. The first 100 that fail are written to a folder; of\n"
              "three invariants the first is made as small as it can be and printed with the command that replays\n"
              "it. Under GitHub Actions failures are annotations, too. Ctrl-C keeps what has ended.\n\n"
              "Inconclusive runs are counted and do not change the exit code; but 10,000 runs or more of which none\n"
              "met some marker (kraftsim list markers) exit with 4.\n\n"
              "  kraftsim swarm --seeds 1-10000\n"
              "  kraftsim swarm --for 10m --stop-at-first --junit swarm.xml\n"
              "  kraftsim swarm --seeds 17 --print",
      .options = options,
      .run = run,
  };
}

}  // namespace kraftsim::cli
