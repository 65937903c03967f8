// The Idempotency-Key of an ingest request.
#pragma once

#include <string_view>

#include "base/error.h"
#include "event/event.h"

namespace sightline::api {

inline constexpr std::size_t kMaxSourceBytes = 200;

// "SOURCE/EPOCH/SEQUENCE": the source may hold slashes, the other two are decimal numbers. Errors: invalid_input.
Result<BatchKey> parse_batch_key(std::string_view text, std::string principal);

}  // namespace sightline::api
