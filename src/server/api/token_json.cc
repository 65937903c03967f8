#include "server/api/token_json.h"

namespace sightline::api {

void write_token(JsonWriter& json, const control::Token& token) {
  json.begin_object().member("id", token.id).member("name", token.spec.name).key("scopes").begin_array();
  for (const control::Scope scope : token.spec.scopes.list()) json.value(control::to_string(scope));
  json.end_array();
  json.member_or_null("agent_id", token.spec.agent_id).member_or_null("source", token.spec.source);
  const auto write_bound = [&](std::string_view name, std::uint64_t bound) {
    json.key(name);
    bound > 0 ? json.value(bound) : json.null();
  };
  write_bound("requests_per_s", token.spec.quota.requests_per_s);
  write_bound("bytes_per_s", token.spec.quota.bytes_per_s);
  write_bound("events_per_day", token.spec.quota.events_per_day);
  json.member("principal", token.principal()).member("created_by", token.created_by);
  json.member("created", token.created_ms).member("last_used", token.last_used_ms);
  json.member("revoked", token.revoked_ms).end_object();
}

}  // namespace sightline::api
