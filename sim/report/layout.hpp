// Layout: how numbers, tables and paragraphs look in text reports. ASCII and 100 columns, so that a page reads the same
// in a terminal, a log file and an e-mail; colour only when asked for, and never the only carrier of a meaning.
//
// It must not know what it lays out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kraftsim::report {

inline constexpr std::size_t kPageWidth = 100;

/// ANSI sequences, or nothing.
class Paint {
 public:
  explicit Paint(bool colour) : colour_(colour) {}
  [[nodiscard]] std::string bold(std::string_view text) const { return wrap("1", text); }
  [[nodiscard]] std::string good(std::string_view text) const { return wrap("32", text); }
  [[nodiscard]] std::string bad(std::string_view text) const { return wrap("1;31", text); }
  [[nodiscard]] std::string doubtful(std::string_view text) const { return wrap("33", text); }

 private:
  [[nodiscard]] std::string wrap(std::string_view code, std::string_view text) const;
  bool colour_;
};

/// "1.984 s", "59.2 ms", "160.0 us", "7 ns", "-3.000 s", "2 h 05 min": rounded, for people.
[[nodiscard]] std::string duration_text(std::int64_t ns);
/// The same, or "-" for what did not happen.
[[nodiscard]] std::string duration_text(const std::optional<std::int64_t>& ns);
/// "1,234,567".
[[nodiscard]] std::string count_text(std::uint64_t count);
/// "1 run", "2 runs".
[[nodiscard]] std::string count_text(std::uint64_t count, std::string_view one, std::string_view many);
/// "38.5 %" of a whole; "-" of nothing.
[[nodiscard]] std::string share_text(std::uint64_t part, std::uint64_t whole);

/// Breaks at spaces; no line is longer than the page unless a single word is. Every line is indented and ends in \n.
[[nodiscard]] std::string paragraph(std::string_view text, std::size_t indent = 0);
/// The title, underlined.
[[nodiscard]] std::string heading(std::string_view title, const Paint& paint);

/// Columns as wide as their widest cell, two spaces apart; no trailing blanks.
class Table {
 public:
  enum class Align : std::uint8_t { kLeft, kRight };

  explicit Table(std::vector<Align> columns) : columns_(std::move(columns)) {}
  void row(std::vector<std::string> cells);
  [[nodiscard]] std::string text(std::size_t indent = 0) const;

 private:
  std::vector<Align> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace kraftsim::report
