// `schema`: the formats, as JSON Schema or as a reference for people. What it prints for scenarios and profiles is
// committed under scenarios/, where editors find it; a test holds the two together.
#include "sim/scenario/schema.hpp"

#include <fmt/format.h>

#include "sim/cli/common.hpp"
#include "sim/cli/exit_code.hpp"
#include "sim/report/json.hpp"
#include "sim/scenario/suggest.hpp"

namespace kraftsim::cli {
namespace {

int run(const Arguments& arguments) {
  const std::vector<std::string> given = operands(arguments);
  const std::string name = given.empty() ? "scenario" : given.front();
  if (name == "scenario" || name == "profile") {
    print(scenario::json_schema(name));
  } else if (name == "result") {
    print(report::result_schema());
  } else if (name == "reference") {
    print(scenario::reference());
  } else {
    const std::string meant = scenario::nearest(name, {"scenario", "profile", "result", "reference"});
    throw UsageError(fmt::format("there is no schema '{}'{}", name, did_you_mean(meant)));
  }
  return kHeld;
}

}  // namespace

Command schema_command() {
  return {
      .name = "schema",
      .summary = "print the JSON Schema of scenarios, profiles or results",
      .operands = "[scenario|profile|result|reference]",
      .least = 0,
      .most = 1,
      .help = "Prints a JSON Schema (draft 2020-12), of scenarios by default. `reference` is the same as Markdown.\n\n"
              "  kraftsim schema > scenarios/schema/scenario.schema.json",
      .options = [](Options&) {},
      .run = run,
  };
}

}  // namespace kraftsim::cli
