// POST /v1/rules/{id}/restore: an old version as the newest.
#include "server/api/errors.h"
#include "server/api/handlers.h"
#include "server/api/json_body.h"
#include "server/api/rule_version_json.h"

namespace sightline::api {

http::Response restore_rule(Services& services, http::Request& request) {
  const auto body = JsonBody::parse(request.body, {"version"});
  if (!body) return error_answer(body.error());
  const auto version = body->integer("version");
  if (!version) return error_answer(version.error());
  if (!*version || **version < 1) {
    return http::error_response(400, "say which \"version\", a number from 1 on", "invalid_input");
  }
  const auto before = services.rules.kept(request.parameter("id"));
  const auto stored = services.rules.restore(request.parameter("id"), static_cast<std::uint64_t>(**version),
                                             {request.principal, services.clock.now_ms()});
  if (!stored) return error_answer(stored.error());
  return version_answer(200, *stored, outcome_of(before, *stored));
}

}  // namespace sightline::api
