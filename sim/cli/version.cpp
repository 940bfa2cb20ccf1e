// `version`: which build this is, and which formats it writes. Whoever keeps seeds to replay them keeps this with
// them: another source of random numbers would give other runs.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sim/cli/common.hpp"
#include "sim/cli/exit_code.hpp"

namespace kraftsim::cli {
namespace {

constexpr int kScenarioVersion = 1;
constexpr const char* kRandom = "xoshiro256++ by splitmix64";

int run(const Arguments& arguments) {
  const report::Build built = build();
  if (!flag(arguments, "json")) {
    print(fmt::format("kraftsim {} ({}, {})\n", built.version, built.commit, built.compiler));
    return kHeld;
  }
  const nlohmann::ordered_json object{{"version", built.version},
                                      {"commit", built.commit},
                                      {"compiler", built.compiler},
                                      {"scenario_version", kScenarioVersion},
                                      {"random", kRandom}};
  print(object.dump(2) + "\n");
  return kHeld;
}

}  // namespace

Command version_command() {
  return {
      .name = "version",
      .summary = "which build this is",
      .operands = "",
      .least = 0,
      .most = 0,
      .help = "Prints version, commit and compiler.\n\n  kraftsim version --json",
      .options = [](Options& options) {
        options.add_options()("json", boost::program_options::bool_switch(), "one object, with the formats' versions");
      },
      .run = run,
  };
}

}  // namespace kraftsim::cli
