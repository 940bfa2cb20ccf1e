// Rounding, padding, wrapping.
#include <doctest/doctest.h>

#include <limits>

#include "sim/report/layout.hpp"

namespace {

using namespace kraftsim::report;
using enum Table::Align;

TEST_CASE("durations for people") {
  CHECK(duration_text(0) == "0 s");
  CHECK(duration_text(7) == "7 ns");
  CHECK(duration_text(160'000) == "160.0 us");
  CHECK(duration_text(999'949) == "999.9 us");
  CHECK(duration_text(999'950) == "1.0 ms");
  CHECK(duration_text(59'240'000) == "59.2 ms");
  CHECK(duration_text(999'949'999) == "999.9 ms");
  CHECK(duration_text(999'960'000) == "1.000 s");
  CHECK(duration_text(1'984'499'999) == "1.984 s");
  CHECK(duration_text(-3'000'000'000) == "-3.000 s");
  CHECK(duration_text(1'000'000'000'000) == "17 min");
  CHECK(duration_text(7'500'000'000'000) == "2 h 05 min");
  CHECK(duration_text(std::numeric_limits<std::int64_t>::min()).starts_with("-2562047 h"));
  CHECK(duration_text(std::nullopt) == "-");
}

TEST_CASE("counts and shares") {
  CHECK(count_text(7) == "7");
  CHECK(count_text(1'000) == "1,000");
  CHECK(count_text(123'456'789) == "123,456,789");
  CHECK(count_text(1, "run", "runs") == "1 run");
  CHECK(count_text(0, "run", "runs") == "0 runs");
  CHECK(share_text(77, 200) == "38.5 %");
  CHECK(share_text(2, 3) == "66.7 %");
  CHECK(share_text(3, 3) == "100.0 %");
  CHECK(share_text(0, 0) == "-");
}

TEST_CASE("paragraphs break at spaces, and only there") {
  const std::string word(50, 'x');
  CHECK(paragraph("a  b\nc") == "a b c\n");
  CHECK(paragraph(word + " " + word, 2) == "  " + word + "\n  " + word + "\n");
  CHECK(paragraph(std::string(200, 'y')) == std::string(200, 'y') + "\n");
  CHECK(paragraph("").empty());
  const std::string full = std::string(47, 'a') + " " + std::string(52, 'b');
  CHECK(paragraph(full) == full + "\n");  // 100 columns fit
}

TEST_CASE("tables are as wide as they must be, without trailing blanks") {
  Table table({kLeft, kRight, kLeft});
  table.row({"a", "10", "note"});
  table.row({"longer", "5"});
  CHECK(table.text(1) == " a       10  note\n longer   5\n");
}

TEST_CASE("colour only when asked for") {
  CHECK(Paint(false).bad("x") == "x");
  CHECK(Paint(true).bad("x") == "\x1b[1;31mx\x1b[0m");
}

}  // namespace
