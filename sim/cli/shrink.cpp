// `shrink`: a failing scenario, as small as it can be while it breaks the same invariant.
#include <chrono>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "sim/cli/common.hpp"
#include "sim/cli/exit_code.hpp"
#include "sim/cli/interrupt.hpp"
#include "sim/cli/seed.hpp"
#include "sim/report/swarm.hpp"
#include "sim/scenario/duration_text.hpp"
#include "sim/scenario/shrink.hpp"
#include "sim/scenario/text_file.hpp"

namespace kraftsim::cli {
namespace {

namespace po = boost::program_options;

void options(Options& options) {
  options.add_options()
      ("seed", po::value<Seed>()->value_name("N"), "with which it fails; by default what its \"replay\" says")
      ("for", po::value<std::string>()->default_value("60s")->value_name("60s"), "for so long at most")
      ("out", po::value<std::string>()->value_name("FILE"), "where to; by default FILE.shrunk.json")
      ("quiet,q", po::bool_switch(), "nothing on stderr but errors");
}

int run(const Arguments& arguments) {
  const std::string path = operands(arguments).front();
  const scenario::Scenario scenario = scenario::read_file(path);  // reports every mistake
  const auto limit = scenario::parse_duration(arguments["for"].as<std::string>());
  if (!limit.value) throw UsageError("--for: " + limit.error);
  scenario::Document document = scenario::Document::parse(scenario::read_text_file(path).text);
  if (arguments.count("seed") > 0) {
    document["replay"]["seed"] = std::to_string(arguments["seed"].as<Seed>().value);
  }
  if (document.contains("coordination")) document["coordination"] = line(scenario.coordination.front());

  announce(arguments, fmt::format("kraftsim shrink {}", path));
  watch_for_interrupt();
  using Clock = std::chrono::steady_clock;
  const Clock::time_point end = Clock::now() + *limit.value;
  const scenario::ShrinkResult result =
      scenario::shrink(document, path, {.keep_going = [&] { return !interrupted() && Clock::now() < end; }});
  if (result.run.verdict != scenario::Verdict::kViolated) {
    print(fmt::format("{}: {}; there is nothing to shrink\n", path, line(result.run.verdict)));
    return exit_code({result.run});
  }
  const std::string out = arguments.count("out") > 0
                              ? arguments["out"].as<std::string>()
                              : std::filesystem::path(path).replace_extension(".shrunk.json").string();
  std::ofstream file(out);
  file << scenario::text_of(result.document);
  if (!file.flush()) throw UsageError(fmt::format("--out: '{}' cannot be written", out));
  print(fmt::format("invariant  {}\ndetail     {}\nshrunk     {}\nreplay     kraftsim replay {}\n",
                    *result.run.invariant, result.run.detail, report::shrunk_text(result), out));
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
              "breaks; each step is also tried with seeds 1 to 16. Ends when nothing more can be taken away, or\n"
              "after --for. Ctrl-C keeps the smallest so far.\n\n"
              "  kraftsim shrink build/swarm/seed_17.json\n"
              "  kraftsim shrink failing.json --seed 7 --for 5m --out small.json",
      .options = options,
      .run = run,
  };
}

}  // namespace kraftsim::cli
