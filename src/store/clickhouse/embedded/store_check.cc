#include "store/clickhouse/embedded/store_check.h"

#include <fmt/format.h>

#include "store/clickhouse/binary_reader.h"
#include "store/clickhouse/embedded/connection.h"
#include "store/clickhouse/embedded/migrations.h"
#include "store/clickhouse/embedded/names.h"
#include "store/clickhouse/literal.h"
#include "store/clickhouse/schema.h"

namespace sightline::store {

using namespace clickhouse;

namespace {

constexpr std::string_view kRows = "RowBinary";

Result<void> read_tables(Connection& connection, StoreCheck& check) {
  const auto output = connection.query(
      fmt::format("SELECT name FROM system.tables WHERE database = '{}' ORDER BY name", kDatabase), kRows);
  if (!output) return std::unexpected(output.error());
  for (BinaryReader rows(output->bytes); !rows.at_end() && !rows.failed();) check.tables.emplace_back(rows.text());
  return {};
}

Result<void> read_versions(Connection& connection, StoreCheck& check) {
  check.engine_version = Engine::version();
  const auto version = connection.query(fmt::format("SELECT max(version) FROM {}", kVersionTable), kRows);
  if (!version) return std::unexpected(version.error());
  check.schema_version = BinaryReader(version->bytes).integer<std::uint32_t>();
  return {};
}

Result<void> read_events(Connection& connection, StoreCheck& check) {
  const auto output = connection.query(fmt::format("SELECT count(), max(event_time) FROM {}", kEventsTable), kRows);
  if (!output) return std::unexpected(output.error());
  BinaryReader row(output->bytes);
  check.events = row.integer<std::uint64_t>();
  check.newest_event_ms = row.integer<std::int64_t>();
  return {};
}

Result<std::vector<std::string>> read_partitions(Connection& connection, const std::string& table) {
  const auto output =
      connection.query(fmt::format("SELECT DISTINCT partition_id FROM system.parts WHERE active AND database = '{}' "
                                   "AND table = {} ORDER BY partition_id",
                                   kDatabase, quote_text(table)),
                       kRows);
  if (!output) return std::unexpected(output.error());
  std::vector<std::string> partitions;
  for (BinaryReader rows(output->bytes); !rows.at_end() && !rows.failed();) partitions.emplace_back(rows.text());
  return partitions;
}

void check_partition(Connection& connection, const std::string& table, const std::string& partition,
                     StoreCheck& check) {
  const auto output =
      connection.query(fmt::format("CHECK TABLE {}.{} PARTITION ID {} SETTINGS check_query_single_value_result = 0",
                                   kDatabase, quote_name(table), quote_text(partition)),
                       kRows);
  if (!output) {
    check.damage.push_back(fmt::format("{}: {}", table, output.error().message));
    return;
  }
  for (BinaryReader rows(output->bytes); !rows.at_end() && !rows.failed();) {
    const std::string part(rows.text());
    const bool passed = rows.integer<std::uint8_t>() != 0;
    const std::string message(rows.text());
    if (!passed) check.damage.push_back(fmt::format("{}: {}: {}", table, part, message));
  }
}

// Partition by partition: the engine does not let go of a CHECK TABLE half-way. Errors: cancelled.
Result<void> check_table(Connection& connection, const std::string& table, const std::stop_token& stop,
                         StoreCheck& check) {
  const auto partitions = read_partitions(connection, table);
  if (!partitions) return std::unexpected(partitions.error());
  for (const std::string& partition : *partitions) {
    if (stop.stop_requested()) return fail(ErrorCode::cancelled, "stopped");
    check_partition(connection, table, partition, check);
  }
  return {};
}

}  // namespace

std::uint32_t oldest_schema_version() { return kOldestVersion; }
std::uint32_t newest_schema_version() { return kSchemaVersion; }

Result<StoreCheck> check_embedded(const std::string& directory, const std::stop_token& stop) {
  auto engine = Engine::start(directory, {});
  if (!engine) return std::unexpected(engine.error());
  auto connection = (*engine)->connect();
  if (!connection) return std::unexpected(connection.error());
  StoreCheck check;
  if (auto read = read_tables(**connection, check); !read) return std::unexpected(read.error());
  if (check.tables.empty()) return check;
  if (auto read = read_versions(**connection, check); !read) return std::unexpected(read.error());
  if (check.schema_version < kOldestVersion || check.schema_version > kSchemaVersion) return check;
  for (const std::string& table : check.tables) {
    if (auto checked = check_table(**connection, table, stop, check); !checked) return std::unexpected(checked.error());
  }
  if (!check.damage.empty()) return check;
  if (auto read = read_events(**connection, check); !read) check.damage.push_back(read.error().message);
  if (auto loaded = Names().load(**connection); !loaded) check.damage.push_back("names: " + loaded.error().message);
  return check;
}

}  // namespace sightline::store
