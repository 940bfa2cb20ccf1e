// Reading JSON: first is it text at all, then nlohmann's parser with a handler that builds our tree. The parser keeps
// its own stack on the heap, and the handler ends it when the nesting is too deep.
#include "sim/scenario/json_text.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace kraftsim::scenario {
namespace {

/// Length of the UTF-8 sequence at the front of `text`; zero if it is ill-formed (RFC 3629).
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto continues = [&](std::size_t i) { return (byte(i) & 0xc0U) == 0x80U; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return continues(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    if (!continues(1) || !continues(2)) return 0;
    const bool overlong = first == 0xe0 && byte(1) < 0xa0;
    const bool surrogate = first == 0xed && byte(1) >= 0xa0;
    return overlong || surrogate ? 0 : 3;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    if (!continues(1) || !continues(2) || !continues(3)) return 0;
    const bool overlong = first == 0xf0 && byte(1) < 0x90;
    const bool too_large = first == 0xf4 && byte(1) >= 0x90;
    return overlong || too_large ? 0 : 4;
  }
  return 0;
}

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

struct NotText {
  std::size_t at;
  std::string message;
};

/// What keeps these bytes from being JSON text at all.
std::optional<NotText> not_text(std::string_view text) {
  if (std::all_of(text.begin(), text.end(), is_space)) return NotText{0, "the file is empty; a scenario is one object"};
  if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff")) {
    return NotText{0, "the file is UTF-16; save it as UTF-8"};
  }
  if (text.starts_with("\xef\xbb\xbf")) {
    return NotText{0, "the file begins with a byte order mark; save it as UTF-8 without one"};
  }
  for (std::size_t at = 0; at < text.size();) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte < 0x20 && !is_space(text[at])) {
      return NotText{at, fmt::format("this is not a text file: it holds the control byte 0x{:02x}", byte)};
    }
    const std::size_t length = utf8_length(text.substr(at));
    if (length == 0) {
      return NotText{at, fmt::format("this is not UTF-8 text: the byte 0x{:02x} cannot stand here", byte)};
    }
    at += length;
  }
  return {};
}

/// From nlohmann's "[json.exception…] parse error at line 4, column 0: syntax error while parsing value - unexpected
/// ']'; expected …; last read: …" what is of use beside a position of our own. `rest` begins with the offending token.
std::string syntax_message(std::string_view rest, std::string_view what) {
  if (rest.starts_with("//") || rest.starts_with("/*")) return "JSON has no comments; a \"description\" takes words";
  if (rest.starts_with('\'')) return "JSON strings stand in double quotes";
  if (const std::size_t at = what.find(" - "); at != std::string_view::npos) {
    what.remove_prefix(at + 3);
  } else if (const std::size_t end = what.find("] "); end != std::string_view::npos) {
    what.remove_prefix(end + 2);
  }
  return fmt::format("not JSON: {}", what.substr(0, what.find("; last read: ")));
}

/// Builds the tree from nlohmann's SAX events.
class TreeBuilder final : public nlohmann::json_sax<nlohmann::json> {
 public:
  TreeBuilder(std::string_view text, std::uint32_t source) : text_(text), source_(source) {
    levels_.reserve(kMaxNesting);  // levels point into each other's values
  }

  JsonTree take() {
    if (failed_) root_.reset();
    return {std::move(root_), std::move(problems_)};
  }

  bool null() override { return scalar(Value::Kind::kNull); }
  bool boolean(bool) override { return scalar(Value::Kind::kBoolean); }
  bool number_integer(number_integer_t) override { return scalar(Value::Kind::kInteger); }
  bool number_unsigned(number_unsigned_t) override { return scalar(Value::Kind::kInteger); }
  bool number_float(number_float_t, const string_t& written) override {
    // Integers beyond 64 bits come here too.
    const bool digits = written.find_first_not_of("-0123456789") == std::string::npos;
    return scalar(digits ? Value::Kind::kInteger : Value::Kind::kDecimal);
  }
  bool string(string_t& content) override {
    Value& value = add(Value::Kind::kString);
    value.place = next_token();
    value.text = std::move(content);
    after_ = After::kValue;
    return true;
  }
  bool binary(binary_t&) override { return false; }  // no such thing in text

  bool start_object(std::size_t) override { return open(Value::Kind::kObject); }
  bool start_array(std::size_t) override { return open(Value::Kind::kArray); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(string_t& name) override {
    const Place place = next_token();
    Level& level = levels_.back();
    const auto [seen, is_new] = level.names.emplace(name, place);
    if (!is_new && problems_.size() < kMostDuplicates) {
      const LineColumn first = line_column(text_, seen->second.begin);
      problems_.push_back({place, pointer_to(pointer(), name),
                           fmt::format("the key '{}' is here twice; the first is at {}:{}", name, first.line,
                                       first.column)});
    }
    level.repeated = !is_new;
    level.key = std::move(name);
    level.key_place = place;
    after_ = After::kKey;
    return true;
  }

  bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception& error) override {
    const Place where = next_token();
    return fail(where, syntax_message(text_.substr(where.begin), error.what()));
  }

 private:
  static constexpr std::size_t kMostDuplicates = 100;
  enum class After : std::uint8_t { kOpening, kKey, kValue };
  struct Level {
    Value* value;
    std::map<std::string, Place> names;
    std::string key;
    Place key_place;
    bool repeated = false;
    std::optional<Value> dropped;  // takes the value of a repeated key
  };

  /// The next token's bytes; the reading position moves behind it.
  Place next_token() {
    skip_space();
    const char separator = after_ == After::kKey ? ':' : ',';
    if (after_ != After::kOpening && at_ < text_.size() && text_[at_] == separator) {
      ++at_;
      skip_space();
    }
    const std::size_t begin = at_;
    if (at_ == text_.size()) return place(begin);
    if (text_[at_] == '"') {
      for (++at_; at_ < text_.size() && text_[at_] != '"' && text_[at_] != '\n'; ++at_) {
        if (text_[at_] == '\\') ++at_;
      }
      at_ = std::min(at_ + 1, text_.size());
    } else if (std::string_view("{}[]:,").find(text_[at_]) != std::string_view::npos) {
      ++at_;
    } else {
      while (at_ < text_.size() && !is_space(text_[at_]) &&
             std::string_view("{}[]:,\"").find(text_[at_]) == std::string_view::npos) {
        ++at_;
      }
    }
    return place(begin);
  }
  void skip_space() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }
  [[nodiscard]] Place place(std::size_t begin) const {
    return {source_, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(at_)};
  }

  /// Room for a value where the reading stands.
  Value& add(Value::Kind kind) {
    Value* value = nullptr;
    if (levels_.empty()) {
      value = &root_.emplace();
    } else if (Level& level = levels_.back(); level.value->kind == Value::Kind::kArray) {
      value = &level.value->items.emplace_back();
    } else if (level.repeated) {
      value = &level.dropped.emplace();
    } else {
      value = &level.value->members.emplace_back(Member{level.key, level.key_place, {}}).value;
    }
    value->kind = kind;
    return *value;
  }
  bool scalar(Value::Kind kind) {
    Value& value = add(kind);
    value.place = next_token();
    value.text = std::string(text_.substr(value.place.begin, value.place.end - value.place.begin));
    after_ = After::kValue;
    return true;
  }
  bool open(Value::Kind kind) {
    Value& value = add(kind);
    value.place = next_token();
    if (levels_.size() == kMaxNesting) {
      return fail(value.place, fmt::format("nested more than {} deep; no scenario is", kMaxNesting));
    }
    levels_.push_back(Level{&value, {}, {}, {}, false, {}});
    after_ = After::kOpening;
    return true;
  }
  bool close() {
    // A comma before a closing bracket is an error, which the parser has told us of instead.
    levels_.back().value->place.end = next_token().end;
    levels_.pop_back();
    after_ = After::kValue;
    return true;
  }

  bool fail(Place where, std::string message) {
    failed_ = true;
    problems_.assign(1, {where, {}, std::move(message)});
    return false;
  }
  [[nodiscard]] std::string pointer() const {
    std::string result;
    for (std::size_t i = 0; i + 1 < levels_.size(); ++i) {
      const Level& level = levels_[i];
      result = level.value->kind == Value::Kind::kArray ? pointer_to(result, level.value->items.size() - 1)
                                                        : pointer_to(result, level.key);
    }
    return result;
  }

  std::string_view text_;
  std::uint32_t source_;
  std::size_t at_ = 0;
  After after_ = After::kOpening;
  std::vector<Level> levels_;
  std::optional<Value> root_;
  std::vector<JsonProblem> problems_;
  bool failed_ = false;
};

}  // namespace

const Value* Value::find(std::string_view name) const {
  const auto member = std::find_if(members.begin(), members.end(), [&](const Member& m) { return m.name == name; });
  return member == members.end() ? nullptr : &member->value;
}

Value* Value::find(std::string_view name) { return const_cast<Value*>(std::as_const(*this).find(name)); }

std::string shown(std::string_view text, std::size_t most) {
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    if (result.size() >= most) return result + "...";
    const std::size_t length = std::max<std::size_t>(1, utf8_length(text.substr(at)));
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte < 0x20 || byte == 0x7f) {
      result += fmt::format("\\u{:04x}", byte);
    } else {
      result += text.substr(at, length);
    }
    at += length;
  }
  return result;
}

std::string describe(const Value& value) {
  switch (value.kind) {
    case Value::Kind::kNull: return "null";
    case Value::Kind::kBoolean: return value.text;
    case Value::Kind::kInteger:
    case Value::Kind::kDecimal: return fmt::format("the number {}", shown(value.text));
    case Value::Kind::kString: return fmt::format("\"{}\"", shown(value.text));
    case Value::Kind::kArray: return "a list";
    case Value::Kind::kObject: return "an object";
  }
  return {};
}

JsonTree parse_json(std::string_view text, std::uint32_t number) {
  if (const auto problem = not_text(text)) {
    const auto at = static_cast<std::uint32_t>(problem->at);
    return {{}, {{{number, at, at}, {}, problem->message}}};
  }
  TreeBuilder builder(text, number);
  nlohmann::json::sax_parse(text.begin(), text.end(), &builder);
  return builder.take();
}

LineColumn line_column(std::string_view text, std::size_t byte) {
  LineColumn result;
  for (const char c : text.substr(0, byte)) {
    if (c == '\n') {
      ++result.line;
      result.column = 1;
    } else if ((static_cast<unsigned char>(c) & 0xc0U) != 0x80U) {
      ++result.column;
    }
  }
  return result;
}

std::string pointer_to(std::string_view pointer, std::string_view token) {
  std::string result(pointer);
  result += '/';
  for (const char c : token) {
    if (c == '~') {
      result += "~0";
    } else if (c == '/') {
      result += "~1";
    } else {
      result += c;
    }
  }
  return result;
}

std::string pointer_to(std::string_view pointer, std::size_t index) {
  return fmt::format("{}/{}", pointer, index);
}

std::optional<std::vector<std::string>> pointer_tokens(std::string_view pointer) {
  if (!pointer.empty() && pointer.front() != '/') return {};
  std::vector<std::string> tokens;
  for (std::size_t at = 0; at < pointer.size(); ++at) {
    if (pointer[at] == '/') {
      tokens.emplace_back();
    } else if (pointer[at] != '~') {
      tokens.back() += pointer[at];
    } else {
      ++at;
      if (at == pointer.size() || (pointer[at] != '0' && pointer[at] != '1')) return {};
      tokens.back() += pointer[at] == '0' ? '~' : '/';
    }
  }
  return tokens;
}

}  // namespace kraftsim::scenario
