// From JSON text to a Scenario: the one way in, for the command line, Python and tests.
//
// A file is read in three steps that each report all they find: json_text makes a tree that knows where every value
// stands; `check` holds the tree against the field table; `build` resolves names, profile and defaults, and checks what
// no table can say (a replication that the brokers cannot carry, a fault on a node that is not there). What is wrong
// ends in one ScenarioError that holds every mistake with its position.
//
// It must not know how a cluster is simulated: only which names and keys each coordination publishes.
#pragma once

#include <cstdint>
#include <exception>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/scenario/scenario.hpp"

namespace kraftsim::scenario {

/// One mistake and where it stands. Line and column count from 1, columns in characters; 0: the mistake has no place
/// within a file (the file itself, or an argument of the command line).
struct Diagnostic {
  std::string path;
  std::int64_t line = 0;
  std::int64_t column = 0;
  std::string pointer;     // JSON pointer (RFC 6901); empty: the whole document
  std::string message;     // what is wrong; what would be right
  std::string suggestion;  // the nearest valid name, or empty
  friend bool operator==(const Diagnostic&, const Diagnostic&) = default;
};
/// "scenarios/x.json:12:9: error: /cluster/brokers/rak: unknown key 'rak' (did you mean 'racks'?)".
[[nodiscard]] std::string line(const Diagnostic& diagnostic);

class ScenarioError : public std::exception {
 public:
  explicit ScenarioError(std::vector<Diagnostic> diagnostics);
  [[nodiscard]] const std::vector<Diagnostic>& diagnostics() const { return diagnostics_; }
  /// Every diagnostic on a line of its own.
  [[nodiscard]] const char* what() const noexcept override { return text_.c_str(); }

 private:
  std::vector<Diagnostic> diagnostics_;
  std::string text_;
};

/// A value put in the place of another before the scenario is checked: `--set /cluster/brokers/count=15`. Objects on
/// the way are made where they are missing; an index one past a list's end appends.
struct Override {
  std::string pointer;
  std::string value;  // JSON; text that is not JSON stands for itself as a string: 150ms
};

struct ReadOptions {
  std::vector<Override> overrides;
  std::optional<Coordination> only;  // of the coordinations that the scenario names, or instead of them
};

/// Files above this are refused unread.
inline constexpr std::int64_t kMaxScenarioBytes = 4 << 20;

/// Throws ScenarioError.
[[nodiscard]] Scenario read_file(const std::filesystem::path& path, const ReadOptions& options = {});
/// The same for text at hand; `path` names it in messages, and profiles are looked for beside it.
[[nodiscard]] Scenario read_text(std::string_view text, const std::string& path, const ReadOptions& options = {});

}  // namespace kraftsim::scenario
