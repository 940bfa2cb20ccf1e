// Any bytes at all: the reader either gives a scenario or says, in bounded time and memory, what is wrong and where.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "sim/scenario/reader.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  try {
    const auto scenario = kraftsim::scenario::read_text(text, "fuzz.json");
    if (scenario.clusters.empty()) std::abort();
  } catch (const kraftsim::scenario::ScenarioError& error) {
    if (error.diagnostics().empty()) std::abort();
    for (const auto& one : error.diagnostics()) {
      if (one.message.empty() || one.line < 0 || one.column < 0) std::abort();
    }
  }
  return 0;
}
