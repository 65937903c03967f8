// A search as SQL statements: the page of events, or the table that the pipes make.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "store/clickhouse/schema.h"
#include "store/event_store.h"

namespace sightline::store::clickhouse {

// What the pipes of a query ask for, taken apart. All pointers are into the query.
struct Pipes {
  const query::CountStage* count = nullptr;
  const query::TopStage* top = nullptr;
  const query::HistogramStage* histogram = nullptr;
  const query::DistinctStage* distinct = nullptr;
  const query::FieldsStage* fields = nullptr;
  const query::SortStage* sort = nullptr;
  const query::LimitStage* limit = nullptr;
  bool makes_table() const { return count != nullptr || top != nullptr || histogram != nullptr || distinct != nullptr; }
};
Pipes take_apart(const query::Query& query);

// The page of events, in its order: rows of event_columns(fields). One row more than `rows`, so that the caller sees
// whether there is more. Empty where no event can be on it. `newest_batch`: no event is of a later batch.
std::string page_sql(const SearchRequest& request, const Pipes& pipes, const Content& content, std::uint64_t rows,
                     std::uint64_t newest_batch);

// The statement for a table, and how to read its rows.
struct TableSql {
  std::string sql;
  std::vector<std::string> columns;
  enum class CellKind : std::uint8_t { integer, nullable_integer, stored_text };
  std::vector<CellKind> kinds;
};
// At most `rows` + 1 rows. `newest_batch`: no event is of a later batch. Errors: invalid_input where a stage names a
// column that the table has not.
Result<TableSql> table_sql(const SearchRequest& request, const Pipes& pipes, const Content& content, std::uint64_t rows,
                           std::uint64_t newest_batch);

// Errors: too_large where the engine would take long only to understand the statement of a search, which no time limit
// of its own ends.
Result<void> check_size(std::string_view sql);

// The settings that keep a statement within limits, to stand behind it.
std::string limit_settings(const QueryLimits& limits, unsigned threads);

// The events with these ids, in batches up to `newest_batch`, in any order: rows of event_columns(fields).
std::string events_sql(std::span<const EventId> ids, std::uint64_t newest_batch, const FieldSet& fields);

// Rows of table_sql as cells. Errors: corrupt.
Result<Table> read_table(std::string_view rows, const TableSql& table);

}  // namespace sightline::store::clickhouse
