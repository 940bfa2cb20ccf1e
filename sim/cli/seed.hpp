// Seeds on the command line: a decimal or 0x… number, or a commit hash, so that every commit explores seeds of its own
// and still reproduces from the commit alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/any.hpp>

#include "sim/scenario/sweep.hpp"

namespace kraftsim::cli {

struct Seed {
  std::uint64_t value = 1;
};
/// Of 40 hex digits the first 16 count.
[[nodiscard]] std::optional<Seed> parse_seed(std::string_view text);
/// "1-200", or one seed.
[[nodiscard]] std::optional<scenario::SeedRange> parse_seed_range(std::string_view text);

struct Seeds {
  scenario::SeedRange range;
};

// Found by Boost.Program_options when it reads options of these types.
void validate(boost::any& result, const std::vector<std::string>& texts, Seed*, int);
void validate(boost::any& result, const std::vector<std::string>& texts, Seeds*, int);

}  // namespace kraftsim::cli
