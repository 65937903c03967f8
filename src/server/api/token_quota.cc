// PATCH /v1/tokens/{id}: another quota for a token.
#include "server/api/token_quota.h"

#include <fmt/format.h>

#include <algorithm>

#include "server/api/errors.h"
#include "server/api/handlers.h"
#include "server/api/token_json.h"

namespace sightline::api {

Result<control::Quota> read_quota(const JsonBody& body, const control::Quota& before) {
  control::Quota quota = before;
  for (const auto& [name, bound] : {std::pair("requests_per_s", &quota.requests_per_s),
                                    {"bytes_per_s", &quota.bytes_per_s},
                                    {"events_per_day", &quota.events_per_day}}) {
    const auto number = body.integer(name);
    if (!number) return std::unexpected(number.error());
    if (!*number) continue;
    if (**number < 0) return fail(ErrorCode::invalid_input, fmt::format("\"{}\" must not be negative", name));
    *bound = static_cast<std::uint64_t>(**number);
  }
  return quota;
}

http::Response change_token(Services& services, http::Request& request) {
  const auto body = JsonBody::parse(request.body, {"requests_per_s", "bytes_per_s", "events_per_day"});
  if (!body) return error_answer(body.error());
  const auto tokens = services.control.tokens().list();
  if (!tokens) return error_answer(tokens.error());
  const auto found = std::ranges::find(*tokens, request.parameter("id"), &control::Token::id);
  const auto quota = read_quota(*body, found == tokens->end() ? control::Quota() : found->spec.quota);
  if (!quota) return error_answer(quota.error());
  const auto changed =
      services.control.tokens().set_quota(request.parameter("id"), *quota, request.principal, services.clock.now_ms());
  if (!changed) return error_answer(changed.error());
  JsonWriter json;
  write_token(json, *changed);
  return http::json_response(200, json.take());
}

}  // namespace sightline::api
