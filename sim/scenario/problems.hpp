// Problems: the mistakes found so far while a scenario is read, with the texts that they stand in: the file, its
// profile, and arguments of the command line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/scenario/json_text.hpp"
#include "sim/scenario/reader.hpp"

namespace kraftsim::scenario {

class Problems {
 public:
  /// The number under which places refer to this text.
  std::uint32_t add_source(Source source);
  [[nodiscard]] const std::vector<Source>& sources() const { return sources_; }

  void add(Place place, std::string_view pointer, std::string message, std::string suggestion = {});
  /// The same with the nearest of `names` as the suggestion.
  void add_unknown(Place place, std::string_view pointer, std::string message, std::string_view name,
                   const std::vector<std::string>& names);

  [[nodiscard]] bool any() const { return !found_.empty(); }
  /// In the order of the texts, and within each of its lines.
  [[nodiscard]] std::vector<Diagnostic> diagnostics() const;

 private:
  struct Problem {
    Place place;
    std::string pointer;
    std::string message;
    std::string suggestion;
  };
  std::vector<Source> sources_;
  std::vector<Problem> found_;
  std::uint64_t unsaid_ = 0;
};

}  // namespace kraftsim::scenario
