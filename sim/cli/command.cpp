// Dispatching: the verb, then its options, then what it does; and what is said when a person mistyped something.
// Every way out of the program but a signal and a failed ENSURE passes here and becomes an exit code.
#include "sim/cli/command.hpp"

#include <algorithm>
#include <iostream>

#include <fmt/format.h>
#include <fmt/ostream.h>

#include "sim/cli/exit_code.hpp"
#include "sim/scenario/reader.hpp"
#include "sim/scenario/suggest.hpp"

namespace kraftsim::cli {
namespace {

namespace po = boost::program_options;

constexpr const char* kOperands = "operands";

Options options_of(const Command& command) {
  Options options("Options");
  command.options(options);
  options.add_options()("help,h", "this text");
  return options;
}

void print_help(const Command& command, std::ostream& out) {
  fmt::print(out, "usage: kraftsim {} {}{}[options]\n\n{}\n\n", command.name, command.operands,
             command.operands.empty() ? "" : " ", command.help);
  out << options_of(command);
}

void print_help(std::ostream& out) {
  out << "kraftsim simulates the control plane of Kafka: real KRaft code under a simulated clock, network and disk.\n\n"
         "usage: kraftsim <command> [operands] [options]\n\n";
  for (const Command& command : commands()) fmt::print(out, "  {:<11} {}\n", command.name, command.summary);
  out << "  help        what a command does, with examples: kraftsim help run\n\n"
         "Begin with:\n"
         "  kraftsim run scenarios/election_leader_killed.json\n"
         "  kraftsim compare scenarios/demo.json --seeds 1-200\n\n"
         "Exit codes: 0 held, 1 violated, 2 usage, 3 bad scenario, 4 inconclusive, 5 not deterministic,\n"
         "70 internal error, 74 a result could not be written, 130 interrupted.\n";
}

const Command& find_command(const std::string& name) {
  for (const Command& command : commands()) {
    if (command.name == name) return command;
  }
  if (name.starts_with('-')) {
    throw UsageError(fmt::format("the command comes first, options after it: kraftsim run FILE {}", name));
  }
  std::vector<std::string> names{"help"};
  for (const Command& command : commands()) names.emplace_back(command.name);
  throw UsageError(fmt::format("there is no command '{}'{}\nsee: kraftsim help", name,
                               did_you_mean(scenario::nearest(name, names))));
}

/// The library's complaint in our words.
std::string explain(const po::unknown_option& error, const Options& options) {
  std::vector<std::string> names;
  for (const auto& option : options.options()) names.push_back("--" + option->long_name());
  const std::string option = error.get_option_name();
  const std::string name = option.substr(0, option.find('='));
  return fmt::format("there is no option '{}'{}", name, did_you_mean(scenario::nearest(name, names)));
}

Arguments parse(const Command& command, const std::vector<std::string>& arguments) {
  const Options options = options_of(command);
  Options all;
  all.add(options).add_options()(kOperands, po::value<std::vector<std::string>>()->default_value({}, ""));
  po::positional_options_description positional;
  positional.add(kOperands, -1);
  Arguments parsed;
  try {
    using namespace po::command_line_style;
    const int style = default_style & ~allow_guessing;
    po::store(po::command_line_parser(arguments).options(all).positional(positional).style(style).run(), parsed);
    po::notify(parsed);
  } catch (const po::unknown_option& error) {
    throw UsageError(explain(error, options));
  } catch (const po::error& error) {
    throw UsageError(error.what());
  }
  if (parsed.count("help") > 0) return parsed;
  const auto given = static_cast<int>(operands(parsed).size());
  if (given < command.least) throw UsageError(fmt::format("'{}' needs {}", command.name, command.operands));
  if (given > command.most) {
    throw UsageError(fmt::format("'{}' has nothing to do with '{}'", command.name, operands(parsed).back()));
  }
  return parsed;
}

int help(const std::vector<std::string>& arguments) {
  if (arguments.size() > 2) throw UsageError(fmt::format("'help' has nothing to do with '{}'", arguments[2]));
  if (arguments.size() < 2 || arguments[1] == "help") {
    print_help(std::cout);
  } else {
    print_help(find_command(arguments[1]), std::cout);
  }
  return kHeld;
}

int perform(const std::vector<std::string>& arguments) {
  if (arguments.empty()) {
    print_help(std::cerr);
    return kUsage;
  }
  if (arguments[0] == "help" || arguments[0] == "--help" || arguments[0] == "-h") return help(arguments);
  const Command& command = find_command(arguments[0] == "--version" ? "version" : arguments[0]);
  try {
    const Arguments parsed = parse(command, {arguments.begin() + 1, arguments.end()});
    if (parsed.count("help") > 0) return print_help(command, std::cout), kHeld;
    return command.run(parsed);
  } catch (const OutputError&) {
    throw;
  } catch (const UsageError& error) {
    throw UsageError(fmt::format("{}\nsee: kraftsim help {}", error.what(), command.name));
  }
}

}  // namespace

const std::vector<Command>& commands() {
  // tidy: allow(static) because it is constant and of a type that cannot be constexpr
  static const std::vector<Command> kCommands{run_command(),    sweep_command(),  compare_command(), swarm_command(),
                                              shrink_command(), replay_command(), materialise_command(),
                                              check_command(),  diff_command(),   list_command(),    schema_command(),
                                              version_command()};
  return kCommands;
}

std::string did_you_mean(const std::string& meant) {
  return meant.empty() ? std::string() : fmt::format("; did you mean {}?", meant);
}

std::vector<std::string> operands(const Arguments& arguments) {
  return arguments[kOperands].as<std::vector<std::string>>();
}

int dispatch(const std::vector<std::string>& arguments) {
  try {
    return perform(arguments);
  } catch (const OutputError& error) {
    fmt::print(std::cerr, "kraftsim: {}\n", error.what());
    return kOutputError;
  } catch (const UsageError& error) {
    fmt::print(std::cerr, "kraftsim: {}\n", error.what());
    return kUsage;
  } catch (const scenario::ScenarioError& error) {
    fmt::print(std::cerr, "{}\n", error.what());
    return kBadScenario;
  } catch (const std::exception& error) {
    fmt::print(std::cerr, "kraftsim: internal error: {}\n", error.what());
    return kInternalError;
  }
}

}  // namespace kraftsim::cli
