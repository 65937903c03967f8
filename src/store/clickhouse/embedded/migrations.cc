#include "store/clickhouse/embedded/migrations.h"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "store/clickhouse/row_reader.h"
#include "store/clickhouse/schema.h"

namespace sightline::store::clickhouse {
namespace {

// What takes the tables from the version before to this one. Statements are idempotent: a crash may repeat them.
std::vector<std::string> statements_to(std::uint32_t version) {
  switch (version) {
    case 5:
      return {leave_out_statistics()};
    case 6:
      return replace_id_filters();
    default:
      return {};
  }
}

Result<void> run(Connection& connection, std::string_view sql) {
  const Result<QueryOutput> output = connection.query(sql, "RowBinary");
  if (!output) return std::unexpected(output.error());
  return {};
}

Result<std::uint32_t> read_version(Connection& connection) {
  const Result<QueryOutput> output =
      connection.query(fmt::format("SELECT max(version) FROM {}", kVersionTable), "RowBinary");
  if (!output) return std::unexpected(output.error());
  BinaryReader reader(output->bytes);
  return reader.integer<std::uint32_t>();
}

// Columns of fields that joined the schema after the table was made.
Result<void> add_missing_columns(Connection& connection, const std::function<void(std::string_view)>& log) {
  const Result<QueryOutput> output = connection.query(
      fmt::format("SELECT name FROM system.columns WHERE database = '{}' AND table = 'events'", kDatabase),
      "RowBinary");
  if (!output) return std::unexpected(output.error());
  std::set<std::string, std::less<>> present;
  for (BinaryReader reader(output->bytes); !reader.at_end();) present.emplace(reader.text());
  for (const FieldColumn& column : field_columns()) {
    if (!column.is_stored() || present.contains(column.name)) continue;
    if (Result<void> added = run(connection, add_column(column)); !added) return added;
    if (log) log(fmt::format("event store: added the column of field {}", field_info(column.field).name));
  }
  for (const ColumnGroup& group : column_groups()) {
    if (present.contains(group.name)) continue;
    if (Result<void> added = run(connection, add_column(group)); !added) return added;
    if (log) log(fmt::format("event store: added the column {}", group.name));
  }
  return {};
}

}  // namespace

Result<void> migrate(Connection& connection, const std::function<void(std::string_view)>& log) {
  for (const std::string& sql :
       {fmt::format("CREATE DATABASE IF NOT EXISTS {} ENGINE = Atomic", kDatabase), create_version_table()}) {
    if (Result<void> created = run(connection, sql); !created) return created;
  }
  const Result<std::uint32_t> stored = read_version(connection);
  if (!stored) return std::unexpected(stored.error());
  if (*stored > kSchemaVersion) {
    return fail(ErrorCode::conflict, fmt::format("the event store has schema version {}, this program knows {}: start "
                                                 "the newer program that wrote it",
                                                 *stored, kSchemaVersion));
  }
  if (*stored != 0 && *stored < kOldestVersion) {
    return fail(ErrorCode::conflict,
                fmt::format("the event store has schema version {}, of before the first release; this program reads {} "
                            "to {}: start with an empty data directory and send the events again",
                            *stored, kOldestVersion, kSchemaVersion));
  }
  for (std::uint32_t version = *stored == 0 ? kSchemaVersion : *stored + 1; version <= kSchemaVersion; ++version) {
    std::vector<std::string> statements = statements_to(version);
    if (*stored == 0) statements = {create_events_table(), create_names_table()};  // as they are now
    statements.push_back(fmt::format("INSERT INTO {} SELECT {}, now()", kVersionTable, version));
    for (const std::string& sql : statements) {
      if (Result<void> done = run(connection, sql); !done) return done;
    }
    if (log) log(fmt::format("event store: schema version {}", version));
  }
  return add_missing_columns(connection, log);
}

}  // namespace sightline::store::clickhouse
