// What the verbs that run scenarios share: their options, loading, and what is made of results. It must not know what a
// verb does with them.
#pragma once

#include <string>
#include <vector>

#include "sim/cli/command.hpp"
#include "sim/report/summary.hpp"
#include "sim/report/text.hpp"
#include "sim/scenario/reader.hpp"
#include "sim/scenario/run.hpp"

namespace kraftsim::cli {

enum class Format { kText, kJson, kCsv };

/// --coordination, --set, --format, --shuffle-ties, --quiet, --color.
void add_run_options(Options& options);
[[nodiscard]] Format format(const Arguments& arguments);
/// --format text|json, --quiet, --color: of verbs that are not given a scenario.
void add_result_options(Options& options);
[[nodiscard]] bool flag(const Arguments& arguments, const char* name);
/// Throws UsageError or ScenarioError. `with_set`: apply --set.
[[nodiscard]] scenario::Scenario load(const Arguments& arguments, const std::string& path, bool with_set = true);

[[nodiscard]] report::Build build();
[[nodiscard]] report::TextOptions text_options(const Arguments& arguments);
/// Writes a result to stdout.
void print(const std::string& text);
/// What was said first of all, on stderr: which command this is, with its seed.
void announce(const Arguments& arguments, const std::string& text);

/// The exit code of some runs: violated before inconclusive before held.
[[nodiscard]] int exit_code(const std::vector<scenario::RunResult>& runs);

}  // namespace kraftsim::cli
