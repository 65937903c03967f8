// GET /v1/rules: every rule with its state, and those that were refused with the reason.
#include "server/api/errors.h"
#include "server/api/handlers.h"
#include "server/api/json_writer.h"
#include "server/api/parameters.h"
#include "server/api/rule_json.h"

namespace sightline::api {

namespace {

void write_refused(JsonWriter& json, const detect::RuleProblem& problem) {
  json.begin_object().member_or_null("id", problem.rule_id);
  json.member("state", detect::to_string(detect::RuleState::refused)).member("reason", problem.message);
  json.member_or_null("hint", problem.hint);
  json.member("file", problem.file).member("line", problem.line).member("column", problem.column).end_object();
}

}  // namespace

http::Response list_rules(Services& services, http::Request& request) {
  if (auto known = check_parameters(request, {}); !known) return error_answer(known.error());
  const auto seen = event_types_seen(services, request.stop);
  if (!seen) return error_answer(seen.error());
  const auto rules = services.pipeline.rules();
  JsonWriter json;
  json.begin_object().key("rules").begin_array();
  const std::uint64_t all_cpu_ns = services.pipeline.metrics().match_cpu_ns;
  for (const auto& entry : rules->rules()) {
    json.begin_object();
    write_rule(json, entry, services.rules.kept(entry.rule->id), *seen, all_cpu_ns);
    json.end_object();
  }
  json.end_array().key("refused").begin_array();
  for (const detect::RuleProblem* problem : rules->problems()) write_refused(json, *problem);
  json.end_array().key("not_taken").begin_array();
  if (const auto files = services.rules.not_taken()) {
    for (const detect::RuleProblem& problem : files->problems()) write_refused(json, problem);
  }
  json.end_array().end_object();
  return http::json_response(200, json.take());
}

}  // namespace sightline::api
