// The field table in two other forms. Kinds that are no JSON type of their own become definitions that are referred
// to, so that an editor shows one description of a duration and not forty.
#include "sim/scenario/schema.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sim/scenario/fields.hpp"
#include "sim/scenario/names.hpp"

namespace kraftsim::scenario {
namespace {

using Json = nlohmann::ordered_json;

Json ref(std::string_view name) { return {{"$ref", fmt::format("#/$defs/{}", name)}}; }

Json config_schema(const cluster::ConfigKey& key) {
  const Json number{{"type", "integer"},
                    {"minimum", key.min},
                    {"maximum", key.max},
                    {"default", key.default_value},
                    {"description", key.what}};
  if (key.min != 0 || key.max != 1) return number;
  return {{"type", {"integer", "boolean"}}, {"minimum", 0}, {"maximum", 1}, {"default", key.default_value},
          {"description", key.what}};
}

/// The keys of one role, or of any.
Json config_object(const std::vector<cluster::KeyRole>& roles) {
  Json properties = Json::object();
  for (const KnownKey& known : known_keys()) {
    const bool fits = std::find(roles.begin(), roles.end(), known.key.role) != roles.end();
    if (fits && !properties.contains(known.key.name)) {
      properties[std::string(known.key.name)] = config_schema(known.key);
    }
  }
  return {{"type", "object"}, {"properties", properties}, {"additionalProperties", false}};
}

Json service_object() {
  Json properties{{"source", {{"type", "string"}, {"description", "Where these numbers come from."}}}};
  for (const KnownService& known : known_services()) {
    Json latency = ref("latency");
    latency["description"] = known.service.what;
    properties[std::string(known.service.name)] = latency;
  }
  return {{"type", "object"}, {"properties", properties}, {"additionalProperties", false}};
}

Json duration_schema() {
  return {{"type", "string"},
          {"pattern", R"(^[0-9]+(\.[0-9]+)?(ns|us|ms|s|m|h|d)$)"},
          {"description", "A number with a unit: \"150ms\", \"1.5s\"; exact to the nanosecond."}};
}

Json positive_schema() {
  return {{"type", "string"},
          {"pattern", R"(^(?=.*[1-9])[0-9]+(\.[0-9]+)?(ns|us|ms|s|m|h|d)$)"},
          {"description", "A number above 0 with a unit: \"150ms\", \"1.5s\"; exact to the nanosecond."}};
}

/// The kinds that are no single type of JSON, under their names.
Json kinds() {
  Json result;
  result["duration"] = duration_schema();
  result["positive_duration"] = positive_schema();
  result["duration_range"] = {{"type", "array"}, {"items", ref("duration")}, {"minItems", 2}, {"maxItems", 2}};
  result["latency"] = {
      {"description", "A duration, quantiles of a distribution, or the ends of a uniform one."},
      {"oneOf",
       {ref("duration"),
        {{"type", "object"},
         {"patternProperties", {{R"(^p([0-9]{1,2}(\.[0-9]{1,4}0*)?|100(\.0+)?)$)", ref("duration")}}},
         {"additionalProperties", false},
         {"minProperties", 1}},
        {{"type", "object"},
         {"properties", {{"uniform", ref("duration_range")}}},
         {"required", {"uniform"}},
         {"additionalProperties", false}}}}};
  Json span = result["latency"];
  span["description"] = "A duration above 0, or a distribution of such from which it is drawn.";
  span["oneOf"][0] = ref("positive_duration");
  result["span"] = span;
  result["fraction"] = {{"type", "number"}, {"minimum", 0}, {"maximum", 1}};
  result["rate"] = {{"type", "string"},
                    {"pattern", R"(^(?=.*[1-9])[0-9]+(\.[0-9]+)?(B|kB|MB|GB|kbit|Mbit|Gbit)/s$)"},
                    {"description", "Bytes or bits per second with a unit: \"100Mbit/s\"."}};
  result["target"] = {
      {"type", "string"},
      {"pattern", R"(^((controller|zookeeper|coordinator|broker):[1-9][0-9]{0,8}|coordinator:leader|active_controller|)"
                  R"(follower:any|controller:any|coordinator:any|broker:any|majority|minority|brokers|coordinators|)"
                  R"(rack:.+|\*)$)"},
      {"description", "Whom: one node by number, or whoever has a role when it happens."}};
  return result;
}

Json schema_of(const Field& field);

/// A node's configuration has the keys of the role that its name tells.
Json nodes_object() {
  using cluster::KeyRole;
  Json patterns;
  const auto node = [&](const std::vector<KeyRole>& roles) {
    Json properties = Json::object();
    for (const Field& field : object_type("node").fields) {
      properties[std::string(field.name)] = field.kind == Kind::kConfig ? config_object(roles) : schema_of(field);
    }
    return Json{{"type", "object"}, {"properties", properties}, {"additionalProperties", false}};
  };
  patterns["^controller:[1-9][0-9]*$"] = node({KeyRole::kController});
  patterns["^zookeeper:[1-9][0-9]*$"] = node({KeyRole::kZookeeperServer});
  patterns["^coordinator:[1-9][0-9]*$"] = node({KeyRole::kController, KeyRole::kZookeeperServer});
  patterns["^broker:[1-9][0-9]*$"] = node({KeyRole::kBroker});
  return {{"type", "object"}, {"patternProperties", patterns}, {"additionalProperties", false}};
}

Json one(const Field& field) {
  switch (field.kind) {
    case Kind::kText: return {{"type", "string"}};
    case Kind::kBoolean: return {{"type", "boolean"}};
    case Kind::kInteger: return {{"type", "integer"}, {"minimum", field.min}, {"maximum", field.max}};
    case Kind::kDuration: return ref(field.min > 0 ? "positive_duration" : "duration");
    case Kind::kDurationRange: return ref("duration_range");
    case Kind::kSpan: return ref("span");
    case Kind::kLatency: return ref("latency");
    case Kind::kFraction: return ref("fraction");
    case Kind::kRate: return ref("rate");
    case Kind::kTarget: return ref("target");
    case Kind::kChoice: return {{"enum", field.choices}};
    case Kind::kConfig: return config_object({field.role});
    case Kind::kService: return ref("service");
    case Kind::kNodes: return nodes_object();
    case Kind::kObject: return ref(field.of);
  }
  return {};
}

Json schema_of(const Field& field) {
  Json schema;
  switch (field.shape) {
    case Shape::kOne: schema = one(field); break;
    case Shape::kList: schema = {{"type", "array"}, {"items", one(field)}}; break;
    case Shape::kOneOrList:
      schema = {{"oneOf", {one(field), {{"type", "array"}, {"items", one(field)}, {"minItems", 1}}}}};
      break;
    case Shape::kListOfLists:
      schema = {{"type", "array"}, {"items", {{"type", "array"}, {"items", one(field)}, {"minItems", 1}}},
                {"minItems", 2}};
      break;
  }
  if (!field.fallback.empty()) {
    const bool is_text = field.kind != Kind::kInteger && field.kind != Kind::kBoolean;
    schema["default"] = is_text ? Json(field.fallback) : Json::parse(field.fallback);
  }
  schema["description"] = field.what;
  return schema;
}

Json object_schema(const ObjectType& type) {
  Json properties;
  Json required = Json::array();
  for (const Field& field : type.fields) {
    properties[std::string(field.name)] = schema_of(field);
    if (field.required) required.push_back(field.name);
  }
  Json schema{{"description", type.what}, {"type", "object"}, {"properties", properties},
              {"additionalProperties", false}};
  if (!required.empty()) schema["required"] = required;
  Json all = Json::array();
  for (const auto& names : type.one_of) {
    Json choices = Json::array();
    for (const std::string_view name : names) choices.push_back({{"required", {name}}});
    all.push_back({{"oneOf", choices}});
  }
  if (all.size() == 1) schema.update(all.front());
  if (all.size() > 1) schema["allOf"] = all;
  return schema;
}

std::string type_text(const Field& field) {
  const auto kind = [&]() -> std::string {
    switch (field.kind) {
      case Kind::kText: return "text";
      case Kind::kBoolean: return "true or false";
      case Kind::kInteger:
        return field.max == std::numeric_limits<std::int64_t>::max() ? fmt::format("number from {}", field.min)
               : field.min == field.max                              ? fmt::format("{}", field.min)
                                        : fmt::format("number from {} to {}", field.min, field.max);
      case Kind::kDuration: return "duration";
      case Kind::kDurationRange: return "[duration, duration]";
      case Kind::kSpan: return "duration or latency";
      case Kind::kLatency: return "latency";
      case Kind::kFraction: return "fraction";
      case Kind::kRate: return "rate";
      case Kind::kTarget: return "target";
      case Kind::kChoice: return field.of.empty() && field.choices.size() > 5
                                     ? (field.name == "metric" ? "a metric" : "a marker")
                                     : fmt::format("`\"{}\"`", fmt::join(field.choices, "\"` or `\""));
      case Kind::kConfig: return "configuration keys";
      case Kind::kService: return "latencies by kind of work";
      case Kind::kNodes: return "[node](#node) by name";
      case Kind::kObject: return fmt::format("[{0}](#{0})", field.of);
    }
    return {};
  }();
  switch (field.shape) {
    case Shape::kOne: return kind;
    case Shape::kList: return "list of " + kind;
    case Shape::kOneOrList: return kind + ", or a list";
    case Shape::kListOfLists: return "list of lists of " + kind;
  }
  return kind;
}

}  // namespace

std::string json_schema(std::string_view root) {
  Json schema{{"$schema", "https://json-schema.org/draft/2020-12/schema"},
              {"title", fmt::format("A {} of kraftsim", root)},
              {"$comment", "Generated by `kraftsim schema`; do not edit."}};
  schema.update(object_schema(object_type(root)));
  Json definitions = kinds();
  definitions["service"] = service_object();
  for (const ObjectType& type : object_types()) {
    if (type.name != "scenario" && type.name != "profile" && type.name != "node") {
      definitions[std::string(type.name)] = object_schema(type);
    }
  }
  schema["$defs"] = definitions;
  return schema.dump(2) + "\n";
}

std::string reference() {
  std::string text;
  for (const ObjectType& type : object_types()) {
    text += fmt::format("### {}\n\n{}", type.name, type.what);
    for (const auto& names : type.one_of) text += fmt::format(" Exactly one of `{}`.", fmt::join(names, "`, `"));
    text += "\n\n| key | type | default | |\n|---|---|---|---|\n";
    for (const Field& field : type.fields) {
      const std::string fallback = field.required           ? "*required*"
                                   : field.fallback.empty() ? ""
                                                            : fmt::format("`{}`", field.fallback);
      text += fmt::format("| `{}` | {} | {} | {} |\n", field.name, type_text(field), fallback, field.what);
    }
    text += '\n';
  }
  return text;
}

}  // namespace kraftsim::scenario
