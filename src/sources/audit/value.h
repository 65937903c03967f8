// Values of audit fields: what is null, what is hexadecimal, what is a number.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/arena.h"
#include "sources/audit/record.h"

namespace sightline::audit {

// An unquoted nothing, `?`, `(null)`, `(none)`; quoted only `?`, which programs write for "unknown".
inline bool is_null(const Field& field) {
  const std::string_view value = field.value;
  if (field.quoted) return value == "?";
  if (value.empty()) return true;
  if (value.front() == '?') return value.size() == 1;
  return value.front() == '(' && (value == "(null)" || value == "(none)");
}

// Untrusted text: quoted is literal, an even number of unquoted hexadecimal digits is decoded into the arena, anything
// else is literal. The caller has ruled out null.
std::string_view decode_text(const Field& field, Arena& arena);

// Two hexadecimal digits a byte, either case; nullopt where they are not.
std::optional<std::string_view> decode_hex(std::string_view digits, Arena& arena);

std::optional<std::int64_t> parse_integer(std::string_view text);
std::optional<std::uint64_t> parse_hex(std::string_view text);  // with or without 0x, up to 16 digits
std::optional<std::uint64_t> parse_octal(std::string_view text);

// Whether `text` is the canonical form of a decimal integer (event/decimal.h) of at most 18 digits.
bool is_canonical_integer(std::string_view text);

// The last component of a path, without what the kernel puts behind the name of a file that was replaced.
std::string_view executable_name(std::string_view exe);

}  // namespace sightline::audit
