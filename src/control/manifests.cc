#include "control/manifests.h"

#include "control/chain_head_rows.h"
#include "control/database.h"
#include "control/sql.h"

namespace sightline::control {

namespace {

constexpr const char* kColumns =
    "SELECT m.number, s.principal, s.source, m.epoch, m.sequence, m.body_hash, m.format, m.received_time_ms, "
    "m.event_count, m.recovered, m.content_hash, m.alerts_hash, m.link "
    "FROM manifests m JOIN senders s ON s.id = m.sender ";

std::string_view view(const Sha256Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

Manifest row_of(SQLite::Statement& row) {
  Manifest manifest;
  manifest.number = sql::unsigned_integer(row.getColumn(0));
  manifest.key.principal = sql::text(row.getColumn(1));
  manifest.key.source = sql::text(row.getColumn(2));
  manifest.key.epoch = sql::unsigned_integer(row.getColumn(3));
  manifest.key.sequence = sql::unsigned_integer(row.getColumn(4));
  manifest.body_hash = sql::bytes<Sha256Digest>(row.getColumn(5));
  manifest.format = sql::text(row.getColumn(6));
  manifest.received_time_ms = sql::integer(row.getColumn(7));
  manifest.event_count = sql::unsigned_integer(row.getColumn(8));
  manifest.recovered = sql::integer(row.getColumn(9)) != 0;
  manifest.content_hash = sql::bytes<Sha256Digest>(row.getColumn(10));
  manifest.alerts_hash = sql::bytes<Sha256Digest>(row.getColumn(11));
  manifest.link = sql::bytes<Sha256Digest>(row.getColumn(12));
  return manifest;
}

// The answer in the table, nullopt where its lines were let go of.
std::optional<StoredAnswer> answer_row(SQLite::Database& connection, std::uint64_t number) {
  SQLite::Statement row(connection, "SELECT accepted, rejected_count, lines_kept FROM answers WHERE batch = ?1");
  sql::bind_all(row, number);
  if (!row.executeStep() || sql::integer(row.getColumn(2)) == 0) return std::nullopt;
  StoredAnswer answer;
  answer.accepted = sql::unsigned_integer(row.getColumn(0));
  answer.rejected_count = sql::unsigned_integer(row.getColumn(1));
  SQLite::Statement lines(connection, "SELECT line, error FROM answer_lines WHERE batch = ?1 ORDER BY position");
  sql::bind_all(lines, number);
  while (lines.executeStep()) {
    answer.rejected.push_back({sql::unsigned_integer(lines.getColumn(0)), sql::text(lines.getColumn(1))});
  }
  return answer;
}

bool has_answer_row(SQLite::Database& connection, std::uint64_t number) {
  SQLite::Statement row(connection, "SELECT 1 FROM answers WHERE batch = ?1");
  sql::bind_all(row, number);
  return row.executeStep();
}

}  // namespace

Sha256Digest chain_link(const Sha256Digest& previous, const Manifest& manifest) {
  return Sha256()
      .update(view(previous))
      .update_u64(manifest.number)
      .update_framed(manifest.key.principal)
      .update_framed(manifest.key.source)
      .update_u64(manifest.key.epoch)
      .update_u64(manifest.key.sequence)
      .update(view(manifest.body_hash))
      .update_framed(manifest.format)
      .update_u64(static_cast<std::uint64_t>(manifest.received_time_ms))
      .update_u64(manifest.event_count)
      .update_u64(manifest.recovered ? 1 : 0)
      .update(view(manifest.content_hash))
      .update(view(manifest.alerts_hash))
      .finish();
}

Result<ChainHead> ManifestTable::head() {
  return database_.read([](SQLite::Database& connection) { return read_chain_end(connection, kBatchChain).last; });
}

Result<ChainEnd> ManifestTable::end() {
  return database_.read([](SQLite::Database& connection) { return read_chain_end(connection, kBatchChain); });
}

Result<std::optional<Manifest>> ManifestTable::find(const BatchKey& key) {
  return database_.read([&](SQLite::Database& connection) {
    static const std::string kText =
        std::string(kColumns) + "WHERE s.principal = ?1 AND s.source = ?2 AND m.epoch = ?3 AND m.sequence = ?4";
    SQLite::Statement row(connection, kText);
    sql::bind_all(row, key.principal, key.source, key.epoch, key.sequence);
    return row.executeStep() ? std::optional(row_of(row)) : std::nullopt;
  });
}

Result<std::optional<Manifest>> ManifestTable::read(std::uint64_t number) {
  return database_.read([&](SQLite::Database& connection) {
    static const std::string kText = std::string(kColumns) + "WHERE m.number = ?1";
    SQLite::Statement row(connection, kText);
    sql::bind_all(row, number);
    return row.executeStep() ? std::optional(row_of(row)) : std::nullopt;
  });
}

Result<std::vector<Manifest>> ManifestTable::read_range(std::uint64_t first, std::uint32_t limit) {
  return database_.read([&](SQLite::Database& connection) {
    static const std::string kText = std::string(kColumns) + "WHERE m.number >= ?1 ORDER BY m.number LIMIT ?2";
    SQLite::Statement row(connection, kText);
    sql::bind_all(row, first, limit);
    std::vector<Manifest> manifests;
    while (row.executeStep()) manifests.push_back(row_of(row));
    return manifests;
  });
}

Result<std::optional<StoredAnswer>> ManifestTable::answer(std::uint64_t number) {
  return database_.read([&](SQLite::Database& connection) -> std::optional<StoredAnswer> {
    if (has_answer_row(connection, number)) return answer_row(connection, number);
    SQLite::Statement row(connection, "SELECT event_count FROM manifests WHERE number = ?1 AND recovered = 0");
    sql::bind_all(row, number);
    if (!row.executeStep()) return std::nullopt;
    return StoredAnswer{sql::unsigned_integer(row.getColumn(0)), 0, {}};
  });
}

Result<std::uint64_t> ManifestTable::events_since(std::string_view principal, std::int64_t since_ms) {
  return database_.read([&](SQLite::Database& connection) {
    SQLite::Statement row(connection,
                          "SELECT ifnull(sum(event_count), 0) FROM manifests JOIN senders ON senders.id = sender "
                          "WHERE principal = ?1 AND received_time_ms >= ?2");
    sql::bind_all(row, principal, since_ms);
    row.executeStep();
    return sql::unsigned_integer(row.getColumn(0));
  });
}

}  // namespace sightline::control
