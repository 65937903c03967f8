// GET /v1/alerts: alerts, newest first, a page at a time.
#include <fmt/format.h>

#include "alerts/alert_json.h"
#include "server/api/errors.h"
#include "server/api/handlers.h"
#include "server/api/json_writer.h"
#include "server/api/parameters.h"

namespace sightline::api {

namespace {

constexpr std::uint32_t kDefaultLimit = 100;
constexpr std::uint32_t kMaxLimit = 1000;

Result<control::AlertFilter> filter_of(const http::Request& request, std::int64_t now_ms) {
  control::AlertFilter filter;
  if (const auto text = request.query_value("status")) {
    filter.status = alerts::parse_status(*text);
    if (!filter.status) return fail(ErrorCode::invalid_input, "\"status\" must be open or dismissed");
  }
  if (request.query_value("severity")) {
    const auto severity = number_parameter(request, "severity", 1, 1, 3);
    if (!severity) return std::unexpected(severity.error());
    filter.severity = static_cast<int>(*severity);
  }
  filter.rule_id = request.query_value("rule_id").value_or("");
  filter.agent_id = request.query_value("agent_id").value_or("");
  const auto from = time_parameter(request, "from", now_ms);
  const auto to = time_parameter(request, "to", now_ms);
  if (!from) return std::unexpected(from.error());
  if (!to) return std::unexpected(to.error());
  filter.from_ms = *from;
  filter.to_ms = *to;
  return filter;
}

std::string to_text(const control::AlertCursor& cursor) { return fmt::format("{}.{}", cursor.created_ms, cursor.id); }

Result<std::optional<control::AlertCursor>> cursor_of(const http::Request& request) {
  const auto text = request.query_value("cursor");
  if (!text) return std::nullopt;
  const std::size_t dot = text->find('.');
  const auto created_ms = parse_unsigned(text->substr(0, dot));
  if (dot == std::string_view::npos || !created_ms || *created_ms > INT64_MAX) {
    return fail(ErrorCode::invalid_input, "\"cursor\" is not one that this server gave out");
  }
  return control::AlertCursor{static_cast<std::int64_t>(*created_ms), std::string(text->substr(dot + 1))};
}

}  // namespace

http::Response list_alerts(Services& services, http::Request& request) {
  const auto known =
      check_parameters(request, {"status", "severity", "rule_id", "agent_id", "from", "to", "limit", "cursor"});
  if (!known) return error_answer(known.error());
  const auto filter = filter_of(request, services.clock.now_ms());
  if (!filter) return error_answer(filter.error());
  const auto limit = number_parameter(request, "limit", kDefaultLimit, 1, kMaxLimit);
  if (!limit) return error_answer(limit.error());
  const auto cursor = cursor_of(request);
  if (!cursor) return error_answer(cursor.error());
  const auto page = services.control.alerts().list(*filter, *limit, *cursor);
  if (!page) return error_answer(page.error());

  JsonWriter json;
  json.begin_object().key("alerts").begin_array();
  for (const alerts::Alert& alert : page->alerts) json.raw(alerts::to_json(alert));
  json.end_array().key("cursor");
  page->next ? json.value(to_text(*page->next)) : json.null();
  json.end_object();
  return http::json_response(200, json.take());
}

}  // namespace sightline::api
