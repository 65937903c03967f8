// UTF-8 in bytes from anywhere.
#pragma once

#include <string>
#include <string_view>

namespace sightline {

bool is_valid_utf8(std::string_view bytes);

// Length of the character at the start of `bytes` (1 to 4), or 0 where the bytes there are no valid UTF-8 character.
// Overlong forms, surrogates and code points above U+10FFFF are invalid.
std::size_t utf8_character_size(std::string_view bytes);

// Length of the invalid bytes at the start of `bytes` that one U+FFFD stands for: the longest start of a valid
// character, at least 1. Call it where utf8_character_size returned 0.
std::size_t utf8_invalid_size(std::string_view bytes);

inline constexpr std::string_view kReplacementCharacter = "\xEF\xBF\xBD";  // U+FFFD

// Appends `bytes` with every invalid part replaced by U+FFFD.
void append_valid_utf8(std::string& out, std::string_view bytes);

}  // namespace sightline
