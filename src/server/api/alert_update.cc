// PATCH /v1/alerts/{id}: dismiss with a reason, or open again.
#include "alerts/alert_json.h"
#include "server/api/errors.h"
#include "server/api/handlers.h"
#include "server/api/json_body.h"

namespace sightline::api {

namespace {

struct Change {
  alerts::Status status = alerts::Status::open;
  alerts::DismissReason reason = alerts::DismissReason::other;
  std::string text;
};

Result<Change> read_change(std::string_view json) {
  const auto body = JsonBody::parse(json, {"status", "reason", "text"});
  if (!body) return std::unexpected(body.error());
  const auto status = body->text("status");
  const auto reason = body->text("reason");
  const auto text = body->text("text");
  if (!status) return std::unexpected(status.error());
  if (!reason) return std::unexpected(reason.error());
  if (!text) return std::unexpected(text.error());
  const auto wanted = alerts::parse_status(status->value_or(""));
  if (!wanted) return fail(ErrorCode::invalid_input, "\"status\" must be \"open\" or \"dismissed\"");
  Change change{*wanted, alerts::DismissReason::other, text->value_or("")};
  if (change.status == alerts::Status::open) {
    if (*reason || *text) return fail(ErrorCode::invalid_input, "\"reason\" and \"text\" belong to \"dismissed\"");
    return change;
  }
  const auto given = alerts::parse_dismiss_reason(reason->value_or(""));
  if (!given) {
    return fail(ErrorCode::invalid_input,
                "\"reason\" must be BUSINESS_OP, COMPANY_POLICY, MAINTENANCE or OTHER (with \"text\")");
  }
  change.reason = *given;
  return change;
}

}  // namespace

http::Response update_alert(Services& services, http::Request& request) {
  auto change = read_change(request.body);
  if (!change) return error_answer(change.error());
  control::AlertTable& table = services.control.alerts();
  const std::int64_t now_ms = services.clock.now_ms();
  const auto alert = change->status == alerts::Status::open
                         ? table.reopen(request.parameter("id"), request.principal, now_ms)
                         : table.dismiss(request.parameter("id"),
                                         {change->reason, std::move(change->text), request.principal, now_ms});
  if (!alert) return error_answer(alert.error());
  return http::json_response(200, alerts::to_json(*alert) + "\n");
}

}  // namespace sightline::api
