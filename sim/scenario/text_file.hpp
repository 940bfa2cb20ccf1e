// Reading a whole small file, with a reason when it cannot be. Exceptions of the standard streams are not used: the
// reasons become messages beside those about a file's content.
#pragma once

#include <filesystem>
#include <string>

namespace kraftsim::scenario {

struct TextFile {
  std::string text;
  std::string error;  // empty: it was read
};
/// Never reads more than kMaxScenarioBytes and one.
[[nodiscard]] TextFile read_text_file(const std::filesystem::path& path);

}  // namespace kraftsim::scenario
