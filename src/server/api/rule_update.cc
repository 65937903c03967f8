// PATCH /v1/rules/{id}: switches a rule off, or on again.
#include "server/api/errors.h"
#include "server/api/handlers.h"
#include "server/api/json_body.h"
#include "server/api/json_writer.h"

namespace sightline::api {

http::Response update_rule(Services& services, http::Request& request) {
  const auto body = JsonBody::parse(request.body, {"enabled"});
  if (!body) return error_answer(body.error());
  const auto enabled = body->boolean("enabled");
  if (!enabled) return error_answer(enabled.error());
  if (!*enabled) return http::error_response(400, "say \"enabled\": true or false", "invalid_input");
  const auto changed =
      services.rules.set_enabled(request.parameter("id"), **enabled, {request.principal, services.clock.now_ms()});
  if (!changed) return error_answer(changed.error());
  JsonWriter json;
  json.begin_object().member("id", request.parameter("id")).member("enabled", **enabled).end_object();
  return http::json_response(200, json.take());
}

}  // namespace sightline::api
