#include "control/agent_table.h"

#include <fmt/format.h>

#include "control/audit_entry.h"
#include "control/database.h"
#include "control/sql.h"

namespace sightline::control {

Result<std::vector<std::string>> AgentTable::tags(std::string_view agent_id) {
  return database_.read([&](SQLite::Database& connection) {
    SQLite::Statement row(connection, "SELECT tag FROM agent_tags WHERE agent_id = ?1 ORDER BY tag");
    sql::bind_all(row, agent_id);
    std::vector<std::string> tags;
    while (row.executeStep()) tags.push_back(sql::text(row.getColumn(0)));
    return tags;
  });
}

Result<std::map<std::string, std::vector<std::string>, std::less<>>> AgentTable::all_tags() {
  return database_.read([](SQLite::Database& connection) {
    SQLite::Statement row(connection, "SELECT agent_id, tag FROM agent_tags ORDER BY agent_id, tag");
    std::map<std::string, std::vector<std::string>, std::less<>> agents;
    while (row.executeStep()) agents[sql::text(row.getColumn(0))].push_back(sql::text(row.getColumn(1)));
    return agents;
  });
}

Result<void> AgentTable::set_tags(std::string_view agent_id, std::span<const std::string> tags,
                                  std::string_view principal, std::int64_t now_ms) {
  return database_.write([&](SQLite::Database& connection) {
    sql::execute(connection, "DELETE FROM agent_tags WHERE agent_id = ?1", agent_id);
    for (const std::string& tag : tags) {
      sql::execute(connection, "INSERT OR IGNORE INTO agent_tags (agent_id, tag) VALUES (?1, ?2)", agent_id, tag);
    }
    append_audit_entry(connection, {.number = 0,
                                    .at_ms = now_ms,
                                    .principal = std::string(principal),
                                    .action = "agent.tag",
                                    .subject = std::string(agent_id),
                                    .detail = fmt::format("{}", fmt::join(tags, " ")),
                                    .link = {}});
  });
}

}  // namespace sightline::control
