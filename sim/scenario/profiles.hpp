// Profiles: named files of latencies and service times, each number with its source.
//
// A scenario's `profiles/` folder is looked at first; the copies of scenarios/profiles that were compiled in serve an
// installed command and Python, wherever they are run.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/scenario/json_text.hpp"

namespace kraftsim::scenario {

struct BuiltInProfile {
  std::string_view name;
  std::string_view text;
};
/// By name. Generated from scenarios/profiles/*.json by cmake/Profiles.cmake.
[[nodiscard]] const std::vector<BuiltInProfile>& built_in_profiles();

/// The profile of that name for a scenario in `folder`, or none.
[[nodiscard]] std::optional<Source> find_profile(std::string_view name, const std::filesystem::path& folder);
/// All names that `find_profile` knows there, sorted.
[[nodiscard]] std::vector<std::string> profile_names(const std::filesystem::path& folder);

}  // namespace kraftsim::scenario
