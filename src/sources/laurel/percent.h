// LAUREL's encoding of bytes that are no text.
#pragma once

#include <string_view>

#include "base/arena.h"

namespace sightline::laurel {

// %41 is A; a % without two hexadecimal digits behind it stands for itself. A copy in `arena`, unless there is no %.
std::string_view decode_percent(std::string_view text, Arena& arena);

// Two upper-case digits a byte, in `arena`.
std::string_view to_hex_digits(std::string_view bytes, Arena& arena);

}  // namespace sightline::laurel
