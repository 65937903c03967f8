#include "control/token_doubts.h"

#include <fmt/format.h>

#include "control/sql.h"

namespace sightline::control {

namespace {

// With what the log says of each, of revoking the newest.
constexpr const char* kTokens =
    "SELECT t.id, t.secret_hash, t.name, t.scopes, t.agent_id, t.source, t.created_by, t.created_ms, t.revoked_ms, "
    "made.principal, made.at_ms, made.detail, revoked.at_ms FROM tokens t "
    "LEFT JOIN (SELECT * FROM audit_log WHERE action = 'token.create') made ON made.subject = t.id "
    "LEFT JOIN (SELECT subject, max(number), at_ms FROM audit_log WHERE action = 'token.revoke' GROUP BY subject) "
    "revoked ON revoked.subject = t.id "
    "ORDER BY t.id";

constexpr const char* kGone =
    "SELECT subject, number FROM audit_log WHERE action = 'token.create' "
    "AND subject NOT IN (SELECT id FROM tokens) ORDER BY number LIMIT ?1";

constexpr std::string_view kRecord = "; record ";

std::string for_people(const TokenRecord& record) { return fmt::format("{} ({})", record.name, record.scopes); }

// Empty: nothing.
std::string doubt_of(SQLite::Statement& row) {
  const std::string id = sql::text(row.getColumn(0));
  const auto secret_hash = sql::bytes<Sha256Digest>(row.getColumn(1));
  const std::string name = sql::text(row.getColumn(2));
  const std::string scopes = sql::text(row.getColumn(3));
  const std::string agent_id = sql::text(row.getColumn(4));
  const std::string source = sql::text(row.getColumn(5));
  if (row.getColumn(9).isNull()) return fmt::format("no entry of the audit log says who made token {}", id);
  const TokenRecord record{id, secret_hash, name, scopes, agent_id, source};
  const std::string said = sql::text(row.getColumn(11));
  // Entries of earlier versions have no record.
  const bool same = said == creation_detail(record) || said == for_people(record);
  if (!same || sql::text(row.getColumn(6)) != sql::text(row.getColumn(9)) ||
      sql::integer(row.getColumn(7)) != sql::integer(row.getColumn(10))) {
    return fmt::format("token {} is not as the audit log says that it was made", id);
  }
  if (sql::optional_integer(row.getColumn(8)) != sql::optional_integer(row.getColumn(12))) {
    return fmt::format("whether token {} is revoked is not what the audit log says", id);
  }
  return {};
}

}  // namespace

std::string creation_detail(const TokenRecord& record) {
  Sha256 hash;
  for (const std::string_view text : {record.id, record.name, record.scopes, record.agent_id, record.source}) {
    hash.update_framed(text);
  }
  hash.update_framed({reinterpret_cast<const char*>(record.secret_hash.data()), record.secret_hash.size()});
  return fmt::format("{}{}{}", for_people(record), kRecord, to_hex(hash.finish()));
}

std::vector<std::string> find_token_doubts(SQLite::Database& connection, std::uint32_t limit) {
  std::vector<std::string> doubts;
  SQLite::Statement token(connection, kTokens);
  while (doubts.size() < limit && token.executeStep()) {
    if (std::string doubt = doubt_of(token); !doubt.empty()) doubts.push_back(std::move(doubt));
  }
  SQLite::Statement gone(connection, kGone);
  sql::bind_all(gone, limit);
  while (gone.executeStep()) {
    doubts.push_back(fmt::format("token {}, which entry {} of the audit log speaks of, is not there any more",
                                 sql::text(gone.getColumn(0)), sql::integer(gone.getColumn(1))));
  }
  return doubts;
}

}  // namespace sightline::control
