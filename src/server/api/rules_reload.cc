// POST /v1/rules/reload: reads the rule files again; what loads is in force from the next commit on.
#include "server/api/errors.h"
#include "server/api/handlers.h"
#include "server/api/json_writer.h"

namespace sightline::api {

http::Response reload_rules(Services& services, http::Request& request) {
  if (auto loaded = services.rules.reload(); !loaded) return error_answer(loaded.error());
  const auto rules = services.rules.rules();
  const auto entry = control::AuditEntry{.number = 0,
                                         .at_ms = services.clock.now_ms(),
                                         .principal = request.principal,
                                         .action = "rules.reload",
                                         .subject = "",
                                         .detail = std::to_string(rules->rules().size()) + " rules loaded",
                                         .link = {}};
  if (auto noted = services.control.audit_log().append(entry); !noted) return error_answer(noted.error());
  JsonWriter json;
  json.begin_object().member("loaded", rules->rules().size()).member("refused", rules->problems().size()).end_object();
  return http::json_response(200, json.take());
}

}  // namespace sightline::api
