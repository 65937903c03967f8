#include "schema_check.h"

#include <algorithm>
#include <boost/json.hpp>
#include <sstream>

namespace sightline::testing {

namespace json = boost::json;

namespace {

using Problems = std::vector<std::string>;

bool has_type(const json::value& value, const std::string& type) {
  if (type == "string") return value.is_string();
  if (type == "integer") return value.is_int64() || value.is_uint64();
  if (type == "number") return value.is_number();
  if (type == "boolean") return value.is_bool();
  if (type == "array") return value.is_array();
  if (type == "object") return value.is_object();
  if (type == "null") return value.is_null();
  return false;
}

void check_type(const YAML::Node& type, const json::value& value, const std::string& place, Problems& problems) {
  std::vector<std::string> types;
  if (type.IsScalar()) types.push_back(type.as<std::string>());
  if (type.IsSequence()) types = type.as<std::vector<std::string>>();
  if (std::ranges::none_of(types, [&](const std::string& name) { return has_type(value, name); })) {
    problems.push_back(place + " has the wrong type: " + json::serialize(value).substr(0, 100));
  }
}

void check_enum(const YAML::Node& allowed, const json::value& value, const std::string& place, Problems& problems) {
  const std::string text = value.is_string() ? std::string(value.as_string()) : json::serialize(value);
  for (const auto& one : allowed) {
    if (one.as<std::string>() == text) return;
  }
  problems.push_back(place + " is none of the values allowed: " + text);
}

void append(Problems& problems, const Problems& more) { problems.insert(problems.end(), more.begin(), more.end()); }

void check_object(const YAML::Node& document, const YAML::Node& schema, const json::object& object,
                  const std::string& place, Problems& problems) {
  const auto members = [&](const char* keyword) { return schema[keyword] ? schema[keyword] : YAML::Node(); };
  for (const auto& name : members("required")) {
    if (!object.contains(name.as<std::string>())) problems.push_back(place + " lacks " + name.as<std::string>());
  }
  for (const auto& property : members("properties")) {
    const std::string name = property.first.as<std::string>();
    if (const json::value* member = object.if_contains(name)) {
      append(problems, check_schema(document, property.second, *member, place + "/" + name));
    }
  }
}

void check_one_of(const YAML::Node& document, const YAML::Node& choices, const json::value& value,
                  const std::string& place, Problems& problems) {
  Problems all;
  std::size_t fitting = 0;
  for (const auto& choice : choices) {
    const Problems of_choice = check_schema(document, choice, value, place);
    if (of_choice.empty()) ++fitting;
    append(all, of_choice);
  }
  if (fitting == 0) append(problems, all);
  if (fitting > 1) problems.push_back(place + " fits more than one schema");
}

}  // namespace

YAML::Node resolve(const YAML::Node& document, const YAML::Node& node) {
  if (!node.IsMap() || !node["$ref"]) return node;
  std::istringstream path(node["$ref"].as<std::string>().substr(2));
  // Copies of nodes share their content, and assigning to one would change the document: hence reset().
  YAML::Node at = document;
  for (std::string part; std::getline(path, part, '/');) at.reset(at[part]);
  return resolve(document, at);
}

Problems check_schema(const YAML::Node& document, const YAML::Node& given, const json::value& value,
                      const std::string& place) {
  const YAML::Node schema = resolve(document, given);
  Problems problems;
  if (schema["type"]) check_type(schema["type"], value, place, problems);
  if (schema["enum"]) check_enum(schema["enum"], value, place, problems);
  if (schema["oneOf"]) check_one_of(document, schema["oneOf"], value, place, problems);
  if (schema["allOf"]) {
    for (const auto& part : schema["allOf"]) append(problems, check_schema(document, part, value, place));
  }
  if (value.is_object()) check_object(document, schema, value.as_object(), place, problems);
  if (value.is_array() && schema["items"]) {
    for (std::size_t i = 0; i < value.as_array().size(); ++i) {
      append(problems, check_schema(document, schema["items"], value.as_array()[i], place + "/" + std::to_string(i)));
    }
  }
  return problems;
}

json::value to_json(const YAML::Node& node) {
  if (node.IsMap()) {
    json::object object;
    for (const auto& member : node) object[member.first.as<std::string>()] = to_json(member.second);
    return object;
  }
  if (node.IsSequence()) {
    json::array array;
    for (const auto& item : node) array.push_back(to_json(item));
    return array;
  }
  const std::string text = node.as<std::string>();
  const bool plain = node.Tag() != "!";  // "!" marks a quoted scalar
  if (plain && !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; })) {
    return std::stoll(text);
  }
  if (plain && (text == "true" || text == "false")) return text == "true";
  return json::value(text);
}

}  // namespace sightline::testing
