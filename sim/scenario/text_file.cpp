// One read of at most the limit and a byte: neither a file of 100 MB nor a pipe without end is taken in whole, and
// the size that a file system claims is not believed.
#include "sim/scenario/text_file.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>

#include <fmt/format.h>

#include "sim/scenario/reader.hpp"

namespace kraftsim::scenario {

TextFile read_text_file(const std::filesystem::path& path) {
  std::error_code none;
  if (std::filesystem::is_directory(path, none)) return {{}, "this is a folder, not a file"};
  std::ifstream in(path, std::ios::binary);
  if (!in) return {{}, fmt::format("cannot be opened: {}", std::strerror(errno))};
  TextFile file;
  file.text.resize(static_cast<std::size_t>(kMaxScenarioBytes) + 1);
  in.read(file.text.data(), static_cast<std::streamsize>(file.text.size()));
  if (in.bad()) return {{}, "cannot be read"};
  file.text.resize(static_cast<std::size_t>(in.gcount()));
  if (file.text.size() > static_cast<std::size_t>(kMaxScenarioBytes)) {
    return {{}, fmt::format("larger than {} MiB; no scenario is", kMaxScenarioBytes >> 20)};
  }
  return file;
}

}  // namespace kraftsim::scenario
