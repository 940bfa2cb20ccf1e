// Strong<Tag, Rep>: an integer with a meaning of its own.
//
// An Epoch is no Offset and a NodeId is no count. Construction is explicit, comparison is within one kind only, and
// there is no way back to the raw number except `value()`. Kinds that are positions (Offset, Epoch) may be advanced by
// a plain count and subtracted to give one; kinds that are names (NodeId) get neither (`kSteps` decides).
#pragma once

#include <compare>
#include <concepts>
#include <cstdint>
#include <string>

namespace kraft {

template <class Tag, std::integral Rep, bool kSteps = false>
class Strong {
 public:
  using rep = Rep;

  constexpr Strong() = default;
  constexpr explicit Strong(Rep value) : value_(value) {}

  [[nodiscard]] constexpr Rep value() const { return value_; }

  friend constexpr auto operator<=>(const Strong&, const Strong&) = default;

  constexpr Strong& operator+=(Rep count)
    requires kSteps
  {
    value_ = static_cast<Rep>(value_ + count);
    return *this;
  }
  friend constexpr Strong operator+(Strong position, Rep count)
    requires kSteps
  {
    return position += count;
  }
  friend constexpr Strong operator-(Strong position, Rep count)
    requires kSteps
  {
    return Strong(static_cast<Rep>(position.value_ - count));
  }
  friend constexpr std::int64_t operator-(Strong end, Strong begin)
    requires kSteps
  {
    return std::int64_t{end.value_} - std::int64_t{begin.value_};
  }

  // Cold: where text is made, something is reported.
  [[gnu::cold]] friend std::string line(const Strong& s) { return std::to_string(s.value_); }

 private:
  Rep value_{};
};

}  // namespace kraft
