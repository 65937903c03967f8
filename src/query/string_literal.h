// What stands between quotes: escapes resolved on the way in, written on the way out.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "query/diagnostic.h"

namespace sightline::query {

// `body` is what stands between the quotes, `offset` where it begins in the query. Errors: an unknown or broken escape.
std::expected<std::string, Diagnostic> decode_string(std::string_view body, std::size_t offset);

// The same as the operand of `like`: an asterisk or a backslash that was written as an escape comes out as `\*` or
// `\\`.
std::expected<std::string, Diagnostic> decode_glob(std::string_view body, std::size_t offset);

// Whether a decoded operand of `like` has a wildcard, and what it means if not.
bool has_wildcard(std::string_view glob);
std::string glob_to_text(std::string_view glob);

// With quotes. Decoding gives the same again; of glob and pattern at least the same meaning.
std::string encode_string(std::string_view value);
std::string encode_glob(std::string_view glob);
std::string encode_pattern(std::string_view pattern);
std::string encode_name(std::string_view name);  // in backticks

}  // namespace sightline::query
