#include "store/clickhouse/search_sql.h"

#include <fmt/format.h>

#include <algorithm>

#include "store/clickhouse/batch_text.h"
#include "store/clickhouse/literal.h"
#include "store/clickhouse/render.h"
#include "store/clickhouse/row_reader.h"
#include "store/clickhouse/stored_value.h"
#include "store/clickhouse/text_sql.h"
#include "store/clickhouse/value_sql.h"

namespace sightline::store::clickhouse {
namespace {

constexpr std::int64_t kDayMs = 24LL * 60 * 60 * 1000;
constexpr std::int64_t kWeekMs = 7 * kDayMs;
constexpr std::int64_t kFirstMondayMs = 4 * kDayMs;  // 1970-01-05

// Of conditions that compare a text each, 2,000 take 0.6 s to understand on a machine of two cores, some 6,000 parts.
constexpr std::size_t kMaxParts = 20'000;

// Functions and operators of a statement, more or less: its brackets, ANDs and ORs. Quotes within literals are escaped.
// The parts of column groups do not count: of one place there is one in the plan.
std::size_t count_parts(std::string_view sql) {
  std::size_t parts = 0;
  bool in_literal = false;
  for (std::size_t i = 0; i < sql.size(); ++i) {
    if (sql[i] == '\'') in_literal = !in_literal;
    if (in_literal) continue;
    const std::string_view rest = sql.substr(i, 5);
    if (sql.substr(0, i).ends_with("substringIndex")) continue;
    if (rest.starts_with('(') || rest.starts_with(" OR ") || rest == " AND ") ++parts;
  }
  return parts;
}

// Everything that decides which events are looked at, but for the cursor.
std::vector<std::string> conditions(const SearchRequest& request, const Content& content, std::uint64_t newest_batch) {
  std::vector<std::string> terms;
  if (request.from_ms) terms.push_back(fmt::format("event_time >= {}", *request.from_ms));
  if (request.to_ms) terms.push_back(fmt::format("event_time < {}", *request.to_ms));
  if (request.bound() < newest_batch) terms.push_back(fmt::format("{} <= {}", kBatchNumberSql, request.bound()));
  if (request.query->filter) terms.push_back(render(*request.query->filter, content));
  return terms;
}

std::string where(const std::vector<std::string>& terms) {
  const std::string condition = all_of(terms);
  return condition == kTrue ? "" : fmt::format(" WHERE {}", condition);
}

// What an event sorts by: its smallest value, or its largest where the largest come first; as a nullable value.
std::string sort_value(const ValueKey& key, bool descending) {
  if (key.array.empty() && key.integer) return key.scalar;
  if (key.array.empty() && !key.numbers_first) return fmt::format("nullIf(toString({}), '')", key.scalar);
  const std::string values = fmt::format("arraySort(arrayMap(x -> {}, {}))", order_value(key, "x"), as_array(key));
  return fmt::format("if(empty({0}), NULL, ({0})[{1}])", values, descending ? -1 : 1);
}

// A key as a grouping expression: an event stands once under each different value. `keep_null`: an event without a
// value stands under null. Keys with other values of `nth` are other expressions: the engine runs two equal arrayJoin
// side by side, where each value of the one belongs with each of the other.
std::string group_value(const ValueKey& key, bool keep_null, std::size_t nth) {
  if (key.array.empty()) return key.scalar;
  std::string values = fmt::format("arraySlice(arrayDistinct({}), 1, {})", key.array, INT32_MAX - nth);
  if (key.integer) values = fmt::format("arrayMap(x -> toNullable(x), {})", values);
  if (!keep_null) return fmt::format("arrayJoin({})", values);
  if (!key.integer) return fmt::format("arrayJoin(emptyArrayToSingle({}))", values);
  return fmt::format("arrayJoin(if(empty({0}), [NULL], {1}))", key.array, values);
}

std::string is_null(const ValueKey& key, std::string_view column) {
  return key.integer ? fmt::format("isNull({})", column) : fmt::format("{} = ''", column);
}

TableSql::CellKind cell_kind(const ValueKey& key) {
  return key.integer ? TableSql::CellKind::nullable_integer : TableSql::CellKind::stored_text;
}

// Start of the bucket that event_time falls in, by the clock of the time zone.
std::string bucket_start(std::int64_t bucket_ms, std::string_view time_zone) {
  const std::int64_t first = bucket_ms % kWeekMs == 0 ? kFirstMondayMs : 0;
  const auto floored = [&](std::string_view time) {
    return fmt::format("({0} - positiveModulo({0} - {1}, {2}))", time, first, bucket_ms);
  };
  if (time_zone == "UTC") return floored("event_time");
  const auto offset_at = [&](std::string_view time) {
    return fmt::format(
        "(timeZoneOffset(toDateTime(toUInt32(greatest(0, least(intDiv({}, 1000), 4294967295))), {})) * 1000)", time,
        quote_text(time_zone));
  };
  // By local time; then back with the offset that holds at the start of the bucket.
  const std::string local = floored(fmt::format("(event_time + {})", offset_at("event_time")));
  const std::string guess = fmt::format("({} - {})", local, offset_at("event_time"));
  return fmt::format("({} - {})", local, offset_at(guess));
}

// A table under construction: columns c0, c1, … of a grouped SELECT.
class TableBuilder {
 public:
  void add_key(const query::FieldRef& field, const Content& content, bool keep_null) {
    const ValueKey key = value_key(content, field);
    const std::string column = next_column();
    add(field.name, cell_kind(key), group_value(key, keep_null, table_.columns.size()), order_value(key, column));
    group_ += (group_.empty() ? "" : ", ") + column;
    order_.push_back(is_null(key, column));
    order_.push_back(orders_.back());
    if (!keep_null) having_.push_back(negate(is_null(key, column)));
  }
  void add_time(std::string expression) {
    const std::string column = next_column();
    add("time", TableSql::CellKind::integer, expression, column);
    group_ += (group_.empty() ? "" : ", ") + column;
    order_.push_back(column);
  }
  void add_count(bool most_first) {
    const std::string column = next_column();
    add("count", TableSql::CellKind::integer, "toInt64(count())", column);
    if (most_first) order_.insert(order_.begin(), column + " DESC");
  }

  Result<TableSql> finish(const std::string& where_sql, const Pipes& pipes, std::uint64_t rows);

 private:
  std::string next_column() const { return fmt::format("c{}", table_.columns.size()); }
  void add(std::string name, TableSql::CellKind kind, std::string_view expression, std::string order) {
    select_ += fmt::format("{}{} AS {}", select_.empty() ? "" : ", ", expression, next_column());
    table_.columns.push_back(std::move(name));
    table_.kinds.push_back(kind);
    orders_.push_back(std::move(order));
  }

  TableSql table_;
  std::string select_;
  std::string group_;
  std::vector<std::string> orders_;  // of each column: what its values are ordered by
  std::vector<std::string> order_;   // of the table
  std::vector<std::string> having_;
};

std::string join(const std::vector<std::string>& terms) {
  std::string sql;
  for (const std::string& term : terms) sql += (sql.empty() ? "" : ", ") + term;
  return sql;
}

Result<TableSql> TableBuilder::finish(const std::string& where_sql, const Pipes& pipes, std::uint64_t rows) {
  std::string inner = fmt::format("SELECT {} FROM {}{}", select_, kEventsTable, where_sql);
  if (!group_.empty()) inner += " GROUP BY " + group_;
  if (!having_.empty()) inner += " HAVING " + all_of(having_);
  std::uint64_t limit = rows + 1;
  if (pipes.top != nullptr) limit = std::min<std::uint64_t>(limit, pipes.top->limit);
  const std::string order = order_.empty() ? "" : " ORDER BY " + join(order_);
  if (pipes.sort == nullptr) {
    if (pipes.limit != nullptr) limit = std::min<std::uint64_t>(limit, pipes.limit->limit);
    table_.sql = fmt::format("{}{} LIMIT {}", inner, order, limit);
    return std::move(table_);
  }
  const auto found = std::ranges::find(table_.columns, pipes.sort->field.name);
  if (found == table_.columns.end()) {
    return fail(ErrorCode::invalid_input, fmt::format("the table has no column {} to sort by", pipes.sort->field.name));
  }
  const auto index = static_cast<std::size_t>(found - table_.columns.begin());
  const bool text = table_.kinds[index] == TableSql::CellKind::stored_text;
  const std::string column = fmt::format("c{}", index);
  std::vector<std::string> sorted{text ? column + " = ''" : fmt::format("isNull({})", column),
                                  orders_[index] + (pipes.sort->descending ? " DESC" : "")};
  sorted.insert(sorted.end(), order_.begin(), order_.end());
  // top N takes its N before the sort.
  std::string table = pipes.top == nullptr ? inner : fmt::format("{}{} LIMIT {}", inner, order, limit);
  limit = rows + 1;
  if (pipes.limit != nullptr) limit = std::min<std::uint64_t>(limit, pipes.limit->limit);
  table_.sql = fmt::format("SELECT * FROM ({}) ORDER BY {} LIMIT {}", table, join(sorted), limit);
  return std::move(table_);
}

Cell read_cell(BinaryReader& reader, TableSql::CellKind kind, std::string& scratch) {
  switch (kind) {
    case TableSql::CellKind::integer:
      return reader.integer<std::int64_t>();
    case TableSql::CellKind::nullable_integer:
      if (reader.integer<std::uint8_t>() != 0) return std::monostate{};
      return reader.integer<std::int64_t>();
    case TableSql::CellKind::stored_text:
      break;
  }
  const std::optional<std::string_view> text = from_stored_text(reader.text(), scratch);
  if (!text) return std::monostate{};
  return std::string(*text);
}

}  // namespace

Pipes take_apart(const query::Query& query) {
  Pipes pipes;
  for (const query::Stage& stage : query.stages) {
    if (const auto* count = std::get_if<query::CountStage>(&stage.node)) pipes.count = count;
    if (const auto* top = std::get_if<query::TopStage>(&stage.node)) pipes.top = top;
    if (const auto* histogram = std::get_if<query::HistogramStage>(&stage.node)) pipes.histogram = histogram;
    if (const auto* distinct = std::get_if<query::DistinctStage>(&stage.node)) pipes.distinct = distinct;
    if (const auto* fields = std::get_if<query::FieldsStage>(&stage.node)) pipes.fields = fields;
    if (const auto* sort = std::get_if<query::SortStage>(&stage.node)) pipes.sort = sort;
    if (const auto* limit = std::get_if<query::LimitStage>(&stage.node)) pipes.limit = limit;
  }
  return pipes;
}

Result<void> check_size(std::string_view sql) {
  const std::size_t parts = count_parts(sql);
  if (parts <= kMaxParts) return {};
  return fail(
      ErrorCode::too_large,
      fmt::format("the search compares too much at once ({} comparisons of columns, {} are allowed); narrow it: "
                  "name a field instead of a text by itself, use IN (…) instead of OR, or ask in parts",
                  parts, kMaxParts));
}

std::string page_sql(const SearchRequest& request, const Pipes& pipes, const Content& content, std::uint64_t rows,
                     std::uint64_t newest_batch) {
  std::vector<std::string> terms = conditions(request, content, newest_batch);
  if (request.cursor && pipes.sort == nullptr) {
    const std::int64_t time = request.cursor->event_time_ms;
    terms.push_back(fmt::format("event_time <= {}", time));
    terms.push_back(fmt::format("(event_time < {} OR ({}, batch_row) < ({}, {}))", time, kBatchIdSql,
                                quote_batch_id(batch_of(request.cursor->id)), index_of(request.cursor->id)));
  }
  const std::string condition = all_of(terms);
  if (condition == kFalse) return "";
  // Without any condition the engine would read more for a page (docs/decisions/0046).
  if (condition == kTrue) terms = conditions(request, content, UINT64_MAX);
  std::string order = fmt::format("event_time DESC, {} DESC, batch_row DESC", kBatchIdSql);
  if (pipes.sort != nullptr) {
    const std::string value = sort_value(value_key(content, pipes.sort->field), pipes.sort->descending);
    order = fmt::format("{}{} NULLS LAST, {}", value, pipes.sort->descending ? " DESC" : " ASC", order);
  }
  // Sorted pages go on by count. The events up to the newest batch stay the same ones, so none is given twice or left
  // out.
  const std::uint64_t offset = request.cursor && pipes.sort != nullptr ? request.cursor->given : 0;
  return fmt::format("SELECT {} FROM {}{} ORDER BY {} LIMIT {} OFFSET {}", event_columns(content.filled), kEventsTable,
                     where(terms), order, rows + 1, offset);
}

Result<TableSql> table_sql(const SearchRequest& request, const Pipes& pipes, const Content& content, std::uint64_t rows,
                           std::uint64_t newest_batch) {
  TableBuilder builder;
  if (pipes.histogram != nullptr) {
    builder.add_time(bucket_start(pipes.histogram->bucket_ms, request.time_zone));
    if (pipes.histogram->by) builder.add_key(*pipes.histogram->by, content, true);
    builder.add_count(false);
  } else if (pipes.count != nullptr) {
    for (const query::FieldRef& field : pipes.count->by) builder.add_key(field, content, true);
    builder.add_count(true);
  } else if (pipes.top != nullptr) {
    builder.add_key(pipes.top->field, content, false);
    builder.add_count(true);
  } else {
    builder.add_key(pipes.distinct->field, content, false);
  }
  return builder.finish(where(conditions(request, content, newest_batch)), pipes, rows);
}

std::string limit_settings(const QueryLimits& limits, unsigned threads) {
  std::string settings = fmt::format(
      " SETTINGS max_execution_time = {}, timeout_overflow_mode = 'throw', max_memory_usage = {}, "
      "max_query_size = 67108864, max_ast_elements = 4000000, max_expanded_ast_elements = 4000000, "
      "max_ast_depth = 100000, max_parser_depth = 100000, "
      // Only the rows of the page are read whole, after it is known which they are (docs/decisions/0041). Reading ahead
      // is lost work where the newest rows suffice.
      "query_plan_optimize_lazy_materialization = 1, query_plan_max_limit_for_lazy_materialization = 0, "
      "read_in_order_use_buffering = 0, use_skip_indexes_on_data_read = 0, "
      // What is read is nearly always in the page cache, where another thread would only cost (docs/decisions/0044).
      "local_filesystem_read_method = 'pread', "
      // Groups that take a quarter of the memory go to disk; by default those that take half, and then merging them
      // fails.
      "max_bytes_before_external_group_by = {}, max_bytes_ratio_before_external_group_by = 0, "
      "max_temporary_data_on_disk_size_for_query = {}",
      fmt::format("{}.{:03}", limits.time_ms / 1000, limits.time_ms % 1000), limits.memory_bytes,
      limits.memory_bytes / 4, limits.memory_bytes);
  if (threads > 0) settings += fmt::format(", max_threads = {}", threads);
  return settings;
}

std::string events_sql(std::span<const EventId> ids, std::uint64_t newest_batch, const FieldSet& fields) {
  return fmt::format("SELECT {} FROM {} WHERE {} AND {} <= {}", event_columns(fields), kEventsTable, has_id(ids),
                     kBatchNumberSql, newest_batch);
}

Result<Table> read_table(std::string_view rows, const TableSql& table) {
  Table result{.columns = table.columns, .rows = {}};
  std::string scratch;
  BinaryReader reader(rows);
  while (!reader.at_end()) {
    std::vector<Cell>& row = result.rows.emplace_back();
    for (const TableSql::CellKind kind : table.kinds) row.push_back(read_cell(reader, kind, scratch));
  }
  if (reader.failed()) return fail(ErrorCode::corrupt, "the engine's answer ends within a row");
  return result;
}

}  // namespace sightline::store::clickhouse
