// `materialise`: a scenario with one run's chances written out, on stdout.
#include <fmt/format.h>

#include "sim/cli/common.hpp"
#include "sim/cli/exit_code.hpp"
#include "sim/cli/interrupt.hpp"
#include "sim/cli/seed.hpp"
#include "sim/scenario/materialise.hpp"

namespace kraftsim::cli {
namespace {

namespace po = boost::program_options;

void options(Options& options) {
  add_coordination_option(options, "of several; by default the first");
  options.add_options()
      ("seed", po::value<Seed>()->value_name("N"), "of the run; by default what the file's \"replay\" says, or 1")
      ("shuffle-ties", po::bool_switch(), "draw the order of simultaneous events from the seed");
}

int run(const Arguments& arguments) {
  const std::string path = operands(arguments).front();
  const std::string text = read_once(path);
  const scenario::Scenario scenario = load_text(arguments, text, path, false);
  scenario::Document document = scenario::Document::parse(text);
  if (arguments.count("seed") > 0) {
    document["replay"]["seed"] = std::to_string(arguments["seed"].as<Seed>().value);
  } else if (!document.contains("replay")) {
    document["replay"]["seed"] = "1";
  }
  if (flag(arguments, "shuffle-ties")) document["replay"]["shuffle_ties"] = true;
  document["coordination"] = line(scenario.coordination.front());
  watch_for_interrupt();
  const scenario::Materialised result = scenario::materialise(
      document, path, {.keep_going = [](std::uint64_t, kraft::Time) { return !interrupted(); }});
  if (interrupted()) return kInterrupted;
  print(scenario::text_of(result.document));
  return kHeld;
}

}  // namespace

Command materialise_command() {
  return {
      .name = "materialise",
      .summary = "write out what chance and roles decided in one run",
      .operands = "FILE",
      .least = 1,
      .most = 1,
      .help = "Runs a scenario and prints it with every fault at the time at which it struck, on the nodes that it\n"
              "struck and as long as it lasted, to be edited, shrunk or replayed.\n\n"
              "  kraftsim materialise scenarios/demo.json --seed 7 --coordination kraft > explicit.json",
      .options = options,
      .run = run,
  };
}

}  // namespace kraftsim::cli
