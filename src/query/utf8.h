// UTF-8 that may be invalid, beyond what event/utf8.h and base/json_text.h have.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sightline::query {

// A copy with each maximal run of bytes that belong to no valid sequence replaced by one U+FFFD.
std::string to_valid_utf8(std::string_view text);

// The code point of a valid sequence, exactly that.
char32_t decode_sequence(std::string_view sequence);

// Appends; false for surrogates and beyond U+10FFFF.
bool append_utf8(std::string& out, std::uint32_t code_point);

}  // namespace sightline::query
