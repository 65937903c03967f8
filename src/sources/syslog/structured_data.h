// Structured data of RFC 5424: [ID NAME="VALUE" …][…]
#pragma once

#include <string_view>
#include <vector>

#include "base/arena.h"
#include "sources/syslog/message.h"

namespace sightline::syslog {

// Takes all elements off the front. Returns what was expected where `text` then begins, or nullptr. One
// parameter more than kMaxParameters is kept, the others are passed over.
const char* take_structured_data(std::string_view& text, std::vector<Parameter>& parameters);

// The value without its escapes; a copy in `arena` where there are any.
std::string_view unescape(std::string_view value, Arena& arena);

}  // namespace sightline::syslog
