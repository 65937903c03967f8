// The inside of a JSON string.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace sightline::sources {

// Resolves the escapes of `raw`, the bytes between the quotes, into `out`, which has room for raw.size() bytes, and
// returns how many were written. \u0000 becomes a NUL byte; half of a surrogate pair becomes U+FFFD. nullopt: an escape
// that JSON does not have.
std::optional<std::size_t> unescape_json(std::string_view raw, char* out);

}  // namespace sightline::sources
