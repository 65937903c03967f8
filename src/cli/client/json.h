// JSON answers of the server, as a tree of values. Numbers keep their digits.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace sightline::cli {

struct JsonMember;

struct Json {
  enum class Kind : std::uint8_t { null, boolean, number, string, array, object };

  Kind kind = Kind::null;
  std::string text;                 // of a string, its value; of a number or boolean, as written
  std::vector<Json> items;          // of an array
  std::vector<JsonMember> members;  // of an object, in order
  std::string raw;                  // of an object: its JSON text on one line

  // The member of that name, or nullptr; nullptr too where this is no object.
  const Json* find(std::string_view name) const;
  // Members by names from the outside in; nullptr where one is missing.
  const Json* find_path(std::initializer_list<std::string_view> names) const;
  // The value of a string, the digits of a number, true, false; of an array, its items with commas between; of an
  // object, its JSON; empty for null.
  std::string as_text() const;
  // Of a member; empty where it is missing.
  std::string text_of(std::string_view name) const;
  std::optional<std::int64_t> integer_of(std::string_view name) const;
  std::optional<std::int64_t> as_integer() const;
};

struct JsonMember {
  std::string name;
  Json value;
};

inline constexpr std::size_t kMaxJsonDepth = 100;

// Errors: invalid_input.
Result<Json> parse_json(std::string_view text);

}  // namespace sightline::cli
