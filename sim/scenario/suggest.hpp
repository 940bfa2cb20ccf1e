// "Did you mean": the nearest of some valid names, by edit distance. For keys, targets, options and commands alike.
// It must not know what the names mean.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kraftsim::scenario {

/// Fewest insertions, deletions, substitutions and swaps of neighbours (no part edited twice) between the two.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

/// The nearest of `names` if it is near enough to be meant (a third of its length; letter case is free), else empty.
/// The first of equals.
[[nodiscard]] std::string nearest(std::string_view name, const std::vector<std::string>& names);

}  // namespace kraftsim::scenario
