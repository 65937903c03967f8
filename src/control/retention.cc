#include "control/retention.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "control/audit_entry.h"
#include "control/chain_head_rows.h"
#include "control/database.h"
#include "control/quarantine_rows.h"
#include "control/sql.h"
#include "event/time.h"

namespace sightline::control {

namespace {

constexpr std::string_view kPrincipal = "sightlined";

// What the detail of an entry begins with; the reason follows after a semicolon.
struct Word {
  std::string_view name;
  std::uint64_t Removal::* value;
};
constexpr std::array kWords = {Word{"newest_batch=", &Removal::newest_batch}, Word{"batches=", &Removal::batches},
                               Word{"events=", &Removal::events}, Word{"quarantined=", &Removal::quarantined}};

std::string detail_of(const Removal& removal, std::string_view why) {
  std::string detail = fmt::format("received_before={}", removal.received_before_ms);
  for (const Word& word : kWords) detail += fmt::format(" {}{}", word.name, removal.*word.value);
  return detail + fmt::format("; {}", why);
}

template <class Number>
bool take(std::string_view& text, std::string_view name, Number& number) {
  if (text.starts_with(' ')) text.remove_prefix(1);
  if (!text.starts_with(name)) return false;
  text.remove_prefix(name.size());
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return error == std::errc();
}

// Batches with events that this removal takes and those before did not.
void count_batches(SQLite::Database& connection, const std::optional<Removed>& before, Removal& removal) {
  SQLite::Statement row(connection,
                        "SELECT count(*), coalesce(sum(event_count), 0) FROM manifests "
                        "WHERE received_time_ms < ?1 AND number <= ?2 AND event_count > 0 "
                        "AND NOT (received_time_ms < ?3 AND number <= ?4)");
  const Removed none;
  const Removed& earlier = before ? *before : none;
  sql::bind_all(row, removal.received_before_ms, removal.newest_batch, earlier.received_before_ms,
                earlier.newest_batch);
  row.executeStep();
  removal.batches = sql::unsigned_integer(row.getColumn(0));
  removal.events = sql::unsigned_integer(row.getColumn(1));
}

}  // namespace

std::optional<Removal> parse_removal(const AuditEntry& entry) {
  if (entry.action != kRemovalAction) return std::nullopt;
  Removal removal;
  std::string_view detail = entry.detail;
  if (!take(detail, "received_before=", removal.received_before_ms)) return std::nullopt;
  for (const Word& word : kWords) {
    if (!take(detail, word.name, removal.*word.value)) return std::nullopt;
  }
  return detail.starts_with(';') ? std::optional(removal) : std::nullopt;
}

Result<std::unique_ptr<RetentionTable>> RetentionTable::load(Database& database) {
  return database.read([&](SQLite::Database& connection) {
    std::unique_ptr<RetentionTable> table(new RetentionTable(database));
    SQLite::Statement row(connection,
                          "SELECT number, at_ms, principal, action, subject, detail FROM audit_log WHERE action = ?1 "
                          "ORDER BY number");
    sql::bind_all(row, kRemovalAction);
    while (row.executeStep()) {
      const auto removal = parse_removal({sql::unsigned_integer(row.getColumn(0)),
                                          sql::integer(row.getColumn(1)),
                                          sql::text(row.getColumn(2)),
                                          sql::text(row.getColumn(3)),
                                          sql::text(row.getColumn(4)),
                                          sql::text(row.getColumn(5)),
                                          {}});
      if (removal) table->note(*removal);
    }
    return table;
  });
}

void RetentionTable::note(const Removal& removal) {
  const std::lock_guard lock(mutex_);
  if (!removed_) removed_.emplace();
  removed_->received_before_ms = std::max(removed_->received_before_ms, removal.received_before_ms);
  removed_->newest_batch = std::max(removed_->newest_batch, removal.newest_batch);
  removed_->batches += removal.batches;
  removed_->events += removal.events;
  removed_->quarantined += removal.quarantined;
}

std::optional<Removed> RetentionTable::removed() const {
  const std::lock_guard lock(mutex_);
  return removed_;
}

Result<std::optional<Removal>> RetentionTable::retire(std::int64_t received_before_ms, std::int64_t now_ms,
                                                      std::string_view why) {
  const std::optional<Removed> before = removed();
  if (before && before->received_before_ms >= received_before_ms) return std::nullopt;
  auto retired = database_.write([&](SQLite::Database& connection) -> std::optional<Removal> {
    Removal removal;
    removal.received_before_ms = received_before_ms;
    removal.newest_batch = read_chain_end(connection, kBatchChain).last.number;
    count_batches(connection, before, removal);
    removal.quarantined = delete_quarantined(connection, received_before_ms);
    if (removal.batches == 0 && removal.quarantined == 0) return std::nullopt;
    append_audit_entry(connection, {0,
                                    now_ms,
                                    std::string(kPrincipal),
                                    std::string(kRemovalAction),
                                    format_iso8601(received_before_ms),
                                    detail_of(removal, why),
                                    {}});
    return removal;
  });
  if (retired && *retired) note(**retired);
  return retired;
}

}  // namespace sightline::control
