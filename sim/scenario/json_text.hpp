// JSON as a tree that remembers where everything stood, for messages with line and column.
//
// nlohmann/json reads the text through its SAX interface; 3.11 gives no positions (they came in 3.12), so the handler
// finds each token's bytes itself: what it is told of is always the next token after the last one. Numbers stay text,
// since durations, rates and fractions are read exactly and not through a double. Trees are shallow: nesting is limited
// while reading, so that nothing that walks one can run out of stack.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kraftsim::scenario {

/// Bytes [begin, end) of one of the texts of a Sources.
struct Place {
  std::uint32_t source = 0;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

struct Member;

struct Value {
  enum class Kind : std::uint8_t { kNull, kBoolean, kInteger, kDecimal, kString, kArray, kObject };
  Kind kind = Kind::kNull;
  Place place;
  std::string text;             // a string's content; a number, true and false as written
  std::vector<Value> items;     // of an array
  std::vector<Member> members;  // of an object, in the order of the text; names are unique

  [[nodiscard]] const Value* find(std::string_view name) const;
  [[nodiscard]] Value* find(std::string_view name);
};

struct Member {
  std::string name;
  Place name_place;
  Value value;
};

/// Foreign text made fit for a message: control characters escaped, its end cut off if it is long.
[[nodiscard]] std::string shown(std::string_view text, std::size_t most = 60);
/// "\"x\"", "an object", "the number 5": how a message names a value that should have been something else.
[[nodiscard]] std::string describe(const Value& value);

/// A text and the name that messages give it. An argument of the command line has no lines to count.
struct Source {
  std::string path;
  std::string text;
  bool is_file = true;
};

struct JsonProblem {
  Place place;
  std::string pointer;
  std::string message;
};

struct JsonTree {
  std::optional<Value> root;          // none: the text is no JSON; `problems` says why
  std::vector<JsonProblem> problems;  // duplicate keys, too
};

inline constexpr std::size_t kMaxNesting = 32;

/// `number` becomes the places' source. At most one problem if there is no root.
[[nodiscard]] JsonTree parse_json(std::string_view text, std::uint32_t number);

/// Line and column (in code points) of a byte, both from 1.
struct LineColumn {
  std::int64_t line = 1;
  std::int64_t column = 1;
};
[[nodiscard]] LineColumn line_column(std::string_view text, std::size_t byte);

/// `pointer` + "/" + `token`, escaped as RFC 6901 has it.
[[nodiscard]] std::string pointer_to(std::string_view pointer, std::string_view token);
[[nodiscard]] std::string pointer_to(std::string_view pointer, std::size_t index);
/// The tokens of a pointer, unescaped; none if it is none.
[[nodiscard]] std::optional<std::vector<std::string>> pointer_tokens(std::string_view pointer);

}  // namespace kraftsim::scenario
