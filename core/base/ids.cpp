// Text of ids. A Uuid's is base64url of its 16 bytes, big end first, as org.apache.kafka.common.Uuid prints it. It must
// not know what an id names.
#include "core/base/ids.hpp"

namespace kraft {

std::string line(const Uuid& id) {
  constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  // 128 bits make 21 full digits of 6 bits and a last one of 2, padded with zeros on the right.
  std::string text;
  text.reserve(22);
  for (int digit = 0; digit < 22; ++digit) {
    unsigned bits = 0;
    for (int bit = digit * 6; bit < digit * 6 + 6; ++bit) {
      const bool set = bit < 64    ? ((id.high >> (63 - bit)) & 1U) != 0
                       : bit < 128 ? ((id.low >> (127 - bit)) & 1U) != 0
                                   : false;
      bits = (bits << 1U) | (set ? 1U : 0U);
    }
    text.push_back(kAlphabet[bits]);
  }
  return text;
}

std::string line(const std::vector<NodeId>& ids) {
  std::string text = "[";
  for (const NodeId id : ids) text += (text.size() > 1 ? "," : "") + line(id);
  return text + "]";
}

}  // namespace kraft
