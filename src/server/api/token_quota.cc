// PATCH /v1/tokens/{id}: another quota for a token.
#include "server/api/token_quota.h"

#include <fmt/format.h>

#include "server/api/errors.h"
#include "server/api/handlers.h"
#include "server/api/token_json.h"

namespace sightline::api {

Result<control::QuotaChange> read_quota(const JsonBody& body) {
  control::QuotaChange change;
  for (const auto& [name, bound] : {std::pair("requests_per_s", &change.requests_per_s),
                                    {"bytes_per_s", &change.bytes_per_s},
                                    {"events_per_day", &change.events_per_day}}) {
    const auto number = body.integer(name);
    if (!number) return std::unexpected(number.error());
    if (!*number) continue;
    if (**number < 0) return fail(ErrorCode::invalid_input, fmt::format("\"{}\" must not be negative", name));
    *bound = static_cast<std::uint64_t>(**number);
  }
  return change;
}

http::Response change_token(Services& services, http::Request& request) {
  const auto body = JsonBody::parse(request.body, {"requests_per_s", "bytes_per_s", "events_per_day"});
  if (!body) return error_answer(body.error());
  const auto change = read_quota(*body);
  if (!change) return error_answer(change.error());
  const auto changed = services.control.tokens().change_quota(request.parameter("id"), *change, request.principal,
                                                              services.clock.now_ms());
  if (!changed) return error_answer(changed.error());
  JsonWriter json;
  write_token(json, *changed);
  return http::json_response(200, json.take());
}

}  // namespace sightline::api
