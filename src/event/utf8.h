// UTF-8 in bytes from anywhere. Overlong forms, surrogates and code points above U+10FFFF are invalid.
#pragma once

#include <string>
#include <string_view>

namespace sightline {

bool is_valid_utf8(std::string_view bytes);

// Appends `bytes`; each byte that is not part of valid UTF-8 becomes U+FFFD.
void append_valid_utf8(std::string& out, std::string_view bytes);

}  // namespace sightline
