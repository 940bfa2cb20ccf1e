// The small values of core/base: time, ids, digest, checks, shared things.
#include <doctest/doctest.h>

#include <limits>
#include <optional>
#include <string>

#include "core/base/check.hpp"
#include "core/base/digest.hpp"
#include "core/base/ids.hpp"
#include "core/base/shared.hpp"
#include "core/base/time.hpp"
#include "tests/support/throwing_checks.hpp"

namespace kraft::testing {
namespace {

using namespace std::chrono_literals;

template <class F>
std::string message_of(F&& f) {
  const ThrowingChecks guard;
  try {
    f();
  } catch (const CheckThrown& thrown) {
    return thrown.what();
  }
  return "nothing failed";
}

enum class Colour { kRed, kBlue };

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

}  // namespace

TEST_CASE("durations print shortest and exact, with one unit") {
  CHECK(line(Duration(0)) == "0s");
  CHECK(line(Duration(25ms)) == "25ms");
  CHECK(line(Duration(1500ms)) == "1.5s");
  CHECK(line(Duration(160us)) == "160us");
  CHECK(line(Duration(7ns)) == "7ns");
  CHECK(line(Duration(-3s)) == "-3s");
  CHECK(line(Duration(1'000'000'001ns)) == "1.000000001s");
  CHECK(line(Duration(1'050ns)) == "1.05us");
  CHECK(line(Duration(1h)) == "3600s");
  CHECK(line(Duration::max()) == "9223372036.854775807s");
  CHECK(line(Duration::min()) == "-9223372036.854775808s");
}

TEST_CASE("times print as durations since the clock's zero, and never as never") {
  CHECK(line(at_nanos(1'340'000'000)) == "1.34s");
  CHECK(line(kNever) == "never");
  CHECK(nanos(at_nanos(-5)) == -5);
}

TEST_CASE("uuids print as Kafka's Uuid does: base64url without padding") {
  CHECK(line(Uuid{}) == "AAAAAAAAAAAAAAAAAAAAAA");
  CHECK(line(Uuid{.high = 0, .low = 1}) == "AAAAAAAAAAAAAAAAAAAAAQ");  // Uuid.ONE_UUID
  CHECK(line(Uuid{.high = ~0ULL, .low = ~0ULL}) == "_____________________w");
  // new Uuid(0x0123456789abcdefL, 0xfedcba9876543210L)
  CHECK(line(Uuid{.high = 0x0123456789abcdefULL, .low = 0xfedcba9876543210ULL}) == "ASNFZ4mrze_-3LqYdlQyEA");
  CHECK(Uuid{}.is_zero());
  CHECK_FALSE(Uuid{.high = 1, .low = 0}.is_zero());
}

TEST_CASE("strong numbers compare within their kind; positions step, names do not") {
  CHECK(Offset(3) + 4 == Offset(7));
  CHECK(Offset(7) - Offset(3) == 4);
  CHECK(Epoch(2) - 1 == Epoch(1));
  CHECK(NodeId(1) < NodeId(2));
  CHECK(line(Epoch(-3)) == "-3");
  CHECK(line(std::vector{NodeId(1), NodeId(20)}) == "[1,20]");
  CHECK(line(std::vector<NodeId>{}) == "[]");
  static_assert(!std::is_convertible_v<int, Offset>);
  static_assert(!std::is_constructible_v<Offset, Epoch>);
  static_assert(requires(Offset a) { a + 1; });
  static_assert(!std::is_invocable_v<std::plus<>, NodeId, int>);
  static_assert(!std::is_invocable_v<std::less<>, Offset, Epoch>);
}

TEST_CASE("a digest depends on values and their order, not on how often it is read, and never changes") {
  Digest digest;
  CHECK(hex(digest.value()) == "0000000000000000");
  for (std::uint64_t i = 0; i < 100; ++i) digest.add(i);
  Digest read_often;
  for (std::uint64_t i = 0; i < 100; ++i) {
    read_often.add(i);
    (void)read_often.value();
  }
  CHECK(digest == read_often);

  Digest swapped;
  for (std::uint64_t i = 0; i < 100; ++i) swapped.add(i == 40 ? 41 : i == 41 ? 40 : i);
  CHECK_FALSE(digest == swapped);
  Digest shorter;
  for (std::uint64_t i = 0; i < 99; ++i) shorter.add(i);
  CHECK_FALSE(digest == shorter);

  Digest text;
  text.add(std::string_view("ab"));
  text.add(std::string_view("c"));
  Digest other;
  other.add(std::string_view("a"));
  other.add(std::string_view("bc"));
  CHECK_FALSE(text == other);

  // XXH3-64 of the little-endian words, computed with libxxhash; golden digests rest on it.
  CHECK(hex(digest.value()) == "2161728fc6b07886");
  CHECK(hex(text.value()) == "d9ae0186f846235d");
}

TEST_CASE("hex: 16 lower-case digits") {
  CHECK(hex(0xabcdef) == "0000000000abcdef");
  CHECK(hex(~0ULL) == "ffffffffffffffff");
}

TEST_CASE("a failed ENSURE names place, expression, operands and note") {
  const std::string plain = message_of([] { ENSURE(1 + 1 == 3, "arithmetic"); });
  CHECK(plain.find("base_test.cpp:") != std::string::npos);
  CHECK(ends_with(plain, ": ENSURE(1 + 1 == 3) failed (arithmetic)"));
  CHECK(ends_with(message_of([] { ENSURE_LE(Offset(7), Offset(5), "while truncating"); }),
                  ": ENSURE_LE(Offset(7), Offset(5)) failed: 7 vs 5 (while truncating)"));
  CHECK(ends_with(message_of([] { ENSURE_EQ(std::string("a"), "b"); }), "failed: \"a\" vs \"b\""));
  CHECK(ends_with(message_of([] { ENSURE_NE(true, true); }), "failed: true vs true"));
  CHECK(ends_with(message_of([] { ENSURE_EQ(std::optional<int>(), std::optional<int>(3)); }), "failed: none vs 3"));
  CHECK(ends_with(message_of([] { ENSURE_GT(Duration(1ms), Duration(2ms)); }), "failed: 1ms vs 2ms"));
  CHECK(ends_with(message_of([] { ENSURE_EQ(Colour::kRed, Colour::kBlue); }), "failed: 0 vs 1"));
}

TEST_CASE("an ENSURE that holds does nothing, and evaluates its operands once") {
  int evaluated = 0;
  CHECK(message_of([&] {
          ENSURE(++evaluated == 1);
          ENSURE_EQ(++evaluated, 2);
          ENSURE_LT(1, 2);
          ENSURE_GE(2, 2);
        }) == "nothing failed");
  CHECK(evaluated == 2);
}

TEST_CASE("a check handler is put back when its guard goes") {
  const CheckHandler outer = set_check_handler([](const CheckFailure&) {});
  { const ThrowingChecks guard; }
  const CheckHandler restored = set_check_handler(outer);
  CHECK((restored != outer));
}

TEST_CASE("Ref shares one constant object among copies") {
  struct Thing : Shared<Thing> {
    explicit Thing(int v) : value(v) {}
    int value;
  };
  const Ref<Thing> one = share<Thing>(5);
  const Ref<Thing> copy = one;
  CHECK(copy.get() == one.get());
  CHECK(copy->value == 5);
  CHECK(one->use_count() == 2);
  static_assert(std::is_const_v<std::remove_reference_t<decltype(*one)>>);
  static_assert(sizeof(Ref<Thing>) == sizeof(void*));
}

}  // namespace kraft::testing
