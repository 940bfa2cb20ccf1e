// The failure path of ENSURE: format, hand to the handler, never come back.
#include "core/base/check.hpp"

#include <atomic>
#include <cstdio>
#include <cstdlib>

namespace kraft {
namespace {

void print_and_abort(const CheckFailure& failure) {
  std::fprintf(stderr, "%s\n", line(failure).c_str());
  std::abort();
}

// tidy: allow(static) because what a broken assertion does is a property of the process, not of any run.
std::atomic<CheckHandler> g_handler{&print_and_abort};

}  // namespace

CheckHandler set_check_handler(CheckHandler handler) { return g_handler.exchange(handler); }

std::string line(const CheckFailure& failure) {
  std::string text = std::string(failure.file) + ":" + std::to_string(failure.line) + ": " +
                     std::string(failure.expression) + " failed";
  if (!failure.operands.empty()) text += ": " + failure.operands;
  if (!failure.note.empty()) text += " (" + std::string(failure.note) + ")";
  return text;
}

void check_detail::fail(const char* file, int line_number, const char* expression, std::string_view note,
                        std::string operands) {
  g_handler.load()(CheckFailure{.file = file,
                                .line = line_number,
                                .expression = expression,
                                .operands = std::move(operands),
                                .note = note});
  std::abort();  // a handler that returns has broken its contract
}

}  // namespace kraft
