#include "control/alert_table.h"

#include <fmt/format.h>

#include "control/alert_doubts.h"
#include "control/alert_rows.h"
#include "control/audit_entry.h"
#include "control/database.h"
#include "control/sql.h"

namespace sightline::control {

namespace {

constexpr std::uint32_t kMaxPage = 1'000;
constexpr std::size_t kMaxDismissText = 10'000;

constexpr const char* kColumns =
    "SELECT id, rule_id, title, severity, created_ms, event_time_ms, agent_id, hostname, tags, event_count, status, "
    "dismiss_reason, dismiss_text, dismissed_by, dismissed_ms, batch, rule_fingerprint FROM alerts ";
constexpr int kBatchColumn = 15;

std::vector<std::string> tags_of(SQLite::Database& connection, const std::string& json) {
  std::vector<std::string> tags;
  if (json == "[]") return tags;
  SQLite::Statement row(connection, "SELECT value FROM json_each(?1)");
  sql::bind_all(row, json);
  while (row.executeStep()) tags.push_back(sql::text(row.getColumn(0)));
  return tags;
}

alerts::Alert row_of(SQLite::Database& connection, SQLite::Statement& row) {
  alerts::Alert alert;
  alert.id = sql::text(row.getColumn(0));
  alert.rule_id = sql::text(row.getColumn(1));
  alert.title = sql::text(row.getColumn(2));
  alert.severity = static_cast<int>(sql::integer(row.getColumn(3)));
  alert.created_ms = sql::integer(row.getColumn(4));
  alert.event_time_ms = sql::integer(row.getColumn(5));
  alert.agent_id = sql::text(row.getColumn(6));
  alert.hostname = sql::text(row.getColumn(7));
  alert.tags = tags_of(connection, sql::text(row.getColumn(8)));
  alert.event_count = sql::unsigned_integer(row.getColumn(9));
  alert.status = static_cast<alerts::Status>(sql::integer(row.getColumn(10)));
  alert.rule_fingerprint = sql::text(row.getColumn(16));
  if (alert.status == alerts::Status::dismissed) {
    alert.dismissal =
        alerts::Dismissal{static_cast<alerts::DismissReason>(sql::integer(row.getColumn(11))),
                          sql::text(row.getColumn(12)), sql::text(row.getColumn(13)), sql::integer(row.getColumn(14))};
  }
  return alert;
}

// `batch`: only evidence that this batch brought; nullopt: all.
std::vector<alerts::Evidence> evidence_of(SQLite::Database& connection, std::string_view id,
                                          std::optional<std::uint64_t> batch) {
  SQLite::Statement row(connection,
                        "SELECT event_id, event_time_ms, json FROM alert_events "
                        "WHERE alert_id = ?1 AND (?2 IS NULL OR batch = ?2) ORDER BY position");
  sql::bind_all(row, id, batch);
  std::vector<alerts::Evidence> events;
  while (row.executeStep()) {
    events.push_back(
        {sql::bytes<EventId>(row.getColumn(0)), sql::integer(row.getColumn(1)), sql::text(row.getColumn(2))});
  }
  return events;
}

// Throws Failure (not_found).
alerts::Alert read_row(SQLite::Database& connection, std::string_view id) {
  static const std::string kText = std::string(kColumns) + "WHERE id = ?1";
  SQLite::Statement row(connection, kText);
  sql::bind_all(row, id);
  if (!row.executeStep()) throw Failure{{ErrorCode::not_found, fmt::format("no alert has the id {}", id)}};
  return row_of(connection, row);
}

std::string where_of(const AlertFilter& filter) {
  std::string where = "WHERE 1";
  if (filter.status) where += " AND status = ?1";
  if (filter.severity) where += " AND severity = ?2";
  if (!filter.rule_id.empty()) where += " AND rule_id = ?3";
  if (!filter.agent_id.empty()) where += " AND agent_id = ?4";
  if (filter.from_ms) where += " AND created_ms >= ?5";
  if (filter.to_ms) where += " AND created_ms < ?6";
  return where;
}

}  // namespace

Result<AlertPage> AlertTable::list(const AlertFilter& filter, std::uint32_t limit,
                                   const std::optional<AlertCursor>& cursor) {
  if (limit == 0 || limit > kMaxPage) return fail(ErrorCode::invalid_input, "limit must be from 1 to 1000");
  return database_.read([&](SQLite::Database& connection) {
    std::string text = kColumns + where_of(filter);
    if (cursor) text += " AND (created_ms, id) < (?7, ?8)";
    text += " ORDER BY created_ms DESC, id DESC LIMIT ?9";
    SQLite::Statement row(connection, text);
    if (filter.status) sql::set(row, 1, static_cast<int>(*filter.status));
    if (filter.severity) sql::set(row, 2, *filter.severity);
    if (!filter.rule_id.empty()) sql::set(row, 3, filter.rule_id);
    if (!filter.agent_id.empty()) sql::set(row, 4, filter.agent_id);
    if (filter.from_ms) sql::set(row, 5, *filter.from_ms);
    if (filter.to_ms) sql::set(row, 6, *filter.to_ms);
    if (cursor) {
      sql::set(row, 7, cursor->created_ms);
      sql::set(row, 8, cursor->id);
    }
    sql::set(row, 9, limit + 1);
    AlertPage page;
    while (row.executeStep()) page.alerts.push_back(row_of(connection, row));
    if (page.alerts.size() > limit) {
      page.alerts.pop_back();
      page.next = AlertCursor{page.alerts.back().created_ms, page.alerts.back().id};
    }
    return page;
  });
}

Result<alerts::Alert> AlertTable::read(std::string_view id) {
  return database_.read([&](SQLite::Database& connection) {
    alerts::Alert alert = read_row(connection, id);
    alert.events = evidence_of(connection, id, std::nullopt);
    return alert;
  });
}

Result<bool> AlertTable::exists(std::string_view id) {
  return database_.read([&](SQLite::Database& connection) { return alert_exists(connection, id); });
}

Result<alerts::Alert> AlertTable::dismiss(std::string_view id, const alerts::Dismissal& dismissal) {
  if (dismissal.reason == alerts::DismissReason::other && dismissal.text.empty()) {
    return fail(ErrorCode::invalid_input, "the reason OTHER needs a text that says why");
  }
  if (dismissal.text.size() > kMaxDismissText) {
    return fail(ErrorCode::invalid_input, fmt::format("the text may have {} bytes at most", kMaxDismissText));
  }
  return database_.write([&](SQLite::Database& connection) {
    if (read_row(connection, id).status == alerts::Status::dismissed) {
      throw Failure{{ErrorCode::conflict, fmt::format("alert {} is dismissed already", id)}};
    }
    sql::execute(connection,
                 "UPDATE alerts SET status = ?2, dismiss_reason = ?3, dismiss_text = ?4, dismissed_by = ?5, "
                 "dismissed_ms = ?6 WHERE id = ?1",
                 id, static_cast<int>(alerts::Status::dismissed), static_cast<int>(dismissal.reason), dismissal.text,
                 dismissal.by, dismissal.at_ms);
    append_audit_entry(connection, {0,
                                    dismissal.at_ms,
                                    dismissal.by,
                                    std::string(kDismissAction),
                                    std::string(id),
                                    dismissal_detail(dismissal.reason, dismissal.text),
                                    {}});
    return read_row(connection, id);
  });
}

Result<alerts::Alert> AlertTable::reopen(std::string_view id, std::string_view by, std::int64_t now_ms) {
  return database_.write([&](SQLite::Database& connection) {
    const alerts::Alert alert = read_row(connection, id);
    if (!alert.dismissal) throw Failure{{ErrorCode::conflict, fmt::format("alert {} is open already", id)}};
    sql::execute(connection,
                 "UPDATE alerts SET status = ?2, dismiss_reason = NULL, dismiss_text = NULL, dismissed_by = NULL, "
                 "dismissed_ms = NULL WHERE id = ?1",
                 id, static_cast<int>(alerts::Status::open));
    const std::string detail =
        fmt::format("was dismissed by {}: {}", alert.dismissal->by, dismissal_detail(alert.dismissal->reason, ""));
    append_audit_entry(connection,
                       {0, now_ms, std::string(by), std::string(kReopenAction), std::string(id), detail, {}});
    return read_row(connection, id);
  });
}

Result<AlertCounts> AlertTable::counts() {
  return database_.read([](SQLite::Database& connection) {
    AlertCounts counts;
    SQLite::Statement row(connection, "SELECT status, count(*) FROM alerts GROUP BY status");
    while (row.executeStep()) {
      const auto status = static_cast<alerts::Status>(row.getColumn(0).getInt());
      (status == alerts::Status::open ? counts.open : counts.dismissed) = sql::unsigned_integer(row.getColumn(1));
    }
    return counts;
  });
}

Result<std::vector<AlertDoubt>> AlertTable::doubts(std::uint32_t limit) {
  return database_.read([&](SQLite::Database& connection) { return find_alert_doubts(connection, limit); });
}

Result<std::vector<alerts::Alert>> AlertTable::opened_by_batch(std::uint64_t number) {
  return database_.read([&](SQLite::Database& connection) {
    static const std::string kText = std::string(kColumns) + "WHERE batch = ?1 ORDER BY id";
    SQLite::Statement row(connection, kText);
    sql::bind_all(row, number);
    std::vector<alerts::Alert> opened;
    while (row.executeStep()) {
      opened.push_back(row_of(connection, row));
      opened.back().events =
          evidence_of(connection, opened.back().id, sql::unsigned_integer(row.getColumn(kBatchColumn)));
    }
    return opened;
  });
}

}  // namespace sightline::control
