// What the field table says, for editors and for people: a JSON Schema, and the reference of scenarios/README.md.
// Neither is written by hand anywhere.
#pragma once

#include <string>
#include <string_view>

namespace kraftsim::scenario {

/// JSON Schema, draft 2020-12, of "scenario" or "profile". Rules that join several fields are the reader's alone.
[[nodiscard]] std::string json_schema(std::string_view root);
/// Every object's keys as Markdown tables.
[[nodiscard]] std::string reference();

}  // namespace kraftsim::scenario
