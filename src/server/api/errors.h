// Failures as HTTP answers.
#pragma once

#include <string_view>

#include "base/error.h"
#include "query/diagnostic.h"
#include "server/http/message.h"

namespace sightline::api {

// invalid_input 400, unauthenticated 401, permission_denied 403, not_found 404, conflict 409, too_large 413, busy 429
// with Retry-After, unavailable and cancelled 503, timeout 422, corrupt and internal 500. The error body's code is the
// name of the ErrorCode.
http::Response error_answer(const Error& error);

// 400 with code "query": {"error":{"code","message","position":{"begin","end","line","column"},"expected","hint",
// "rendered"}}; begin and end are byte offsets, line and column count from 1, in bytes; expected and hint may be null;
// rendered is the text with the place marked.
http::Response diagnostic_answer(const query::Diagnostic& diagnostic, std::string_view query_text);

}  // namespace sightline::api
