// `diff`: the first event at which two runs part, with what went before. The traces are compared as the text that
// people see, so that what differs can be read; the digests have the last word.
#include <algorithm>

#include <fmt/format.h>

#include "core/base/digest.hpp"
#include "sim/cli/common.hpp"
#include "sim/cli/exit_code.hpp"
#include "sim/cli/interrupt.hpp"
#include "sim/cli/seed.hpp"
#include "sim/scenario/shell_word.hpp"

namespace kraftsim::cli {
namespace {

namespace po = boost::program_options;
using engine::TraceEntry;
using scenario::RunResult;
using scenario::Scenario;

constexpr std::size_t kBefore = 5;
constexpr std::size_t kAfter = 5;

void options(Options& options) {
  options.add_options()
      ("seed", po::value<Seed>()->value_name("N"), "of the first run; by default what its \"replay\" says, or 1")
      ("against-seed", po::value<Seed>()->value_name("M"),
       "of the second; by default the first's, or what its own \"replay\" says if it is another file and --seed is "
       "not given")
      ("against", po::value<std::string>()->value_name("FILE"), "the second run's scenario; by default the same");
  add_run_options(options, 1);
}

struct Side {
  std::string name;
  RunResult result;
  [[nodiscard]] const std::vector<TraceEntry>& trace() const { return result.trace.entries(); }
};

Side run_side(const Scenario& scenario, std::uint64_t seed, const Arguments& arguments) {
  const cluster::Coordination coordination = scenario.coordination.front();
  scenario::RunOptions run_options;
  run_options.shuffle_ties = flag(arguments, "shuffle-ties") || scenario.replay.shuffle_ties;
  run_options.trace = true;
  run_options.keep_going = [](std::uint64_t, kraft::Time) { return !interrupted(); };
  std::string name = fmt::format("{} {} seed {}", scenario.path, line(coordination), seed);
  return {std::move(name), scenario::run(scenario, coordination, seed, run_options)};
}

std::string lines(const Side& side, std::size_t from, std::size_t to, std::string_view mark) {
  std::string text;
  for (std::size_t i = from; i < std::min(to, side.trace().size()); ++i) {
    text += fmt::format("{} {}\n", mark, line(side.trace()[i]));
  }
  if (to > side.trace().size()) text += fmt::format("{} (end of the run)\n", mark);
  return text;
}

/// The first place where the traces differ; none if they do not.
std::optional<std::size_t> first_difference(const Side& a, const Side& b) {
  const auto [in_a, in_b] = std::mismatch(a.trace().begin(), a.trace().end(), b.trace().begin(), b.trace().end(),
                                          [](const TraceEntry& x, const TraceEntry& y) { return line(x) == line(y); });
  if (in_a == a.trace().end() && in_b == b.trace().end()) return {};
  return static_cast<std::size_t>(in_a - a.trace().begin());
}

int run(const Arguments& arguments) {
  const Scenario first = load(arguments, operands(arguments).front());
  const bool other_file = arguments.count("against") > 0;
  const Scenario second = other_file ? load(arguments, arguments["against"].as<std::string>()) : first;
  const bool stated = arguments.count("seed") > 0;
  const std::uint64_t seed = stated ? arguments["seed"].as<Seed>().value : first.replay.seed;
  const std::uint64_t against = arguments.count("against-seed") > 0 ? arguments["against-seed"].as<Seed>().value
                                : other_file && !stated             ? second.replay.seed
                                                                    : seed;

  announce(arguments, fmt::format("kraftsim diff {}{} --seed {}{}{}{}", scenario::shell_word(first.path),
                                  other_file ? " --against " + scenario::shell_word(second.path) : "", seed,
                                  against != seed ? fmt::format(" --against-seed {}", against) : "",
                                  said_coordination(arguments), first.arguments));
  watch_for_interrupt();
  const Side a = run_side(first, seed, arguments);
  if (interrupted()) return kInterrupted;
  const Side b = run_side(second, against, arguments);
  if (interrupted()) return kInterrupted;

  const auto at = first_difference(a, b);
  if (!at && a.result.digest == b.result.digest) {
    print(fmt::format("the same: {}, digest {}\n", fmt::format("{} events", a.result.events),
                      kraft::hex(a.result.digest)));
    return kHeld;
  }
  print(fmt::format("- {}\n+ {}\n\n", a.name, b.name));
  if (at) {
    print(fmt::format("The first {} entries are the same; then they part:\n\n", *at));
    print(lines(a, *at - std::min(*at, kBefore), *at, " "));
    print(lines(a, *at, *at + kAfter, "-"));
    print(lines(b, *at, *at + kAfter, "+"));
  } else {
    print(fmt::format("The traces are the same, the digests are not: {} and {}\n", kraft::hex(a.result.digest),
                      kraft::hex(b.result.digest)));
  }
  const bool same_input = first.hash == second.hash && seed == against;
  return same_input ? kNotDeterministic : kViolated;
}

}  // namespace

Command diff_command() {
  return {
      .name = "diff",
      .summary = "the first event at which two runs part",
      .operands = "FILE",
      .least = 1,
      .most = 1,
      .help = "Runs twice, with another seed or another scenario the second time, and shows the first event that is\n"
              "not the same, with what went before. Exit code 0: no difference; 1: one; 5: one although nothing was\n"
              "changed. Of several coordinations the first counts, or --coordination.\n\n"
              "  kraftsim diff scenarios/election_leader_killed.json --seed 1 --against-seed 2\n"
              "  kraftsim diff old.json --against new.json --seed 7\n"
              "  kraftsim diff build/swarm/seed_17.json --against build/swarm/seed_17.shrunk.json",
      .options = options,
      .run = run,
  };
}

}  // namespace kraftsim::cli
