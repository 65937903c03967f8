// GET /v1/rules: every rule with its state, and those that were refused with the reason.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "event/time.h"
#include "server/api/errors.h"
#include "server/api/handlers.h"
#include "server/api/json_writer.h"
#include "server/api/parameters.h"
#include "server/api/store_query.h"

namespace sightline::api {

namespace {

using EventTypes = std::set<std::string>;

Result<EventTypes> event_types_seen(Services& services, std::stop_token stop) {
  const auto table = query_table(services, "event_type != null | count by event_type", {}, {}, std::move(stop));
  if (!table) return std::unexpected(table.error());
  EventTypes seen;
  for (const auto& row : table->rows) {
    for (const store::Cell& cell : row) {
      if (const auto* text = std::get_if<std::string>(&cell)) seen.insert(*text);
    }
  }
  return seen;
}

// Empty where the rule is active.
std::string why_inactive(const detect::Rule& rule, const EventTypes& seen) {
  if (!rule.inactive_reason.empty()) return rule.inactive_reason;
  const bool connected =
      rule.event_types.empty() ||
      std::ranges::any_of(rule.event_types, [&](const std::string& type) { return seen.contains(type); });
  return connected ? "" : fmt::format("no event of type {} has come in", fmt::join(rule.event_types, " or "));
}

void write_texts(JsonWriter& json, std::string_view name, const std::vector<std::string>& texts) {
  json.key(name).begin_array();
  for (const std::string& text : texts) json.value(text);
  json.end_array();
}

void write_suppressions(JsonWriter& json, const detect::Rule& rule) {
  json.key("suppressions").begin_array();
  for (const detect::Suppression& suppression : rule.suppressions) {
    json.begin_object().member("filter", suppression.filter);
    json.member_or_null("reason", suppression.reason).member_or_null("author", suppression.author);
    json.member_or_null("expires", suppression.expires_ms ? format_iso8601(*suppression.expires_ms) : std::string());
    json.end_object();
  }
  json.end_array();
}

void write_rule(JsonWriter& json, const detect::Rule& rule, const EventTypes& seen) {
  const std::string reason = why_inactive(rule, seen);
  json.begin_object().member("id", rule.id).member("title", rule.title.text()).member("severity", rule.severity);
  json.member("state", detect::to_string(reason.empty() ? detect::RuleState::active : detect::RuleState::inactive));
  json.member_or_null("reason", reason);
  json.member("description", rule.description).member("filter", rule.filter);
  write_suppressions(json, rule);
  write_texts(json, "event_types", rule.event_types);
  json.member_or_null("response", rule.response).member_or_null("author", rule.author);
  json.member_or_null("log_source", rule.log_source).member("alerts", rule.alerts);
  write_texts(json, "tags", rule.tags);
  write_texts(json, "compliance", rule.compliance);
  write_texts(json, "references", rule.references);
  write_texts(json, "false_positives", rule.false_positives);
  json.member("file", rule.file).member("line", rule.line).end_object();
}

void write_problem(JsonWriter& json, const detect::RuleProblem& problem) {
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
  for (const detect::Rule& rule : rules->rules()) write_rule(json, rule, *seen);
  json.end_array().key("refused").begin_array();
  for (const detect::RuleProblem& problem : rules->problems()) write_problem(json, problem);
  json.end_array().end_object();
  return http::json_response(200, json.take());
}

}  // namespace sightline::api
