// Commands: one table of verbs, which dispatching, help and tests are driven by.
//
// The verb is argv[1], always, and Boost.Program_options sees only what follows it, with this verb's options alone.
// Left to itself the library would take `--seed 7 run x.json` for the command "7", guess options from prefixes (which
// break when a longer name is added) and read -1 as a large seed.
#pragma once

#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include <boost/program_options.hpp>

namespace kraftsim::cli {

/// What the person typed makes no sense; exit code 2.
class UsageError : public std::exception {
 public:
  explicit UsageError(std::string text) : text_(std::move(text)) {}
  [[nodiscard]] const char* what() const noexcept override { return text_.c_str(); }

 private:
  std::string text_;
};

/// A result cannot be written; exit code 74.
class OutputError : public UsageError {
 public:
  using UsageError::UsageError;
};

using Arguments = boost::program_options::variables_map;
using Options = boost::program_options::options_description;

/// For `Command::most`: as many files as a shell can name.
inline constexpr int kManyFiles = 1'000'000;

struct Command {
  std::string_view name;
  std::string_view summary;   // one line of `kraftsim help`
  std::string_view operands;  // "FILE..." in the usage line
  int least = 0;              // operands
  int most = 0;
  std::string_view help;      // what it does, and examples, each line as printed
  void (*options)(Options& options);
  int (*run)(const Arguments& arguments);
};

[[nodiscard]] const std::vector<Command>& commands();
/// The operands that were given; the name under which the parser keeps them.
[[nodiscard]] std::vector<std::string> operands(const Arguments& arguments);

/// "; did you mean run?", or nothing when nothing is meant.
[[nodiscard]] std::string did_you_mean(const std::string& meant);

/// All of `main`: arguments without the program's name, to an exit code.
[[nodiscard]] int dispatch(const std::vector<std::string>& arguments);

// ---- one per file: run.cpp, sweep.cpp, … ----

[[nodiscard]] Command run_command();
[[nodiscard]] Command sweep_command();
[[nodiscard]] Command compare_command();
[[nodiscard]] Command swarm_command();
[[nodiscard]] Command shrink_command();
[[nodiscard]] Command replay_command();
[[nodiscard]] Command materialise_command();
[[nodiscard]] Command check_command();
[[nodiscard]] Command diff_command();
[[nodiscard]] Command list_command();
[[nodiscard]] Command schema_command();
[[nodiscard]] Command version_command();

}  // namespace kraftsim::cli
