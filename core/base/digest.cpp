// Digest's hashing, out of the header so that xxHash is compiled in one place. Little-endian machines only, as
// everything kraftsim is built for: the buffer is hashed as bytes.
#include "core/base/digest.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <bit>

namespace kraft {
static_assert(std::endian::native == std::endian::little, "digests are defined over little-endian words");

void Digest::add(std::string_view text) {
  add(static_cast<std::uint64_t>(text.size()));
  add(static_cast<std::uint64_t>(XXH3_64bits(text.data(), text.size())));
}

void Digest::flush() {
  state_ = XXH3_64bits_withSeed(buffer_.data(), used_ * sizeof(std::uint64_t), state_);
  used_ = 0;
}

std::uint64_t Digest::value() const {
  return used_ == 0 ? state_ : XXH3_64bits_withSeed(buffer_.data(), used_ * sizeof(std::uint64_t), state_);
}

std::string hex(std::uint64_t value) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text(16, '0');
  for (std::size_t i = 16; i-- > 0; value >>= 4U) text[i] = kDigits[value & 15U];
  return text;
}

}  // namespace kraft
