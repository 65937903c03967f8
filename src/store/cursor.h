// The text form of a paging cursor: what an API hands out and takes back.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "store/event_store.h"

namespace sightline::store {

// 98 characters, safe in a URL. Opaque to clients.
std::string to_text(const Cursor& cursor);

// Errors: invalid_input, for anything that to_text did not make.
Result<Cursor> parse_cursor(std::string_view text);

}  // namespace sightline::store
