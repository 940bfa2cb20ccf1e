// ENSURE: assertions that are never switched off.
//
// A broken assumption stops the run where it broke, in every build. The comparing forms print both operands. What a
// failure does is pluggable: the command line prints and aborts, a harness that must survive throws. (The name is not
// CHECK because doctest owns that one, and tests include both.)
//
//   ENSURE(role.is_leader());
//   ENSURE_LE(batch.base_offset, log.end_offset());
//   ENSURE_EQ(a, b, "while truncating");      // an optional note
#pragma once

#include <chrono>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

#include "core/base/time.hpp"

namespace kraft {

struct CheckFailure {
  std::string_view file;
  int line;
  std::string_view expression;  // as written
  std::string operands;         // "3 vs 5", or empty
  std::string_view note;
};

/// Called once per failure; must not return (abort or throw).
using CheckHandler = void (*)(const CheckFailure&);

/// Installs a handler for this process and returns the previous one. The default prints to stderr and aborts.
CheckHandler set_check_handler(CheckHandler handler);

/// One readable line: "core/raft/log.cpp:41: ENSURE_LE(a, b) failed: 7 vs 5 (while truncating)".
[[nodiscard]] std::string line(const CheckFailure& failure);

namespace check_detail {

// Cold: what is said of a failure is compiled for size, and away from the code that goes well.
[[noreturn]] [[gnu::cold]] void fail(const char* file, int line, const char* expression, std::string_view note,
                                     std::string operands = {});

template <class T>
std::string show(const T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    return value ? "true" : "false";
  } else if constexpr (std::is_integral_v<T>) {
    return std::to_string(value);
  } else if constexpr (std::is_enum_v<T>) {
    return std::to_string(static_cast<long long>(value));
  } else if constexpr (std::is_convertible_v<const T&, std::string_view>) {
    return "\"" + std::string(std::string_view(value)) + "\"";
  } else if constexpr (requires { value.has_value(); *value; }) {
    return value.has_value() ? show(*value) : "none";
  } else if constexpr (requires { { kraft::line(value) } -> std::convertible_to<std::string>; }) {
    return kraft::line(value);
  } else if constexpr (requires { { line(value) } -> std::convertible_to<std::string>; }) {
    return line(value);
  } else {
    return "?";
  }
}

template <class A, class B>
[[noreturn]] [[gnu::cold]] [[gnu::noinline]] void fail_comparing(const char* file, int line, const char* expression,
                                                                 std::string_view note, const A& a, const B& b) {
  fail(file, line, expression, note, show(a) + " vs " + show(b));
}

}  // namespace check_detail
}  // namespace kraft

#define ENSURE(condition, ...)                                                                                      \
  (static_cast<bool>(condition)                                                                                     \
       ? static_cast<void>(0)                                                                                       \
       : ::kraft::check_detail::fail(__FILE__, __LINE__, "ENSURE(" #condition ")", std::string_view{__VA_ARGS__}))

#define KRAFT_ENSURE_OP(name, op, a, b, ...)                                                                         \
  do {                                                                                                               \
    const auto& ensure_a = (a);                                                                                      \
    const auto& ensure_b = (b);                                                                                      \
    if (!(ensure_a op ensure_b)) {                                                                                   \
      ::kraft::check_detail::fail_comparing(__FILE__, __LINE__, name "(" #a ", " #b ")",                             \
                                            std::string_view{__VA_ARGS__}, ensure_a, ensure_b);                      \
    }                                                                                                                \
  } while (false)

#define ENSURE_EQ(a, b, ...) KRAFT_ENSURE_OP("ENSURE_EQ", ==, a, b __VA_OPT__(, ) __VA_ARGS__)
#define ENSURE_NE(a, b, ...) KRAFT_ENSURE_OP("ENSURE_NE", !=, a, b __VA_OPT__(, ) __VA_ARGS__)
#define ENSURE_LT(a, b, ...) KRAFT_ENSURE_OP("ENSURE_LT", <, a, b __VA_OPT__(, ) __VA_ARGS__)
#define ENSURE_LE(a, b, ...) KRAFT_ENSURE_OP("ENSURE_LE", <=, a, b __VA_OPT__(, ) __VA_ARGS__)
#define ENSURE_GT(a, b, ...) KRAFT_ENSURE_OP("ENSURE_GT", >, a, b __VA_OPT__(, ) __VA_ARGS__)
#define ENSURE_GE(a, b, ...) KRAFT_ENSURE_OP("ENSURE_GE", >=, a, b __VA_OPT__(, ) __VA_ARGS__)
