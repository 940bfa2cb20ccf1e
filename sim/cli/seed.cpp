// Reading seeds. Boost's own readers take -1 for a large number and stop at the first letter; these take the whole
// text or none of it.
#include "sim/cli/seed.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "sim/cli/command.hpp"

namespace kraftsim::cli {
namespace {

namespace po = boost::program_options;

std::optional<std::uint64_t> parse_number(std::string_view digits, int base) {
  std::uint64_t value = 0;
  const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (error != std::errc() || stop != digits.data() + digits.size()) return {};
  return value;
}

}  // namespace

std::optional<Seed> parse_seed(std::string_view text) {
  constexpr std::size_t kCommitHash = 40;
  constexpr std::size_t kHexOf64Bits = 16;
  if (text.size() == kCommitHash) {
    if (text.find_first_not_of("0123456789abcdefABCDEF") != std::string_view::npos) return {};
    return Seed{*parse_number(text.substr(0, kHexOf64Bits), 16)};
  }
  const bool hex = text.starts_with("0x");
  const auto value = parse_number(hex ? text.substr(2) : text, hex ? 16 : 10);
  return value ? std::optional(Seed{*value}) : std::nullopt;
}

std::optional<scenario::SeedRange> parse_seed_range(std::string_view text) {
  const std::size_t dash = text.find('-');
  const auto first = parse_seed(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : parse_seed(text.substr(dash + 1));
  if (!first || !last || first->value > last->value) return {};
  return scenario::SeedRange{first->value, last->value};
}

void validate(boost::any& result, const std::vector<std::string>& texts, Seed*, int) {
  po::validators::check_first_occurrence(result);
  const std::string& text = po::validators::get_single_string(texts);
  const auto seed = parse_seed(text);
  if (!seed) throw UsageError(fmt::format("'{}' is no seed; write a number from 0, 0x... or a commit hash", text));
  result = *seed;
}

void validate(boost::any& result, const std::vector<std::string>& texts, Seeds*, int) {
  constexpr std::uint64_t kMost = 100'000'000;
  po::validators::check_first_occurrence(result);
  const std::string& text = po::validators::get_single_string(texts);
  const auto range = parse_seed_range(text);
  const std::size_t dash = text.find('-');
  if (!range && dash != std::string::npos && parse_seed(text.substr(0, dash)) && parse_seed(text.substr(dash + 1))) {
    throw UsageError(fmt::format("'{}': the first seed is larger than the last", text));
  }
  if (!range) throw UsageError(fmt::format("'{}' is no range of seeds; write one like 1-200", text));
  if (range->last - range->first >= kMost) throw UsageError(fmt::format("'{}' is more than {} seeds", text, kMost));
  result = Seeds{*range};
}

}  // namespace kraftsim::cli
