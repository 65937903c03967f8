#include "cli/client/json.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <charconv>

namespace sightline::cli {
namespace {

using simdjson::ondemand::json_type;

std::string trimmed(std::string_view token) {
  const std::size_t end = token.find_last_not_of(" \t\r\n");
  return std::string(token.substr(0, end == std::string_view::npos ? 0 : end + 1));
}

// Line feeds stand only between tokens: inside strings JSON escapes them.
std::string on_one_line(std::string_view raw) {
  std::string line = trimmed(raw);
  std::erase_if(line, [](char c) { return c == '\n' || c == '\r'; });
  return line;
}

Json scalar(Json::Kind kind, std::string text) {
  Json json;
  json.kind = kind;
  json.text = std::move(text);
  return json;
}

// Throws simdjson_error; ends in parse_json.
template <class Value>
Json convert(Value&& value, std::size_t depth);

Json convert_array(simdjson::ondemand::array array, std::size_t depth) {
  Json json = scalar(Json::Kind::array, {});
  for (auto item : array) json.items.push_back(convert(item.value(), depth + 1));
  return json;
}

Json convert_object(simdjson::ondemand::object object, std::size_t depth) {
  Json json = scalar(Json::Kind::object, {});
  json.raw = on_one_line(std::string_view(object.raw_json()));
  object.reset().value();
  for (auto field : object) {
    std::string name(std::string_view(field.unescaped_key()));
    json.members.push_back({std::move(name), convert(field.value().value(), depth + 1)});
  }
  return json;
}

template <class Value>
Json convert(Value&& value, std::size_t depth) {
  if (depth > kMaxJsonDepth) throw simdjson::simdjson_error(simdjson::DEPTH_ERROR);
  switch (json_type(value.type())) {
    case json_type::object:
      return convert_object(value.get_object(), depth);
    case json_type::array:
      return convert_array(value.get_array(), depth);
    case json_type::string:
      return scalar(Json::Kind::string, std::string(std::string_view(value.get_string())));
    case json_type::number: {
      Json json = scalar(Json::Kind::number, trimmed(value.raw_json_token()));
      static_cast<void>(value.get_double());  // checks and consumes it
      return json;
    }
    case json_type::boolean:
      return scalar(Json::Kind::boolean, bool(value.get_bool()) ? "true" : "false");
    default:
      if (!value.is_null()) throw simdjson::simdjson_error(simdjson::INCORRECT_TYPE);
      return {};
  }
}

}  // namespace

Result<Json> parse_json(std::string_view text) {
  try {
    simdjson::ondemand::parser parser;
    const simdjson::padded_string padded(text);
    simdjson::ondemand::document document = parser.iterate(padded);
    Json json;
    if (document.is_scalar()) {
      json = convert(document, 0);
    } else {
      simdjson::ondemand::value root = document.get_value();
      json = convert(root, 0);
    }
    const bool at_end = document.current_location().error() == simdjson::OUT_OF_BOUNDS;
    if (!at_end) return fail(ErrorCode::invalid_input, "text follows the JSON value");
    return json;
  } catch (const simdjson::simdjson_error& error) {
    return fail(ErrorCode::invalid_input, fmt::format("not JSON: {}", error.what()));
  }
}

const Json* Json::find(std::string_view name) const {
  const auto found = std::ranges::find(members, name, &JsonMember::name);
  return found == members.end() ? nullptr : &found->value;
}

const Json* Json::find_path(std::initializer_list<std::string_view> names) const {
  const Json* json = this;
  for (const std::string_view name : names) {
    json = json->find(name);
    if (json == nullptr) return nullptr;
  }
  return json;
}

std::string Json::as_text() const {
  switch (kind) {
    case Kind::null:
      return {};
    case Kind::object:
      return raw;
    case Kind::array: {
      std::string joined;
      for (const Json& item : items) {
        if (!joined.empty()) joined += ", ";
        joined += item.as_text();
      }
      return joined;
    }
    default:
      return text;
  }
}

std::string Json::text_of(std::string_view name) const {
  const Json* member = find(name);
  return member == nullptr ? std::string() : member->as_text();
}

std::optional<std::int64_t> Json::as_integer() const {
  if (kind != Kind::number) return std::nullopt;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<std::int64_t> Json::integer_of(std::string_view name) const {
  const Json* member = find(name);
  return member == nullptr ? std::nullopt : member->as_integer();
}

}  // namespace sightline::cli
