// POST /v1/rules/check: what a text of rules would be. Changes nothing.
#include "server/api/errors.h"
#include "server/api/handlers.h"
#include "server/api/parameters.h"
#include "server/api/rule_problems.h"

namespace sightline::api {

http::Response check_rules(Services& services, http::Request& request) {
  if (auto known = check_parameters(request, {}); !known) return error_answer(known.error());
  const auto checked = services.rules.check(std::move(request.body));
  JsonWriter json;
  json.begin_object().member("valid", checked->problems().empty() && !checked->rules().empty());
  json.key("rules").begin_array();
  for (const detect::Rule& rule : checked->rules()) {
    json.begin_object().member("id", rule.id).member("title", rule.title.text()).member("severity", rule.severity);
    json.member("filter", rule.filter).member("fingerprint", rule.fingerprint);
    json.member_or_null("inactive", rule.inactive_reason).end_object();
  }
  json.end_array().key("problems").begin_array();
  for (const detect::RuleProblem& problem : checked->problems()) write_problem(json, problem);
  json.end_array().end_object();
  return http::json_response(200, json.take());
}

}  // namespace sightline::api
