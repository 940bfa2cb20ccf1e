// Finding a profile: beside the scenario, else built in. A profile's name can reach no file outside of the folder
// that is meant.
#include "sim/scenario/profiles.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "sim/scenario/text_file.hpp"

namespace kraftsim::scenario {
namespace {

/// Names are file names without surprises: no folders, nothing hidden.
bool is_name(std::string_view name) {
  return !name.empty() && name.front() != '.' && std::all_of(name.begin(), name.end(), [](char c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return letter || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  });
}

}  // namespace

std::optional<Source> find_profile(std::string_view name, const std::filesystem::path& folder) {
  if (!is_name(name)) return {};
  const std::filesystem::path path = folder / "profiles" / fmt::format("{}.json", name);
  if (TextFile file = read_text_file(path); file.error.empty()) return Source{path.string(), std::move(file.text)};
  const auto& profiles = built_in_profiles();
  const auto found = std::find_if(profiles.begin(), profiles.end(), [&](const auto& p) { return p.name == name; });
  if (found == profiles.end()) return {};
  return Source{fmt::format("built-in profile {}", name), std::string(found->text)};
}

std::vector<std::string> profile_names(const std::filesystem::path& folder) {
  std::set<std::string> names;
  for (const BuiltInProfile& profile : built_in_profiles()) names.emplace(profile.name);
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "profiles", none)) {
    if (entry.path().extension() == ".json") names.insert(entry.path().stem().string());
  }
  return {names.begin(), names.end()};
}

}  // namespace kraftsim::scenario
