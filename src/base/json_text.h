// Text as JSON strings. What goes in may be any bytes, what comes out is always valid JSON and valid UTF-8.
#pragma once

#include <string>
#include <string_view>

namespace sightline {

// Appends `text` with quotes. Control characters, quotes and backslashes are escaped; each byte that is not part of
// valid UTF-8 (overlong forms and surrogates included) becomes U+FFFD.
void append_json_string(std::string& out, std::string_view text);

// The length of the valid UTF-8 sequence at the start of `text`, 0 where there is none.
std::size_t utf8_sequence_length(std::string_view text);

}  // namespace sightline
