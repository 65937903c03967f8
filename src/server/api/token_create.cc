// POST /v1/tokens: makes a token; the answer is the only place where its secret ever stands.
#include <fmt/format.h>

#include "server/api/errors.h"
#include "server/api/handlers.h"
#include "server/api/json_body.h"
#include "server/api/token_json.h"
#include "server/api/token_quota.h"

namespace sightline::api {

namespace {

Result<control::TokenSpec> read_spec(std::string_view json) {
  const auto body = JsonBody::parse(
      json, {"name", "scopes", "agent_id", "source", "requests_per_s", "bytes_per_s", "events_per_day"});
  if (!body) return std::unexpected(body.error());
  const auto name = body->text("name");
  const auto scopes = body->texts("scopes");
  const auto agent_id = body->text("agent_id");
  const auto source = body->text("source");
  if (!name) return std::unexpected(name.error());
  if (!scopes) return std::unexpected(scopes.error());
  if (!agent_id) return std::unexpected(agent_id.error());
  if (!source) return std::unexpected(source.error());
  const auto quota = read_quota(*body);
  if (!quota) return std::unexpected(quota.error());
  control::TokenSpec spec;
  spec.quota = quota->applied_to({});
  spec.name = name->value_or("");
  spec.agent_id = agent_id->value_or("");
  spec.source = source->value_or("");
  for (const std::string& text : scopes->value_or(std::vector<std::string>())) {
    const auto scope = control::parse_scope(text);
    if (!scope) return fail(ErrorCode::invalid_input, fmt::format("there is no scope '{}'", text.substr(0, 40)));
    spec.scopes.add(*scope);
  }
  return spec;
}

}  // namespace

http::Response create_token(Services& services, http::Request& request) {
  const auto spec = read_spec(request.body);
  if (!spec) return error_answer(spec.error());
  const auto created = services.control.tokens().create(*spec, request.principal, services.clock.now_ms());
  if (!created) return error_answer(created.error());
  JsonWriter json;
  json.begin_object().key("token");
  write_token(json, created->token);
  json.member("secret", created->secret).end_object();
  return http::json_response(201, json.take());
}

}  // namespace sightline::api
