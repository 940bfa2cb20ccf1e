// `shrink`: a failing scenario, as small as it can be while it breaks the same invariant.
#include <chrono>
#include <filesystem>

#include <fmt/format.h>

#include "sim/cli/common.hpp"
#include "sim/cli/exit_code.hpp"
#include "sim/cli/interrupt.hpp"
#include "sim/cli/seed.hpp"
#include "sim/report/swarm.hpp"
#include "sim/scenario/shell_word.hpp"
#include "sim/scenario/shrink.hpp"

namespace kraftsim::cli {
namespace {

namespace po = boost::program_options;

void options(Options& options) {
  options.add_options()
      ("seed", po::value<Seed>()->value_name("N"), "with which it fails; by default what its \"replay\" says")
      ("out", po::value<std::string>()->value_name("FILE"), "where to; by default FILE.shrunk.json")
      ("quiet,q", po::bool_switch(), "nothing on stderr but errors");
  add_duration_option(options, "for", "60s", "for so long at most");
}

int run(const Arguments& arguments) {
  const std::string path = operands(arguments).front();
  const std::string out = arguments.count("out") > 0
                              ? arguments["out"].as<std::string>()
                              : std::filesystem::path(path).replace_extension(".shrunk.json").string();
  const std::string text = read_once(path);
  const scenario::Scenario scenario = scenario::read_text(text, path);  // reports every mistake
  expect_writable("out", out);
  scenario::Document document = scenario::Document::parse(text);
  if (arguments.count("seed") > 0) {
    document["replay"]["seed"] = std::to_string(arguments["seed"].as<Seed>().value);
  }
  if (document.contains("coordination")) document["coordination"] = line(scenario.coordination.front());

  announce(arguments, fmt::format("kraftsim shrink {}", scenario::shell_word(path)));
  watch_for_interrupt();
  using Clock = std::chrono::steady_clock;
  const Clock::time_point end = Clock::now() + duration(arguments, "for");
  const scenario::ShrinkResult result =
      scenario::shrink(document, path, {.keep_going = [&] { return !interrupted() && Clock::now() < end; }});
  if (result.run.verdict != scenario::Verdict::kViolated) {
    if (interrupted()) {
      std::fputs("kraftsim: interrupted before the first run had ended\n", stderr);
      return kInterrupted;
    }
    if (Clock::now() >= end) {
      print(fmt::format("{}: not decided within {}; give it longer with --for\n", path,
                        arguments["for"].as<std::string>()));
      return kInconclusive;
    }
    print(fmt::format("{}: {}; there is nothing to shrink\n", path, line(result.run.verdict)));
    return exit_code({result.run});
  }
  write_file(out, scenario::text_of(result.document));
  print(fmt::format("invariant  {}\ndetail     {}\nshrunk     {}\nreplay     kraftsim replay {}\n",
                    *result.run.invariant, result.run.detail, report::shrunk_text(result), scenario::shell_word(out)));
  return kViolated;
}

}  // namespace

Command shrink_command() {
  return {
      .name = "shrink",
      .summary = "make a failing scenario as small as it can be",
      .operands = "FILE",
      .least = 1,
      .most = 1,
      .help = "Takes away faults, nodes, load and settings, and shortens what is left, as long as the same invariant\n"
              "breaks; once the file's own seed allows no more, what can be taken away is also tried with seeds 1\n"
              "to 16. Ends when nothing more can be, or after --for. Ctrl-C keeps the smallest so far. Exit code 1:\n"
              "it fails still, and the smaller file is written; 4: its run is inconclusive, or was not decided in\n"
              "time; 0: it holds.\n\n"
              "  kraftsim shrink build/swarm/seed_17.json\n"
              "  kraftsim shrink failing.json --seed 7 --for 5m --out small.json",
      .options = options,
      .run = run,
  };
}

}  // namespace kraftsim::cli
