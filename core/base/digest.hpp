// Digest: a running 64-bit fingerprint of a sequence of integers, the same on every compiler.
//
// It is fed values, never the bytes of a struct (padding would leak in). The hash is XXH3-64 over a small buffer, whose
// output format is frozen since 0.8.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace kraft {

class Digest {
 public:
  void add(std::uint64_t value) {
    buffer_[used_++] = value;
    if (used_ == buffer_.size()) flush();
  }
  void add(std::int64_t value) { add(static_cast<std::uint64_t>(value)); }
  void add(std::string_view text);

  /// The fingerprint of everything added so far; adding may go on afterwards.
  [[nodiscard]] std::uint64_t value() const;

  friend bool operator==(const Digest& a, const Digest& b) { return a.value() == b.value(); }

 private:
  void flush();

  std::array<std::uint64_t, 32> buffer_{};
  std::size_t used_ = 0;
  std::uint64_t state_ = 0;
};

/// 16 lower-case hex digits, as results and golden files have it.
[[nodiscard]] std::string hex(std::uint64_t value);

}  // namespace kraft
