#include "control/rule_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "control/audit_entry.h"
#include "control/database.h"
#include "control/sql.h"

namespace sightline::control {

namespace {

constexpr std::uint32_t kMaxPage = 100;
constexpr const char* kColumns =
    "SELECT rule_id, version, at_ms, principal, text, fingerprint FROM rule_versions WHERE ";

RuleVersion row_of(SQLite::Statement& row) {
  RuleVersion version{sql::text(row.getColumn(0)),
                      sql::unsigned_integer(row.getColumn(1)),
                      sql::integer(row.getColumn(2)),
                      sql::text(row.getColumn(3)),
                      std::nullopt,
                      sql::text(row.getColumn(5))};
  if (!row.getColumn(4).isNull()) version.text = sql::text(row.getColumn(4));
  return version;
}

std::uint64_t number(SQLite::Database& connection, const char* text) {
  return static_cast<std::uint64_t>(connection.execAndGet(text).getInt64());
}

struct Newest {
  std::uint64_t version = 0;  // 0: there never was one
  bool there = false;
};
Newest newest_of(SQLite::Database& connection, std::string_view id) {
  SQLite::Statement row(connection,
                        "SELECT version, text IS NOT NULL FROM rule_versions WHERE rule_id = ?1 AND is_newest = 1");
  sql::bind_all(row, id);
  if (!row.executeStep()) return {};
  return {sql::unsigned_integer(row.getColumn(0)), row.getColumn(1).getInt() != 0};
}

void check_room(SQLite::Database& connection, bool is_new, std::size_t size_bytes) {
  if (is_new && number(connection, "SELECT count(*) FROM rule_versions WHERE is_newest = 1 AND text IS NOT NULL") >=
                    kMaxKeptRules) {
    throw Failure{
        {ErrorCode::too_large, fmt::format("{} rules are kept already: load more from files", kMaxKeptRules)}};
  }
  if (number(connection, "SELECT coalesce(sum(size_bytes), 0) FROM rule_versions") + size_bytes > kMaxRuleTextsBytes) {
    throw Failure{{ErrorCode::too_large,
                   fmt::format("the rules' versions take {} MiB already: remove rules", kMaxRuleTextsBytes >> 20U)}};
  }
}

void insert(SQLite::Database& connection, const RuleVersion& version) {
  sql::execute(connection, "UPDATE rule_versions SET is_newest = 0 WHERE rule_id = ?1 AND is_newest = 1",
               version.rule_id);
  std::optional<std::string_view> text;
  if (version.text) text = *version.text;
  sql::execute(
      connection,
      "INSERT INTO rule_versions (rule_id, version, at_ms, principal, text, fingerprint, size_bytes, is_newest) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 1)",
      version.rule_id, version.version, version.at_ms, version.principal, text, version.fingerprint,
      text ? text->size() : 0);
}

void note(SQLite::Database& connection, std::string_view id, const ChangeOrigin& origin, std::string_view action,
          std::string detail) {
  append_audit_entry(connection,
                     {0, origin.at_ms, origin.principal, std::string(action), std::string(id), std::move(detail), {}});
}

void forget_removed(SQLite::Database& connection) {
  sql::execute(connection,
               "DELETE FROM rule_versions WHERE rule_id IN (SELECT rule_id FROM rule_versions "
               "WHERE is_newest = 1 AND text IS NULL ORDER BY at_ms DESC, rule_id LIMIT -1 OFFSET ?1)",
               kMaxRemovedRules);
}

}  // namespace

Result<std::vector<RuleVersion>> RuleTable::current() {
  return database_.read([](SQLite::Database& connection) {
    static const std::string kText = std::string(kColumns) + "is_newest = 1 AND text IS NOT NULL ORDER BY rule_id";
    SQLite::Statement row(connection, kText);
    std::vector<RuleVersion> rules;
    while (row.executeStep()) rules.push_back(row_of(row));
    return rules;
  });
}

Result<std::set<std::string, std::less<>>> RuleTable::disabled() {
  return database_.read([](SQLite::Database& connection) {
    SQLite::Statement row(connection, "SELECT rule_id FROM disabled_rules");
    std::set<std::string, std::less<>> ids;
    while (row.executeStep()) ids.insert(sql::text(row.getColumn(0)));
    return ids;
  });
}

Result<std::vector<RuleVersion>> RuleTable::versions(std::string_view id, std::optional<std::uint64_t> before,
                                                     std::uint32_t limit) {
  return database_.read([&](SQLite::Database& connection) {
    static const std::string kText =
        std::string(kColumns) + "rule_id = ?1 AND (?2 IS NULL OR version < ?2) ORDER BY version DESC LIMIT ?3";
    SQLite::Statement row(connection, kText);
    sql::bind_all(row, id, before, std::min(limit, kMaxPage));
    std::vector<RuleVersion> versions;
    while (row.executeStep()) versions.push_back(row_of(row));
    return versions;
  });
}

Result<RuleVersion> RuleTable::version(std::string_view id, std::uint64_t number) {
  return database_.read([&](SQLite::Database& connection) {
    static const std::string kText = std::string(kColumns) + "rule_id = ?1 AND version = ?2";
    SQLite::Statement row(connection, kText);
    sql::bind_all(row, id, number);
    if (row.executeStep()) return row_of(row);
    throw Failure{{ErrorCode::not_found, fmt::format("of rule {} no version {} is kept", id, number)}};
  });
}

Result<RuleVersion> RuleTable::put(std::string_view id, std::string_view text, std::string_view fingerprint,
                                   const ChangeOrigin& origin, std::string_view action, std::string_view why) {
  return database_.write([&](SQLite::Database& connection) {
    const Newest newest = newest_of(connection, id);
    check_room(connection, !newest.there, text.size());
    RuleVersion version{std::string(id),  newest.version + 1, origin.at_ms,
                        origin.principal, std::string(text),  std::string(fingerprint)};
    insert(connection, version);
    if (version.version > kMaxVersionsOfARule) {
      sql::execute(connection, "DELETE FROM rule_versions WHERE rule_id = ?1 AND version <= ?2", id,
                   version.version - kMaxVersionsOfARule);
    }
    note(connection, id, origin, action, fmt::format("version {}; {}{}", version.version, why, fingerprint));
    return version;
  });
}

Result<void> RuleTable::remove(std::string_view id, const ChangeOrigin& origin) {
  return database_.write([&](SQLite::Database& connection) {
    const Newest newest = newest_of(connection, id);
    if (!newest.there) throw Failure{{ErrorCode::not_found, fmt::format("no rule {} is kept here", id)}};
    insert(connection, {std::string(id), newest.version + 1, origin.at_ms, origin.principal, std::nullopt, {}});
    sql::execute(connection, "DELETE FROM disabled_rules WHERE rule_id = ?1", id);
    forget_removed(connection);
    note(connection, id, origin, "rule.delete", fmt::format("version {}", newest.version + 1));
  });
}

Result<void> RuleTable::set_enabled(std::string_view id, bool enabled, const ChangeOrigin& origin) {
  return database_.write([&](SQLite::Database& connection) {
    if (enabled) {
      sql::execute(connection, "DELETE FROM disabled_rules WHERE rule_id = ?1", id);
    } else {
      sql::execute(connection, "INSERT OR IGNORE INTO disabled_rules (rule_id) VALUES (?1)", id);
    }
    note(connection, id, origin, enabled ? "rule.enable" : "rule.disable", {});
  });
}

}  // namespace sightline::control
