// The small readers that the big one is made of: quantities, names, JSON with places.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "sim/scenario/duration_text.hpp"
#include "sim/scenario/json_text.hpp"
#include "sim/scenario/suggest.hpp"

using namespace kraftsim::scenario;
using namespace std::chrono_literals;

TEST_CASE("durations are exact") {
  CHECK(parse_duration("0s").value == 0ns);
  CHECK(parse_duration("1.5s").value == 1500ms);
  CHECK(parse_duration("0.000000001s").value == 1ns);
  CHECK(parse_duration("0.25ms").value == 250us);
  CHECK(parse_duration("2h").value == 2h);
  CHECK(parse_duration("1d").value == 24h);
  CHECK(parse_duration("0.50m").value == 30s);
  CHECK(parse_duration("9223372036854775807ns").value == std::chrono::nanoseconds::max());
  for (const char* bad : {"", "s", ".5s", "1.s", "1,5s", "1e3s", "+1s", "1 s", "1s ", "0x1s", "9223372036854775808ns",
                          "99999999999999999999999999999999999999999999999d", "0.1ns", "1.0000000000000000001s"}) {
    INFO(bad);
    CHECK_FALSE(parse_duration(bad).value);
    CHECK_FALSE(parse_duration(bad).error.empty());
  }
}

TEST_CASE("a duration's own text is read back as the same duration") {
  const bool ok = rc::check("line and parse_duration", [](std::uint32_t high, std::uint32_t low) {
    const std::chrono::nanoseconds duration((static_cast<std::int64_t>(high & 0xffffU) << 32) | low);
    RC_ASSERT(parse_duration(kraft::line(duration)).value == duration);
  });
  CHECK(ok);
}

TEST_CASE("rates, fractions and quantile names") {
  CHECK(parse_rate("1Gbit/s").value == 125'000'000);
  CHECK(parse_rate("0.5kB/s").value == 500);
  CHECK_FALSE(parse_rate("0.5B/s").value);
  CHECK_FALSE(parse_rate("100").value);
  CHECK(parse_fraction("0.000001").value == 1U);
  CHECK(parse_fraction("1").value == 1'000'000U);
  CHECK(parse_fraction("1e-05").value == 10U);
  CHECK(parse_fraction("2.5E-3").value == 2'500U);
  CHECK(parse_fraction("0.01e+1").value == 100'000U);
  CHECK_FALSE(parse_fraction("1e-7").value);
  CHECK_FALSE(parse_fraction("1e1").value);
  CHECK_FALSE(parse_fraction("1e-99999999999").value);
  CHECK_FALSE(parse_fraction("0.0000001").value);
  CHECK_FALSE(parse_fraction("1.1").value);
  CHECK_FALSE(parse_fraction("-0").value);
  CHECK(parse_quantile_name("p50") == 500'000U);
  CHECK(parse_quantile_name("p99.99") == 999'900U);
  CHECK(parse_quantile_name("p100") == 1'000'000U);
  CHECK_FALSE(parse_quantile_name("p101"));
  CHECK_FALSE(parse_quantile_name("p"));
  CHECK_FALSE(parse_quantile_name("50"));
  CHECK_FALSE(parse_quantile_name("p50x"));
}

TEST_CASE("edit distance") {
  CHECK(edit_distance("", "abc") == 3);
  CHECK(edit_distance("kitten", "sitting") == 3);
  CHECK(edit_distance("duratoin", "duration") == 1);  // neighbours swapped
  CHECK(edit_distance("same", "same") == 0);
  CHECK(nearest("sede", {"seed", "seeds"}) == "seed");
  CHECK(nearest("COUNT", {"racks", "count"}) == "count");
  CHECK(nearest("elephant", {"seed", "count"}).empty());
  CHECK(nearest("x", {}).empty());
}

TEST_CASE("every value knows its bytes") {
  const std::string text = "{ \"a\" : [1, \"x\\\"y\", true] ,\n\"b\":{\"c\":null}, \"d\": -1.5e3 }";
  const JsonTree tree = parse_json(text, 0);
  REQUIRE(tree.root);
  const auto written = [&](const Value& value) {
    return text.substr(value.place.begin, value.place.end - value.place.begin);
  };
  CHECK(written(*tree.root) == text);
  const Value& a = *tree.root->find("a");
  CHECK(written(a) == "[1, \"x\\\"y\", true]");
  CHECK(written(a.items[1]) == "\"x\\\"y\"");
  CHECK(a.items[1].text == "x\"y");
  CHECK(written(a.items[2]) == "true");
  CHECK(written(*tree.root->find("b")) == "{\"c\":null}");
  CHECK(written(*tree.root->find("b")->find("c")) == "null");
  CHECK(tree.root->find("d")->text == "-1.5e3");
  const Place name = tree.root->members[1].name_place;
  CHECK(text.substr(name.begin, name.end - name.begin) == "\"b\"");
  CHECK(line_column(text, name.begin).line == 2);
}

TEST_CASE("of a repeated key the first value stays") {
  const JsonTree tree = parse_json(R"({"a": {"b": [1]}, "a": {"b": [2, {"b": 3}]}, "c": 4})", 0);
  REQUIRE(tree.root);
  CHECK(tree.root->members.size() == 2);
  CHECK(tree.root->find("a")->find("b")->items.at(0).text == "1");
  REQUIRE(tree.problems.size() == 1);
  CHECK(tree.problems[0].pointer == "/a");
}

TEST_CASE("pointers") {
  CHECK(pointer_to("/a", "b/c~d") == "/a/b~1c~0d");
  CHECK(pointer_tokens("/a/b~1c~0d") == std::vector<std::string>{"a", "b/c~d"});
  CHECK(pointer_tokens("")->empty());
  CHECK_FALSE(pointer_tokens("a"));
  CHECK_FALSE(pointer_tokens("/a~2"));
}

TEST_CASE("foreign text cannot disturb a terminal") {
  CHECK(shown("a\x1b[31mb\n") == "a\\u001b[31mb\\u000a");
  CHECK(shown(std::string(100, 'x')) == std::string(60, 'x') + "...");
}
