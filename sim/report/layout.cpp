// Rounding and padding, and nothing else. Numbers are rounded in integers, so that a page is the same text wherever it
// is printed.
#include "sim/report/layout.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/base/check.hpp"

namespace kraftsim::report {
namespace {

/// `value / unit` with so many decimals, halves rounded up; value is not negative.
std::string decimal(std::uint64_t value, std::uint64_t unit, unsigned decimals) {
  std::uint64_t scale = 1;
  for (unsigned i = 0; i < decimals; ++i) scale *= 10;
  const std::uint64_t step = unit / scale;
  const std::uint64_t scaled = (value + step / 2) / step;
  return decimals == 0 ? fmt::format("{}", scaled)
                       : fmt::format("{}.{:0{}}", scaled / scale, scaled % scale, decimals);
}

constexpr std::uint64_t kMicrosecond = 1'000;
constexpr std::uint64_t kMillisecond = 1'000 * kMicrosecond;
constexpr std::uint64_t kSecond = 1'000 * kMillisecond;

}  // namespace

std::string Paint::wrap(std::string_view code, std::string_view text) const {
  return colour_ ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
}

std::string duration_text(std::int64_t ns) {
  const bool negative = ns < 0;
  const std::uint64_t size = negative ? 0 - static_cast<std::uint64_t>(ns) : static_cast<std::uint64_t>(ns);
  std::string text;
  if (size == 0) return "0 s";
  // The unit is chosen after rounding: 999.96 ms is 1.000 s and not 1000.0 ms.
  if (size < kMicrosecond) {
    text = fmt::format("{} ns", size);
  } else if (size < kMillisecond - kMicrosecond / 20) {
    text = decimal(size, kMicrosecond, 1) + " us";
  } else if (size < kSecond - kMillisecond / 20) {
    text = decimal(size, kMillisecond, 1) + " ms";
  } else if (size < 1'000 * kSecond) {
    text = decimal(size, kSecond, 3) + " s";
  } else {
    const std::uint64_t minutes = (size + 30 * kSecond) / (60 * kSecond);
    text = minutes < 60 ? fmt::format("{} min", minutes) : fmt::format("{} h {:02} min", minutes / 60, minutes % 60);
  }
  return negative ? "-" + text : text;
}

std::string duration_text(const std::optional<std::int64_t>& ns) { return ns ? duration_text(*ns) : "-"; }

std::string count_text(std::uint64_t count) {
  std::string digits = fmt::format("{}", count);
  for (std::size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, ",");
  return digits;
}

std::string count_text(std::uint64_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count_text(count), count == 1 ? one : many);
}

std::string share_text(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? "-" : decimal(part * 1000 / whole + (part * 1000 % whole * 2 >= whole ? 1 : 0), 10, 1) + " %";
}

std::string paragraph(std::string_view text, std::size_t indent) {
  std::string lines;
  std::string current;
  const auto flush = [&] {
    if (!current.empty()) lines += std::string(indent, ' ') + current + '\n';
    current.clear();
  };
  while (!text.empty()) {
    const std::size_t space = std::min(text.find_first_of(" \n"), text.size());
    const std::string_view word = text.substr(0, space);
    text.remove_prefix(std::min(space + 1, text.size()));
    if (word.empty()) continue;
    if (!current.empty() && indent + current.size() + 1 + word.size() > kPageWidth) flush();
    if (!current.empty()) current += ' ';
    current += word;
  }
  flush();
  return lines;
}

std::string heading(std::string_view title, const Paint& paint) {
  return paint.bold(title) + '\n' + std::string(title.size(), '-') + '\n';
}

void Table::row(std::vector<std::string> cells) {
  ENSURE_LE(cells.size(), columns_.size());
  cells.resize(columns_.size());
  rows_.push_back(std::move(cells));
}

std::string Table::text(std::size_t indent) const {
  std::vector<std::size_t> widths(columns_.size());
  for (const auto& cells : rows_) {
    for (std::size_t i = 0; i < cells.size(); ++i) widths[i] = std::max(widths[i], cells[i].size());
  }
  std::string lines;
  for (const auto& cells : rows_) {
    std::string current(indent, ' ');
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (i > 0) current += "  ";
      current += columns_[i] == Align::kLeft ? fmt::format("{:<{}}", cells[i], widths[i])
                                             : fmt::format("{:>{}}", cells[i], widths[i]);
    }
    current.erase(current.find_last_not_of(' ') + 1);
    lines += current + '\n';
  }
  return lines;
}

}  // namespace kraftsim::report
