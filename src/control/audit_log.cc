#include "control/audit_log.h"

#include "control/audit_entry.h"
#include "control/chain_head_rows.h"
#include "control/database.h"
#include "control/sql.h"

namespace sightline::control {

namespace {

constexpr std::uint32_t kMaxPage = 1'000;

std::string_view view(const Sha256Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

std::vector<AuditEntry> rows_of(SQLite::Statement& row) {
  std::vector<AuditEntry> entries;
  while (row.executeStep()) {
    entries.push_back({sql::unsigned_integer(row.getColumn(0)), sql::integer(row.getColumn(1)),
                       sql::text(row.getColumn(2)), sql::text(row.getColumn(3)), sql::text(row.getColumn(4)),
                       sql::text(row.getColumn(5)), sql::bytes<Sha256Digest>(row.getColumn(6))});
  }
  return entries;
}

}  // namespace

Sha256Digest audit_link(const Sha256Digest& previous, const AuditEntry& entry) {
  return Sha256()
      .update(view(previous))
      .update_u64(entry.number)
      .update_u64(static_cast<std::uint64_t>(entry.at_ms))
      .update_framed(entry.principal)
      .update_framed(entry.action)
      .update_framed(entry.subject)
      .update_framed(entry.detail)
      .finish();
}

// Goes on from the kept head: where entries were cut off, the gap stays to be seen.
void append_audit_entry(SQLite::Database& connection, AuditEntry entry) {
  const ChainHead before = read_chain_end(connection, kAuditChain).kept;
  entry.number = before.number + 1;
  entry.link = audit_link(before.link, entry);
  sql::execute(connection, "INSERT INTO audit_log VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", entry.number, entry.at_ms,
               entry.principal, entry.action, entry.subject, entry.detail, sql::blob(entry.link));
  keep_head(connection, kAuditChain, {entry.number, entry.link});
}

Result<void> AuditLog::append(const AuditEntry& entry) {
  return database_.write([&](SQLite::Database& connection) { append_audit_entry(connection, entry); });
}

Result<ChainEnd> AuditLog::end() {
  return database_.read([](SQLite::Database& connection) { return read_chain_end(connection, kAuditChain); });
}

Result<std::vector<AuditEntry>> AuditLog::list(std::optional<std::uint64_t> before, std::uint32_t limit) {
  return database_.read([&](SQLite::Database& connection) {
    SQLite::Statement row(connection,
                          "SELECT number, at_ms, principal, action, subject, detail, link FROM audit_log "
                          "WHERE ?1 IS NULL OR number < ?1 ORDER BY number DESC LIMIT ?2");
    sql::bind_all(row, before, std::min(limit, kMaxPage));
    return rows_of(row);
  });
}

Result<std::vector<AuditEntry>> AuditLog::read_range(std::uint64_t first, std::uint32_t limit) {
  return database_.read([&](SQLite::Database& connection) {
    SQLite::Statement row(connection,
                          "SELECT number, at_ms, principal, action, subject, detail, link FROM audit_log "
                          "WHERE number >= ?1 ORDER BY number LIMIT ?2");
    sql::bind_all(row, first, std::min(limit, kMaxPage));
    return rows_of(row);
  });
}

}  // namespace sightline::control
