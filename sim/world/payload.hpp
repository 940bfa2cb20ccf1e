// Payload: what a message carries, opaque to the world. Immutable and shared: by the event that will deliver it, by a
// retransmission, by the copies of a forked world.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/shared.hpp"

namespace kraftsim::world {

class Payload : public kraft::Shared<Payload> {
 public:
  virtual ~Payload() = default;
  /// One line in the project's notation.
  [[nodiscard]] virtual std::string text() const = 0;
  /// Bytes on the wire.
  [[nodiscard]] virtual std::int64_t size_bytes() const = 0;
  /// A fingerprint of the content, for the run's digest. Values only, no addresses.
  [[nodiscard]] virtual std::uint64_t fingerprint() const = 0;
};
using PayloadRef = kraft::Ref<Payload>;

}  // namespace kraftsim::world
