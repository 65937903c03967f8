// The quota of a token, in JSON.
#pragma once

#include "base/error.h"
#include "control/tokens.h"
#include "server/api/json_body.h"

namespace sightline::api {

// The members requests_per_s, bytes_per_s and events_per_day; null or absent: no change, 0: without a bound.
// Errors: invalid_input.
Result<control::QuotaChange> read_quota(const JsonBody& body);

}  // namespace sightline::api
