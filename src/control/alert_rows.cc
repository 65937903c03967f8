#include "control/alert_rows.h"

#include <algorithm>

#include "base/json_text.h"
#include "control/sql.h"

namespace sightline::control {

namespace {

std::string tags_json(const std::vector<std::string>& tags) {
  std::string out = "[";
  for (const std::string& tag : tags) {
    if (out.size() > 1) out += ',';
    append_json_string(out, tag);
  }
  return out += ']';
}

void hash_alert(Sha256& hash, const alerts::Alert& alert) {
  hash.update_framed(alert.id)
      .update_framed(alert.rule_id)
      .update_framed(alert.title)
      .update_u64(static_cast<std::uint64_t>(alert.severity))
      .update_u64(static_cast<std::uint64_t>(alert.created_ms))
      .update_u64(static_cast<std::uint64_t>(alert.event_time_ms))
      .update_framed(alert.agent_id)
      .update_framed(alert.hostname)
      .update_framed(tags_json(alert.tags))
      .update_u64(alert.event_count)
      .update_u64(alert.events.size());
  for (const alerts::Evidence& evidence : alert.events) {
    hash.update_framed({reinterpret_cast<const char*>(evidence.event_id.data()), evidence.event_id.size()})
        .update_u64(static_cast<std::uint64_t>(evidence.event_time_ms))
        .update_framed(evidence.json);
  }
  // Alerts from before rules had fingerprints hash as they did then.
  if (!alert.rule_fingerprint.empty()) hash.update_framed(alert.rule_fingerprint);
}

}  // namespace

bool alert_exists(SQLite::Database& connection, std::string_view id) {
  SQLite::Statement row(connection, "SELECT 1 FROM alerts WHERE id = ?1");
  sql::bind_all(row, id);
  return row.executeStep();
}

std::vector<const alerts::Alert*> new_alerts(SQLite::Database& connection, std::span<const alerts::Alert> found) {
  std::vector<const alerts::Alert*> opened;
  for (const alerts::Alert& alert : found) {
    if (!alert_exists(connection, alert.id)) opened.push_back(&alert);
  }
  std::ranges::stable_sort(opened, {}, [](const alerts::Alert* alert) -> const std::string& { return alert->id; });
  const auto doubles = std::ranges::unique(opened, {}, [](const alerts::Alert* alert) { return alert->id; });
  opened.erase(doubles.begin(), doubles.end());
  return opened;
}

Sha256Digest hash_alerts(std::span<const alerts::Alert* const> ordered) {
  if (ordered.empty()) return {};
  Sha256 hash;
  for (const alerts::Alert* alert : ordered) hash_alert(hash, *alert);
  return hash.finish();
}

Sha256Digest hash_alerts(std::span<const alerts::Alert> alerts) {
  std::vector<const alerts::Alert*> ordered;
  ordered.reserve(alerts.size());
  for (const alerts::Alert& alert : alerts) ordered.push_back(&alert);
  std::ranges::sort(ordered, {}, [](const alerts::Alert* alert) -> const std::string& { return alert->id; });
  return hash_alerts(std::span<const alerts::Alert* const>(ordered));
}

void insert_alerts(SQLite::Database& connection, std::uint64_t batch, std::span<const alerts::Alert* const> opened) {
  if (opened.empty()) return;
  SQLite::Statement row(
      connection,
      "INSERT INTO alerts (id, batch, rule_id, title, severity, created_ms, event_time_ms, agent_id, "
      "hostname, tags, event_count, rule_fingerprint) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)");
  SQLite::Statement evidence_row(connection,
                                 "INSERT INTO alert_events (alert_id, position, batch, event_id, event_time_ms, json) "
                                 "VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
  for (const alerts::Alert* alert : opened) {
    sql::run(row, alert->id, batch, alert->rule_id, alert->title, alert->severity, alert->created_ms,
             alert->event_time_ms, alert->agent_id, alert->hostname, tags_json(alert->tags), alert->event_count,
             alert->rule_fingerprint);
    std::uint64_t position = 0;
    for (const alerts::Evidence& evidence : alert->events) {
      sql::run(evidence_row, alert->id, position++, batch, sql::blob(evidence.event_id), evidence.event_time_ms,
               evidence.json);
    }
  }
}

}  // namespace sightline::control
