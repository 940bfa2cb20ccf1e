// Reading by name. Asking for a name that the table does not have is a mistake of ours, not of the file's, hence an
// ENSURE.
#include "sim/scenario/object_view.hpp"

#include <charconv>

#include "core/base/check.hpp"
#include "sim/scenario/duration_text.hpp"

namespace kraftsim::scenario {
namespace {

constexpr ValueReader kSilent{nullptr};

}  // namespace

ObjectView::ObjectView(const ObjectType& type, const Value* value, std::string pointer, Place place)
    : type_(&type),
      value_(value != nullptr && value->kind == Value::Kind::kObject ? value : nullptr),
      pointer_(std::move(pointer)),
      place_(value_ != nullptr ? value_->place : place) {}

const Field& ObjectView::field(std::string_view name) const {
  const Field* found = type_->find(name);
  ENSURE(found != nullptr, name);
  return *found;
}

const Value* ObjectView::find(std::string_view name) const {
  ENSURE(type_->find(name) != nullptr, name);
  return value_ == nullptr ? nullptr : value_->find(name);
}

Place ObjectView::place(std::string_view name) const {
  const Value* value = find(name);
  return value == nullptr ? place_ : value->place;
}

std::int64_t ObjectView::integer(std::string_view name) const {
  const Field& known = field(name);
  if (const Value* value = find(name)) {
    if (const auto number = kSilent.integer(*value, {}, known.min, known.max)) return *number;
  }
  std::int64_t number = 0;
  std::from_chars(known.fallback.data(), known.fallback.data() + known.fallback.size(), number);
  return number;
}

bool ObjectView::boolean(std::string_view name) const {
  const Value* value = find(name);
  const auto stated = value == nullptr ? std::nullopt : kSilent.boolean(*value, {});
  return stated.value_or(field(name).fallback == "true");
}

kraft::Duration ObjectView::duration(std::string_view name) const {
  if (const auto stated = maybe_duration(name)) return *stated;
  return parse_duration(field(name).fallback).value.value_or(kraft::Duration{});
}

std::string ObjectView::text(std::string_view name) const {
  const Value* value = find(name);
  const auto stated = value == nullptr ? std::nullopt : kSilent.text(*value, {});
  return stated.value_or(std::string(field(name).fallback));
}

std::optional<kraft::Duration> ObjectView::maybe_duration(std::string_view name) const {
  const Value* value = find(name);
  return value == nullptr ? std::nullopt : kSilent.duration(*value, {}, kraft::Duration(field(name).min));
}

engine::Quantiles ObjectView::span(std::string_view name) const {
  const Value* value = find(name);
  return value == nullptr ? engine::Quantiles() : kSilent.span(*value, {}).value_or(engine::Quantiles());
}

std::optional<engine::Quantiles> ObjectView::latency(std::string_view name) const {
  const Value* value = find(name);
  return value == nullptr ? std::nullopt : kSilent.latency(*value, {});
}

std::optional<std::uint32_t> ObjectView::fraction(std::string_view name) const {
  const Value* value = find(name);
  return value == nullptr ? std::nullopt : kSilent.fraction(*value, {});
}

std::optional<std::int64_t> ObjectView::rate(std::string_view name) const {
  const Value* value = find(name);
  return value == nullptr ? std::nullopt : kSilent.rate(*value, {});
}

std::optional<ValueReader::Range> ObjectView::range(std::string_view name) const {
  const Value* value = find(name);
  return value == nullptr ? std::nullopt : kSilent.range(*value, {});
}

std::vector<ObjectView::Item> ObjectView::items(std::string_view name) const {
  const Value* value = find(name);
  if (value == nullptr) return {};
  if (value->kind != Value::Kind::kArray) return {{value, pointer(name)}};
  std::vector<Item> result;
  for (std::size_t i = 0; i < value->items.size(); ++i) {
    result.push_back({&value->items[i], pointer_to(pointer(name), i)});
  }
  return result;
}

ObjectView ObjectView::object(std::string_view name) const {
  return {object_type(field(name).of), find(name), pointer(name), place_};
}

std::vector<ObjectView> ObjectView::objects(std::string_view name) const {
  std::vector<ObjectView> result;
  for (Item& item : items(name)) {
    result.emplace_back(object_type(field(name).of), item.value, std::move(item.pointer), item.value->place);
  }
  return result;
}

}  // namespace kraftsim::scenario
