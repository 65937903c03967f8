#include "control/quarantine.h"

#include <algorithm>

#include "control/database.h"
#include "control/quarantine_rows.h"
#include "control/sql.h"

namespace sightline::control {

namespace {

constexpr std::uint32_t kMaxPage = 1'000;
// What a row costs beside its bytes and its error.
constexpr std::uint64_t kRowBytes = 200;
// Stands for the sources beyond QuarantineLimits::sources. No principal has this name.
constexpr std::string_view kOthers = "(others)";

std::optional<std::int64_t> find_count(SQLite::Database& connection, std::string_view principal,
                                       std::string_view source) {
  SQLite::Statement row(connection, "SELECT id FROM quarantine_counts WHERE principal = ?1 AND source = ?2");
  sql::bind_all(row, principal, source);
  return row.executeStep() ? std::optional(sql::integer(row.getColumn(0))) : std::nullopt;
}

std::int64_t add_count(SQLite::Database& connection, std::string_view principal, std::string_view source) {
  sql::execute(connection, "INSERT INTO quarantine_counts (principal, source) VALUES (?1, ?2)", principal, source);
  return connection.getLastInsertRowid();
}

// The line of quarantine_counts that a sender is counted under.
std::int64_t count_of(SQLite::Database& connection, const BatchKey& key, std::uint64_t max_sources) {
  if (const auto found = find_count(connection, key.principal, key.source)) return *found;
  const std::int64_t known = connection.execAndGet("SELECT count(*) FROM quarantine_counts").getInt64();
  if (static_cast<std::uint64_t>(known) < max_sources) return add_count(connection, key.principal, key.source);
  if (const auto found = find_count(connection, kOthers, kOthers)) return *found;
  return add_count(connection, kOthers, kOthers);
}

std::uint64_t insert_rows(SQLite::Database& connection, const Manifest& manifest, std::int64_t count,
                          std::span<const sources::Rejected> rejected) {
  SQLite::Statement row(connection,
                        "INSERT INTO quarantine (received_time_ms, batch, principal, source, format, line, error, "
                        "bytes, size_bytes, kept_bytes, counted_under) "
                        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)");
  std::uint64_t total = 0;
  for (const sources::Rejected& line : rejected) {
    const std::uint64_t kept_bytes = kRowBytes + line.bytes.size() + line.error.size();
    sql::run(row, manifest.received_time_ms, manifest.number, manifest.key.principal, manifest.key.source,
             manifest.format, line.line, line.error, sql::Blob{line.bytes}, line.size_bytes, kept_bytes, count);
    total += kept_bytes;
  }
  return total;
}

// Deletes the oldest rows of `count` (of all: 0) until `excess_bytes` are free.
std::uint64_t delete_oldest(SQLite::Database& connection, std::int64_t count, std::int64_t excess_bytes) {
  if (excess_bytes <= 0) return 0;
  SQLite::Statement oldest(connection, count == 0 ? "SELECT id, kept_bytes, counted_under FROM quarantine ORDER BY id"
                                                  : "SELECT id, kept_bytes, counted_under FROM quarantine "
                                                    "WHERE counted_under = ?1 ORDER BY id");
  if (count != 0) sql::set(oldest, 1, count);
  struct Row {
    std::int64_t id = 0;
    std::int64_t kept_bytes = 0;
    std::int64_t counted_under = 0;
  };
  std::vector<Row> rows;
  while (excess_bytes > 0 && oldest.executeStep()) {
    rows.push_back({oldest.getColumn(0).getInt64(), oldest.getColumn(1).getInt64(), oldest.getColumn(2).getInt64()});
    excess_bytes -= rows.back().kept_bytes;
  }
  oldest.reset();
  SQLite::Statement remove(connection, "DELETE FROM quarantine WHERE id = ?1");
  SQLite::Statement note(connection,
                         "UPDATE quarantine_counts SET dropped = dropped + 1, kept_bytes = kept_bytes - ?2 "
                         "WHERE id = ?1");
  for (const Row& row : rows) {
    sql::run(remove, row.id);
    sql::run(note, row.counted_under, row.kept_bytes);
  }
  return rows.size();
}

std::int64_t excess(std::int64_t used, std::uint64_t limit) { return used - static_cast<std::int64_t>(limit); }

}  // namespace

std::uint64_t quarantine_lines(SQLite::Database& connection, const Manifest& manifest,
                               std::span<const sources::Rejected> rejected, std::uint64_t rejected_count,
                               const QuarantineLimits& limits) {
  if (rejected_count == 0) return 0;
  const std::int64_t count = count_of(connection, manifest.key, limits.sources);
  const std::uint64_t kept_bytes = insert_rows(connection, manifest, count, rejected);
  const std::uint64_t never_kept = rejected_count - std::min<std::uint64_t>(rejected_count, rejected.size());
  sql::execute(connection,
               "UPDATE quarantine_counts SET rejected = rejected + ?2, dropped = dropped + ?3, "
               "kept_bytes = kept_bytes + ?4 WHERE id = ?1",
               count, rejected_count, never_kept, kept_bytes);

  SQLite::Statement of_source(connection, "SELECT kept_bytes FROM quarantine_counts WHERE id = ?1");
  sql::bind_all(of_source, count);
  of_source.executeStep();
  const std::int64_t source_excess = excess(of_source.getColumn(0).getInt64(), limits.source_bytes);
  of_source.reset();
  std::uint64_t dropped = delete_oldest(connection, count, source_excess);

  const std::int64_t total = connection.execAndGet("SELECT sum(kept_bytes) FROM quarantine_counts").getInt64();
  dropped += delete_oldest(connection, 0, excess(total, limits.total_bytes));
  return never_kept + dropped;
}

std::uint64_t delete_quarantined(SQLite::Database& connection, std::int64_t received_before_ms) {
  sql::execute(connection,
               "UPDATE quarantine_counts SET dropped = dropped + old.lines, kept_bytes = kept_bytes - old.bytes FROM "
               "(SELECT counted_under, count(*) AS lines, sum(kept_bytes) AS bytes FROM quarantine "
               "WHERE received_time_ms < ?1 GROUP BY counted_under) AS old WHERE quarantine_counts.id = "
               "old.counted_under",
               received_before_ms);
  return static_cast<std::uint64_t>(
      sql::execute(connection, "DELETE FROM quarantine WHERE received_time_ms < ?1", received_before_ms));
}

Result<std::vector<QuarantineRow>> QuarantineTable::list(const QuarantineFilter& filter, std::uint32_t limit) {
  return database_.read([&](SQLite::Database& connection) {
    SQLite::Statement row(connection,
                          "SELECT id, received_time_ms, batch, principal, source, format, line, error, bytes, "
                          "size_bytes FROM quarantine WHERE (?1 = '' OR principal = ?1) AND (?2 = '' OR source = ?2) "
                          "AND (?3 IS NULL OR id < ?3) AND (?5 = '' OR format = ?5) AND instr(error, ?6) > 0 "
                          "AND (?7 IS NULL OR received_time_ms >= ?7) AND (?8 IS NULL OR received_time_ms < ?8) "
                          "ORDER BY id DESC LIMIT ?4");
    sql::bind_all(row, filter.principal, filter.source, filter.before, std::min(limit, kMaxPage), filter.format,
                  filter.reason, filter.from_ms, filter.to_ms);
    std::vector<QuarantineRow> rows;
    while (row.executeStep()) {
      rows.push_back({sql::unsigned_integer(row.getColumn(0)), sql::integer(row.getColumn(1)),
                      sql::unsigned_integer(row.getColumn(2)), sql::text(row.getColumn(3)), sql::text(row.getColumn(4)),
                      sql::text(row.getColumn(5)), sql::unsigned_integer(row.getColumn(6)), sql::text(row.getColumn(7)),
                      sql::binary(row.getColumn(8)), sql::unsigned_integer(row.getColumn(9))});
    }
    return rows;
  });
}

Result<std::vector<QuarantineCount>> QuarantineTable::counts() {
  return database_.read([](SQLite::Database& connection) {
    SQLite::Statement row(connection,
                          "SELECT principal, source, rejected, dropped FROM quarantine_counts "
                          "ORDER BY principal, source");
    std::vector<QuarantineCount> counts;
    while (row.executeStep()) {
      counts.push_back({sql::text(row.getColumn(0)), sql::text(row.getColumn(1)),
                        sql::unsigned_integer(row.getColumn(2)), sql::unsigned_integer(row.getColumn(3))});
    }
    return counts;
  });
}

}  // namespace sightline::control
