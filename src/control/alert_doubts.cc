#include "control/alert_doubts.h"

#include <fmt/format.h>

#include "control/sql.h"

namespace sightline::control {

namespace {

constexpr const char* kPlantedAlerts =
    "SELECT id, batch FROM alerts a WHERE NOT EXISTS (SELECT 1 FROM manifests m WHERE m.number = a.batch) "
    "ORDER BY id LIMIT ?1";

// The hash of a batch covers the evidence that it brought to its own alerts.
constexpr const char* kPlantedEvidence =
    "SELECT alert_id, batch, position FROM alert_events e "
    "WHERE NOT EXISTS (SELECT 1 FROM alerts a WHERE a.id = e.alert_id AND a.batch = e.batch) "
    "ORDER BY alert_id, position LIMIT ?1";

// Alerts that are not as they were opened, or that the log speaks of, with the newest entry about each.
constexpr const char* kStatuses =
    "WITH said AS MATERIALIZED (SELECT subject, max(number) AS number, action, principal, at_ms, detail FROM audit_log "
    "WHERE action IN ('alert.dismiss', 'alert.reopen') GROUP BY subject) "
    "SELECT a.id, a.batch, a.status, a.dismiss_reason, a.dismiss_text, a.dismissed_by, a.dismissed_ms, "
    "said.action, said.principal, said.at_ms, said.detail, said.number "
    "FROM alerts a LEFT JOIN said ON said.subject = a.id "
    "WHERE a.status != 0 OR coalesce(a.dismiss_reason, a.dismiss_text, a.dismissed_by, a.dismissed_ms) IS NOT NULL "
    "OR said.action IS NOT NULL ORDER BY a.id";

bool is_dismissed_as_said(SQLite::Statement& row) {
  const std::int64_t reason = row.getColumn(3).getInt64();
  if (sql::integer(row.getColumn(2)) != static_cast<int>(alerts::Status::dismissed)) return false;
  if (row.getColumn(3).isNull() || reason < 0 || reason > static_cast<int>(alerts::DismissReason::other)) return false;
  return dismissal_detail(static_cast<alerts::DismissReason>(reason), sql::text(row.getColumn(4))) ==
             sql::text(row.getColumn(10)) &&
         sql::text(row.getColumn(5)) == sql::text(row.getColumn(8)) &&
         sql::integer(row.getColumn(6)) == sql::integer(row.getColumn(9));
}

bool is_open(SQLite::Statement& row) {
  for (int column = 3; column <= 6; ++column) {
    if (!row.getColumn(column).isNull()) return false;
  }
  return sql::integer(row.getColumn(2)) == static_cast<int>(alerts::Status::open);
}

std::string describe_status(SQLite::Statement& row) {
  const std::string id = sql::text(row.getColumn(0));
  if (row.getColumn(7).isNull()) {
    return fmt::format("alert {} is not as it was opened, and no entry of the audit log says why", id);
  }
  return fmt::format("the status of alert {} is not what entry {} of the audit log says", id,
                     sql::integer(row.getColumn(11)));
}

}  // namespace

std::string dismissal_detail(alerts::DismissReason reason, std::string_view text) {
  std::string detail;
  switch (reason) {
    case alerts::DismissReason::business_op:
      detail = "BUSINESS_OP";
      break;
    case alerts::DismissReason::company_policy:
      detail = "COMPANY_POLICY";
      break;
    case alerts::DismissReason::maintenance:
      detail = "MAINTENANCE";
      break;
    case alerts::DismissReason::other:
      detail = "OTHER";
      break;
  }
  if (!text.empty()) detail.append(": ").append(text);
  return detail;
}

std::vector<AlertDoubt> find_alert_doubts(SQLite::Database& connection, std::uint32_t limit) {
  std::vector<AlertDoubt> doubts;
  SQLite::Statement alert(connection, kPlantedAlerts);
  sql::bind_all(alert, limit);
  while (alert.executeStep()) {
    doubts.push_back({AlertDoubt::Kind::planted, sql::unsigned_integer(alert.getColumn(1)),
                      fmt::format("alert {} belongs to a batch that has no manifest", sql::text(alert.getColumn(0)))});
  }
  SQLite::Statement evidence(connection, kPlantedEvidence);
  sql::bind_all(evidence, limit);
  while (evidence.executeStep()) {
    doubts.push_back({AlertDoubt::Kind::planted, sql::unsigned_integer(evidence.getColumn(1)),
                      fmt::format("event {} of alert {} was not brought by the batch that opened the alert",
                                  sql::integer(evidence.getColumn(2)), sql::text(evidence.getColumn(0)))});
  }
  std::uint32_t changed = 0;
  SQLite::Statement status(connection, kStatuses);
  while (changed < limit && status.executeStep()) {
    const bool dismissed = !status.getColumn(7).isNull() && sql::text(status.getColumn(7)) == kDismissAction;
    if (dismissed ? is_dismissed_as_said(status) : is_open(status)) continue;
    ++changed;
    doubts.push_back(
        {AlertDoubt::Kind::status_changed, sql::unsigned_integer(status.getColumn(1)), describe_status(status)});
  }
  return doubts;
}

}  // namespace sightline::control
