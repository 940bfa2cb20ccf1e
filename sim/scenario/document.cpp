// The layout: an object or list that fits on the rest of its line is written there, any other one member a line.
#include "sim/scenario/document.hpp"

#include <array>
#include <utility>

namespace kraftsim::scenario {
namespace {

constexpr std::size_t kWidth = 118;

std::string quoted(const std::string& text) { return Document(text).dump(); }

std::string inline_text(const Document& value) {
  if (!value.is_structured()) return value.dump();
  std::string text;
  for (auto member = value.begin(); member != value.end(); ++member) {
    if (!text.empty()) text += ", ";
    if (value.is_object()) text += quoted(member.key()) + ": ";
    text += inline_text(*member);
  }
  return value.is_object() ? "{" + text + "}" : "[" + text + "]";
}

/// `used` columns of the line are taken.
std::string laid_out(const Document& value, std::size_t indent, std::size_t used) {
  std::string line = inline_text(value);
  const bool top = indent == 0;
  if (!value.is_structured() || value.empty() || (!top && used + line.size() <= kWidth)) return line;
  const std::string margin(indent + 2, ' ');
  std::string text;
  for (auto member = value.begin(); member != value.end(); ++member) {
    const std::string name = value.is_object() ? quoted(member.key()) + ": " : std::string();
    text += (text.empty() ? "\n" : ",\n") + margin + name + laid_out(*member, indent + 2, margin.size() + name.size());
  }
  text += "\n" + std::string(indent, ' ');
  return value.is_object() ? "{" + text + "}" : "[" + text + "]";
}

}  // namespace

std::string text_of(const Document& document) { return laid_out(document, 0, 0) + "\n"; }

std::string duration_value(kraft::Duration duration) {
  constexpr std::array<std::pair<std::int64_t, const char*>, 3> kUnits{
      {{1'000'000'000, "s"}, {1'000'000, "ms"}, {1'000, "us"}}};
  const std::int64_t ns = duration.count();
  for (const auto& [size, unit] : kUnits) {
    if (ns % size == 0) return std::to_string(ns / size) + unit;
  }
  return std::to_string(ns) + "ns";
}

}  // namespace kraftsim::scenario
