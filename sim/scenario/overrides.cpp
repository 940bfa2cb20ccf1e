// Setting values in a tree. What is set has no place in the file: messages about it name the argument instead, which
// is a source of its own.
#include "sim/scenario/overrides.hpp"

#include <charconv>

#include <fmt/format.h>

namespace kraftsim::scenario {
namespace {

/// The member of that name, made if there is none.
Value& member(Value& object, const std::string& name, Place place) {
  if (Value* known = object.find(name)) return *known;
  Value& made = object.members.emplace_back(Member{name, place, {}}).value;
  made.place = place;
  return made;
}

/// The element of a list that a token means; one past the end appends. None if it means none.
Value* element(Value& list, std::string_view token, Place place) {
  std::size_t index = 0;
  const auto [stop, error] = std::from_chars(token.data(), token.data() + token.size(), index);
  if (error != std::errc() || stop != token.data() + token.size() || index > list.items.size()) return nullptr;
  if (index == list.items.size()) list.items.emplace_back().place = place;
  return &list.items[index];
}

/// Where the override's value goes, with the objects on the way made; none after a report.
Value* destination(const std::vector<std::string>& tokens, Value& root, Place place, Problems& problems) {
  Value* at = &root;
  std::string pointer;
  for (const std::string& token : tokens) {
    if (at->kind == Value::Kind::kNull) at->kind = Value::Kind::kObject;
    if (at->kind == Value::Kind::kObject) {
      at = &member(*at, token, place);
    } else if (at->kind == Value::Kind::kArray) {
      Value* const list = at;
      at = element(*list, token, place);
      if (at == nullptr) {
        problems.add(place, pointer, fmt::format("'{}' is no index of this list of {}", token, list->items.size()));
        return nullptr;
      }
    } else {
      problems.add(place, pointer, fmt::format("{} holds nothing that could be set", describe(*at)));
      return nullptr;
    }
    pointer = pointer_to(pointer, token);
  }
  return at;
}

Value parse_value(const Override& override, std::uint32_t source) {
  JsonTree tree = parse_json(override.value, source);
  if (tree.root && tree.problems.empty()) return std::move(*tree.root);
  Value text;
  text.kind = Value::Kind::kString;
  text.place = {source, 0, static_cast<std::uint32_t>(override.value.size())};
  text.text = override.value;
  return text;
}

}  // namespace

void apply(const std::vector<Override>& overrides, Value& root, Problems& problems) {
  for (const Override& override : overrides) {
    const std::string argument = fmt::format("--set {}={}", override.pointer, override.value);
    const std::uint32_t source = problems.add_source({.path = argument, .text = override.value, .is_file = false});
    const Place place{source, 0, 0};
    const auto tokens = pointer_tokens(override.pointer);
    if (!tokens || tokens->empty()) {
      problems.add(place, {}, fmt::format("'{}' is no JSON pointer to a value; write one like /cluster/brokers/count",
                                          override.pointer));
      continue;
    }
    if (Value* value = destination(*tokens, root, place, problems)) *value = parse_value(override, source);
  }
}

}  // namespace kraftsim::scenario
