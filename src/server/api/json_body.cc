#include "server/api/json_body.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include "server/api/json_members.h"

namespace sightline::api {

namespace json = boost::json;

namespace {

constexpr std::size_t kMaxDepth = 8;

std::unexpected<Error> wrong(std::string_view name, std::string_view expected) {
  return fail(ErrorCode::invalid_input, fmt::format("\"{}\" must be {}", name, expected));
}

}  // namespace

struct JsonBody::Object {
  json::object members;

  // nullptr where the member is absent or null.
  const json::value* find(std::string_view name) const {
    const json::value* found = members.if_contains(json::string_view(name.data(), name.size()));
    return found && !found->is_null() ? found : nullptr;
  }
};

JsonBody::JsonBody(std::unique_ptr<Object> object) : object_(std::move(object)) {}
JsonBody::~JsonBody() = default;
JsonBody::JsonBody(JsonBody&&) noexcept = default;
JsonBody& JsonBody::operator=(JsonBody&&) noexcept = default;

Result<JsonBody> JsonBody::parse(std::string_view text, std::initializer_list<std::string_view> known) {
  auto object = std::make_unique<Object>();
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) return JsonBody(std::move(object));
  json::parse_options options;
  options.max_depth = kMaxDepth;
  boost::system::error_code error;
  json::value parsed = json::parse(json::string_view(text.data(), text.size()), error, {}, options);
  if (error) return fail(ErrorCode::invalid_input, fmt::format("the body is not JSON: {}", error.message()));
  if (!parsed.is_object()) return fail(ErrorCode::invalid_input, "the body must be a JSON object");
  if (const auto twice = member_given_twice(text)) {
    return fail(ErrorCode::invalid_input,
                fmt::format("the member \"{}\" is given more than once", twice->substr(0, 100)));
  }
  object->members = std::move(parsed.as_object());
  for (const auto& member : object->members) {
    const std::string_view name(member.key().data(), member.key().size());
    if (std::ranges::find(known, name) == known.end()) {
      return fail(ErrorCode::invalid_input,
                  fmt::format("unknown member \"{}\"; there are: {}", name.substr(0, 100), fmt::join(known, ", ")));
    }
  }
  return JsonBody(std::move(object));
}

Result<std::optional<std::string>> JsonBody::text(std::string_view name) const {
  const json::value* found = object_->find(name);
  if (!found) return std::nullopt;
  if (!found->is_string()) return wrong(name, "a string");
  return std::string(found->as_string());
}

Result<std::optional<std::int64_t>> JsonBody::integer(std::string_view name) const {
  const json::value* found = object_->find(name);
  if (!found) return std::nullopt;
  if (!found->is_int64()) return wrong(name, "an integer");
  return found->as_int64();
}

Result<std::optional<bool>> JsonBody::boolean(std::string_view name) const {
  const json::value* found = object_->find(name);
  if (!found) return std::nullopt;
  if (!found->is_bool()) return wrong(name, "true or false");
  return found->as_bool();
}

Result<std::optional<std::vector<std::string>>> JsonBody::texts(std::string_view name) const {
  const json::value* found = object_->find(name);
  if (!found) return std::nullopt;
  if (!found->is_array()) return wrong(name, "an array of strings");
  std::vector<std::string> values;
  for (const json::value& value : found->as_array()) {
    if (!value.is_string()) return wrong(name, "an array of strings");
    values.emplace_back(value.as_string());
  }
  return values;
}

Result<std::optional<std::string>> JsonBody::text_or_integer(std::string_view name) const {
  const json::value* found = object_->find(name);
  if (!found) return std::nullopt;
  if (found->is_int64()) return fmt::format("{}", found->as_int64());
  if (!found->is_string()) return wrong(name, "a string or an integer");
  return std::string(found->as_string());
}

}  // namespace sightline::api
