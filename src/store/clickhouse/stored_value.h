// The forms that values take in columns. A column's default ('' or 0) means null, so that absent fields are free.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "event/event.h"

namespace sightline::store::clickhouse {

// Text: itself, unless it is empty or starts with one of the two bytes below, which put a byte before it.
//   0x00 value   the empty text, or a value that starts with 0x00 or 0x01
//   0x01 16 bytes   a UUID in its canonical lower-case form; only where `packed`
// The form keeps the bytewise order of texts where it is not packed.
inline constexpr char kTextEscape = '\0';
inline constexpr char kUuidMark = '\1';

// `scratch` owns the form where it is not `value` itself.
std::string_view to_stored_text(std::string_view value, bool packed, std::string& scratch);
// nullopt: null. `scratch` owns the text where it is no part of `stored`.
std::optional<std::string_view> from_stored_text(std::string_view stored, std::string& scratch);

// 8-4-4-4-12 lower-case hexadecimal digits as 16 bytes. False where the text is not of that form; the bytes are then
// anything.
bool parse_uuid(std::string_view text, char* bytes);

// Integers: 0 is null, values from 0 on are shifted up by one. The form keeps the order. The largest integer has no
// form and goes to the column `extra_texts`.
inline constexpr std::int64_t kUnstorableInteger = INT64_MAX;
constexpr std::int64_t to_stored_integer(std::int64_t value) { return value >= 0 ? value + 1 : value; }
constexpr std::int64_t from_stored_integer(std::int64_t stored) { return stored > 0 ? stored - 1 : stored; }

// Booleans.
constexpr std::uint8_t to_stored_boolean(std::int64_t value) { return value != 0 ? 2 : 1; }

// The path of an attribute together with its kind: a number's path ends in 0x01; a text's path that ends in 0x01 or
// 0x02 gets 0x02 behind it.
inline constexpr char kNumberMark = '\1';
inline constexpr char kTextMark = '\2';
// Stands before a key in the column of extra values.
inline constexpr char kExtraAttributeMark = '\1';
std::string_view to_attribute_key(std::string_view path, Attribute::Kind kind, std::string& scratch);
struct AttributeName {
  std::string_view path;
  Attribute::Kind kind;
};
AttributeName from_attribute_key(std::string_view key);

}  // namespace sightline::store::clickhouse
