// GET /v1/rules/{id}: one rule with its state and what it did.
#include <fmt/format.h>

#include "server/api/errors.h"
#include "server/api/handlers.h"
#include "server/api/parameters.h"
#include "server/api/rule_json.h"
#include "server/api/rule_version_json.h"

namespace sightline::api {

http::Response get_rule(Services& services, http::Request& request) {
  if (auto known = check_parameters(request, {}); !known) return error_answer(known.error());
  const auto rules = services.pipeline.rules();
  const auto* entry = rules->find(request.parameter("id"));
  if (entry == nullptr) {
    return http::error_response(404, fmt::format("no rule has the id {}", request.parameter("id")));
  }
  const auto seen = event_types_seen(services, request.stop);
  if (!seen) return error_answer(seen.error());
  const auto kept = services.rules.kept(entry->rule->id);
  std::optional<std::string> text;
  if (kept) {
    const auto version = services.control.rules().version(kept->rule_id, kept->version);
    if (!version) return error_answer(version.error());
    text = version->text;
  }
  JsonWriter json;
  json.begin_object();
  write_rule(json, *entry, kept, *seen, services.pipeline.metrics().match_cpu_ns);
  json.member("text", text).end_object();
  http::Response response = http::json_response(200, json.take());
  if (kept) response.headers.emplace_back("ETag", etag_of(*kept));
  return response;
}

}  // namespace sightline::api
