// What the verbs that run scenarios share: their options, loading, and what is made of results. It must not know what a
// verb does with them.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "sim/cli/command.hpp"
#include "sim/report/summary.hpp"
#include "sim/report/text.hpp"
#include "sim/scenario/reader.hpp"
#include "sim/scenario/run.hpp"

namespace kraftsim::cli {

enum class Format { kText, kJson, kCsv };

// What an option may be is checked before a command begins. `formats`: how many of Format it knows.

/// --coordination, --set, --shuffle-ties and those of a result.
void add_run_options(Options& options, std::size_t formats = 3);
/// --format, --quiet, --color.
void add_result_options(Options& options, std::size_t formats = 2);
void add_format_option(Options& options, std::size_t formats = 2);
void add_coordination_option(Options& options, const char* what);
/// A wall-clock time that is more than 0 and at most ten years; `fallback` "": none.
void add_duration_option(Options& options, const char* option, const char* fallback, const char* what);

[[nodiscard]] Format format(const Arguments& arguments);
[[nodiscard]] kraft::Duration duration(const Arguments& arguments, const char* option);
[[nodiscard]] bool flag(const Arguments& arguments, const char* name);
/// Throws UsageError or ScenarioError. `with_set`: apply --set.
[[nodiscard]] scenario::Scenario load(const Arguments& arguments, const std::string& path, bool with_set = true);
/// The same for text at hand, which `path` names.
[[nodiscard]] scenario::Scenario load_text(const Arguments& arguments, const std::string& text,
                                           const std::string& path, bool with_set = true);
/// The text of a file, which may be a pipe. Throws ScenarioError.
[[nodiscard]] std::string read_once(const std::string& path);
/// " --coordination kraft", if that was said.
[[nodiscard]] std::string said_coordination(const Arguments& arguments);

[[nodiscard]] report::Build build();
[[nodiscard]] report::TextOptions text_options(const Arguments& arguments);
/// Writes a result to stdout. Throws OutputError.
void print(const std::string& text);
/// Throws UsageError if the file that an option names will not be written: asked before the work, not after it.
void expect_writable(const char* option, const std::filesystem::path& path);
/// All of it or nothing. Throws OutputError.
void write_file(const std::filesystem::path& path, const std::string& text);
/// What was said first of all, on stderr: which command this is, with its seed.
void announce(const Arguments& arguments, const std::string& text);

/// The exit code of some runs: violated before inconclusive before held.
[[nodiscard]] int exit_code(const std::vector<scenario::RunResult>& runs);

}  // namespace kraftsim::cli
