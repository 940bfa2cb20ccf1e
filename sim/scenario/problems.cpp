// Mistakes as text. Positions are worked out only when mistakes are shown, from the bytes that values remember; a
// hostile file with a million of them costs no more than its first hundred.
#include "sim/scenario/problems.hpp"

#include <map>
#include <utility>

#include <fmt/format.h>

#include "sim/scenario/suggest.hpp"

namespace kraftsim::scenario {
namespace {

constexpr std::size_t kMostPointer = 200;
constexpr std::size_t kMostSaid = 100;  // nobody reads more, and a hostile file must not make us

}  // namespace

std::string line(const Diagnostic& diagnostic) {
  std::string text = diagnostic.path;
  if (diagnostic.line > 0) text += fmt::format(":{}:{}", diagnostic.line, diagnostic.column);
  text += ": error: ";
  if (!diagnostic.pointer.empty()) text += shown(diagnostic.pointer, kMostPointer) + ": ";
  text += diagnostic.message;
  if (!diagnostic.suggestion.empty()) text += fmt::format(" (did you mean '{}'?)", diagnostic.suggestion);
  return text;
}

ScenarioError::ScenarioError(std::vector<Diagnostic> diagnostics) : diagnostics_(std::move(diagnostics)) {
  for (const Diagnostic& diagnostic : diagnostics_) {
    if (!text_.empty()) text_ += '\n';
    text_ += line(diagnostic);
  }
}

std::uint32_t Problems::add_source(Source source) {
  sources_.push_back(std::move(source));
  return static_cast<std::uint32_t>(sources_.size() - 1);
}

void Problems::add(Place place, std::string_view pointer, std::string message, std::string suggestion) {
  if (found_.size() == kMostSaid) {
    ++unsaid_;
    return;
  }
  found_.push_back({place, std::string(pointer), std::move(message), std::move(suggestion)});
}

void Problems::add_unknown(Place place, std::string_view pointer, std::string message, std::string_view name,
                           const std::vector<std::string>& names) {
  const bool heard = found_.size() < kMostSaid;
  add(place, pointer, std::move(message), heard ? nearest(name, names) : std::string());
}

std::vector<Diagnostic> Problems::diagnostics() const {
  std::multimap<std::pair<std::uint32_t, std::uint32_t>, Problem> sorted;  // equal places keep their order
  for (const Problem& problem : found_) sorted.emplace(std::pair(problem.place.source, problem.place.begin), problem);
  std::vector<Diagnostic> result;
  for (const auto& [place, problem] : sorted) {
    const Source& source = sources_.at(problem.place.source);
    const LineColumn at = source.is_file ? line_column(source.text, problem.place.begin) : LineColumn{0, 0};
    result.push_back({source.path, at.line, at.column, problem.pointer, problem.message, problem.suggestion});
  }
  if (unsaid_ > 0) {
    result.push_back({result.back().path, 0, 0, {}, fmt::format("and {} more mistakes", unsaid_), {}});
  }
  return result;
}

}  // namespace kraftsim::scenario
