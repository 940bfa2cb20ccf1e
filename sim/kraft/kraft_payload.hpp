// KraftPayload: a core message as the world carries it. Immutable and shared; the receiver copies the message out, so
// that a retransmission or a fork finds it whole.
#pragma once

#include <string>
#include <utility>

#include "core/node/message.hpp"
#include "sim/world/payload.hpp"

namespace kraftsim::kraft_host {

class KraftPayload final : public world::Payload {
 public:
  explicit KraftPayload(kraft::node::Message&& message) : message_(std::move(message)) {}

  [[nodiscard]] const kraft::node::Message& message() const { return message_; }
  [[nodiscard]] std::string text() const override { return kraft::node::line(message_); }
  [[nodiscard]] std::int64_t size_bytes() const override { return kraft::node::size_bytes(message_); }
  [[nodiscard]] std::uint64_t fingerprint() const override;

 private:
  kraft::node::Message message_;
};

}  // namespace kraftsim::kraft_host
