// Words of a command line that is printed to be pasted: reports and messages say how to do the same again, and a path
// may have anything in it.
#pragma once

#include <string>

namespace kraftsim::scenario {

/// As a shell takes it for one word: quoted if it must be.
[[nodiscard]] std::string shell_word(const std::string& text);

}  // namespace kraftsim::scenario
