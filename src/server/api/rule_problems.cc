#include "server/api/rule_problems.h"

#include <fmt/format.h>

namespace sightline::api {

void write_problem(JsonWriter& json, const detect::RuleProblem& problem) {
  json.begin_object().member_or_null("id", problem.rule_id).member("message", problem.message);
  json.member_or_null("hint", problem.hint);
  json.member("line", problem.line).member("column", problem.column).end_object();
}

http::Response problems_answer(const detect::RuleSet& rules) {
  const detect::RuleProblem& first = rules.problems().front();
  JsonWriter json;
  json.begin_object().key("error").begin_object().member("code", "invalid_rule");
  json.member("message", fmt::format("line {}, column {}: {}{}", first.line, first.column, first.message,
                                     first.hint.empty() ? "" : fmt::format(" ({})", first.hint)));
  json.key("problems").begin_array();
  for (const detect::RuleProblem& problem : rules.problems()) write_problem(json, problem);
  json.end_array().end_object().end_object();
  return http::json_response(400, json.take());
}

}  // namespace sightline::api
